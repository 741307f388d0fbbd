"""Work sessions of analysts: what for, with which reports, until when, and how much was opened in them."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from hub.store.tables import Token, WorkSession


def add(session: Session, made: WorkSession) -> None:
    """Add a work session."""
    session.add(made)
    session.flush()


def look(session: Session, session_id: str) -> WorkSession | None:
    """A work session."""
    return session.get(WorkSession, session_id)


def find(session: Session, session_id: str) -> WorkSession | None:
    """A work session, its row locked until the end of the transaction."""
    return session.exec(select(WorkSession).where(col(WorkSession.id) == session_id).with_for_update()).first()


def running(session: Session, token_id: str, at: datetime) -> Sequence[WorkSession]:
    """The sessions of a token that are not over, the newest first."""
    asked = select(WorkSession).where(
        col(WorkSession.token_id) == token_id, col(WorkSession.ended_at).is_(None), col(WorkSession.until) > at
    )
    return session.exec(asked.order_by(col(WorkSession.begun_at).desc(), col(WorkSession.id))).all()


def lock_person(session: Session, person: str, token_id: str) -> None:
    """Let nobody else count for a person until the end of the transaction: its tokens, or the one, are locked."""
    own = or_(col(Token.id) == token_id, (col(Token.person) == person) & (col(Token.person) != ""))
    # Not against whoever refers to the token: a session of the same token is begun meanwhile, and then waits here too.
    session.exec(select(Token.id).where(own).order_by(col(Token.id)).with_for_update(key_share=True)).all()


def opened_since(session: Session, person: str, since: datetime) -> int:
    """How many reports a person opened alone, in sessions in which some were opened since an instant."""
    asked = select(func.coalesce(func.sum(WorkSession.opened), 0)).where(
        col(WorkSession.person) == person,
        col(WorkSession.opened_at) >= since,
        col(WorkSession.is_agreed).is_(False),
    )
    return int(session.exec(asked).one())

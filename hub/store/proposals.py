"""What was proposed and takes a second person, and who there is to agree."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, or_, select, update

from hub.store.tables import Proposal, Report, Token

NEXT = 200  # proposals in a list


def add(session: Session, made: Proposal) -> None:
    """Add a proposal."""
    session.add(made)
    session.flush()


def find(session: Session, proposal_id: str) -> Proposal | None:
    """A proposal, its row locked until the end of the transaction."""
    asked = select(Proposal).where(col(Proposal.id) == proposal_id).with_for_update()
    return session.exec(asked).first()


def open_ones(
    session: Session, action: str, subject: str, details: Mapping[str, Any], at: datetime
) -> Sequence[Proposal]:
    """The proposals of exactly this that were neither refused nor done, and hold still; the oldest first."""
    asked = (
        select(Proposal)
        .where(col(Proposal.action) == action, col(Proposal.subject) == subject, _is_open(at))
        .order_by(col(Proposal.proposed_at), col(Proposal.id))
    )
    return [one for one in session.exec(asked) if one.details == details]


def use(session: Session, proposal_id: str, at: datetime) -> bool:
    """Mark a proposal done; False if another process did it meanwhile, or somebody refused it."""
    is_ready = col(Proposal.approved_at).is_not(None) | (col(Proposal.cools_until) <= at)
    asked = update(Proposal).where(col(Proposal.id) == proposal_id, _is_open(at), is_ready)
    return session.exec(asked.values(done_at=at)).rowcount > 0


def count_open(session: Session, actor: str, person: str, at: datetime) -> int:
    """How many proposals of a person, or of whoever it is if nobody can tell, still wait."""
    own = col(Proposal.person) == person if person else col(Proposal.actor) == actor
    return session.exec(select(func.count()).select_from(Proposal).where(own, _is_open(at))).one()


def listed(session: Session, at: datetime, actions: Collection[str] | None, *, is_open: bool) -> Sequence[Proposal]:
    """Proposals of some actions, or of every one, the newest first: those that wait, or all."""
    asked = select(Proposal).order_by(col(Proposal.proposed_at).desc(), col(Proposal.id))
    if actions is not None:
        asked = asked.where(col(Proposal.action).in_(sorted(actions)))
    return session.exec((asked.where(_is_open(at)) if is_open else asked).limit(NEXT)).all()


def told_of(session: Session, organisation_id: str, since: datetime, everywhere: Collection[str]) -> Sequence[Proposal]:
    """What one person does alone, as far as a producer is told: of its reports, of itself, and what concerns all."""
    own = select(Report.id).where(col(Report.organisation_id) == organisation_id)
    concerns = or_(
        col(Proposal.subject).in_(own),
        col(Proposal.subject) == organisation_id,
        col(Proposal.action).in_(sorted(everywhere)),
    )
    asked = select(Proposal).where(col(Proposal.cools_until).is_not(None), col(Proposal.proposed_at) >= since, concerns)
    return session.exec(asked.order_by(col(Proposal.proposed_at).desc(), col(Proposal.id)).limit(NEXT)).all()


def people(session: Session, roles: Collection[str], at: datetime, gone_since: datetime | None = None) -> set[str]:
    """Who holds a living token of one of some roles, by name; a token that names nobody counts for nobody.

    With `gone_since`, those too whose token was revoked since.
    """
    lives: Any = col(Token.revoked_at).is_(None)
    if gone_since is not None:
        lives |= col(Token.revoked_at) > gone_since
    asked = select(Token.person, Token.roles).where(col(Token.person) != "", lives, col(Token.expires_at) > at)
    return {person for person, held in session.exec(asked) if not set(roles).isdisjoint(held.split(","))}


def is_in_use(session: Session) -> bool:
    """Whether a report was ever filed: before that there is nothing to protect."""
    return session.exec(select(Report.id).limit(1)).first() is not None


def _is_open(at: datetime) -> Any:
    waits = col(Proposal.done_at).is_(None) & col(Proposal.refused_at).is_(None)
    return waits & (col(Proposal.expires_at) > at)

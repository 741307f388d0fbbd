"""Organisations, what they may read, and their tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy
from sqlalchemy import delete
from sqlmodel import Session, col, or_, select, update

from hub.store.tables import AudienceGrant, Organisation, StandingAcceptance, Token


def add(session: Session, organisation: Organisation) -> None:
    """Add an organisation."""
    session.add(organisation)
    session.flush()


def find(session: Session, id_or_name: str) -> Organisation | None:
    """An organisation by its id or its name."""
    asked = select(Organisation).where(or_(col(Organisation.id) == id_or_name, col(Organisation.name) == id_or_name))
    return session.exec(asked).first()


def listed(session: Session, after: str = "", most: int = 100) -> Sequence[Organisation]:
    """Organisations by name."""
    asked = select(Organisation).where(col(Organisation.name) > after).order_by(col(Organisation.name)).limit(most)
    return session.exec(asked).all()


def names(session: Session, organisation_ids: Sequence[str]) -> dict[str, str]:
    """The names of organisations, by id."""
    asked = select(Organisation.id, Organisation.name).where(col(Organisation.id).in_(organisation_ids))
    return dict(session.exec(asked).all()) if organisation_ids else {}


def approve(session: Session, organisation_id: str, at: datetime) -> bool:
    """Mark an organisation approved; whether it was not before."""
    asked = (
        update(Organisation)
        .where(col(Organisation.id) == organisation_id, col(Organisation.approved_at).is_(None))
        .values(approved_at=at)
    )
    return session.exec(asked).rowcount > 0


def grant(session: Session, given: AudienceGrant) -> None:
    """Give, or renew, the right to read an audience's feed."""
    session.merge(given)


def grants(session: Session, organisation_ids: Sequence[str]) -> Sequence[AudienceGrant]:
    """The audiences granted to organisations, expired ones too."""
    return session.exec(select(AudienceGrant).where(col(AudienceGrant.organisation_id).in_(organisation_ids))).all()


def accept_standing(session: Session, given: StandingAcceptance) -> None:
    """Accept all reports of an organisation for an audience."""
    session.merge(given)


def end_standing(session: Session, organisation_id: str, audience: str) -> bool:
    """Delete a standing acceptance; whether there was one."""
    asked = delete(StandingAcceptance).where(
        col(StandingAcceptance.organisation_id) == organisation_id, col(StandingAcceptance.audience) == audience
    )
    return session.exec(asked).rowcount > 0


def standing(session: Session, organisation_id: str) -> Sequence[StandingAcceptance]:
    """The standing acceptances of an organisation."""
    asked = select(StandingAcceptance).where(col(StandingAcceptance.organisation_id) == organisation_id)
    return session.exec(asked).all()


def add_token(session: Session, token: Token) -> None:
    """Add a token."""
    session.add(token)
    session.flush()


def token(session: Session, token_id: str) -> tuple[Token, Organisation] | None:
    """A token with its organisation."""
    asked = select(Token, Organisation).join(Organisation).where(col(Token.id) == token_id)
    return session.exec(asked).first()


def lock(session: Session, organisation_id: str) -> None:
    """Keep an organisation's row until the end of the transaction, so that its tokens can be counted."""
    session.exec(select(Organisation.id).where(col(Organisation.id) == organisation_id).with_for_update()).one()


def tokens(session: Session, organisation_id: str) -> Sequence[Token]:
    """The tokens of an organisation, the newest first."""
    asked = select(Token).where(col(Token.organisation_id) == organisation_id).order_by(col(Token.created_at).desc())
    return session.exec(asked).all()


@dataclass(frozen=True)
class Bearer:
    """A token as a request shows it: what it must match, whose it is, and what its organisation may read now."""

    sha256: bytes
    roles: str
    is_demo: bool
    expires_at: datetime
    revoked_at: datetime | None
    organisation_id: str
    person: str
    organisation: str
    grants: Mapping[str, datetime]  # audience → until when


# Made once: every request asks it, and making the statement costs as much as asking.
_BEARER = (
    sqlalchemy.select(  # type: ignore[call-overload]
        Token.sha256,
        Token.roles,
        Token.is_demo,
        Token.expires_at,
        Token.revoked_at,
        Token.organisation_id,
        Token.person,
        Organisation.name,
        AudienceGrant.audience,
        AudienceGrant.expires_at,
    )
    .select_from(Token)
    .join(Organisation)
    .outerjoin(
        AudienceGrant,
        (col(AudienceGrant.organisation_id) == Token.organisation_id)
        & (col(AudienceGrant.expires_at) > sqlalchemy.bindparam("at")),
    )
    .where(col(Token.id) == sqlalchemy.bindparam("token"))
)


def bearer(session: Session, token_id: str, at: datetime) -> Bearer | None:
    """Whose a token is, and which audiences were granted at an instant, in one query."""
    rows = [tuple(row) for row in session.connection().execute(_BEARER, {"token": token_id, "at": at})]
    if not rows:
        return None
    sha256, roles, is_demo, expires_at, revoked_at, organisation_id, person, name, *_ = rows[0]
    grants = {audience: until for *_, audience, until in rows if audience is not None}
    return Bearer(sha256, roles, is_demo, expires_at, revoked_at, organisation_id, person, name, grants)

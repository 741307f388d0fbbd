"""The operator: organisations, the audiences they may read, and their tokens. Opens nothing.

1. An audience is granted to an organisation until a day, never for good.
2. A token belongs to an organisation, has one or more roles, expires within a year, and is shown once.
3. Of one organisation and one set of roles two tokens are alive at most: the one in use and its successor.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from hub import tokens
from hub.errors import Conflict, NotFound, Unauthenticated
from hub.roles import ROLES, Caller
from hub.store import Session, audit, organisations
from hub.store.tables import AudienceGrant, Organisation, Token

LONGEST = timedelta(days=365)
MOST_ALIVE = 2


@dataclass(frozen=True)
class Member:
    """An organisation with what it may read."""

    organisation: Organisation
    grants: tuple[AudienceGrant, ...]


def add(db: Session, actor: str, name: str, now: datetime, *, is_source: bool = False) -> Organisation:
    """Add an organisation; raises Conflict if the name is taken."""
    if organisations.find(db, name):
        message = f"there is an organisation named {name!r} already; choose another name"
        raise Conflict(message)
    made = Organisation(id=str(uuid4()), name=name, is_source=is_source)
    made.created_at = now
    organisations.add(db, made)
    audit.append(db, now, actor, "member.add", made.id, name=name)
    return made


def find(db: Session, id_or_name: str) -> Organisation:
    """An organisation by its id or name."""
    found = organisations.find(db, id_or_name)
    if found is None:
        raise NotFound
    return found


def listed(db: Session, after: str, most: int) -> list[Member]:
    """Organisations by name, each with its grants."""
    rows = organisations.listed(db, after, most)
    grants = organisations.grants(db, [row.id for row in rows])
    return [Member(row, tuple(one for one in grants if one.organisation_id == row.id)) for row in rows]


def grant(
    db: Session, actor: str, id_or_name: str, audience: str, until: datetime, now: datetime, known: Collection[str]
) -> AudienceGrant:
    """Let an organisation read the feed of an audience until an instant."""
    if audience not in known:
        message = f"no feed has the audience {audience!r}; there are {', '.join(sorted(known))}"
        raise Conflict(message)
    if not now < until <= now + 3 * LONGEST:
        message = "a grant ends in the future, at most three years from now; give --until or --days"
        raise Conflict(message)
    organisation = find(db, id_or_name)
    given = AudienceGrant(organisation_id=organisation.id, audience=audience)
    given.expires_at, given.granted_at = until, now
    organisations.grant(db, given)
    audit.append(db, now, actor, "member.grant", organisation.id, audience=audience, until=until.isoformat())
    return given


@dataclass(frozen=True)
class Issued:
    """A token just made; `text` is shown once."""

    text: str
    token: Token


def issue(
    db: Session,
    actor: str,
    id_or_name: str,
    roles: Collection[str],
    now: datetime,
    *,
    label: str = "",
    days: int = 365,
    is_demo: bool = False,
) -> Issued:
    """Make a token; raises Conflict if two of its kind are alive."""
    if unknown := set(roles) - set(ROLES) or (not roles and {"none"}):
        message = f"no such role: {', '.join(sorted(unknown))}; there are {', '.join(ROLES)}"
        raise Conflict(message)
    if not 1 <= days <= LONGEST.days:
        message = f"a token lives from 1 to {LONGEST.days} days"
        raise Conflict(message)
    organisation = find(db, id_or_name)
    joined = ",".join(sorted(roles))
    alive = [one for one in organisations.tokens(db, organisation.id) if one.roles == joined and _is_alive(one, now)]
    if len(alive) >= MOST_ALIVE:
        message = (
            f"two tokens of these roles are alive already ({', '.join(one.id for one in alive)}); revoke one first"
        )
        raise Conflict(message)
    made = tokens.issue(is_demo=is_demo)
    row = Token(id=made.id, organisation_id=organisation.id, roles=joined, label=label, is_demo=is_demo)
    row.sha256, row.created_at, row.expires_at = made.sha256, now, now + timedelta(days=days)
    organisations.add_token(db, row)
    audit.append(db, now, actor, "token.issue", made.id, organisation=organisation.id, roles=joined)
    return Issued(made.text, row)


def rotate(db: Session, actor: str, token_id: str, now: datetime, *, grace_days: int = 7) -> Issued:
    """Make a successor of a token, which lives on for the grace period only."""
    row, _ = _token(db, token_id)
    if not _is_alive(row, now):
        message = "the token is not alive; issue a new one"
        raise Conflict(message)
    days = min(LONGEST.days, max(1, (row.expires_at - row.created_at).days))
    roles = row.roles.split(",")
    made = issue(db, actor, row.organisation_id, roles, now, label=row.label, days=days, is_demo=row.is_demo)
    row.expires_at = min(row.expires_at, now + timedelta(days=grace_days))
    db.add(row)
    audit.append(db, now, actor, "token.rotate", token_id, successor=made.token.id)
    return made


def revoke(db: Session, actor: str, token_id: str, now: datetime) -> Token:
    """End a token at once."""
    row, _ = _token(db, token_id)
    if row.revoked_at is None:
        row.revoked_at = now
        db.add(row)
        audit.append(db, now, actor, "token.revoke", token_id)
    return row


def listed_tokens(db: Session, id_or_name: str) -> list[Token]:
    """The tokens of an organisation, never their text."""
    return list(organisations.tokens(db, find(db, id_or_name).id))


def _token(db: Session, token_id: str) -> tuple[Token, Organisation]:
    found = organisations.token(db, token_id)
    if found is None:
        raise NotFound
    return found


def _is_alive(token: Token, now: datetime) -> bool:
    return token.revoked_at is None and token.expires_at > now


def authenticate(db: Session, text: str, now: datetime, *, is_local: bool) -> Caller:
    """Who a token belongs to; raises Unauthenticated, the same for every reason. Demo tokens work on loopback only."""
    token_id = tokens.id_of(text)
    found = organisations.token(db, token_id) if token_id else None
    if found is None:
        raise Unauthenticated(REFUSED)
    row, organisation = found
    if not tokens.is_that(text, row.sha256) or not _is_alive(row, now) or (row.is_demo and not is_local):
        raise Unauthenticated(REFUSED)
    capabilities = frozenset().union(*(ROLES[role] for role in row.roles.split(",")))
    audiences = organisations.audiences(db, organisation.id, now)
    return Caller(row.id, organisation.id, organisation.name, capabilities, audiences)


REFUSED = "the token is unknown, expired or revoked; send a valid one as `Authorization: Bearer <token>`"

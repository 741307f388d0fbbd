"""The operator: organisations, the audiences they may read, and their tokens. Opens nothing.

1. An audience is granted to an organisation until a day, never for good.
2. A token belongs to an organisation, has one or more roles, expires within a year, and is shown once.
3. Of one organisation, one person and one set of roles two tokens are alive at most: the one in use and its successor.
4. Tokens that may do what takes two people take two people to issue; a successor is for the same person, and takes one.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from hub import tokens
from hub.agreement import DEEDS, Deed, demand
from hub.errors import Conflict, NotFound
from hub.roles import ROLES, STAFF, Act, Capability
from hub.store import Session, audit, inboxes, organisations
from hub.store.tables import AudienceGrant, Organisation, Token
from schemas.errors import Invalid

LONGEST = timedelta(days=365)
LONGEST_GRANT = timedelta(days=3 * 365)
MOST_ALIVE = 2
# What these may do takes two people, so that one must not make the second: it takes two to issue them.
POWERFUL = frozenset(role for role, held in ROLES.items() if not held.isdisjoint(DEEDS.values()))
LONGEST_NAME = 200
PERSON = re.compile(r"[\w.@-]{1,60}")


@dataclass(frozen=True)
class Member:
    """An organisation with what it may read."""

    organisation: Organisation
    grants: tuple[AudienceGrant, ...]


def add(db: Session, act: Act, name: str, *, is_source: bool = False) -> Organisation:
    """Add an organisation; raises Conflict if the name is taken, Invalid if it is none."""
    if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise Invalid.at("/name", f"must be 1 to {LONGEST_NAME} printable characters")
    if organisations.find(db, name):
        message = f"there is an organisation named {name!r} already; choose another name"
        raise Conflict(message)
    made = Organisation(id=str(uuid4()), name=name, is_source=is_source, created_at=act.at)
    organisations.add(db, made)
    if not is_source:
        inboxes.open_for(db, made.id)
    audit.append(db, act.at, act.caller.actor, "member.add", made.id, name=name)
    return made


def find(db: Session, id_or_name: str) -> Organisation:
    """An organisation by its id or name."""
    found = organisations.find(db, id_or_name)
    if found is None:
        raise NotFound
    return found


def inbox_of(db: Session, id_or_name: str) -> str:
    """The id of the collection that an organisation may write; raises NotFound for a public source, which has none."""
    box = inboxes.of(db, find(db, id_or_name).id)
    if box is None:
        raise NotFound
    return box.collection_id


def listed(db: Session, after: str, most: int) -> list[Member]:
    """Organisations by name, each with its grants."""
    rows = organisations.listed(db, after, most)
    grants = organisations.grants(db, [row.id for row in rows])
    return [Member(row, tuple(one for one in grants if one.organisation_id == row.id)) for row in rows]


@dataclass(frozen=True)
class Reading:
    """The right to read the feed of an audience until an instant."""

    audience: str
    until: datetime


def grant(db: Session, act: Act, id_or_name: str, reading: Reading, known: Collection[str]) -> AudienceGrant:
    """Let an organisation read the feed of an audience, one of the known ones, until an instant."""
    if reading.audience not in known:
        message = f"no feed has the audience {reading.audience!r}; there are {', '.join(sorted(known))}"
        raise Conflict(message)
    if not act.at < reading.until <= act.at + LONGEST_GRANT:
        message = f"a grant ends in the future, within {LONGEST_GRANT.days} days"
        raise Conflict(message)
    organisation = find(db, id_or_name)
    given = AudienceGrant(
        organisation_id=organisation.id, audience=reading.audience, expires_at=reading.until, granted_at=act.at
    )
    organisations.grant(db, given)
    said = {"audience": reading.audience, "until": reading.until.isoformat()}
    audit.append(db, act.at, act.caller.actor, "member.grant", organisation.id, **said)
    return given


@dataclass(frozen=True)
class Wanted:
    """What a token is to be: its roles, what it is for, how long it lives."""

    roles: Collection[str]
    label: str = ""
    days: int = 365
    is_demo: bool = False
    person: str = ""  # who will hold it


@dataclass(frozen=True)
class Issued:
    """A token just made; `text` is shown once."""

    text: str
    token: Token


def issue(db: Session, act: Act, id_or_name: str, wanted: Wanted) -> Issued:
    """Make a token; raises Invalid, Conflict if two of its kind are alive or this caller may not make it, NotAgreed."""
    organisation = _may_issue(db, act, id_or_name, wanted)
    _demand_second(db, act, organisation, wanted)
    return _issue(db, act, organisation, wanted)


def _demand_second(db: Session, act: Act, organisation: Organisation, wanted: Wanted) -> None:
    """Raise NotAgreed if a token is of a role that takes two people to give out, and no second one agreed."""
    roles = sorted(set(wanted.roles))
    if POWERFUL & set(roles) and not wanted.is_demo:  # a demo's open nothing that is not a demo's
        demand(db, act, Deed("token.issue", organisation.id, {"roles": roles, "person": wanted.person}))


def _may_issue(db: Session, act: Act, id_or_name: str, wanted: Wanted) -> Organisation:
    if not wanted.roles or set(wanted.roles) - set(ROLES):
        raise Invalid.at("/roles", f"must be some of: {', '.join(ROLES)}")
    if not 1 <= wanted.days <= LONGEST.days:
        raise Invalid.at("/days", f"must be from 1 to {LONGEST.days}")
    if STAFF & set(wanted.roles) and not act.caller.may(Capability.STAFF_ADMIN):
        message = f"tokens of {', '.join(sorted(STAFF))} are issued at the host's shell: `hub token issue`"
        raise Conflict(message)
    organisation = find(db, id_or_name)
    if organisation.is_source:
        message = "a public source has no tokens: its records come by `hub import` alone"
        raise Conflict(message)
    if wanted.person and not PERSON.fullmatch(wanted.person):
        raise Invalid.at("/person", "must be a name of 1 to 60 letters, digits and .@_- by which others know who it is")
    return organisation


def _issue(db: Session, act: Act, organisation: Organisation, wanted: Wanted) -> Issued:
    joined = ",".join(sorted(set(wanted.roles)))
    organisations.lock(db, organisation.id)
    rows = organisations.tokens(db, organisation.id)
    alive = [one.id for one in rows if (one.roles, one.person) == (joined, wanted.person) and _is_alive(one, act.at)]
    if len(alive) >= MOST_ALIVE:
        message = f"two tokens of these roles are alive already ({', '.join(alive)}); revoke one first"
        raise Conflict(message)
    made = tokens.issue(is_demo=wanted.is_demo)
    row = Token(
        id=made.id,
        organisation_id=organisation.id,
        roles=joined,
        label=wanted.label,
        person=wanted.person,
        sha256=made.sha256,
        is_demo=wanted.is_demo,
        created_at=act.at,
        expires_at=act.at + timedelta(days=wanted.days),
    )
    organisations.add_token(db, row)
    said = {"organisation": organisation.id, "roles": joined, "person": wanted.person}
    audit.append(db, act.at, act.caller.actor, "token.issue", made.id, **said)
    return Issued(made.text, row)


def rotate(db: Session, act: Act, token_id: str, *, grace_days: int = 7) -> Issued:
    """Make a successor of a token, which lives on for the grace period only; raises NotAgreed.

    Whoever rotates it reads the successor: of one's own it takes nobody else, of another's what issuing it takes. Else
    one would hold the token of the second person too.
    """
    row, organisation = _token(db, token_id)
    if not _is_alive(row, act.at):
        message = "the token is not alive; issue a new one"
        raise Conflict(message)
    if grace_days > LONGEST.days:
        raise Invalid.at("/grace_days", f"must be from 0 to {LONGEST.days}")
    days = min(LONGEST.days, max(1, (row.expires_at - row.created_at).days))
    wanted = Wanted(row.roles.split(","), row.label, days, row.is_demo, row.person)
    _may_issue(db, act, organisation.id, wanted)
    if not row.person or act.caller.person != row.person:
        _demand_second(db, act, organisation, wanted)
    made = _issue(db, act, organisation, wanted)
    row.expires_at = min(row.expires_at, act.at + timedelta(days=grace_days))
    db.add(row)
    audit.append(db, act.at, act.caller.actor, "token.rotate", token_id, successor=made.token.id)
    return made


def revoke(db: Session, act: Act, token_id: str) -> Token:
    """End a token at once."""
    row, _ = _token(db, token_id)
    if row.revoked_at is None:
        row.revoked_at = act.at
        db.add(row)
        audit.append(db, act.at, act.caller.actor, "token.revoke", token_id)
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

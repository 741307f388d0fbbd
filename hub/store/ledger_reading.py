"""The whole log, read in order, some thousand rows at a time: for who verifies it, lists it or shows a part of it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlmodel import Session, col

from hub.store.ledger import ENTRY, SALT
from hub.store.tables import AuditEntry, AuditLeaf, AuditTile, Checkpoint, Report, Token

BATCH = 5000
LEAF: tuple[Any, ...] = (col(AuditLeaf.position), col(AuditLeaf.seq).label("leaf_seq"), col(AuditLeaf.commitment))


@dataclass(frozen=True)
class Wanted:
    """Which entries are asked for; None: any."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same as conditions; an action that ends in a point means all that begin with it."""
        found = []
        if self.actor is not None:
            found.append(col(AuditEntry.actor) == self.actor)
        if self.action is not None and self.action.endswith("."):
            found.append(col(AuditEntry.action).startswith(self.action, autoescape=True))
        elif self.action is not None:
            found.append(col(AuditEntry.action) == self.action)
        if self.subject is not None:
            found.append(col(AuditEntry.subject) == self.subject)
        if self.since is not None:
            found.append(col(AuditEntry.at) >= self.since)
        if self.until is not None:
            found.append(col(AuditEntry.at) < self.until)
        return found


def listed(
    session: Session, wanted: Wanted, before: int | None, most: int, *narrower: ColumnElement[bool]
) -> Sequence[Any]:
    """Entries, the newest first, with the positions of those that have one."""
    columns = [one for one in ENTRY if one is not SALT]
    asked = (
        select(*columns, col(AuditLeaf.position))
        .outerjoin(AuditLeaf, col(AuditLeaf.seq) == col(AuditEntry.seq))
        .where(*wanted.conditions(), *narrower)
        .order_by(col(AuditEntry.seq).desc())
        .limit(most)
    )
    if before is not None:
        asked = asked.where(col(AuditEntry.seq) < before)
    return session.connection().execute(asked).all()


def leaves(session: Session) -> Iterator[Any]:
    """Every leaf in order, with its entry if its payload is there (`seq` is None if not)."""
    after = -1
    while True:
        asked = (
            select(*LEAF, *ENTRY)
            .outerjoin(AuditEntry, col(AuditEntry.seq) == col(AuditLeaf.seq))
            .where(col(AuditLeaf.position) > after)
            .order_by(col(AuditLeaf.position))
            .limit(BATCH)
        )
        found = session.connection().execute(asked).all()
        yield from found
        if len(found) < BATCH:
            return
        after = found[-1].position


def tiles(session: Session) -> Iterator[Any]:
    """Every tile, level by level."""
    level, number = -1, -1
    where = (col(AuditTile.level), col(AuditTile.number))
    while True:
        behind = or_(where[0] > level, and_(where[0] == level, where[1] > number))
        asked = select(*where, col(AuditTile.hashes)).where(behind).order_by(*where).limit(100)
        found = session.connection().execute(asked).all()
        yield from found
        if not found:
            return
        level, number = found[-1].level, found[-1].number


def checkpoints(session: Session) -> Iterator[Any]:
    """Every checkpoint, the smallest first."""
    after = -1
    columns = (col(Checkpoint.size), col(Checkpoint.at), col(Checkpoint.root), col(Checkpoint.note))
    while True:
        asked = select(*columns).where(columns[0] > after).order_by(columns[0]).limit(BATCH)
        found = session.connection().execute(asked).all()
        yield from found
        if len(found) < BATCH:
            return
        after = found[-1].size


def without_leaf(session: Session, last_seq: int, most: int) -> Sequence[int]:
    """Numbers of entries that have no place although their turn is over."""
    number: Any = col(AuditEntry.seq)
    asked = (
        select(number)
        .where(number <= last_seq, ~exists().where(col(AuditLeaf.seq) == number))
        .order_by(number)
        .limit(most)
    )
    return list(session.connection().execute(asked).scalars())


def waiting(session: Session, last_seq: int) -> tuple[int, datetime | None]:
    """How many entries wait for their turn, and when the first of them was written."""
    asked = select(func.count(), func.min(col(AuditEntry.at))).where(col(AuditEntry.seq) > last_seq)
    count, oldest = session.connection().execute(asked).one()
    return count, oldest


def own(organisation_id: str, about: Mapping[str, Collection[str]]) -> ColumnElement[bool]:
    """The entries about an organisation's reports, tokens and itself, of the actions that may be told."""
    subject, action = col(AuditEntry.subject), col(AuditEntry.action)
    theirs = {
        "report": subject.in_(select(col(Report.id)).where(col(Report.organisation_id) == organisation_id)),
        "token": subject.in_(select(col(Token.id)).where(col(Token.organisation_id) == organisation_id)),
        "organisation": subject == organisation_id,
    }
    return or_(*(and_(theirs[kind], action.in_(sorted(actions))) for kind, actions in about.items()))


def tokens_of(session: Session, organisation_id: str) -> frozenset[str]:
    """The actors that are an organisation's tokens."""
    asked = select(col(Token.id)).where(col(Token.organisation_id) == organisation_id)
    return frozenset(f"token:{one}" for one in session.connection().execute(asked).scalars())


def is_entry(seq: int) -> ColumnElement[bool]:
    """That an entry is the one of a number."""
    return col(AuditEntry.seq) == seq

"""The tally of each feed: counts of its live entries, changed in the transaction that changes these."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlmodel import Session, col, delete, select

from hub.store.tables import Tally

_ADD = text(
    "INSERT INTO tally (feed, field, value, month, entries) VALUES (:feed, :field, :value, :month, :entries) "
    "ON CONFLICT (feed, field, value, month) DO UPDATE SET entries = tally.entries + excluded.entries"
)


def add(session: Session, feed: str, changes: Mapping[tuple[str, str, str], int]) -> None:
    """Add to counts by (field, value, month), or take from them; what comes to nothing is gone."""
    rows = [
        {"feed": feed, "field": field, "value": value, "month": month, "entries": by}
        for (field, value, month), by in sorted(changes.items())
        if by
    ]
    if rows:
        session.connection().execute(_ADD, rows)
        # A row of nothing would still tell that something was there.
        session.exec(delete(Tally).where(col(Tally.feed) == feed, col(Tally.entries) == 0))


def forget(session: Session, feed: str) -> None:
    """Delete the tally of a feed, to count anew."""
    session.exec(delete(Tally).where(col(Tally.feed) == feed))


def of(session: Session, feed: str, fields: Sequence[str]) -> Sequence[Tally]:
    """The counts of some fields."""
    asked = select(Tally).where(col(Tally.feed) == feed, col(Tally.field).in_(fields))
    return session.exec(asked.order_by(col(Tally.month), col(Tally.value))).all()


def is_empty(session: Session, feed: str) -> bool:
    """Whether nothing is counted for a feed."""
    return session.exec(select(Tally.field).where(col(Tally.feed) == feed).limit(1)).first() is None

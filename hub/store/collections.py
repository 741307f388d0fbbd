"""What TAXII reads: stored bytes by position, one query a page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, false, or_, select
from sqlmodel import Session, col

from hub.store.tables import Entry


@dataclass(frozen=True)
class Match:
    """The filters of TAXII 2.1 (3.4 and 3.5): lists are alternatives, different filters all apply."""

    added_after: datetime | None = None
    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    spec_versions: tuple[str, ...] = ()
    versions: tuple[str, ...] = field(default=("last",))


class Row(NamedTuple):
    """One object version as a listing needs it."""

    position: int
    stix_id: str
    version: str
    added_at: datetime


@dataclass(frozen=True)
class Window:
    """Which stretch of a collection is asked for: behind a position, so many rows."""

    after: int
    most: int


def contents(session: Session, feed: str, match: Match, window: Window) -> list[tuple[int, bytes]]:
    """The next entries of a collection, as (position, stored bytes)."""
    return [(position, content) for position, content in _asked(session, feed, match, window, ("position", "content"))]


def listing(session: Session, feed: str, match: Match, window: Window) -> list[Row]:
    """The next entries of a collection, without their bytes."""
    return [Row._make(row) for row in _asked(session, feed, match, window, Row._fields)]


def _asked(session: Session, feed: str, match: Match, window: Window, names: tuple[str, ...]) -> Iterable[Any]:
    asked = select(*(getattr(Entry, name) for name in names))
    asked = asked.where(col(Entry.feed) == feed, col(Entry.position) > window.after, *_conditions(match))
    return session.connection().execute(asked.order_by(col(Entry.position)).limit(window.most))


def added_at(session: Session, feed: str, first: int, last: int) -> tuple[datetime, datetime]:
    """When the entries at two positions were added."""
    asked = select(Entry.position, Entry.added_at).where(  # type: ignore[call-overload]
        col(Entry.feed) == feed, col(Entry.position).in_({first, last})
    )
    found = {row.position: row.added_at for row in session.connection().execute(asked)}
    return found[first], found[last]


def _conditions(match: Match) -> Iterator[ColumnElement[bool]]:
    if match.added_after is not None:
        yield col(Entry.added_at) > match.added_after
    if match.ids:
        yield col(Entry.stix_id).in_(match.ids)
    if match.types:
        yield col(Entry.kind).in_(match.types)
    if match.spec_versions and "2.1" not in match.spec_versions:
        yield false()
    if "all" not in match.versions:
        yield _of_versions(match.versions)


def _of_versions(versions: tuple[str, ...]) -> ColumnElement[bool]:
    chosen: list[ColumnElement[bool]] = [col(Entry.version).in_(set(versions) - {"first", "last"})]
    if "last" in versions:
        chosen.append(col(Entry.is_last).is_(True))
    if "first" in versions:
        chosen.append(col(Entry.is_first).is_(True))
    return or_(*chosen)


def has_object(session: Session, feed: str, stix_id: str) -> bool:
    """Whether a collection holds any version of an object."""
    asked = select(col(Entry.position)).where(col(Entry.feed) == feed, col(Entry.stix_id) == stix_id).limit(1)
    return session.connection().execute(asked).first() is not None

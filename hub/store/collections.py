"""What TAXII reads: stored bytes by position, one query a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, false, literal, or_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from hub.store.tables import Entry


@dataclass(frozen=True)
class Match:
    """The filters of TAXII 2.1 (3.4 and 3.5): lists are alternatives, different filters all apply."""

    added_after: datetime | None = None
    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    spec_versions: tuple[str, ...] = ()
    versions: tuple[str, ...] = field(default=("last",))


@dataclass(frozen=True)
class Row:
    """One object version as a page needs it; `content` is empty where only the manifest is asked for."""

    position: int
    stix_id: str
    version: str
    added_at: datetime
    content: bytes


@dataclass(frozen=True)
class Window:
    """Which stretch of a collection is asked for: behind a position, so many rows, with their bytes or without."""

    after: int
    most: int
    with_content: bool = True


def page(session: Session, feed: str, match: Match, window: Window) -> Sequence[Row]:
    """The next entries of a collection."""
    columns = [Entry.position, Entry.stix_id, Entry.version, Entry.added_at]
    content = Entry.content if window.with_content else literal(b"")
    asked = sa_select(*columns, content)  # type: ignore[call-overload]  # columns, as SQLModel types its fields
    asked = asked.where(col(Entry.feed) == feed, col(Entry.position) > window.after, *_conditions(match))
    return [Row(*row) for row in session.execute(asked.order_by(col(Entry.position)).limit(window.most))]


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
    asked = select(Entry.position).where(col(Entry.feed) == feed, col(Entry.stix_id) == stix_id).limit(1)
    return session.exec(asked).first() is not None

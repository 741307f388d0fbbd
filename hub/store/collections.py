"""What TAXII reads: stored bytes by position, one query a page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select
from sqlmodel import Session, col, select

from hub.store.tables import Entry, Feed


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


def page(session: Session, feed: str, match: Match, after: int, most: int, *, with_content: bool) -> Sequence[Row]:
    """The next entries of a collection after a position."""
    columns = [Entry.position, Entry.stix_id, Entry.version, Entry.added_at]
    asked = select(*columns, Entry.content) if with_content else select(*columns)  # type: ignore[call-overload]
    asked = _matching(asked.where(col(Entry.feed) == feed, col(Entry.position) > after), match)
    rows = session.exec(asked.order_by(col(Entry.position)).limit(most))
    return [Row(*row) if with_content else Row(*row, b"") for row in rows]


def _matching(asked: Select, match: Match) -> Select:  # type: ignore[type-arg]
    if match.added_after is not None:
        asked = asked.where(col(Entry.added_at) > match.added_after)
    if match.ids:
        asked = asked.where(col(Entry.stix_id).in_(match.ids))
    if match.types:
        asked = asked.where(col(Entry.kind).in_(match.types))
    if match.spec_versions and "2.1" not in match.spec_versions:
        asked = asked.where(col(Entry.position) < 0)
    if "all" in match.versions:
        return asked
    chosen = col(Entry.version).in_([one for one in match.versions if one not in {"first", "last"}])
    if "last" in match.versions:
        chosen = chosen | col(Entry.is_last).is_(True)
    if "first" in match.versions:
        chosen = chosen | col(Entry.is_first).is_(True)
    return asked.where(chosen)


def by_id(session: Session, collection_id: str) -> Feed | None:
    """A feed by the id of its collection."""
    return session.exec(select(Feed).where(col(Feed.collection_id) == collection_id)).first()


def has_object(session: Session, feed: str, stix_id: str) -> bool:
    """Whether a collection holds any version of an object."""
    asked = select(Entry.position).where(col(Entry.feed) == feed, col(Entry.stix_id) == stix_id).limit(1)
    return session.exec(asked).first() is not None

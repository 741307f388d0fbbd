"""What files read: the live objects of a feed and its revocations, page by page, as they stood at one release."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import Select, and_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from hub.store.tables import Entry, Feed, Presence, Release

PAGE = 500  # rows held in memory at a time


def last_release(session: Session, feed: str) -> Release | None:
    """The newest release of a feed."""
    return session.exec(_last().where(col(Feed.name) == feed)).first()


def last_releases(session: Session) -> dict[str, Release]:
    """The newest release of every feed that has one, by feed."""
    return {one.feed: one for one in session.exec(_last())}


def _last() -> SelectOfScalar[Release]:
    joined = (col(Release.feed) == Feed.name) & (col(Release.number) == Feed.last_release)
    return select(Release).join(Feed, joined)


def live(session: Session, feed: str, kind: str | None = None) -> Iterator[bytes]:
    """The live objects of a feed, of one STIX type or of all, in the order of their positions."""
    asked = sa_select(Entry.position, Entry.content).where(*_of(feed, kind, is_revoked=False))  # type: ignore[call-overload]
    return (row.content for page in _pages(session, asked) for row in page)


def newest(session: Session, feed: str, kind: str, most: int) -> Sequence[bytes]:
    """The live objects of one type that were released last, the last first."""
    asked = select(Entry.content).where(*_of(feed, kind, is_revoked=False))
    return session.exec(asked.order_by(col(Entry.position).desc()).limit(most)).all()


def _of(feed: str, kind: str | None, *, is_revoked: bool) -> list[Any]:
    found = [col(Entry.feed) == feed, col(Entry.is_last).is_(True), col(Entry.is_revoked).is_(is_revoked)]
    return found if kind is None else [*found, col(Entry.kind) == kind]


def _pages(session: Session, asked: Select[Any]) -> Iterator[Sequence[Any]]:
    after = 0
    while True:
        rows = session.execute(asked.where(col(Entry.position) > after).order_by(col(Entry.position)).limit(PAGE)).all()
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        after = rows[-1].position


def recalled(session: Session, feed: str, kind: str) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Presences that ended: reference, version of the revoked object of that kind, and every id that they revoked."""
    asked = (
        sa_select(Entry.position, Entry.version, Presence.ref, Entry.report_id, Entry.generation)  # type: ignore[call-overload]
        .join(Presence, _presence_of())
        .where(*_of(feed, kind, is_revoked=True), col(Presence.ended_at).is_not(None))
    )
    for page in _pages(session, asked):
        ids = _revoked_ids(session, feed, {row.report_id for row in page})
        for row in page:
            yield row.ref, row.version, ids[row.report_id, row.generation]


def _revoked_ids(session: Session, feed: str, reports: AbstractSet[str]) -> Mapping[tuple[str, int], Sequence[str]]:
    asked = sa_select(Entry.report_id, Entry.generation, Entry.stix_id).where(  # type: ignore[call-overload]
        col(Entry.feed) == feed, col(Entry.report_id).in_(reports), col(Entry.is_revoked).is_(True)
    )
    found: dict[tuple[str, int], list[str]] = defaultdict(list)
    for row in session.execute(asked.order_by(col(Entry.position))):
        found[row.report_id, row.generation].append(row.stix_id)
    return found


def departed(session: Session, feed: str) -> Iterator[tuple[str, str]]:
    """Revoked objects of presences that have not ended: id and version of the revocation."""
    asked = (
        sa_select(Entry.position, Entry.stix_id, Entry.version)  # type: ignore[call-overload]
        .join(Presence, _presence_of())
        .where(*_of(feed, None, is_revoked=True), col(Presence.ended_at).is_(None))
    )
    return ((row.stix_id, row.version) for page in _pages(session, asked) for row in page)


def _presence_of() -> Any:
    return and_(
        col(Presence.feed) == Entry.feed,
        col(Presence.report_id) == Entry.report_id,
        col(Presence.generation) == Entry.generation,
    )

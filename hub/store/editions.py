"""What files read: the live objects of a feed and its revocations, page by page, as they stood at one release."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, and_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from hub.store.tables import Entry, Feed, Presence, Release

PAGE = 500  # rows held in memory at a time


def hold_still(session: Session) -> None:
    """Have all queries of a reading transaction see one instant; to be called before the first of them.

    SQLite's readers do so by themselves; PostgreSQL's see, by default, what was committed before each query.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})


def last_release(session: Session, feed: str) -> Release | None:
    """The newest release of a feed."""
    joined = (col(Release.feed) == Feed.name) & (col(Release.number) == Feed.last_release)
    return session.exec(select(Release).join(Feed, joined).where(col(Feed.name) == feed)).first()


def live(session: Session, feed: str, kind: str | None = None) -> Iterator[bytes]:
    """The live objects of a feed, of one STIX type or of all, in the order of their positions."""
    asked = sa_select(Entry.position, Entry.content).where(*_of(feed, kind, is_revoked=False))  # type: ignore[call-overload]
    return (row.content for row in _pages(session, asked))


def newest(session: Session, feed: str, kind: str, most: int) -> Sequence[bytes]:
    """The live objects of one type that were released last, the last first."""
    asked = select(Entry.content).where(*_of(feed, kind, is_revoked=False))
    return session.exec(asked.order_by(col(Entry.position).desc()).limit(most)).all()


def _of(feed: str, kind: str | None, *, is_revoked: bool) -> list[Any]:
    found = [col(Entry.feed) == feed, col(Entry.is_last).is_(True), col(Entry.is_revoked).is_(is_revoked)]
    return found if kind is None else [*found, col(Entry.kind) == kind]


def _pages(session: Session, asked: Select[Any]) -> Iterator[Any]:
    after = 0
    while True:
        rows = session.execute(asked.where(col(Entry.position) > after).order_by(col(Entry.position)).limit(PAGE)).all()
        yield from rows
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
    for row in _pages(session, asked):
        yield row.ref, row.version, _revoked_ids(session, feed, row.report_id, row.generation)


def _revoked_ids(session: Session, feed: str, report_id: str, generation: int) -> Sequence[str]:
    asked = select(Entry.stix_id).where(
        col(Entry.feed) == feed,
        col(Entry.report_id) == report_id,
        col(Entry.generation) == generation,
        col(Entry.is_revoked).is_(True),
    )
    return session.exec(asked.order_by(col(Entry.position))).all()


def departed(session: Session, feed: str) -> Iterator[tuple[str, str]]:
    """Revoked objects of presences that have not ended: id and version of the revocation."""
    asked = (
        sa_select(Entry.position, Entry.stix_id, Entry.version)  # type: ignore[call-overload]
        .join(Presence, _presence_of())
        .where(*_of(feed, None, is_revoked=True), col(Presence.ended_at).is_(None))
    )
    return ((row.stix_id, row.version) for row in _pages(session, asked))


def _presence_of() -> Any:
    return and_(
        col(Presence.feed) == Entry.feed,
        col(Presence.report_id) == Entry.report_id,
        col(Presence.generation) == Entry.generation,
    )

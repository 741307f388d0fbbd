"""Releases and their entries, as the bytes that are served; and the lease of the one publisher."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import Delete, delete, insert
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, or_, select, update

from hub.store import pages
from hub.store.tables import Entry, Feed, Publisher, Release, Report


def take_lease(session: Session, owner: str, now: datetime, until: datetime) -> int | None:
    """Become the publisher, or stay it: the fence to show later, or None if another one is."""
    is_free = or_(col(Publisher.owner).is_(None), col(Publisher.owner) == owner, col(Publisher.until) < now)
    asked = update(Publisher).where(col(Publisher.id) == 1, is_free)
    if not session.exec(asked.values(owner=owner, until=until, fence=col(Publisher.fence) + 1)).rowcount:
        return None
    return session.exec(select(Publisher.fence).where(col(Publisher.id) == 1)).one()


def holds_lease(session: Session, fence: int) -> bool:
    """Whether nobody took the lease since; locks it until the end of the transaction."""
    held = session.exec(select(Publisher.fence).where(col(Publisher.id) == 1).with_for_update()).one()
    return held == fence


def keep_lease(session: Session, fence: int, until: datetime) -> None:
    """Stay the publisher, if nobody took the lease since."""
    session.exec(update(Publisher).where(col(Publisher.id) == 1, col(Publisher.fence) == fence).values(until=until))


def give_back_lease(session: Session, fence: int) -> None:
    """Let the next publisher begin at once."""
    asked = update(Publisher).where(col(Publisher.id) == 1, col(Publisher.fence) == fence)
    session.exec(asked.values(owner=None, until=None))


def listed(session: Session, feed: str | None, after: tuple[datetime, str] | None, most: int) -> Sequence[Release]:
    """Releases of a feed or of all, the newest first, behind one named by its instant and `feed/number`."""
    asked, name = select(Release), col(Release.feed) + "/" + sqlalchemy.cast(col(Release.number), sqlalchemy.String)
    if feed is not None:
        asked = asked.where(col(Release.feed) == feed)
    if after is not None:
        at, last = after
        asked = asked.where((col(Release.released_at) < at) | ((col(Release.released_at) == at) & (name < last)))
    return session.exec(asked.order_by(col(Release.released_at).desc(), name.desc()).limit(most)).all()


def stamps(session: Session, report_ids: Iterable[str]) -> dict[str, int]:
    """The stamps of reports, their rows locked: nothing about them changes before this transaction ends."""
    found: dict[str, int] = {}
    ids = sorted(report_ids)
    for start in range(0, len(ids), 500):
        asked = select(Report.id, Report.stamp).where(col(Report.id).in_(ids[start : start + 500]))
        found.update(dict(session.exec(asked.order_by(col(Report.id)).with_for_update()).all()))
    return found


def shown(
    session: Session, feed: str, report_ids: Collection[str]
) -> tuple[dict[tuple[str, int], dict[str, bytes]], dict[tuple[str, int], set[str]]]:
    """What a feed shows of reports, by (report, generation): live objects as bytes served, and the ids it revoked."""
    live: dict[tuple[str, int], dict[str, bytes]] = {}
    revoked: dict[tuple[str, int], set[str]] = {}
    connection, ids = session.connection(), sorted(report_ids)
    whose = (col(Entry.report_id), col(Entry.generation), col(Entry.stix_id))
    for start in range(0, len(ids), 500):
        some = (col(Entry.feed) == feed, col(Entry.report_id).in_(ids[start : start + 500]))
        is_live = (col(Entry.is_last).is_(True), col(Entry.is_revoked).is_(False))
        for report_id, number, stix_id, content in connection.execute(
            sa_select(*whose, col(Entry.content)).where(*some, *is_live).order_by(col(Entry.position))
        ):
            live.setdefault((report_id or "", number), {})[stix_id] = content
        for report_id, number, stix_id in connection.execute(
            sa_select(*whose).where(*some, col(Entry.is_revoked).is_(True))
        ):
            revoked.setdefault((report_id or "", number), set()).add(stix_id)
    return live, revoked


def known(session: Session, feed: str, stix_ids: Collection[str]) -> set[str]:
    """Which STIX ids already have a version in a feed."""
    found: set[str] = set()
    ids = list(stix_ids)
    for start in range(0, len(ids), 500):
        some = col(Entry.stix_id).in_(ids[start : start + 500])
        found.update(session.exec(select(Entry.stix_id).where(col(Entry.feed) == feed, some)))
    return found


def forget(session: Session, feed: str, report_id: str, generation: int) -> None:
    """Delete every byte that a presence ever served, but for revocations, which say nothing and must be found."""
    asked = delete(Entry).where(
        col(Entry.feed) == feed,
        col(Entry.report_id) == report_id,
        col(Entry.generation) == generation,
        col(Entry.is_revoked).is_(False),
    )
    _gone(session, feed, [asked])


def drop(session: Session, feed: str, stix_ids: Collection[str]) -> None:
    """Delete every byte of objects that left their entry and cannot be revoked."""
    ids = list(stix_ids)
    parts = (col(Entry.stix_id).in_(ids[start : start + 500]) for start in range(0, len(ids), 500))
    _gone(session, feed, [delete(Entry).where(col(Entry.feed) == feed, some) for some in parts])


def _gone(session: Session, feed: str, deletions: Iterable[Delete]) -> None:
    connection, changed = session.connection(), set[int]()
    for asked in deletions:
        left = connection.execute(asked.returning(col(Entry.position), col(Entry.is_last)))
        changed.update(position for position, is_last in left if is_last)
    pages.renew(session, feed, changed)


def supersede(session: Session, feed: str, stix_ids: Collection[str]) -> None:
    """Note that newer versions of objects follow in this transaction."""
    ids, changed = list(stix_ids), set[int]()
    for start in range(0, len(ids), 500):
        some = (col(Entry.stix_id).in_(ids[start : start + 500]), col(Entry.is_last).is_(True))
        asked = update(Entry).where(col(Entry.feed) == feed, *some).values(is_last=False)
        changed.update(session.connection().execute(asked.returning(col(Entry.position))).scalars())
    pages.renew(session, feed, changed)


def add(session: Session, release: Release, entries: Sequence[Mapping[str, Any]]) -> None:
    """Write a release, its entries (rows of `Entry`) and where the feed stands after it."""
    connection, last = session.connection(), entries[-1]
    connection.execute(insert(Release), [release.model_dump()])
    connection.execute(insert(Entry), entries)
    pages.renew(session, release.feed, (one["position"] for one in entries))
    after = {"last_release": release.number, "last_position": last["position"], "last_added_at": last["added_at"]}
    session.exec(update(Feed).where(col(Feed.name) == release.feed).values(**after))

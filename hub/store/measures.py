"""Numbers about the whole store, each read from an index that holds little more than what is counted.

The one count of every report is a walk through an index; whoever asks often keeps the answer for a while.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from hub.store.tables import AuditEntry, Due, Feed, Release, Report, Revision

UNPARKED = text("NOT is_parked")  # as the index says it: SQLite compares the words


@dataclass(frozen=True)
class FeedStand:
    """Where a feed stands."""

    name: str
    release: int
    entries: int
    released_at: datetime | None
    next_at: datetime | None


@dataclass(frozen=True)
class Stand:
    """What waits, and what went wrong."""

    waiting: int  # revisions that nobody admitted yet
    oldest: datetime | None  # when the first of them was filed
    quarantined: int  # revisions that admission refused
    withdrawn: int
    faults: Mapping[str, int]  # feed → reports set aside
    due: Mapping[tuple[str, str], int]  # feed and gate → reports that time or the next release looks at again
    audit: int
    feeds: tuple[FeedStand, ...]


def reports(session: Session) -> int:
    """How many reports there are."""
    return session.exec(select(func.count()).select_from(Report)).one()


def stand(session: Session) -> Stand:
    """All numbers but that of every report."""
    unadmitted = (col(Revision.admitted_at).is_(None), col(Revision.fault).is_(None))
    waiting, oldest = session.exec(select(func.count(), func.min(col(Revision.filed_at))).where(*unadmitted)).one()
    quarantined = select(func.count()).select_from(Revision).where(col(Revision.fault).is_not(None))
    withdrawn = select(func.count()).select_from(Report).where(col(Report.withdrawn_at).is_not(None))
    return Stand(
        waiting=waiting,
        oldest=oldest,
        quarantined=session.exec(quarantined).one(),
        withdrawn=session.exec(withdrawn).one(),
        faults=faults(session),
        due=due(session),
        audit=session.exec(select(func.max(col(AuditEntry.seq)))).one() or 0,
        feeds=feeds(session),
    )


def due(session: Session) -> dict[tuple[str, str], int]:
    """Reports that wait before each feed for time or its next release, by the gate they were last found at."""
    asked = select(Due.feed, Due.gate, func.count()).where(UNPARKED).group_by(col(Due.feed), col(Due.gate))
    return {(feed, gate or "none"): number for feed, gate, number in session.exec(asked)}


def faults(session: Session) -> dict[str, int]:
    """Reports that were set aside, by feed."""
    asked = select(Due.feed, func.count()).where(col(Due.fault).is_not(None)).group_by(col(Due.feed))
    return dict(session.exec(asked).all())


def feeds(session: Session) -> tuple[FeedStand, ...]:
    """Where every feed stands."""
    joined = (col(Release.feed) == col(Feed.name)) & (col(Release.number) == col(Feed.last_release))
    asked = select(Feed, Release.released_at).join(Release, joined, isouter=True).order_by(col(Feed.name))
    return tuple(
        FeedStand(row.name, row.last_release, row.last_position, released_at, row.next_at)
        for row, released_at in session.exec(asked)
    )

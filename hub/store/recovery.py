"""What a restore puts beside the rows of a backup: secrets, the mark that it is one, and sequences that go on above."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from hub.store.tables import AuditEntry, AuditLeaf, Epoch, Feed, Inbox, Recovery, Report, Secret

ERASING = "report.erase.begin"
TAKING_BACK = ("report.withdraw", ERASING)


def living(session: Session) -> set[int]:
    """The epochs that were not destroyed."""
    return set(session.exec(select(Epoch.number).where(col(Epoch.destroyed_at).is_(None))))


def give_secrets(session: Session, rows: Iterable[Secret]) -> None:
    """Put wrapped secrets where there are none; those of epochs that are destroyed, or not known, stay out."""
    known = living(session)
    for row in rows:
        is_of_epoch = row.name in {"private", "kek"}
        if (row.number in known or not is_of_epoch) and session.get(Secret, (row.name, row.number)) is None:
            session.add(row)
    session.flush()


def begin(session: Session, at: datetime, digest: str) -> None:
    """Mark a hub as one that came out of a backup."""
    session.add(Recovery(id=1, restored_at=at, digest=digest, replayed={}))


def pending(session: Session) -> Recovery | None:
    """The mark, until what was taken back since the backup has been taken back again."""
    return session.exec(select(Recovery).where(col(Recovery.replayed_at).is_(None))).first()


def end(session: Session, at: datetime, told: Mapping[str, Any]) -> None:
    """Say that it has."""
    session.connection().execute(update(Recovery).values(replayed_at=at, replayed=dict(told)))


def newest_place(session: Session) -> int:
    """The newest place in the audit log; -1 if none is given."""
    found = session.exec(select(func.max(AuditLeaf.position))).one()
    return -1 if found is None else int(found)  # type: ignore[redundant-expr]  # max() over no rows is NULL


def taken_back(session: Session, after: int, most: int = 1000) -> Sequence[tuple[int, str, str]]:
    """What was taken back, by its place in the log: place, action, report."""
    asked = (
        select(AuditLeaf.position, AuditEntry.action, AuditEntry.subject)
        .join(AuditEntry, col(AuditEntry.seq) == col(AuditLeaf.seq))
        .where(col(AuditLeaf.position) > after, col(AuditEntry.action).in_(TAKING_BACK))
    )
    return session.exec(asked.order_by(col(AuditLeaf.position)).limit(most)).all()


def still_live(session: Session, report_ids: Sequence[str]) -> list[str]:
    """Those of some reports that this hub has and that are not withdrawn."""
    asked = select(Report.id).where(col(Report.id).in_(report_ids), col(Report.withdrawn_at).is_(None))
    return list(session.exec(asked.order_by(Report.id)))


def known(session: Session, report_ids: Sequence[str]) -> list[str]:
    """Those of some reports that this hub has."""
    return list(session.exec(select(Report.id).where(col(Report.id).in_(report_ids)).order_by(Report.id)))


def withdraw(session: Session, report_id: str, at: datetime) -> None:
    """Mark a report as withdrawn."""
    session.connection().execute(update(Report).where(col(Report.id) == report_id).values(withdrawn_at=at))


def feeds(session: Session) -> dict[str, int]:
    """The number of the last release of each feed."""
    return dict(session.exec(select(Feed.name, Feed.last_release)).all())


def go_on_above(session: Session, feed: str, releases: int, room: int, at: datetime) -> None:
    """Let a feed go on so many releases, and so many positions, above where it stands."""
    asked = update(Feed).where(col(Feed.name) == feed)
    more = {"last_release": col(Feed.last_release) + releases, "last_position": col(Feed.last_position) + room}
    session.connection().execute(asked.values(**more))
    older = col(Feed.last_added_at) < at
    session.connection().execute(update(Feed).where(col(Feed.name) == feed, older).values(last_added_at=at))


def inboxes_go_on_above(session: Session, room: int, at: datetime) -> None:
    """The same for what members wrote back."""
    session.connection().execute(update(Inbox).values(last_position=col(Inbox.last_position) + room))
    session.connection().execute(update(Inbox).where(col(Inbox.last_added_at) < at).values(last_added_at=at))

"""Feeds, their policies, what is due for them, and who is present in them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, or_, select, update

from hub.store.tables import Due, Feed, FeedPolicy, Presence, Report, Selection


@dataclass
class Entering:
    """A report on its way into a feed: the presence that it will have there, not a row yet."""

    feed: str
    report_id: str
    namespace: bytes
    ref: str
    mode: str
    tlp: str
    revision: int
    began_at: datetime
    generation: int = 0  # numbered when it is written


Named = Presence | Entering  # a report in a feed, by the names that it has there


def all_feeds(session: Session) -> Sequence[tuple[Feed, FeedPolicy]]:
    """Every feed with its active policy, by name."""
    joined = (col(FeedPolicy.feed) == Feed.name) & (col(FeedPolicy.version) == Feed.policy_version)
    return session.exec(select(Feed, FeedPolicy).join(FeedPolicy, joined).order_by(col(Feed.name))).all()


def versions(session: Session) -> tuple[tuple[str, int], ...]:
    """Which policy each feed has now, by name: cheap enough to be asked at every request."""
    asked = sa_select(col(Feed.name), col(Feed.policy_version)).order_by(col(Feed.name))
    return tuple((name, version) for name, version in session.connection().execute(asked))


def add(session: Session, feed: Feed, policy: FeedPolicy) -> None:
    """Add a feed with its first policy."""
    session.add(feed)
    session.flush()
    session.add(policy)
    session.flush()


def apply(session: Session, policy: FeedPolicy) -> None:
    """Give a feed its next policy, numbered here behind all that it ever had."""
    asked = select(func.max(FeedPolicy.version)).where(col(FeedPolicy.feed) == policy.feed)
    policy.version = (session.exec(asked).one() or 0) + 1
    session.add(policy)
    session.flush()
    session.exec(update(Feed).where(col(Feed.name) == policy.feed).values(policy_version=policy.version))


def selections(session: Session) -> dict[str, Selection]:
    """Every selection that has a collection, of whichever feed, by name."""
    return {row.name: row for row in session.exec(select(Selection))}


def add_selection(session: Session, selection: Selection) -> None:
    """Give a selection its collection."""
    session.add(selection)
    session.flush()


def lock(session: Session, name: str) -> Feed | None:
    """A feed's row, locked until the end of the transaction."""
    return session.exec(select(Feed).where(col(Feed.name) == name).with_for_update()).first()


def set_next(session: Session, name: str, at: datetime) -> None:
    """Say when a feed is due by its schedule."""
    session.exec(update(Feed).where(col(Feed.name) == name).values(next_at=at))


def queue(session: Session, report_ids: Collection[str], feeds: Iterable[str], at: datetime) -> None:
    """Have the gates between reports and feeds asked again at the next release."""
    names, ids = list(feeds), list(report_ids)
    if not names or not ids:
        return
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        session.exec(delete(Due).where(col(Due.report_id).in_(some), col(Due.feed).in_(names)))
        rows = [
            {"feed": name, "report_id": report_id, "queued_at": at, "is_parked": False}
            for name in names
            for report_id in some
        ]
        session.connection().execute(insert(Due), rows)


def ask_all(session: Session, feed: str, at: datetime) -> None:
    """Have the gates between every living report and a feed asked again: its policy is another one."""
    after = ""
    while some := living(session, after):
        after = some[-1]
        queue(session, some, [feed], at)


def living(session: Session, after: str, most: int = 500) -> list[str]:
    """The next reports that are neither withdrawn nor erased, by id."""
    asked = select(Report.id).where(
        col(Report.id) > after, col(Report.withdrawn_at).is_(None), col(Report.erased_at).is_(None)
    )
    return list(session.exec(asked.order_by(col(Report.id)).limit(most)))


def due(session: Session, feed: str, at: datetime, *, again: bool = False) -> Sequence[Due]:
    """The work that a feed's release has to look at; what was set aside only if it is to be tried again."""
    is_open = or_(col(Due.not_before).is_(None), col(Due.not_before) <= at)
    asked = select(Due).where(col(Due.feed) == feed, is_open, col(Due.is_parked).is_(False))
    return session.exec(asked if again else asked.where(col(Due.fault).is_(None))).all()


def done(session: Session, feed: str, report_ids: Collection[str]) -> None:
    """Take work off the queue."""
    ids = list(report_ids)
    for start in range(0, len(ids), 500):
        some = col(Due.report_id).in_(ids[start : start + 500])
        session.exec(delete(Due).where(col(Due.feed) == feed, some))


def postpone(session: Session, due: Due, gate: str, until: datetime) -> None:
    """Leave a report alone until time opens its gate, unless it was queued again meanwhile."""
    asked = update(Due).where(col(Due.feed) == due.feed, col(Due.report_id) == due.report_id)
    session.exec(asked.where(col(Due.queued_at) == due.queued_at).values(not_before=until, gate=gate, fault=None))


def park(session: Session, feed: str, report_id: str, gate: str) -> None:
    """Leave a report alone until it changes."""
    asked = update(Due).where(col(Due.feed) == feed, col(Due.report_id) == report_id)
    session.exec(asked.values(is_parked=True, gate=gate, fault=None))


def keep_waiting(session: Session, feed: str, report_ids: Collection[str], gate: str) -> None:
    """Note the gate at which reports wait that the next release looks at again."""
    ids = list(report_ids)
    for start in range(0, len(ids), 500):
        some = col(Due.report_id).in_(ids[start : start + 500])
        session.exec(update(Due).where(col(Due.feed) == feed, some).values(gate=gate, fault=None))


def waiting(session: Session, feed: str) -> dict[str, int]:
    """How many reports wait at each gate before a feed."""
    asked = select(Due.gate, func.count()).where(col(Due.feed) == feed, col(Due.gate).is_not(None))
    return {gate: number for gate, number in session.exec(asked.group_by(col(Due.gate))) if gate}


def count_faults(session: Session, feed: str) -> int:
    """How many reports are set aside before a feed for a fault."""
    asked = select(func.count()).select_from(Due).where(col(Due.feed) == feed, col(Due.fault).is_not(None))
    return session.exec(asked).one()


def set_aside(session: Session, feed: str, report_id: str, fault: str) -> None:
    """Note what kept a report from leaving; it is tried again when the report changes, or when somebody asks."""
    asked = update(Due).where(col(Due.feed) == feed, col(Due.report_id) == report_id)
    session.exec(asked.values(fault=fault, gate=None))


def present(session: Session, feed: str, report_ids: Collection[str]) -> dict[str, Presence]:
    """The live presences of reports in a feed."""
    found, ids = {}, list(report_ids)
    for start in range(0, len(ids), 500):
        some = col(Presence.report_id).in_(ids[start : start + 500])
        asked = select(Presence).where(col(Presence.feed) == feed, col(Presence.ended_at).is_(None), some)
        found.update({row.report_id: row for row in session.exec(asked)})
    return found


def feeds_holding(session: Session, report_id: str) -> Sequence[str]:
    """The feeds in which a report is present."""
    asked = select(Presence.feed).where(col(Presence.report_id) == report_id, col(Presence.ended_at).is_(None))
    return session.exec(asked).all()


def generations(session: Session, feed: str, report_ids: Collection[str]) -> dict[str, int]:
    """How often each report entered a feed so far."""
    counts: dict[str, int] = {}
    ids = list(report_ids)
    for start in range(0, len(ids), 500):
        some = col(Presence.report_id).in_(ids[start : start + 500])
        for row in session.exec(select(Presence).where(col(Presence.feed) == feed, some)):
            counts[row.report_id] = max(counts.get(row.report_id, 0), row.generation)
    return counts


def end(session: Session, presence: Named, at: datetime) -> None:
    """End a presence: what the report has here was recalled."""
    asked = update(Presence).where(
        col(Presence.feed) == presence.feed,
        col(Presence.report_id) == presence.report_id,
        col(Presence.generation) == presence.generation,
    )
    session.exec(asked.values(ended_at=at))


def begin(session: Session, entering: Sequence[Entering]) -> None:
    """Record reports that entered a feed."""
    if entering:
        session.connection().execute(insert(Presence), [vars(one) for one in entering])


def revise(session: Session, presence: Named, *, revision: int, mode: str, tlp: str) -> None:
    """Record which revision a presence shows now, how, and under which marking."""
    asked = update(Presence).where(
        col(Presence.feed) == presence.feed,
        col(Presence.report_id) == presence.report_id,
        col(Presence.generation) == presence.generation,
    )
    session.exec(asked.values(revision=revision, mode=mode, tlp=tlp))


def changed_presences(session: Session, at: datetime) -> Sequence[Presence]:
    """What feeds show of reports that changed since: some of it may have to go at once."""
    joined = (col(Presence.feed) == Due.feed) & (col(Presence.report_id) == Due.report_id)
    is_open = or_(col(Due.not_before).is_(None), col(Due.not_before) <= at)
    asked = select(Presence).join(Due, joined).where(col(Presence.ended_at).is_(None), is_open)
    return session.exec(asked.where(col(Due.is_parked).is_(False), col(Due.fault).is_(None))).all()


def standing_in(session: Session, report_id: str) -> tuple[dict[str, Presence], dict[str, Due]]:
    """Where a report is, by feed: its live presences, and the work that is due for it."""
    live = select(Presence).where(col(Presence.report_id) == report_id, col(Presence.ended_at).is_(None))
    waits = select(Due).where(col(Due.report_id) == report_id)
    return {row.feed: row for row in session.exec(live)}, {row.feed: row for row in session.exec(waits)}

"""Planning a release: every gate is asked, and the intents to open what passes them are written.

1. What must go does not depend on what leaves: it is found first, and nothing about it is opened or gathered.
2. Each report is read, judged and gathered for itself: one that cannot be is set aside with its kind of fault.
3. A report that cannot be judged stays where it is, unless its row alone says that it was taken back.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from feeds.edition import batch
from feeds.eligibility import Verdict, judge
from feeds.feed import Feed
from hub.errors import told
from hub.roles import CLOCK
from hub.services.publishing import gathering, guarding
from hub.services.publishing.gathering import Leaving, Shown
from hub.standing import must_go, standing_of
from hub.store import Session, audit, feeds, guard, index, releases, reports
from hub.store.apart import apart
from hub.store.reports import Facts
from hub.store.tables import Due, Presence
from schemas.audience import Mode

MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Task:
    """How much of what is due a release takes on."""

    recalls_only: bool = False  # nothing new leaves: what may not stay goes, ahead of the feed's cadence
    again: bool = False  # what was set aside for a fault is tried once more


ALL = Task()


@dataclass
class Plan:
    """What a feed's next release will do, and what is left to wait."""

    feed: Feed
    at: datetime  # `created` and `modified` of what it releases
    leaving: list[Leaving] = field(default_factory=list)
    recalled: list[Shown] = field(default_factory=list)
    settled: dict[str, str] = field(default_factory=dict)  # reports that wait for a change of theirs: → closed gate
    postponed: list[tuple[Due, str, datetime]] = field(default_factory=list)  # and those that time lets in: gate, when
    stamps: dict[str, int] = field(default_factory=dict)  # under which all of this was decided
    noted: set[str] = field(default_factory=set)  # reports found at another gate than before
    faults: dict[str, str] = field(default_factory=dict)  # reports that are set aside before anything is opened


def plan(db: Session, deployment: str, feed: Feed, now: datetime, task: Task = ALL) -> Plan:
    """Ask the gates of everything due, and write the intents to open what passes them."""
    guard.let_ask(db, feed.name, guarding.MOST)
    due = {row.report_id: row for row in feeds.due(db, feed.name, now, again=task.again)}
    known, unread = _known(db, list(due))
    verdicts, unjudged = _judged(known, feed, now)
    present = feeds.present(db, feed.name, list(due))
    row = feeds.lock(db, feed.name)
    last = row.last_added_at if row else None
    made = Plan(feed, max(now, last + MILLISECOND) if last else now)
    _set_aside(db, made, {**unread, **unjudged}, present, is_all=not task.recalls_only)
    passing, going = {}, []
    for report_id, verdict in verdicts.items():
        facts = known[report_id]
        goes = report_id in present and must_go(facts, verdict, present[report_id].mode)
        if task.recalls_only and not goes:
            continue
        made.stamps[report_id] = facts.report.stamp
        if verdict.is_open and verdict.mode is not None:
            passing[report_id] = verdict.mode
        else:
            _wait(made, due[report_id], verdict)
        if goes:
            going.append(present.pop(report_id))
    made.recalled += gathering.shown(db, going).values()
    kept = set() if task.recalls_only else _too_few(feed, passing, known, present)
    made.noted |= {one for one in kept if due[one].gate != "batch"}
    _note_gates(db, made, kept)
    ready = {} if task.recalls_only else {one: (known[one], mode) for one, mode in passing.items() if one not in kept}
    leaving, wrong = apart(
        lambda some: gathering.leaving(db, deployment, feed, {one: ready[one] for one in some}, present), ready
    )
    made.leaving = list(leaving.values())
    made.faults |= {one: told(error) for one, error in wrong.items()}
    audit.intend(db, now, CLOCK, [leaving.warrant for leaving in made.leaving])
    return made


def _known(db: Session, report_ids: list[str]) -> tuple[dict[str, Facts], dict[str, str]]:
    """What the gates ask of reports, and who does not say it, with the fault."""
    known, wrong = apart(lambda some: reports.facts(db, some), report_ids)
    lost = dict.fromkeys(report_ids, "its current revision or its organisation is gone")
    faults = lost | {one: told(error) for one, error in wrong.items()}
    return known, {one: fault for one, fault in faults.items() if one not in known}


def _judged(known: Mapping[str, Facts], feed: Feed, now: datetime) -> tuple[dict[str, Verdict], dict[str, str]]:
    """What the gates of a feed say of reports, and of whom they can say nothing, with the fault."""
    verdicts, wrong = apart(lambda some: {one: judge(standing_of(known[one]), feed, now) for one in some}, known)
    return verdicts, {one: told(error) for one, error in wrong.items()}


def _set_aside(
    db: Session, made: Plan, faults: Mapping[str, str], present: dict[str, Presence], *, is_all: bool
) -> None:
    gone = reports.taken_back(db, list(faults), made.at) & present.keys()
    made.faults |= {one: fault for one, fault in faults.items() if is_all or one in gone}
    made.stamps |= releases.stamps(db, made.faults)
    made.recalled += gathering.shown(db, [present.pop(one) for one in sorted(gone)]).values()


def narrowed(db: Session, known: Iterable[Feed], now: datetime) -> set[str]:
    """The feeds that show something which may not stay: withdrawn, or narrowed by its producer."""
    changed = feeds.changed_presences(db, now)
    facts, unread = _known(db, sorted({presence.report_id for presence in changed}))
    found = set()
    for feed in known:
        modes = {presence.report_id: presence.mode for presence in changed if presence.feed == feed.name}
        verdicts, unjudged = _judged({one: facts[one] for one in modes.keys() & facts.keys()}, feed, now)
        goes = any(must_go(facts[one], verdict, modes[one]) for one, verdict in verdicts.items())
        if goes or reports.taken_back(db, [one for one in modes if one in unread or one in unjudged], now):
            found.add(feed.name)
    return found


def _wait(made: Plan, due: Due, verdict: Verdict) -> None:
    gate = next(gate.name for gate in verdict.gates if not gate.is_passed)
    if due.gate != gate:
        made.noted.add(due.report_id)
    if verdict.opens_at is not None:
        made.postponed.append((due, gate, verdict.opens_at))
    else:
        # Nothing but a change of the report opens this gate, and every such change queues it again.
        made.settled[due.report_id] = gate


def _too_few(
    feed: Feed, passing: Mapping[str, Mode], known: Mapping[str, Facts], present: Mapping[str, Presence]
) -> set[str]:
    """What would enter redacted, from too few organisations to leave together."""
    fresh = {
        report_id: known[report_id].report.organisation_id
        for report_id, mode in passing.items()
        if mode is Mode.REDACTED and report_id not in present
    }
    return fresh.keys() - batch(fresh, feed.least_organisations)


def _note_gates(db: Session, made: Plan, kept: Collection[str]) -> None:
    # In this very transaction: should the release never come, the index would tell the gates of before for ever. First
    # the reports, then their due work: who changes a report locks them in this order.
    index.make_stale(db, made.noted)
    for due, gate, until in made.postponed:
        feeds.postpone(db, due, gate, until)
    feeds.keep_waiting(db, made.feed.name, kept, "batch")

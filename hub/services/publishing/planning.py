"""Planning a release: every gate is asked, and the intents to open what passes them are written.

1. What must go does not depend on what leaves: it is found first, and nothing about it is opened or gathered.
2. Each report is read, judged and gathered for itself: one that cannot be is set aside with its kind of fault.
3. A report that cannot be judged stays where it is, unless its row alone says that it was taken back.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from feeds.edition import batch
from feeds.eligibility import Verdict, judge
from feeds.feed import Feed
from feeds.overlay import Desk
from feeds.policy import policy_of
from hub.approval import Effective, effective
from hub.errors import told
from hub.opening import Bundle, gather
from hub.roles import CLOCK
from hub.sealing import sealed_paths
from hub.standing import must_go, standing_of
from hub.store import Session, audit, desk, feeds, index, releases, reports
from hub.store.apart import apart
from hub.store.reports import Facts
from hub.store.tables import Due, Presence, Revision
from hub.warrant import Warrant
from schemas.audience import Mode

PURPOSE = "release to {}"
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Task:
    """How much of what is due a release takes on."""

    recalls_only: bool = False  # nothing new leaves: what may not stay goes, ahead of the feed's cadence
    again: bool = False  # what was set aside for a fault is tried once more


ALL = Task()


@dataclass(frozen=True)
class Shown:
    """What a feed shows of a report now: its names there, its live objects, and the STIX ids that were revoked."""

    presence: Presence
    live: Mapping[str, bytes]
    burnt: frozenset[str]


@dataclass(frozen=True)
class Leaving:
    """A report that passed every gate, on its way into a feed."""

    facts: Facts
    revision: Revision
    mode: Mode
    shown: Shown | None
    bundle: Bundle
    warrant: Warrant
    text: Effective  # for release
    desk: Desk

    @property
    def report_id(self) -> str:
        """Which report."""
        return self.revision.report_id


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
    made.recalled += _shown(db, going).values()
    kept = set() if task.recalls_only else _too_few(feed, passing, known, present)
    made.noted |= {one for one in kept if due[one].gate != "batch"}
    _note_gates(db, made, kept)
    ready = {} if task.recalls_only else {one: (known[one], mode) for one, mode in passing.items() if one not in kept}
    leaving, wrong = apart(
        lambda some: _leaving(db, deployment, feed, {one: ready[one] for one in some}, present), ready
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
    made.recalled += _shown(db, [present.pop(one) for one in sorted(gone)]).values()


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


def _shown(db: Session, presences: Sequence[Presence]) -> dict[str, Shown]:
    """What a feed shows of reports, given by their presences in it."""
    if not presences:
        return {}
    live, revoked = releases.shown(db, presences[0].feed, [one.report_id for one in presences])
    names = {one.report_id: (one.report_id, one.generation) for one in presences}
    return {
        one.report_id: Shown(one, live.get(names[one.report_id], {}), frozenset(revoked.get(names[one.report_id], ())))
        for one in presences
    }


def _leaving(
    db: Session,
    deployment: str,
    feed: Feed,
    passing: Mapping[str, tuple[Facts, Mode]],
    present: Mapping[str, Presence],
) -> dict[str, Leaving]:
    current = {(one, facts.report.revision) for one, (facts, _) in passing.items()}
    rows = {row.report_id: row for row in reports.revisions(db, current).values()}
    bundles = gather(db, deployment, [(passing[one][0].report.organisation_id, row) for one, row in rows.items()])
    overlays = desk.overlays(db, [facts.report for facts, _ in passing.values()])
    shown = _shown(db, [present[one] for one in passing if one in present])
    texts, found = desk.texts(db, list(passing)), {}
    for report_id, (facts, mode) in passing.items():
        row, overlay = rows[report_id], overlays.get(report_id)
        text = effective(row.clear, texts.get(report_id))
        said = Desk(overlay.asserted if overlay else {}, text.text if text.is_hub else None)
        paths = frozenset(policy_of(feed, mode).allows.keys() & sealed_paths(row))
        warrant = Warrant(report_id, row.revision, paths, PURPOSE.format(feed.name))
        found[report_id] = Leaving(facts, row, mode, shown.get(report_id), bundles[report_id], warrant, text, said)
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

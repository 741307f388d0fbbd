"""Planning a release: every gate is asked, and the intents to open what passes them are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from feeds.edition import batch
from feeds.eligibility import Standing, Verdict, judge
from feeds.feed import Feed
from feeds.policy import policy_of
from hub.opening import Bundle, gather
from hub.roles import CLOCK
from hub.store import Session, audit, feeds, releases, reports
from hub.store.reports import Facts
from hub.store.tables import Due, Presence, Revision
from hub.warrant import Warrant
from schemas.audience import Mode, reached
from schemas.tlp import TLP

PURPOSE = "release to {}"
MILLISECOND = timedelta(milliseconds=1)


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
    settled: set[str] = field(default_factory=set)  # reports with nothing to do until they change
    stamps: dict[str, int] = field(default_factory=dict)  # under which all of this was decided
    gates: dict[str, int] = field(default_factory=dict)  # closed gate → how many reports wait at it


def plan(db: Session, deployment: str, feed: Feed, now: datetime) -> Plan:
    """Ask the gates of everything due, and write the intents to open what passes them."""
    due = {row.report_id: row for row in feeds.due(db, feed.name, now)}
    known = reports.facts(db, list(due))
    present = feeds.present(db, feed.name, list(known))
    row = feeds.lock(db, feed.name)
    last = row.last_added_at if row else None
    made = Plan(feed, max(now, last + MILLISECOND) if last else now)
    made.stamps = {report_id: facts.report.stamp for report_id, facts in known.items()}
    passing = {}
    for report_id, facts in known.items():
        verdict = judge(standing_of(facts), feed, now)
        if verdict.is_open and verdict.mode is not None:
            passing[report_id] = verdict.mode
        else:
            _wait(db, made, due[report_id], verdict)
        if report_id in present and _must_go(facts, verdict, present[report_id]):
            made.recalled.append(_shown(db, present.pop(report_id)))
    passing = _batched(made, passing, known, present)
    made.leaving = _leaving(db, deployment, feed, {one: (known[one], mode) for one, mode in passing.items()}, present)
    audit.intend(db, now, CLOCK, [leaving.warrant for leaving in made.leaving])
    return made


def _shown(db: Session, presence: Presence) -> Shown:
    live = releases.live(db, presence.feed, presence.report_id, presence.generation)
    return Shown(presence, live, releases.revoked_ids(db, presence))


def _leaving(
    db: Session,
    deployment: str,
    feed: Feed,
    passing: Mapping[str, tuple[Facts, Mode]],
    present: Mapping[str, Presence],
) -> list[Leaving]:
    current = {(one, facts.report.revision) for one, (facts, _) in passing.items()}
    rows = {row.report_id: row for row in reports.revisions(db, current).values()}
    bundles = gather(db, deployment, [(passing[one][0].report.organisation_id, row) for one, row in rows.items()])
    found = []
    for report_id, (facts, mode) in passing.items():
        row = rows[report_id]
        paths = frozenset(policy_of(feed, mode).allows.keys() & row.origins.keys())
        warrant = Warrant(report_id, row.revision, paths, PURPOSE.format(feed.name))
        shown = _shown(db, present[report_id]) if report_id in present else None
        found.append(Leaving(facts, row, mode, shown, bundles[report_id], warrant))
    return found


def standing_of(facts: Facts) -> Standing:
    """What the gates ask, from what is stored."""
    report = facts.report
    return Standing(
        tlp=TLP(report.tlp),
        is_admitted=facts.admitted_at is not None,
        is_withdrawn=report.withdrawn_at is not None,
        is_import=report.is_import,
        is_organisation_approved=facts.approved_at is not None,
        named=reached(report.shared_with),
        accepted=reached(facts.accepted),
        embargo_until=report.embargo_until,
        held_until=report.held_until,
    )


def _must_go(facts: Facts, verdict: Verdict, presence: Presence) -> bool:
    """Whether what a feed shows of a report may not stay: it was taken back, or may leave in another way only."""
    if facts.admitted_at is None and facts.report.withdrawn_at is None:
        return False  # an amendment waits for admission; what it amends stays until then
    # Under the same ids a reader could lay a pseudonym beside the name it stands for: another mode is another entry.
    return not verdict.is_open or presence.mode != verdict.mode


def _wait(db: Session, made: Plan, due: Due, verdict: Verdict) -> None:
    for gate in verdict.gates:
        if not gate.is_passed:
            made.gates[gate.name] = made.gates.get(gate.name, 0) + 1
    if verdict.opens_at is not None:
        feeds.postpone(db, due, verdict.opens_at)
    else:
        # Nothing but a change of the report opens this gate, and every such change queues it again.
        made.settled.add(due.report_id)


def _batched(
    made: Plan, passing: dict[str, Mode], known: Mapping[str, Facts], present: Mapping[str, Presence]
) -> dict[str, Mode]:
    fresh = {
        report_id: known[report_id].report.organisation_id
        for report_id, mode in passing.items()
        if mode is Mode.REDACTED and report_id not in present
    }
    released = batch(fresh, made.feed.least_organisations)
    if waiting := len(fresh) - len(released):
        made.gates["batch"] = waiting
    return {one: mode for one, mode in passing.items() if one not in fresh or one in released}

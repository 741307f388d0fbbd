"""Planning a release: every gate is asked, and the intents to open what passes them are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from feeds.edition import batch
from feeds.eligibility import Standing, Verdict, judge
from feeds.feed import Feed
from feeds.policy import policy_of
from hub.opening import Bundle, gather
from hub.roles import CLOCK
from hub.store import Session, audit, feeds, releases, reports
from hub.store.reports import Facts
from hub.store.tables import Presence, Revision
from hub.warrant import Warrant
from schemas.audience import Mode, reached
from schemas.tlp import TLP

PURPOSE = "release to {}"


@dataclass(frozen=True)
class Leaving:
    """A report that passed every gate, on its way into a feed."""

    facts: Facts
    revision: Revision
    mode: Mode
    presence: Presence | None
    burnt: frozenset[str]  # STIX ids that were revoked: they never come back
    bundle: Bundle
    warrant: Warrant


@dataclass
class Plan:
    """What a feed's next release will do, and what is left to wait."""

    feed: Feed
    leaving: list[Leaving] = field(default_factory=list)
    recalled: list[tuple[Presence, int]] = field(default_factory=list)  # with the stamp under which it was decided
    settled: dict[str, int] = field(default_factory=dict)  # due rows with nothing to do: report → stamp
    gates: dict[str, int] = field(default_factory=dict)  # closed gate → how many reports wait at it


def plan(db: Session, deployment: str, feed: Feed, now: datetime) -> Plan:
    """Ask the gates of everything due, and write the intents to open what passes them."""
    due = feeds.due(db, feed.name, now)
    known = reports.facts(db, [row.report_id for row in due])
    present = feeds.present(db, feed.name, list(known))
    made = Plan(feed)
    passing = {}
    for report_id, facts in known.items():
        verdict = judge(standing_of(facts), feed, now)
        if verdict.is_open and verdict.mode is not None:
            passing[report_id] = verdict.mode
        if report_id in present and _must_go(facts, verdict, present[report_id]):
            made.recalled.append((present[report_id], facts.report.stamp))
        if not verdict.is_open:
            _wait(db, made, facts, verdict)
    passing = _batched(made, passing, known, present)
    revisions = reports.revisions(db, {(one, known[one].report.revision) for one in passing})
    rows = {report_id: revisions[report_id, known[report_id].report.revision] for report_id in passing}
    bundles = gather(db, deployment, [(known[one].report.organisation_id, row) for one, row in rows.items()])
    gone = {presence.report_id for presence, _ in made.recalled}
    for report_id, mode in passing.items():
        paths = frozenset(set(policy_of(feed, mode).allows) & set(rows[report_id].origins))
        warrant = Warrant(report_id, rows[report_id].revision, paths, PURPOSE.format(feed.name))
        presence = None if report_id in gone else present.get(report_id)
        burnt = releases.revoked_ids(db, presence) if presence else frozenset()
        made.leaving.append(
            Leaving(known[report_id], rows[report_id], mode, presence, burnt, bundles[report_id], warrant)
        )
    audit.intend(db, now, CLOCK, [leaving.warrant for leaving in made.leaving])
    return made


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


def _wait(db: Session, made: Plan, facts: Facts, verdict: Verdict) -> None:
    for gate in verdict.gates:
        if not gate.is_passed:
            made.gates[gate.name] = made.gates.get(gate.name, 0) + 1
    if verdict.opens_at is not None:
        feeds.postpone(db, made.feed.name, facts.report.id, verdict.opens_at)
    else:
        # Nothing but a change of the report opens this gate, and every such change queues it again.
        made.settled[facts.report.id] = facts.report.stamp


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

"""Planning a release: every gate is asked, and the intents to open what passes them are written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from feeds.edition import batch
from feeds.eligibility import Verdict, judge
from feeds.feed import Feed
from feeds.overlay import Desk
from feeds.policy import policy_of
from hub.approval import Effective, effective
from hub.opening import Bundle, gather
from hub.roles import CLOCK
from hub.standing import must_go, standing_of
from hub.store import Session, audit, desk, feeds, releases, reports
from hub.store.reports import Facts
from hub.store.tables import Due, Presence, Revision
from hub.warrant import Warrant
from schemas.audience import Mode

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
    stamps: dict[str, int] = field(default_factory=dict)  # under which all of this was decided
    noted: set[str] = field(default_factory=set)  # reports found at another gate than before


def plan(db: Session, deployment: str, feed: Feed, now: datetime, *, recalls_only: bool = False) -> Plan:
    """Ask the gates of everything due, and write the intents to open what passes them.

    With `recalls_only` nothing new leaves: what may not stay goes, ahead of the feed's cadence.
    """
    due = {row.report_id: row for row in feeds.due(db, feed.name, now)}
    known = reports.facts(db, list(due))
    present = feeds.present(db, feed.name, list(known))
    row = feeds.lock(db, feed.name)
    last = row.last_added_at if row else None
    made = Plan(feed, max(now, last + MILLISECOND) if last else now)
    passing = {}
    for report_id, facts in known.items():
        verdict = judge(standing_of(facts), feed, now)
        goes = report_id in present and must_go(facts, verdict, present[report_id].mode)
        if recalls_only and not goes:
            continue
        made.stamps[report_id] = facts.report.stamp
        if verdict.is_open and verdict.mode is not None:
            passing[report_id] = verdict.mode
        else:
            _wait(db, made, due[report_id], verdict)
        if goes:
            made.recalled.append(_shown(db, present.pop(report_id)))
    ready = passing
    passing = {} if recalls_only else _batched(db, made, passing, known, present)
    made.noted |= {one for one in ready.keys() - passing.keys() if due[one].gate != "batch"}
    made.leaving = _leaving(db, deployment, feed, {one: (known[one], mode) for one, mode in passing.items()}, present)
    audit.intend(db, now, CLOCK, [leaving.warrant for leaving in made.leaving])
    return made


def narrowed(db: Session, known: Iterable[Feed], now: datetime) -> set[str]:
    """The feeds that show something which may not stay: withdrawn, or narrowed by its producer."""
    changed = feeds.changed_presences(db, now)
    facts = reports.facts(db, [presence.report_id for presence in changed])
    by_name = {feed.name: feed for feed in known}
    return {
        presence.feed
        for presence in changed
        if must_go(
            facts[presence.report_id],
            judge(standing_of(facts[presence.report_id]), by_name[presence.feed], now),
            presence.mode,
        )
    }


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
    overlays = desk.overlays(db, [facts.report for facts, _ in passing.values()])
    texts, found = desk.texts(db, list(passing)), []
    for report_id, (facts, mode) in passing.items():
        row, overlay = rows[report_id], overlays.get(report_id)
        text = effective(row.clear, texts.get(report_id))
        said = Desk(overlay.asserted if overlay else {}, text.text if text.is_hub else None)
        paths = frozenset(policy_of(feed, mode).allows.keys() & row.origins.keys())
        warrant = Warrant(report_id, row.revision, paths, PURPOSE.format(feed.name))
        shown = _shown(db, present[report_id]) if report_id in present else None
        found.append(Leaving(facts, row, mode, shown, bundles[report_id], warrant, text, said))
    return found


def _wait(db: Session, made: Plan, due: Due, verdict: Verdict) -> None:
    gate = next(gate.name for gate in verdict.gates if not gate.is_passed)
    if due.gate != gate:
        made.noted.add(due.report_id)
    if verdict.opens_at is not None:
        feeds.postpone(db, due, gate, verdict.opens_at)
    else:
        # Nothing but a change of the report opens this gate, and every such change queues it again.
        made.settled[due.report_id] = gate


def _batched(
    db: Session, made: Plan, passing: dict[str, Mode], known: Mapping[str, Facts], present: Mapping[str, Presence]
) -> dict[str, Mode]:
    fresh = {
        report_id: known[report_id].report.organisation_id
        for report_id, mode in passing.items()
        if mode is Mode.REDACTED and report_id not in present
    }
    released = batch(fresh, made.feed.least_organisations)
    feeds.keep_waiting(db, made.feed.name, fresh.keys() - released, "batch")
    return {one: mode for one, mode in passing.items() if one not in fresh or one in released}

"""The path: every gate between a report and each feed, passed or waiting, on what, since when, and what clears it.

1. It asks the gates that a release asks (`feeds.eligibility`), through the same standing; it is not a copy of them.
2. It opens nothing: the lines of the guard and of a batch are what the last release recorded, or `not yet run`.
3. A producer sees its own reports' path, without people's names or other organisations; an analyst sees all.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from feeds.eligibility import Action, Gate, Verdict, batch_gate, judge, opens_at
from feeds.feed import Feed
from hub.cadence import next_instant
from hub.errors import NotFound
from hub.report_view import alive, state_of
from hub.roles import Caller, Capability
from hub.standing import must_go, standing_of
from hub.store import Session, feeds, guard, reports
from hub.store.reports import Facts
from hub.store.tables import Due, GuardVerdict, Presence, Report
from schemas.audience import Mode

MOST_TOLD = 5  # hits that a gate names


@dataclass(frozen=True)
class Way:
    """The way of one report into one feed."""

    feed: Feed
    verdict: Verdict
    gates: tuple[Gate, ...]  # in the order in which they are asked, those of the release among them
    presence: Presence | None  # what the feed shows of it now
    is_recalled: bool  # and whether that may not stay

    @property
    def state(self) -> str:
        """released, waiting, recalled (what the feed shows is about to go) or never (nothing opens the way)."""
        if self.is_recalled:
            return "recalled"
        if any(gate.actions == (Action.NOTHING,) and not gate.is_passed for gate in self.gates):
            return "never"
        return "waiting" if any(not gate.is_passed for gate in self.gates) else "released"

    @property
    def earliest_exit(self) -> datetime | None:
        """When the report leaves if nobody does anything; None if somebody has to, or if it has left."""
        return opens_at(self.gates)


@dataclass(frozen=True)
class Path:
    """The ways of one report, by feed, as of an instant."""

    report: Report
    state: str
    as_of: datetime
    ways: tuple[Way, ...]
    is_own: bool  # asked by its producer: the calls that clear a gate are the producer's first


def path_of(db: Session, caller: Caller, name: str, known: Iterable[Feed], now: datetime) -> Path:
    """The path of a report, by id or reference; raises NotFound for one that the caller may not see."""
    report = reports.by_name(db, name) or reports.husk(db, name)
    sees_all = caller.may(Capability.REPORT_READ)
    if report is None or not (sees_all or report.organisation_id == caller.organisation_id):
        raise NotFound
    alive(report)
    revision = reports.revision(db, report.id, report.revision)
    if revision is None:
        raise NotFound
    facts = reports.facts(db, [report.id])[report.id]
    present, due = feeds.standing_in(db, report.id)
    said = guard.of_report(db, report.id)
    next_at = {row.name: row.next_at for row, _ in feeds.all_feeds(db)}
    ways = tuple(
        _way(
            facts,
            feed,
            now,
            _Place(present.get(feed.name), due.get(feed.name), next_at.get(feed.name), said.get(feed.name)),
        )
        for feed in known
    )
    is_own = report.organisation_id == caller.organisation_id and caller.may(Capability.REPORT_WRITE)
    return Path(report, state_of(report, revision), now, ways, is_own)


@dataclass(frozen=True)
class _Place:
    """Where a report stands before one feed: what it shows, what is due, when it is released next, what was found."""

    presence: Presence | None
    due: Due | None
    next_at: datetime | None
    verdict: GuardVerdict | None


def _way(facts: Facts, feed: Feed, now: datetime, place: _Place) -> Way:
    verdict = judge(standing_of(facts), feed, now)
    presence = place.presence
    is_recalled = presence is not None and must_go(facts, verdict, presence.mode)
    gates = [*verdict.gates, *_batch(feed, verdict, place)]
    gates.append(_guard(facts.report, place))
    gates += _fault(place.due)
    gates += _schedule(feed, gates, now, place)
    return Way(feed, verdict, tuple(gates), presence, is_recalled)


def _batch(feed: Feed, verdict: Verdict, place: _Place) -> Iterator[Gate]:
    """What the last release found of the batch; asked anew here, it would tell when another organisation files."""
    if feed.least_organisations > 1 and verdict.mode is Mode.REDACTED and place.presence is None:
        was_short = place.due is not None and place.due.gate == "batch"
        yield replace(
            batch_gate((), feed.least_organisations, place.due.queued_at if place.due else None),
            is_passed=not was_short,
            is_asked=was_short,
        )


def _guard(report: Report, place: _Place) -> Gate:
    """The guard's last verdict, as far as it is about the report as it stands."""
    verdict = place.verdict
    if verdict is None or not guard.stands(verdict, report, place.due):
        said = "has no verdict on this report yet" if verdict is None else "is asked again: the report changed since"
        return Gate("guard", is_passed=True, is_asked=False, remedy=said)
    if verdict.state == guard.PASSED:
        return Gate("guard", is_passed=True, since=verdict.since)
    remedy = _held(verdict)
    if place.presence is not None:
        remedy += f"; revision {place.presence.revision} stays in the feed meanwhile"
    return Gate("guard", is_passed=False, since=verdict.since, remedy=remedy, actions=(Action.DECIDE,))


def _held(verdict: GuardVerdict) -> str:
    """Why the guard holds a report: fields and rules, never values."""
    if verdict.state == guard.CROWDED:
        return "too-many-held: so many reports of its organisation wait for a decision that this one is not counted yet"
    found = dict.fromkeys(f"{rule} in {name}" + (f" (of {of})" if of else "") for name, rule, of, _ in verdict.hits)
    told = "; ".join([*list(found)[:MOST_TOLD], *(["and more"] if len(found) > MOST_TOLD else [])])
    return f"{'an analyst keeps it in' if verdict.state == guard.KEPT else 'held'}: {told}"


def _fault(due: Due | None) -> Iterator[Gate]:
    if due and due.fault:
        yield Gate("prepared", is_passed=False, since=due.queued_at, remedy=due.fault, actions=(Action.PUBLISH,))


def _schedule(feed: Feed, before: Iterable[Gate], now: datetime, place: _Place) -> Iterator[Gate]:
    """The last gate: the feed's own cadence. What is in the feed and not due has passed it."""
    presence, due = place.presence, place.due
    is_shown = presence is not None and due is None
    opens = [gate.opens_at for gate in before if not gate.is_passed]
    ready = max([now, *(at for at in opens if at is not None)])
    # Without a next instant nobody has run the schedule yet: it is due at the first tick.
    at = place.next_at if place.next_at and place.next_at >= ready else next_instant(feed, ready)
    yield Gate(
        "schedule",
        is_passed=is_shown,
        opens_at=None if is_shown else at,
        since=presence.began_at if presence is not None and is_shown else due.queued_at if due else None,
        remedy="" if is_shown else f"{feed.name} is released next at {at:%Y-%m-%dT%H:%M:%SZ}",
        actions=(Action.WAIT, Action.PUBLISH),
    )

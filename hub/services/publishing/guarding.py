"""The guard in a release: what it is asked, what analysts decided before, and how its verdict is put on record.

1. It is asked only where words leave. Then it is shown every sealed value, identity among them; the projection is not.
2. What analysts decided of the same words in the same field by the same rule stands, for later revisions too.
3. An entry that is held is not composed: what a feed shows of the report stays as it was, unless it is marked below the
   TLP that the report has now. Then it is taken back.
4. Of an organisation so many reports are held before a feed at a time. What is found beyond waits uncounted, and is
   examined again when there is room: nobody floods the analysts, and nothing leaves unexamined.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from feeds.feed import Feed
from feeds.guard import Findings, Hit
from hub.roles import CLOCK
from hub.store import Session, audit, guard
from hub.store.tables import GuardDecision, GuardVerdict
from schemas.audience import INCLUDES, Audience

MOST = 20  # reports of an organisation that are held before a feed, each on record for an analyst
Key = tuple[str, ...]  # of a hit: field, rule, keyed hash


@dataclass(frozen=True)
class Decided:
    """What analysts decided of a report for a feed's audience: hits that may leave, and hits that keep it."""

    released: frozenset[Key] = frozenset()
    kept: frozenset[Key] = frozenset()


@dataclass(frozen=True)
class Examined:
    """What the guard said of one report on its way out."""

    report_id: str
    organisation_id: str
    revision: int
    triage: int
    digest: str
    holds: Sequence[Hit]  # undecided, or kept
    state: str  # as far as one report tells: passed, held or kept
    found: Findings = field(default_factory=Findings)
    before: GuardVerdict | None = None

    @property
    def is_held(self) -> bool:
        """Whether the entry may not leave."""
        return bool(self.holds)

    @property
    def was_held(self) -> bool:
        """Whether an analyst was asked about it before."""
        return self.before is not None and self.before.state == guard.HELD


def decided(rows: Iterable[GuardDecision], feed: Feed) -> Decided:
    """What settled decisions say for a feed: one for an audience is one for those that it includes."""
    released, kept = set[Key](), set[Key]()
    for row in rows:
        if row.settled_at is None or not _reaches(row.audience, feed):
            continue
        hits = {tuple(hit) for hit in row.hits}
        released, kept = (
            (released | hits, kept - hits) if row.decision == guard.RELEASE else (released - hits, kept | hits)
        )
    return Decided(frozenset(released), frozenset(kept))


def _reaches(audience: str, feed: Feed) -> bool:
    if audience in set(Audience):
        # `reference` is read under the marks of `public`, with a grant of its own: it takes a decision of its own.
        return feed.audience in INCLUDES[Audience(audience)]
    return feed.audience == audience


def state_of(holds: Sequence[Hit], kept: AbstractSet[Key]) -> str:
    """Where undecided hits leave a report."""
    if not holds:
        return guard.PASSED
    return guard.KEPT if all(hit.key in kept for hit in holds) else guard.HELD


def record(db: Session, feed: Feed, at: datetime, examined: Iterable[Examined], unchanged: AbstractSet[str]) -> None:
    """Put verdicts on record, within the number that an organisation may have held; tell the audit what is new."""
    # What was held before stays so; of what is new, some are held and the rest is crowded out.
    every = sorted((one for one in examined if one.report_id in unchanged), key=lambda one: not one.was_held)
    counts = guard.held_by(db, feed.name) if any(one.is_held for one in every) else {}
    rows = []
    for one in every:
        row = _row(feed, at, one, one.state)
        if one.state == guard.HELD:
            counts[one.organisation_id] = counts.get(one.organisation_id, 0) + 1
            if counts[one.organisation_id] > MOST and not one.was_held:
                row = _row(feed, at, one, guard.CROWDED)
        if row["state"] != guard.PASSED and _is_new(row, one.before):
            said = {"feed": feed.name, "revision": one.revision, "state": row["state"]}
            audit.append(db, at, CLOCK, "guard.hold", one.report_id, **said, hits=[hit[:3] for hit in row["hits"]])
        rows.append(row)
    guard.put(db, rows)


def _row(feed: Feed, at: datetime, one: Examined, state: str) -> dict[str, Any]:
    # Beyond the number nothing is told of what was found: an analyst who reads it would have to decide about it.
    hits = [] if state == guard.CROWDED else one.holds or one.found.holds
    row = {
        "feed": feed.name,
        "report_id": one.report_id,
        "revision": one.revision,
        "triage": one.triage,
        "digest": one.digest,
        "state": state,
        "hits": [_written(hit) for hit in hits],
        "warnings": [_written(hit) for hit in one.found.warnings],
        "at": at,
    }
    before = one.before
    return {**row, "since": before.since if before and not _is_new(row, before) else at}


def _written(hit: Hit) -> list[str]:
    return [hit.field, hit.rule, hit.of, hit.code]


def _is_new(row: Mapping[str, Any], before: GuardVerdict | None) -> bool:
    return before is None or (before.state, before.hits) != (row["state"], row["hits"])

"""What another policy of a feed would show of the reports that are here: counted over the whole store.

1. It asks the gates that a release asks, under the old and the new policy, and changes nothing. It opens nothing: which
   fields a report holds is known without their values; what analysts say of it, or wrote for release, lies in clear.
2. Counted is who would see it once every batch is full and the clock has opened what it opens; not what waits today for
   its schedule.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from feeds.eligibility import judge
from feeds.feed import Feed
from feeds.policy import policy_of
from feeds.transforms import coarser
from feeds.widening import WITHHELD
from hub.report_view import held_paths
from hub.standing import standing_of
from hub.store import Session, desk, feeds, reports
from hub.store.tables import ReleaseText, Triage
from schemas.anatomy import LEAVES, present
from schemas.audience import Mode

NOWHERE = "not in it"
Way = tuple[str, str]  # before, after


@dataclass
class Revealed:
    """How many reports go which way, and which fields are shown otherwise in how many of them."""

    reports: int = 0
    ways: Counter[Way] = field(default_factory=Counter)
    fields: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # path, before, after


def revealed(db: Session, old: Feed | None, new: Feed, now: datetime) -> Revealed:
    """What would change for the reports of this store."""
    found, after = Revealed(), ""
    while batch := feeds.living(db, after):
        after = batch[-1]
        facts = reports.facts(db, batch)
        rows = reports.revisions(db, {(one, facts[one].report.revision) for one in facts})
        overlays, texts = desk.overlays(db, [one.report for one in facts.values()]), desk.texts(db, list(facts))
        for (report_id, _), row in rows.items():
            standing = standing_of(facts[report_id])
            before, becomes = (judge(standing, one, now) if one else None for one in (old, new))
            was = before.mode if before and before.is_open else None
            will = becomes.mode if becomes and becomes.is_open else None
            found.reports += 1
            found.ways[_named(was), _named(will)] += 1
            held = {*held_paths(row.clear, row.origins), *_said(overlays.get(report_id), texts.get(report_id))}
            _count(found, held, _shows(old, was), _shows(new, will))
    return found


def _said(overlay: Triage | None, text: ReleaseText | None) -> Iterable[str]:
    """The fields that analysts' words are in."""
    asserted = present(overlay.asserted) if overlay else ()
    return {*asserted, *(f"for_release.{name}" for name in (text.text if text else ()))}


def _named(mode: Mode | None) -> str:
    return NOWHERE if mode is None else {Mode.WRITTEN: "as written", Mode.REDACTED: "redacted"}[mode]


def _shows(feed: Feed | None, mode: Mode | None) -> Mapping[str, str]:
    return policy_of(feed, mode).allows if feed is not None and mode is not None else {}


def _count(found: Revealed, held: Iterable[str], before: Mapping[str, str], after: Mapping[str, str]) -> None:
    for path in held:
        was, becomes = before.get(path, WITHHELD), after.get(path, WITHHELD)
        if becomes not in {was, WITHHELD} and becomes not in coarser(LEAVES[path], was):
            found.fields[path, was, becomes] += 1

"""The tally of a feed: what a release takes from it and adds, from the carriers before and after.

May not: count anything that the release does not show. One publisher at a time, and the feed's row is locked: no two
releases change one tally at once.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping

from feeds.edition import Version
from feeds.entry import CARRIER
from feeds.statistics import Count, counted
from hub.errors import told
from hub.services.publishing.gathering import Shown
from hub.services.publishing.planning import Plan
from hub.store import Session, statistics
from hub.store.feeds import Named

log = logging.getLogger(__name__)
Written = Iterable[tuple[Version, Named | None]]


def tally(db: Session, plan: Plan, written: Written) -> None:
    """Bring the feed's tally to what its live entries are after these versions."""
    shown = [*plan.recalled, *(leaving.shown for leaving in plan.leaving if leaving.shown)]
    before = {_name(one.presence): _carrier(one) for one in shown}
    changes: Counter[Count] = Counter()
    for version, presence in written:
        if presence is None or version.kind != CARRIER:
            continue
        _take(changes, before, presence)
        if not version.is_revoked:
            changes.update(counted(version.content))
    statistics.add(db, plan.feed.name, changes)


def _take(changes: Counter[Count], before: Mapping[tuple[str, int], bytes | None], presence: Named) -> None:
    content = before.get(_name(presence))
    if content is None:
        return
    try:
        changes.subtract(counted(content))
    except Exception as wrong:  # noqa: BLE001 - whatever damaged bytes come to: a count is no reason to keep them
        log.error("not taken from the tally of %s: %s", presence.feed, told(wrong))  # noqa: TRY400


def _name(presence: Named) -> tuple[str, int]:
    return presence.report_id, presence.generation


def _carrier(shown: Shown) -> bytes | None:
    return next((content for stix_id, content in shown.live.items() if stix_id.startswith(f"{CARRIER}--")), None)

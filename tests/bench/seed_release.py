"""What happens in the seed beside filing: people, and releases of its first reports through the real publisher."""

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from operator import add as _add
from pathlib import Path

from feeds.feed import IMPORTS, REPORTS
from hub import rounds
from hub.roles import Act, shell
from hub.services import analysis, membership
from hub.services.analysis import Word
from hub.services.membership import Reading, Wanted
from hub.store import Session, feeds, organisations
from hub.store.tables import Organisation
from hub.wiring import Hub, now
from tests.bench.seed_reports import FIRST, LAST, ORGANISATIONS, SOURCES, Seed, Told, tell
from tests.bench.seed_rows import APPROVED, organisation_id

SLICE = 1_000  # reports a release
STAFF = "Hub staff"
READERS = {
    "member": ("members", "public", "reference"),
    "researcher": ("researchers", "public", "reference"),
    "insider": ("trusted",),
}


def people(hub: Hub, seed: Seed) -> None:
    """Add the organisations, and tokens of each role, which go to `tokens.json` beside the home. Harmless to repeat."""
    place = hub.config.home.parent / "tokens.json"
    if place.exists():
        return
    act = Act(shell("seed"), now())
    tokens: dict[str, str] = {}

    def work(db: Session) -> None:
        for row in _organisations(seed):
            if organisations.find(db, row.id) is None:
                organisations.add(db, row)
        staff = organisations.find(db, STAFF) or membership.add(db, act, STAFF)
        for role in ("analyst", "operator", "auditor"):
            tokens[role] = membership.issue(db, act, staff.id, Wanted([role])).text
        first = organisation_id(seed, 0, is_source=False)
        tokens["producer"] = membership.issue(db, act, first, Wanted(["producer"])).text
        for reader, audiences in READERS.items():
            own = membership.add(db, act, f"A {reader}'s organisation").id
            role = "researcher" if reader == "researcher" else "member"
            tokens[reader] = membership.issue(db, act, own, Wanted([role])).text
            for audience in audiences:
                reading = Reading(audience, act.at + timedelta(days=900))
                membership.grant(db, act, own, reading, {one.name for one in hub.feeds()})

    hub.store.write(work)
    place.touch(mode=0o600)
    place.write_text(json.dumps(tokens, indent=2))


def _organisations(seed: Seed) -> Iterator[Organisation]:
    for number in range(ORGANISATIONS):
        approved_at = FIRST if number < APPROVED else None
        own = organisation_id(seed, number, is_source=False)
        yield Organisation(id=own, name=f"Organisation {number:03}", approved_at=approved_at, created_at=FIRST)
    for number, source in enumerate(SOURCES):
        own = organisation_id(seed, number, is_source=True)
        yield Organisation(id=own, name=f"{source} (public source)", is_source=True, created_at=FIRST)


def release(hub: Hub, seed: Seed, progress: Path) -> Iterator[int]:
    """Release the first reports, some at a time; how many are over.

    A slice that was interrupted is begun again: its gates are asked anew, and what left does not leave twice.
    """
    over = json.loads(progress.read_text()) if progress.exists() else 0
    yield over
    for start in range(over, seed.released, SLICE):
        end = min(start + SLICE, seed.released)
        hub.clock = partial(_add, LAST, timedelta(minutes=end))
        told = [tell(seed, number) for number in range(start, end)]
        hub.store.write(partial(_queue, hub, told))
        hub.store.write(partial(_accept, hub, told))
        rounds.publish_all(hub, hub.feeds())
        progress.write_text(json.dumps(end))
        yield end


def _queue(hub: Hub, told: list[Told], db: Session) -> None:
    for is_import, kind in ((True, IMPORTS), (False, REPORTS)):
        names = [feed.name for feed in hub.feeds() if kind in feed.carries]
        ids = [one.id for one in told if one.is_import is is_import and one.withdrawn_at is None]
        feeds.queue(db, ids, names, hub.clock())


def _accept(hub: Hub, told: list[Told], db: Session) -> None:
    carrying = [feed.name for feed in hub.feeds() if REPORTS in feed.carries]
    act = Act(shell("seed"), hub.clock())
    for one in told:
        if one.withdrawn_at is None and one.organisation < APPROVED:
            for audience in one.accepted:
                analysis.accept_report(db, act, one.id, Word(audience), carrying)

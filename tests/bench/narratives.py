"""Admitted narratives in bulk: sealed by the real sealer, re-wrapped as admission does, inserted as rows."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from hub.report_view import columns
from hub.seal import Place, frame, unwrap_from_intake, wrap_under
from hub.sealing import Carried, SealedRevision, seal_revision
from hub.store.tables import DataKey, Report, Revision, SearchRow
from schemas.anatomy import divide
from tests.conftest import World
from tests.factories import a_report

BATCH = 1000
TEXT = (
    "agent model tool prompt system output user session memory retrieval plan step call order table account access "
    "token page file letter answer request reviewer operator refused asked wrote deleted sent opened returned copied "
    "again before after without because although while until instead production staging test customer database the a "
    "an of to in on with for from by it its that this was were had been not no every second third"
)
WORDS = TEXT.split()
RARE, EVERY = "quokkas", 500
POINTERS = ["/title", "/description", "/systems/0/name"]
Row = dict[str, Any]


def a_narrative(seed: random.Random, at: int) -> str:
    """Some 300 to 2,500 characters; one in 500 speaks of something rare."""
    words = seed.choices(WORDS, k=seed.randrange(50, 400))
    if at % EVERY == 0:
        words.insert(len(words) // 2, RARE)
    return " ".join(words)


def fill(world: World, organisation_id: str, count: int) -> None:
    """Put so many admitted reports into a hub."""
    seed, begun = random.Random(7), world.clock() - timedelta(seconds=count)
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        _insert(world, [_rows(world, organisation_id, seed, at, begun + timedelta(seconds=at)) for at in numbers])
    with world.hub.store.writing() as db:  # as autovacuum does, a minute later
        db.connection().exec_driver_sql("ANALYZE")


def _insert(world: World, rows: Iterable[tuple[Row, Row, Row, Row]]) -> None:
    with world.hub.store.writing() as db:
        for table, some in zip((Report, Revision, DataKey, SearchRow), zip(*rows, strict=True), strict=True):
            db.connection().execute(insert(table), list(some))


def _rows(
    world: World, organisation_id: str, seed: random.Random, at: int, filed_at: datetime
) -> tuple[Row, Row, Row, Row]:
    report_id = str(UUID(int=seed.getrandbits(128), version=4))
    divided = divide(a_report(title=f"Report number {at}", description=a_narrative(seed, at), tlp="amber+strict"))
    place = Place(world.hub.deployment.uid, organisation_id, report_id, 1)
    sealed = seal_revision(world.hub.sealer, place, divided, Carried())
    report = {
        "id": report_id, "organisation_id": organisation_id, "ref": f"R-{at:08}", "revision": 1, "filed_at": filed_at,
        "filed_code": b"", "upserted_code": b"", "stamp": 1, "indexed_stamp": 1, "is_import": False, "triage": 0,
        **columns(divided.clear),
    }  # fmt: skip
    revision = {
        "report_id": report_id, "revision": 1, "filed_at": filed_at, "filed_by": "bench", "clear": sealed.clear,
        "sealed": frame(sealed.blobs), "sealed_pointers": POINTERS, "origins": sealed.origins, "completeness": {},
        "manifest": sealed.manifest, "signature": sealed.signature, "admitted_at": filed_at,
    }  # fmt: skip
    found = {
        "number": at + 1, "report_id": report_id, "organisation_id": organisation_id, "filed_at": filed_at,
        "revised_at": filed_at, "aware_at": filed_at, "severity": 0,
    }  # fmt: skip
    return report, revision, _key(world, place, sealed), found


def _key(world: World, place: Place, sealed: SealedRevision) -> Row:
    epoch = world.hub.keyring.epochs[sealed.epoch]
    dek = unwrap_from_intake(epoch.private_key, sealed.wrapped["report"], place, "report")
    wrapped = wrap_under(epoch.kek, dek, place, "report")
    whose = {"report_id": place.report, "revision": 1, "purpose": "report"}
    return {**whose, "epoch": epoch.number, "is_admitted": True, "wrapped": wrapped}

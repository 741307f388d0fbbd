"""A rotation under live reads, killed again and again: what fails, what changes, what is left behind."""

import hashlib
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text
from sqlmodel import col, select

from hub import rotating, seal
from hub.errors import Tampered
from hub.report_view import columns
from hub.seal import Place
from hub.services import rotation
from hub.store.tables import DataKey, Report, Revision
from schemas.anatomy import divide
from tests.conftest import World
from tests.factories import a_report
from tests.servers import ROOT, environment

REVISIONS = 10  # of each report, each with a data key of its own
BATCH = 500  # reports
FIELD = "title"
SAMPLE = 5  # reports that a live read opens


@dataclass
class Reads:
    """What the live readers saw."""

    done: int = 0
    failed: list[str] = field(default_factory=list)
    longest: float = 0.0  # seconds


@dataclass(frozen=True)
class Rotated:
    """What is left after so many kills."""

    keys: int
    kills: int  # of a process that was at work or coming up
    at_work: int  # of them, while it had moved keys
    reads: Reads
    left: int  # keys under the old epoch
    changed: int  # 0: no byte of any revision differs
    unopened: int  # keys that do not unwrap under the new epoch
    seconds: float


def fill(world: World, keys: int, seed: int) -> list[str]:
    """Reports with that many admitted data keys, each over a sealed value; their ids."""
    hub, chance = world.hub, random.Random(seed)
    owner, at = world.ids["The producer's organisation"], world.clock()
    epoch, ids = hub.keyring.epochs[1], []
    clear = divide(a_report()).clear
    for start in range(0, keys // REVISIONS, BATCH):
        reports, revisions, held = [], [], []
        for number in range(start, min(start + BATCH, keys // REVISIONS)):
            report_id = str(UUID(int=chance.getrandbits(128), version=4))
            ids.append(report_id)
            reports.append(_report(report_id, owner, number, at))
            for revision in range(1, REVISIONS + 1):
                place, dek = Place(hub.deployment.uid, owner, report_id, revision), chance.randbytes(32)
                framed = seal.frame({FIELD: seal.seal_field(dek, place, FIELD, f"{report_id} {revision}")})
                of = {"report_id": report_id, "revision": revision}
                revisions.append({**of, **_empty(at, clear), "sealed": framed, "origins": {FIELD: revision}})
                wrapped = seal.wrap_under(epoch.kek, dek, place, "report")
                held.append({**of, "purpose": "report", "epoch": 1, "is_admitted": True, "wrapped": wrapped})
        with hub.store.writing() as db:
            for table, rows in ((Report, reports), (Revision, revisions), (DataKey, held)):
                db.connection().execute(insert(table), rows)
    return ids


def _report(report_id: str, owner: str, number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": report_id, "organisation_id": owner, "ref": f"R-{number:08}", "revision": REVISIONS, "filed_at": at,
        "filed_code": b"", "upserted_code": b"", "stamp": 1, "indexed_stamp": 1, "is_import": False, "triage": 0,
        **columns(divide(a_report(tlp="amber+strict")).clear),
    }  # fmt: skip


def _empty(at: datetime, clear: dict[str, Any]) -> dict[str, Any]:
    return {
        "filed_at": at, "filed_by": "bench", "clear": clear, "sealed_pointers": [], "completeness": {}, "manifest": b"",
        "signature": b"", "admitted_at": at,
    }  # fmt: skip


def digest(world: World) -> str:
    """A digest over every revision, byte for byte."""
    found = hashlib.sha256()
    with world.hub.store.snapshot() as db:
        asked = text(
            "SELECT report_id, revision, sealed, manifest, signature FROM revision ORDER BY report_id, revision"
        )
        for row in db.connection().execution_options(yield_per=5000).execute(asked):
            found.update(repr(row[:2]).encode() + bytes(row[2]) + bytes(row[3]) + bytes(row[4]))
    return found.hexdigest()


@contextmanager
def reading(world: World, ids: list[str], readers: int) -> Iterator[Reads]:
    """Readers that open reports without pause, as a process that runs all the while."""
    seen, is_over, lock = Reads(), threading.Event(), threading.Lock()

    def read(chance: random.Random) -> None:
        while not is_over.is_set():
            began = time.perf_counter()
            try:
                count = _open(world, chance.sample(ids, SAMPLE))
            except Exception as wrong:  # noqa: BLE001 - every failure is what this counts
                seen.failed.append(repr(wrong))
                continue
            with lock:
                seen.done, seen.longest = seen.done + count, max(seen.longest, time.perf_counter() - began)
            is_over.wait(0.005)  # the work is the rotation's: two cores are shared

    threads = [threading.Thread(target=read, args=(random.Random(number),)) for number in range(readers)]
    for one in threads:
        one.start()
    try:
        yield seen
    finally:
        is_over.set()
        for one in threads:
            one.join()


def _open(world: World, ids: list[str]) -> int:
    hub = world.hub
    with hub.store.reading() as db:
        rows = db.exec(
            select(Revision, DataKey, Report.organisation_id)
            .join(
                DataKey, (col(DataKey.report_id) == Revision.report_id) & (col(DataKey.revision) == Revision.revision)
            )
            .join(Report, col(Report.id) == Revision.report_id)
            .where(col(Revision.report_id).in_(ids))
        ).all()
    keyring = hub.keyring
    for row, key, owner in rows:
        place = Place(hub.deployment.uid, owner, row.report_id, row.revision)
        dek = seal.unwrap_under(keyring.epochs[key.epoch].kek, key.wrapped, place, "report")
        assert seal.open_field(dek, place, FIELD, seal.unframe(row.sealed)[FIELD]) == f"{row.report_id} {row.revision}"
    assert len(rows) == REVISIONS * len(ids)
    return len(rows)


def rotate_under_kills(world: World, ids: list[str], kills: int, seed: int, most: float) -> Rotated:
    """Rotate everything in a process of its own, killed (-9) at random moments; the one after the last kill ends it."""
    chance, hub = random.Random(seed), world.hub
    before, began = digest(world), time.monotonic()
    words = [sys.executable, "-m", "hub", "keys", "rotate", "--resume"]
    variables = {"HUB_HOME": str(hub.config.home), "HUB_DATABASE_URL": hub.config.database_url}
    at_work = 0
    with reading(world, ids, 2) as seen:
        hub.clock = lambda: datetime.now(UTC)
        goal = rotating.add_by_clock(hub, hub.clock() - rotation.KNOWN - timedelta(seconds=1), erases=False)
        for number in range(kills):
            left = _under_old(world, goal)
            child = subprocess.Popen(words, env=environment(**variables), cwd=ROOT, stderr=subprocess.DEVNULL)
            while left and number % 2 and child.poll() is None and _under_old(world, goal) == left:
                time.sleep(0.1)  # every other one dies at work, however slowly this machine starts it
            time.sleep(chance.uniform(0.6, most))  # the moment of death is the input here
            child.kill()
            child.wait()
            at_work += _under_old(world, goal) < left
        told = environment(**variables)
        done = subprocess.run(words, env=told, cwd=ROOT, capture_output=True, text=True, timeout=3000, check=False)
        assert done.returncode == 0, done.stderr
    seconds = time.monotonic() - began
    return Rotated(
        len(ids) * REVISIONS, kills, at_work, seen, _under_old(world, goal), digest(world) != before, _unopened(world),
        seconds,
    )  # fmt: skip


def _under_old(world: World, goal: int) -> int:
    with world.hub.store.reading() as db:
        asked = text("SELECT count(*) FROM data_key WHERE epoch < :goal")
        return int(db.connection().execute(asked, {"goal": goal}).scalar_one())


def _unopened(world: World) -> int:
    """How many data keys do not unwrap under the epoch that they name: every one is tried."""
    hub, found = world.hub, 0
    keyring = hub.keyring
    with hub.store.snapshot() as db:
        owners = dict(db.execute(select(Report.id, Report.organisation_id)).all())
        asked = text("SELECT report_id, revision, purpose, epoch, wrapped FROM data_key")
        for row in db.connection().execution_options(yield_per=5000).execute(asked):
            place = Place(hub.deployment.uid, owners[row[0]], row[0], row[1])
            try:
                seal.unwrap_under(keyring.epochs[row[3]].kek, bytes(row[4]), place, row[2])
            except (Tampered, KeyError):
                found += 1
    return found


def in_memory(world: World, count: int) -> float:
    """Seconds of one core to unwrap and wrap one data key, with nothing else: the median of five runs."""
    epoch, new, place = world.hub.keyring.epochs[1], seal.new_key(), Place(world.hub.deployment.uid, "o", "r", 1)
    held = [seal.wrap_under(epoch.kek, seal.new_key(), place, "report") for _ in range(count)]
    runs = []
    for _ in range(5):
        began = time.process_time()
        for wrapped in held:
            seal.wrap_under(new, seal.unwrap_under(epoch.kek, wrapped, place, "report"), place, "report")
        runs.append((time.process_time() - began) / count)
    return sorted(runs)[2]


def in_store(world: World) -> float:
    """Seconds of one core to rotate one data key with reading and writing, all of them, in this process."""
    hub = world.hub
    rotating.add_by_clock(hub, hub.clock() - rotation.KNOWN - timedelta(seconds=1), erases=False)
    began = time.process_time()
    rotating.turn(hub, 36000)
    assert hub.walk is not None
    return (time.process_time() - began) / hub.walk.moved

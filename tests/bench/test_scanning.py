"""What it costs to look for words in sealed text: opening the same bytes in memory is the measure.

The bare loop takes every sealed title and description out of memory, with its place at hand, and does what nobody can
leave out, by the functions of `hub.seal`: unwrap the data key, derive the field's, open, decode, fold, `in`. The
service also searches, reads pages and rows from the database, writes intent and outcome, and keeps the cursor.

Both run in turns in one process, and both its CPU time and wall time are compared; the medians of the turns, because
wall time also tells of what else the machine does. PostgreSQL's CPU time, in another process, is told beside them.
"""

import gc
import os
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import text

from hub.predicate import predicate
from hub.roles import Act, Capability, shell
from hub.seal import Place, open_field, unframe, unwrap_under
from hub.services import scanning, search
from hub.store import unsealing
from tests.bench.narratives import EVERY, RARE, fill
from tests.conftest import make_world
from tests.page import write
from tests.postgres import fresh_database

pytestmark = pytest.mark.bench
PAGE, TURNS, LIMIT = 5_000, 5, 2.0
ANALYST = shell("bench", "", Capability.REPORT_READ)
COLUMNS = ("what", "against", "CPU", "with the server's CPU", "wall", "wanted")
FIELDS = ("description", "title")


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def world(request, tmp_path):
    if request.param == "SQLite":
        made = make_world(tmp_path)
        yield made
        made.hub.store.close()
        return
    with fresh_database(request.getfixturevalue("cluster")) as url:
        made = make_world(tmp_path, url)
        yield made
        made.hub.store.close()


@dataclass(frozen=True)
class Cost:
    """What a turn took, in seconds."""

    cpu: float
    server: float
    wall: float


def measured(work, served_by):
    begun = time.process_time(), served_by(), time.perf_counter()
    work()
    ended = time.process_time(), served_by(), time.perf_counter()
    return Cost(*(after - before for before, after in zip(begun, ended, strict=True)))


def server_cpu(world):
    """Tells the CPU seconds of the database's process that serves this one, where it is another one on this machine."""
    if world.hub.store.engine.dialect.name == "sqlite":
        return lambda: 0.0
    with world.hub.store.reading() as db:
        place = Path("/proc") / str(db.connection().execute(text("SELECT pg_backend_pid()")).scalar_one()) / "stat"

    def told():
        words = place.read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")  # proc(5): utime, stime

    return told


def pages(world):
    """Every page of candidates."""
    asked, cursor = search.asked(ANALYST, "", "newest"), None
    while True:
        with world.hub.store.snapshot() as db:
            found = search.select(db, ANALYST, asked, cursor, PAGE)
            page = scanning.named(db, found.report_ids)
        yield page
        cursor = found.next
        if cursor is None:
            return


def scan_all(world):
    """Page after page through the service, to the end; how many were found."""
    hub, act, found = world.hub, Act(ANALYST, world.clock()), 0
    sought = scanning.Sought(predicate(RARE), "measuring what a scan costs", limit=PAGE)
    for page in pages(world):
        scan = hub.store.write(lambda db, page=page: scanning.intend(db, hub.keyring, act, page, sought))
        with hub.store.reading() as db:
            done = scanning.carry_out(db, hub.keyring, hub.deployment.uid, scan)
        hub.store.write(lambda db, done=done: scanning.record(db, act, done))
        assert (done.faults, done.opened) == ([], len(page))
        found += len(done.finds)
    return found


def in_memory(world):
    """Everything that the bare loop takes: place, wrapped key, ciphertexts."""
    uid, found = world.hub.deployment.uid, []
    for page in pages(world):
        with world.hub.store.reading() as db:
            shelf = unsealing.shelf(db, uid, page)
        for one in page:
            row = shelf.rows[one.report_id, 1]
            blobs = unframe(row.ciphertexts)
            held = [(path, blobs[path]) for path in FIELDS]
            found.append((Place(uid, one.owner, one.report_id, 1), row.wrapped, held))
    return found


def bare(kek, held):
    """Unwrap, open, decode, fold, `in`; how many were found."""
    found = 0
    for place, wrapped, blobs in held:
        dek = unwrap_under(kek, wrapped, place, "report")
        texts = [text for path, blob in blobs for text in open_field(dek, place, path, blob).values()]
        found += any(RARE in text.casefold() for text in texts)
    return found


def test_a_scan_costs_at_most_twice_its_cryptography(world, request):
    count = request.config.getoption("--narratives")
    fill(world, world.ids["The producer's organisation"], count)
    held, kek = in_memory(world), world.hub.keyring.epochs[1].kek
    assert len(held) == count
    assert scan_all(world) == bare(kek, held) == -(-count // EVERY)
    gc.collect()
    gc.freeze()  # what is held for the bare loop is no process's of the hub; walking it would slow the other
    served_by = server_cpu(world)
    turns = [
        (measured(lambda: scan_all(world), served_by), measured(lambda: bare(kek, held), served_by))
        for _ in range(TURNS)
    ]
    gc.unfreeze()
    ratio = median(own.cpu / other.cpu for own, other in turns)
    whole = median((own.cpu + own.server) / other.cpu for own, other in turns)
    wall = median(own.wall / other.wall for own, other in turns)
    engine = request.node.callspec.params["world"]
    told = (
        f"{count:,} admitted reports, title and narrative of each opened; medians of {TURNS} turns, CPU time of the "
        f"process that opens. Here {count / median(own.cpu for own, _ in turns):,.0f} a CPU second, bare "
        f"{count / median(other.cpu for _, other in turns):,.0f}; load {os.getloadavg()[0]:.1f} on "
        f"{os.cpu_count()} cores."
    )
    row = (
        f"scan {count:,} narratives",
        "open them in memory",
        *(f"{one:.2f}" for one in (ratio, whole, wall)),
        f"≤ {LIMIT:.0f}",
    )
    command = f'make bench ARGS="--narratives {count} -k scanning"'
    print(write(f"Scanning sealed text on {engine}", command, told, COLUMNS, [row]))
    assert ratio <= LIMIT
    assert wall <= LIMIT

"""What it costs to look for words in sealed text: opening the same bytes in memory is the measure.

The bare loop takes every sealed title and description out of memory, with its place at hand, and does what nobody can
leave out: unwrap the data key, derive the field's, open, decode, `in`. The service also reads pages and rows from the
database, writes intent and outcome, folds case and keeps the cursor.
"""

import gc

import pytest

from hub.predicate import predicate
from hub.roles import Act, shell
from hub.seal import Place, open_field, unframe, unwrap_under
from hub.services import scanning
from hub.store import unsealing
from tests.bench.narratives import EVERY, RARE, fill
from tests.bench.ratio import COLUMNS, compare
from tests.conftest import make_world
from tests.page import write
from tests.postgres import fresh_database

pytestmark = pytest.mark.bench
PAGE, TURNS, LIMIT = 5_000, 5, 2.0
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


def scan_all(world):
    """Page after page through the service, to the end; how many were found."""
    hub, before, found = world.hub, None, 0
    act = Act(shell("bench"), world.clock())
    sought = scanning.Sought(predicate(RARE), "measuring what a scan costs", limit=PAGE)
    while True:
        with hub.store.reading() as db:
            candidates = scanning.newest(db, before, PAGE + 1)
        page = candidates[:PAGE]
        scan = hub.store.write(lambda db, page=page: scanning.intend(db, hub.keyring, act, page, sought))
        with hub.store.reading() as db:
            done = scanning.carry_out(db, hub.keyring, hub.deployment.uid, scan)
        hub.store.write(lambda db, done=done: scanning.record(db, act, done))
        assert (done.faults, done.opened) == ([], len(page))
        found += len(done.finds)
        if len(candidates) <= PAGE:
            return found
        before = (page[-1].filed_at, page[-1].report_id)


def in_memory(world, count):
    """Everything that the bare loop takes: place, wrapped key, ciphertexts."""
    uid = world.hub.deployment.uid
    with world.hub.store.reading() as db:
        every, found = scanning.newest(db, None, count), []
        for start in range(0, count, PAGE):
            some = every[start : start + PAGE]
            shelf = unsealing.shelf(db, uid, some)
            for one in some:
                row = shelf.rows[one.report_id, 1]
                blobs = unframe(row.ciphertexts)
                held = [(path, blobs[path]) for path in FIELDS]
                found.append((Place(uid, one.owner, one.report_id, 1), row.wrapped, held))
    return found


def bare(kek, held):
    """Unwrap, open, decode, `in`; how many were found."""
    found = 0
    for place, wrapped, blobs in held:
        dek = unwrap_under(kek, wrapped, place, "report")
        found += any(RARE in text for path, blob in blobs for text in open_field(dek, place, path, blob).values())
    return found


def test_a_scan_costs_at_most_twice_its_cryptography(world, request):
    count = request.config.getoption("--narratives")
    fill(world, world.ids["The producer's organisation"], count)
    held, kek = in_memory(world, count), world.hub.keyring.epochs[1].kek
    assert scan_all(world) == bare(kek, held) == -(-count // EVERY)
    gc.collect()
    gc.freeze()  # what is held for the bare loop is no process's of the hub; walking it would slow the other
    engine = request.node.callspec.params["world"]
    name = f"scan {count:,} narratives on {engine}"
    ratio = compare(name, lambda: scan_all(world), "open them in memory", lambda: bare(kek, held), turns=TURNS)
    gc.unfreeze()
    speed = f"{count / ratio.own:,.0f} scanned a second here"
    told = f"{count:,} admitted reports, title and narrative of each opened; {speed}."
    print(write(f"Scanning sealed text on {engine}", "make bench", told, COLUMNS, [ratio.row]))
    assert ratio.value <= LIMIT

"""A million data keys rotated under live reads, and killed a hundred times: the counts that docs/figures.md shows."""

import os
import time

import pytest

from tests.page import write
from tests.rotating_run import fill, in_memory, in_store, rotate_under_kills
from tests.servers import living_world

pytestmark = pytest.mark.figures
KEYS = int(os.environ.get("HUB_TEST_KEYS", "1000000"))
KILLS = 100
COMMAND = "make figures"


def test_a_million_keys_rotate_under_reads_and_kills(tmp_path):
    world = living_world(tmp_path)
    world.enrol("producer")
    began = time.monotonic()
    ids = fill(world, KEYS, seed=5)
    filled = time.monotonic() - began
    found = rotate_under_kills(world, ids, KILLS, seed=6, most=2.2)
    bare, whole = in_memory(world, 20_000), in_store(world)
    rows = [
        ("data keys", f"{found.keys:,}"),
        ("`kill -9` of `hub keys rotate --resume` at random moments", found.kills),
        ("of them after it had moved keys", found.at_work),
        ("sealed values that two readers opened meanwhile", f"{found.reads.done:,}"),
        ("failed reads", len(found.reads.failed)),
        ("slowest read of 50 values, ms", round(found.reads.longest * 1000)),
        ("data keys left under the old epoch", found.left),
        ("data keys that do not unwrap afterwards (each tried)", found.unopened),
        ("revisions whose bytes changed (digest over all)", found.changed),
        ("data keys a second and core, with reading, compare-and-set and commits", f"{1 / whole:,.0f}"),
        ("bare unwrap and wrap in memory, a second and core", f"{1 / bare:,.0f}"),
        ("CPU of a rotation in terms of bare unwrap and wrap", f"{whole / bare:.1f}"),
        ("seconds, with the start-ups of killed processes", round(found.seconds)),
        ("seconds to make the store", round(filled)),
    ]
    told = (
        "SQLite. Ten revisions a report, each with a data key and a sealed value. Readers are threads of one process"
        " that runs all the while and learns of the new epoch by itself; the killed process is another."
    )
    print(write("Data keys rotated", COMMAND, told, ("what", "count"), rows))
    assert (found.reads.failed, found.left, found.unopened, found.changed) == ([], 0, 0, 0)
    assert found.reads.done > 0
    assert found.at_work > 0

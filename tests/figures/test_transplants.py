"""Ciphertexts moved, bits flipped, rows forged: the counts that docs/figures.md shows."""

from collections import Counter

import pytest

from hub import rounds
from tests.page import write
from tests.servers import living_world
from tests.transplanting import accepted, flips, forge, loot, opens, transplants

pytestmark = pytest.mark.figures
TRANSPLANTS, VALUES, FORGED = 10_000, 200, 1_000
COMMAND = "make figures"


def test_nothing_opens_where_it_does_not_belong(tmp_path):
    world = living_world(tmp_path)
    world.enrol("producer")
    found = loot(world, 40)
    assert all(opens(one) for one in found)
    tried, taken = transplants(found, TRANSPLANTS, seed=1)
    flipped, survived = flips(VALUES)
    world.release()
    forged = forge(world, FORGED, seed=2)
    rounds.admit_all(world.hub)
    believed = accepted(world, forged)
    rows = [
        *((f"moved: {kind}", f"{count:,}", taken.count(kind)) for kind, count in sorted(tried.items())),
        ("moved, in all", f"{tried.total():,}", len(taken)),
        (f"bits flipped, all of {VALUES} sealed values, one at a time", f"{flipped:,}", survived),
        *((f"forged: {kind}", count, _of(kind, believed)) for kind, count in Counter(o.kind for o in forged).items()),
        ("forged rows, in all", f"{len(forged):,}", len(believed)),
    ]
    told = (
        "Each moved value is tried by the field's key, by its wrapped key and in the way of a scan. Forged rows are put"
        " in past the program: with the public key, copies of genuine rows, any column at will."
    )
    print(write("Ciphertexts moved, flipped and forged", COMMAND, told, ("what", "tried", "accepted"), rows))
    assert (taken, survived, believed) == ([], 0, [])


def _of(kind: str, believed: list[str]) -> int:
    return sum(one.endswith(f": {kind}") for one in believed)

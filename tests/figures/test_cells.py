"""Every cell, and every confusion of ids: how many there are, and how many are crossed."""

import time

import pytest

from tests.conftest import make_world
from tests.confused import confusions
from tests.laws.test_cells import crossings
from tests.laws.test_cells_confused import faults
from tests.page import write
from tests.stage import set_up

pytestmark = pytest.mark.figures
COMMAND = "make figures"


def test_no_cell_of_the_whole_matrix_is_crossed(tmp_path):
    began = time.monotonic()
    stage = set_up(make_world(tmp_path))
    every = list(confusions(stage))
    confused = faults(stage, every)
    crossed = crossings(stage)
    stage.world.hub.store.close()
    rows = [
        ("cells: a method of a route, a target, an actor", stage.cells.total()),
        *((f"of them: {kind}", count) for kind, count in stage.cells.most_common()),
        ("confusions: ids of another kind, children under another's parent", len(every)),
        ("calls that succeeded across organisations, or told what is not there from what is forbidden",
         len(crossed) + len(confused)),
        ("seconds", round(time.monotonic() - began)),
    ]  # fmt: skip
    told = (
        "Made from the routes that there are, the roles, and ids of every kind of two organisations and of none."
        " Compared byte for byte: status, headers and body, but for the request's own id."
    )
    print(write("Authorisation, cell by cell", COMMAND, told, ("what", "count"), rows))
    assert (crossed, confused) == ([], [])
    assert stage.cells.total() + len(every) >= 10_000

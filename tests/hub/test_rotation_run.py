"""A small run of what tests/figures/test_rotation.py does at length, on both engines."""

import pytest

from tests.postgres import fresh_database
from tests.rotating_run import fill, rotate_under_kills
from tests.servers import living_world


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_rotation_that_is_killed_is_gone_on_with_and_no_read_fails(engine, tmp_path, request):
    if engine == "sqlite":
        held = _rotated(living_world(tmp_path))
    else:
        with fresh_database(request.getfixturevalue("cluster")) as url:
            held = _rotated(living_world(tmp_path, url))
    assert (held.reads.failed, held.left, held.unopened, held.changed) == ([], 0, 0, 0)
    assert held.reads.done > 0


def _rotated(world):
    world.enrol("producer")
    try:
        return rotate_under_kills(world, fill(world, 5_000, seed=4), kills=2, seed=3, most=1.6)
    finally:
        world.hub.store.close()

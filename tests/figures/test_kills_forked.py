"""A thousand deaths on each engine, under a gunicorn that forks its workers: the counts that docs/figures.md shows."""

import time
from contextlib import ExitStack

import pytest

from tests.killing_postgres import mortal_postgres
from tests.killing_workers import kill_while_forked
from tests.page import write
from tests.servers import living_world

pytestmark = pytest.mark.figures
COMMAND = "make figures"
KILLS = {
    "sqlite": {"worker": 950, "master": 50},
    "postgresql": {"worker": 900, "master": 50, "database": 50},
}
NAMES = {
    "worker": "`kill -9` of a worker of a preloading gunicorn (2 workers of 4 threads)",
    "master": "of its master alone; its successor starts while the orphaned workers end",
    "database": "of PostgreSQL with all its processes, fsync on; started again over the same files",
}


@pytest.mark.parametrize("engine", KILLS)
def test_a_thousand_kills_lose_and_double_nothing(tmp_path, engine):
    began = time.monotonic()
    with ExitStack() as kept:
        database = kept.enter_context(mortal_postgres()) if engine == "postgresql" else None
        world = living_world(tmp_path, database.url if database else None)
        found = kill_while_forked(world, KILLS[engine], seed=500, database=database)
        world.hub.store.close()
    rows = [
        *((NAMES[what], count) for what, count in KILLS[engine].items()),
        ("requests that a kill left without an answer", found.cut_off),
        ("reports acknowledged", found.acknowledged),
        ("answers 503, each sent again", found.others.get(503, 0)),
        ("other answers that acknowledge nothing", sum(found.others.values()) - found.others.get(503, 0)),
        ("acknowledged reports lost", len(found.lost)),
        ("reports doubled", len(found.doubled)),
        ("reports that do not verify, or lack their receipt or audit entry", len(found.damaged)),
        ("seconds, with start-ups", round(time.monotonic() - began)),
    ]
    told = (
        "Six clients file with 20 ms between two reports, each report until it is acknowledged, under"
        " a client_ref or Idempotency-Key."
        " `kill -9` does not show that a report survives the loss of power: what the kernel had taken is not lost with"
        " a process. That rests on synchronous=FULL and fsync, which `hub doctor` reads."
    )
    print(write(f"Killed under a preloading gunicorn, {engine}", COMMAND, told, ("what", "count"), rows))
    assert (found.lost, found.doubled, found.damaged) == ([], [], [])
    assert set(found.others) <= ({503} if database else set()), found.others
    assert found.cut_off > 0

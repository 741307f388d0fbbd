"""A hundred deaths while filing, a hundred while releasing: the counts that docs/figures.md shows."""

import time

import pytest

from tests.killing import kill_while_filing
from tests.killing_publishers import kill_while_releasing
from tests.page import write
from tests.servers import living_world

pytestmark = pytest.mark.figures
KILLS = 100
COMMAND = "make figures"


def test_a_hundred_kills_while_filing_lose_and_double_nothing(tmp_path):
    began = time.monotonic()
    found = kill_while_filing(living_world(tmp_path), KILLS, seed=100)
    rows = [
        ("`kill -9` of the process group of `hub serve` (gunicorn, 2 workers)", found.kills),
        ("requests that a kill left without an answer", found.cut_off),
        ("reports acknowledged", found.acknowledged),
        ("answers other than 200 and 201", sum(found.others.values())),
        ("acknowledged reports lost", len(found.lost)),
        ("reports doubled", len(found.doubled)),
        ("reports that do not verify, or lack their receipt or audit entry", len(found.damaged)),
        ("seconds, with start-ups", round(time.monotonic() - began)),
    ]
    told = (
        "Six clients file without pause, each report until it is acknowledged, under a client_ref or Idempotency-Key."
    )
    print(write("Killed while filing", COMMAND, told, ("what", "count"), rows))
    assert (found.lost, found.doubled, found.damaged, found.others) == ([], [], [], {})
    assert found.cut_off > 0


def test_a_hundred_kills_while_releasing_miss_and_double_nothing(tmp_path):
    began = time.monotonic()
    found = kill_while_releasing(living_world(tmp_path), KILLS, seed=200)
    rows = [
        ("`kill -9` of a publisher at work (`hub publish`; every fourth the ticker)", found.kills),
        ("of them while it held the right to publish", found.in_turn),
        ("reports filed meanwhile, by three organisations", found.reports),
        ("of them withdrawn", found.withdrawn),
        ("releases, of four feeds", found.releases),
        ("entries", found.entries),
        ("entries missed", len(found.missed)),
        ("entries doubled", len(found.doubled)),
        ("faults of order, numbers, ids or titles; work left due; bytes of withdrawn reports", len(found.disorder)),
        ("seconds, with start-ups", round(time.monotonic() - began)),
    ]
    told = (
        "Reports are filed, amended and withdrawn over HTTP all the while; a killed publisher is followed by the next."
    )
    print(write("Killed while releasing", COMMAND, told, ("what", "count"), rows))
    assert (found.missed, found.doubled, found.disorder) == ([], [], [])
    assert found.in_turn > 0

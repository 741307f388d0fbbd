"""Ten thousand edits of the audit log, each found; fifty thousand steps of analysts, each value after its intent."""

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests import page
from tests.conftest import World, make_world
from tests.ledgers import Opened, fill, step, unexplained
from tests.postgres import fresh_database
from tests.tampering import EDITS, tried, verdict

pytestmark = pytest.mark.figures
COUNT, STEPS, REPORTS = 5_000, 50_000, 12


def edited(world: World, seed: int) -> tuple[Counter[str], list[str], float]:
    fill(world, 300, 40)
    size = fill(world, 20)
    assert verdict(world.hub).is_sound
    names = list(EDITS) * (COUNT // len(EDITS) + 1)
    begun, made, missed = time.monotonic(), Counter[str](), list[str]()
    for name, found in tried(world.hub, names, seed, size):
        made[name] += 1
        missed += [name] if found.is_sound else []
    assert verdict(world.hub).is_sound, "each edit was taken back"
    world.hub.store.close()
    return made, missed, time.monotonic() - begun


def test_ten_thousand_edits(tmp_path: Path, cluster: str) -> None:
    (tmp_path / "sqlite").mkdir()
    (tmp_path / "postgresql").mkdir()
    lite = edited(make_world(tmp_path / "sqlite"), 1)
    with fresh_database(cluster) as url:
        heavy = edited(make_world(tmp_path / "postgresql", url), 2)
    assert lite[1] + heavy[1] == []
    made = lite[0] + heavy[0]
    assert made.total() >= 10_000 - len(EDITS)
    rows = [(name, f"{count:,}", "0") for name, count in made.items()]
    rows.append(("all", f"{made.total():,}", "0"))
    told = (
        "Each edit is made in the database as its owner, without triggers, at or before a checkpoint that the second "
        f"place holds; `hub audit verify`'s own code reads the log, and the edit is taken back. Half on each engine; "
        f"{lite[2]:.0f} s and {heavy[2]:.0f} s."
    )
    print(page.write("Edits of the audit log", "make figures", told, ("edit", "made", "not found"), rows))


def test_fifty_thousand_steps_of_analysts(tmp_path: Path) -> None:
    world, chance, seen = make_world(tmp_path), random.Random(3), list[Opened]()
    counts, missed = Counter[str](), list[Opened]()
    after = 0
    for number in range(STEPS):
        counts[step(world, chance, seen, REPORTS)] += 1
        if number % 500 == 499:
            wrong, after = unexplained(world, seen, after)
            missed += wrong
            counts["sealed values that a client saw"] += len(seen)
            seen.clear()
    world.hub.store.close()
    assert missed == []
    rows = [*((name, f"{count:,}") for name, count in counts.items()), ("of them without an earlier intent", "0")]
    told = (
        f"{STEPS:,} steps over HTTP by three analysts and producers: opening a report, a page, scanning, filing, "
        "amending, wrong calls; each value seen must have an intent of that actor, report, revision, field and purpose "
        "that was committed before the answer."
    )
    print(page.write("Opened after its intent", "make figures", told, ("what", "count"), rows))

"""What another policy would newly reveal: of what producers filed and what analysts said, never of what says less."""

from collections.abc import Mapping
from typing import Any

import pytest

from feeds.feed import Feed, parse
from hub import policies
from hub.services import revealing
from tests.conftest import World
from tests.factories import a_report

MEMBERS = policies.definitions()["members"]


def feed(words: str = "") -> Feed:
    return parse("members", f"{MEMBERS}\n{words}")


def revealed(world: World, old: Feed, new: Feed) -> Mapping[tuple[str, str, str], int]:
    with world.hub.store.reading() as db:
        return dict(revealing.revealed(db, old, new, world.clock()).fields)


@pytest.fixture
def triaged(any_world: World) -> World:
    """A released report of which an analyst asserts a risk area."""
    report = any_world.file("producer", a_report(client_ref="one", tlp="green"))["id"]
    any_world.accept(report, "members")
    any_world.release()
    told: dict[str, Any] = {"why": "Read with the filer.", "assert": {"risk_area": ["ai_safety"]}}
    said = any_world.send("analyst", "PATCH", f"/api/v1/reports/{report}/triage", told, If_Match='"t0"')
    assert said.status_code == 200
    return any_world


def test_what_analysts_assert_is_counted(triaged: World) -> None:
    narrow = feed('[narrow]\nwithhold = ["risk_area", "severity"]\n')
    assert revealed(triaged, narrow, feed()) == {
        ("risk_area", "withheld", "keep"): 1,
        ("severity", "withheld", "keep"): 1,
    }


def test_what_says_less_reveals_nothing_and_the_way_back_does(triaged: World) -> None:
    less = feed('[narrow.coarsen]\naware_at = "quarter"\nrisk_area = "count"\n')
    assert revealed(triaged, feed(), less) == {}
    assert revealed(triaged, less, feed()) == {
        ("aware_at", "quarter", "day"): 1,
        ("risk_area", "count", "keep"): 1,
    }

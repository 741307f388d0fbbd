"""/api/v1/stats: who gets numbers, of which feed, and what they say."""

from typing import Any

import pytest

from hub.services import statistics as service
from hub.store import editions
from hub.store import statistics as tallies
from hub.wiring import set_up
from tests.conftest import World
from tests.factories import a_report
from tests.hub.services.steps import PRODUCERS, approve, enrol_three

STATS = "/api/v1/stats"


@pytest.fixture
def counted(any_world: World) -> World:
    """A hub whose researchers' feed shows three redacted reports of two months, and members' the same."""
    enrol_three(any_world)
    approve(any_world, *PRODUCERS)
    for number, who in enumerate(PRODUCERS):
        changes = {"severity": "unknown" if number else "high", "aware_at": f"2026-{10 if number else 11}-20"}
        shared = ["members", "researchers"]
        systems = [{"name": "A", "deployment": "general"}]
        any_world.file(who, a_report(client_ref="T-1", share_redacted_with=shared, systems=systems, **changes))
    any_world.release()
    return any_world


def get(world: World, who: str, query: str) -> dict[str, Any]:
    """The numbers."""
    answer = world.send(who, "GET", f"{STATS}?{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_field_by_value_and_month(counted: World) -> None:
    found = get(counted, "researcher", "feed=researchers&by=severity")
    assert found.pop("as_of").startswith("2026-11-23T12:00:00")
    assert found == {
        "feed": "researchers",
        "release": 1,
        "by": "severity",
        "total": 3,
        "values": [{"value": "unknown", "entries": 2}, {"value": "high", "entries": 1}],
        "withheld": 0,
        "unstated": 0,
        "months": [
            {"month": "2026-10", "values": [{"value": "unknown", "entries": 2}]},
            {"month": "2026-11", "values": [{"value": "high", "entries": 1}]},
        ],
    }
    recent = get(counted, "researcher", "feed=researchers&by=severity&months=1")
    assert [one["month"] for one in recent["months"]] == ["2026-11"]
    assert recent["values"] == found["values"], "months narrow the months alone"
    assert get(counted, "researcher", "feed=researchers&by=severity&months=0")["months"] == []


def test_withheld_unstated_and_unknown_are_three_things(counted: World) -> None:
    withheld = get(counted, "member", "feed=members&by=systems[].deployment")
    assert (withheld["values"], withheld["withheld"], withheld["unstated"]) == ([], 3, 0)
    unstated = get(counted, "member", "feed=members&by=harm_status")
    assert (unstated["values"], unstated["withheld"], unstated["unstated"]) == ([], 0, 3)


def test_without_a_field_all_of_them_are_told(counted: World) -> None:
    found = get(counted, "member", "feed=members")
    fields = {one["by"]: one for one in found["fields"]}
    assert fields["report_type"]["values"] == [{"value": "incident", "entries": 3}]
    assert all(one["withheld"] + one["unstated"] <= found["total"] == 3 for one in fields.values())
    assert "values" not in found


def test_a_feed_before_its_first_release_counts_nothing(any_world: World) -> None:
    found = get(any_world, "researcher", "feed=public&by=severity")
    assert (found["release"], found["as_of"], found["total"], found["months"]) == (0, None, 0, [])


def test_a_feed_that_one_may_not_read_is_like_one_that_is_not_there(world: World) -> None:
    for who in ("producer", "analyst", "operator", "auditor", "member", "researcher"):
        closed = "members" if who == "researcher" else "trusted"
        answers = [world.send(who, "GET", f"{STATS}?feed={feed}&by=nothing") for feed in (closed, "no-such-feed")]
        assert [one.status_code for one in answers] == [404, 404]
        assert answers[0].data == answers[1].data
    assert world.send("", "GET", f"{STATS}?feed=public").status_code == 401


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("", "/feed"),
        ("feed=members&by=title", "/by"),
        ("feed=members&by=systems[].name", "/by"),
        ("feed=members&by=Severity!", "/by"),
        ("feed=members&by=severity&months=121", "/months"),
        ("feed=members&by=severity&months=-1", "/months"),
        ("feed=members&month=3", "/month"),
        ("feed=../x", "/feed"),
    ],
)
def test_a_malformed_question_is_told_where(world: World, query: str, pointer: str) -> None:
    answer = world.send("member", "GET", f"{STATS}?{query}")
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.get_json()["errors"]] == [pointer]


def test_a_hub_that_released_before_it_counted_is_counted_when_it_is_set_up(counted: World) -> None:
    before = get(counted, "member", "feed=members")
    counted.hub.store.write(lambda db: tallies.forget(db, "members"))
    assert get(counted, "member", "feed=members")["total"] == 0
    again = set_up(counted.hub.config)
    again.store.close()
    assert get(counted, "member", "feed=members") == before
    counted.hub.store.write(lambda db: service.catch_up(db, "members"))
    assert get(counted, "member", "feed=members") == before, "and not counted twice"


def test_the_numbers_are_those_of_the_release_that_they_name(counted: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is released between the two queries that an answer takes."""
    before = get(counted, "member", "feed=members")
    plain = editions.last_release

    def released_behind_it(*given: Any) -> Any:
        found = plain(*given)
        monkeypatch.undo()
        counted.file(PRODUCERS[0], a_report(client_ref="T-2", share_redacted_with=["members"]))
        counted.release()
        return found

    monkeypatch.setattr(editions, "last_release", released_behind_it)
    assert get(counted, "member", "feed=members") == before
    after = get(counted, "member", "feed=members")
    assert (after["release"], after["total"]) == (before["release"] + 1, before["total"] + 1)

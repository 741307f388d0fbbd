"""No search shows a producer another organisation's report, or counts it, whatever the filter, sort or cursor."""

from random import Random

import pytest

from hub.filters import catalogue
from tests.conftest import World
from tests.factories import a_full_report, a_report
from tests.filters import a_filter, mutated

TRIES = 150
SORTS = ("newest", "filed_at", "-aware_at", "revised_at")


@pytest.fixture
def shared(any_world: World) -> World:
    """Three organisations with like reports; the last is named as another's id, folded."""
    any_world.enrol("producer", "Other Ltd")
    alike = any_world.ids["Other Ltd"].replace("-", "")
    any_world.enrol("producer", alike)
    for who in ("producer", "producer:Other Ltd", f"producer:{alike}"):
        for number in range(3):
            any_world.file(who, a_report(client_ref=f"r{number}", severity=("low", "high", "critical")[number]))
        any_world.file(who, a_full_report(client_ref="full"))
    any_world.release()
    return any_world


def ask(world: World, who: str, **query: str):
    headers = {"Authorization": f"Bearer {world.tokens[who]}"}
    return world.web.get("/api/v1/search", query_string=query, headers=headers)


def own(world: World, who: str) -> set[str]:
    return {one["id"] for one in world.send(who, "GET", "/api/v1/reports?limit=200").get_json()["items"]}


def test_a_producer_finds_and_counts_its_own_reports_alone(shared: World) -> None:
    chance, found = Random(5), 0
    mine = own(shared, "producer:Other Ltd")
    assert len(mine) == 4
    foreign = [shared.ids["The producer's organisation"], *own(shared, "producer")]
    aimed = [f"id = {one} or has severity" for one in foreign] + ["not id = x", "has text or not has text", ""]
    filters = aimed + [mutated(a_filter(chance), chance) if turn % 3 else a_filter(chance) for turn in range(TRIES)]
    for text in filters:
        query = {"filter": text.encode("utf-8", "replace").decode(), "facets": "severity,state"}
        answer = ask(shared, "producer:Other Ltd", sort=chance.choice(SORTS), **query)
        if answer.status_code == 200:
            page = answer.get_json()
            assert {one["id"] for one in page["items"]} <= mine, text
            assert page["facets"]["counted"] <= len(mine), text
            found += bool(page["items"])
    assert found > len(aimed) / 2


def test_a_cursor_of_an_analyst_leads_a_producer_nowhere_else(shared: World) -> None:
    mine = own(shared, "producer")
    for sort in SORTS:
        cursor = ask(shared, "analyst", filter="has severity", sort=sort, limit="1").get_json()["next"]
        page = ask(shared, "producer", filter="has severity", sort=sort, next=cursor).get_json()
        assert {one["id"] for one in page["items"]} <= mine


def test_a_producer_is_told_of_a_field_of_the_staff_what_it_is_told_of_none(shared: World) -> None:
    for name in sorted(catalogue(is_staff=True).keys() - catalogue(is_staff=False).keys()):
        detail = ask(shared, "producer", filter=f"has {name}").get_json()["detail"]
        assert f"there is no field `{name}`" in detail
        listed = shared.send("producer", "GET", "/api/v1/search/fields").get_json()["items"]
        assert name not in {one["name"] for one in listed}

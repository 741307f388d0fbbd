"""Lists go page by page behind a cursor; one that was made up opens nothing and breaks nothing."""

import base64

import pytest

from tests.conftest import World
from tests.factories import a_report
from tests.wire import REPORTS


def pages(world: World, who: str, path: str, limit: int) -> list[list[str]]:
    found, cursor = [], ""
    while True:
        body = world.send(who, "GET", f"{path}?limit={limit}{cursor}").get_json()
        assert set(body) == {"items", "next"}
        found.append([item["id"] for item in body["items"]])
        if body["next"] is None:
            return found
        cursor = f"&next={body['next']}"


def made_up(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_every_report_is_listed_once_the_newest_first(any_world: World, limit: int) -> None:
    world, filed = any_world, []
    for number in range(7):
        filed.append(world.file("producer", a_report(title=f"Number {number}"))["id"])
        world.clock.forward(seconds=number % 2)  # some share an instant
    found = pages(world, "producer", REPORTS, limit)
    assert sorted(one for page in found for one in page) == sorted(filed)
    assert all(len(page) == limit for page in found[:-1])
    order = [one for page in found for one in page]
    assert order[0] in filed[-2:]
    assert order == [one for page in pages(world, "producer", REPORTS, 200) for one in page]


def test_what_is_filed_meanwhile_shifts_no_page(world: World) -> None:
    filed = [world.file("producer", a_report(title=f"Number {number}"))["id"] for number in range(4)]
    first = world.send("producer", "GET", f"{REPORTS}?limit=2").get_json()
    world.clock.forward(seconds=1)
    world.file("producer", a_report(title="Meanwhile"))
    second = world.send("producer", "GET", f"{REPORTS}?limit=2&next={first['next']}").get_json()
    assert sorted(item["id"] for body in (first, second) for item in body["items"]) == sorted(filed)


def test_a_producer_lists_its_own_and_an_analyst_all_without_receipts(world: World) -> None:
    world.enrol("producer", "Another lab")
    own = world.file("producer", a_report())["id"]
    other = world.file("producer:Another lab", a_report(title="Other"))["id"]
    assert pages(world, "producer", REPORTS, 50) == [[own]]
    assert sorted(pages(world, "analyst", REPORTS, 50)[0]) == sorted([own, other])
    items = world.send("analyst", "GET", REPORTS).get_json()["items"]
    assert all("receipt" not in item for item in items)


@pytest.mark.parametrize("limit", ["0", "-1", "201", "x", "1.0", "", "٣", "%00", pytest.param("1" * 5_000, id="long")])
def test_a_page_size_that_is_none_is_refused(world: World, limit: str) -> None:
    assert world.send("producer", "GET", f"{REPORTS}?limit={limit}").status_code in {400, 422}


LISTS = pytest.mark.parametrize(("who", "path"), [("producer", REPORTS), ("operator", "/api/v1/members")])


@LISTS
@pytest.mark.parametrize(
    "cursor",
    ["x", "!", "%00", "a" * 201, made_up("|"), made_up("now|x"), made_up("2026-11-23T12:00:00|x"), "__79_A"],
)
def test_a_cursor_that_cannot_be_read_is_refused(world: World, who: str, path: str, cursor: str) -> None:
    assert world.send(who, "GET", f"{path}?next={cursor}").status_code in {400, 422}


@LISTS
@pytest.mark.parametrize(
    "text",
    ["0001-01-01T00:00:00+05:00|x", "9999-12-31T23:59:59-05:00|x", "2026-11-23T12:00:00+00:00|\x00"],
    ids=["early", "late", "nul"],
)
def test_a_made_up_cursor_is_no_fault_of_ours(any_world: World, who: str, path: str, text: str) -> None:
    assert any_world.send(who, "GET", f"{path}?next={made_up(text)}").status_code in {200, 400, 422}


def test_a_made_up_cursor_opens_nothing_of_another_organisation(world: World) -> None:
    world.enrol("producer", "Another lab")
    world.file("producer:Another lab", a_report(title="Other"))
    cursor = made_up("2030-01-01T00:00:00+00:00|zzzz")
    assert world.send("producer", "GET", f"{REPORTS}?next={cursor}").get_json() == {"items": [], "next": None}

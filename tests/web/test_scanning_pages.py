"""A scan goes page by page: whatever it is sorted by and whatever stops it, nothing is skipped or opened twice."""

import itertools
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from hub.roles import Capability, shell
from hub.services import search
from tests.conftest import World, make_world
from tests.factories import a_report
from tests.postgres import fresh_database

PURPOSE = "looking for a known lure"
FILTER = "severity != unknown"
SORTS = ["newest", *(f"{way}{one}" for one in ("filed_at", "revised_at", "aware_at", "severity") for way in ("", "-"))]
REPORTS = (  # severity, day of October, whether it holds the words
    ("low", 5, True), ("critical", 9, False), ("low", 2, True), ("unknown", 1, True), ("high", 9, True),
    ("critical", 5, False), ("medium", 1, False), ("low", 9, True),
)  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stocked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Eight reports on each engine in turn, seven of which the filter finds; no test of them changes any."""
    place = tmp_path_factory.mktemp("stocked")
    if request.param == "sqlite":
        made = make_world(place)
        yield stock(made)
        made.hub.store.close()
        return
    with fresh_database(request.getfixturevalue("cluster")) as url:
        made = make_world(place, url)
        yield stock(made)
        made.hub.store.close()


def stock(world: World) -> World:
    for at, (severity, day, is_jammed) in enumerate(REPORTS):
        words = "A prompt about marmalade." if is_jammed else "Nothing."
        aware_at = f"2026-10-{day:02}T10:00:00Z"
        world.file("producer", a_report(client_ref=f"r-{at}", severity=severity, aware_at=aware_at, description=words))
        world.clock.forward(seconds=at % 2)  # some were filed at the same instant
    world.release()
    return world


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("stop", [{"rows": 2}, {"limit": 1}, {"seconds": 1}], ids=str)
def test_a_scan_that_stops_goes_on_right_behind_the_last_report_that_was_opened(
    stocked: World, monkeypatch: pytest.MonkeyPatch, sort: str, stop: dict[str, int]
) -> None:
    if "seconds" in stop:  # each page begins, sees that there is time, and behind its second report that there is none
        ticks = itertools.cycle([0.0, 0.0, 9.0])
        monkeypatch.setattr("hub.web.unsealing.time", SimpleNamespace(monotonic=lambda: next(ticks)))
    order = {one["ref"]: one["report"]["client_ref"] for one in found(stocked, sort)}
    jammed = [ref for ref, name in order.items() if REPORTS[int(name[2:])][2]]
    pages = list(walk(stocked, sort=sort, **stop))
    assert len(pages) > 2
    assert [item["ref"] for page in pages for item in page["items"]] == jammed
    ends = list(itertools.accumulate(page["scanned"] for page in pages))
    assert [page["scanned_until"]["ref"] for page in pages] == [list(order)[end - 1] for end in ends]
    assert sum(page["opened"] for page in pages) == ends[-1] == len(order) == 7
    assert {page["stopped_by"] for page in pages[:-1]} == set(stop)
    assert (pages[-1]["stopped_by"], pages[-1]["is_complete"]) == ("all", True)


@pytest.mark.parametrize("sort", ["severity", "-severity", "revised_at", "newest"])
def test_a_report_that_moves_in_the_order_while_it_is_scanned_moves_no_cursor(any_world: World, sort: str) -> None:
    world = stock(any_world)
    analyst = shell("test", "", Capability.REPORT_READ)
    asked = search.asked(analyst, FILTER, sort)
    with world.hub.store.reading() as db:
        every = search.select(db, analyst, asked, None, 10)
    assert every.next is None
    with world.hub.store.writing() as db:
        moved = text("UPDATE search_row SET severity = 5 - severity, revised_at = filed_at WHERE report_id = :one")
        db.connection().execute(moved, {"one": every.report_ids[2]})
    with world.hub.store.reading() as db:
        rest = search.select(db, analyst, asked, every.behind(every.report_ids[2]), 10)
    assert [one for one in rest.report_ids if one != every.report_ids[2]] == every.report_ids[3:]


def test_a_cursor_of_another_scan_is_refused(stocked: World) -> None:
    body = {"purpose": PURPOSE, "contains": "prompt marmalade", "filter": FILTER, "sort": "severity", "rows": 1}
    first = send(stocked, body)
    cursor = first.get_json()["next"]
    place, _, tie = cursor.partition(".")
    entries = audited(stocked)
    for change in (
        {"contains": "prompt"}, {"contains": '"prompt marmalade"'}, {"filter": "severity = low"}, {"filter": ""},
        {"sort": "-severity"}, {"fields": ["title"]}, {"next": place}, {"next": f".{tie}"},
        {"next": f"{place}.{'0' * 16}"},
    ):  # fmt: skip
        answer = send(stocked, {**body, "next": cursor, **change})
        assert answer.status_code == 400, change
        assert "not a cursor" in answer.get_json()["detail"]
    assert audited(stocked) == entries, "what is refused intends nothing"
    for same in ({}, {"contains": "Marmalade prompt"}, {"rows": 3}, {"purpose": "another reason to look"}):
        assert send(stocked, {**body, "next": cursor, **same}).status_code == 200, same


def found(world: World, sort: str) -> list[dict[str, Any]]:
    """What the search finds, in its order."""
    query = urlencode({"filter": FILTER, "sort": sort, "limit": 100})
    items: list[dict[str, Any]] = world.send("analyst", "GET", f"/api/v1/search?{query}").get_json()["items"]
    return items


def walk(world: World, **asked: Any) -> Iterator[dict[str, Any]]:
    """Every page."""
    body = {"purpose": PURPOSE, "contains": "marmalade", "filter": FILTER, **asked}
    while True:
        answer = send(world, body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        yield answer.get_json()
        if answer.get_json()["next"] is None:
            return
        body["next"] = answer.get_json()["next"]


def send(world: World, body: dict[str, Any]) -> Any:
    return world.send("analyst", "POST", "/api/v1/search/sealed", body)


def audited(world: World) -> int:
    """How many entries the audit has."""
    with world.hub.store.reading() as db:
        return int(db.connection().execute(text("SELECT count(*) FROM audit_entry")).scalar_one())

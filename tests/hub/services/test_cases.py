"""Cases: several reports on one event, each in one case at most, kept as they were filed."""

from typing import Any

import pytest
from sqlmodel import select

from hub.store import audit
from hub.store.tables import CaseReport, Report, Revision
from tests.conftest import World
from tests.factories import a_report

CASES = "/api/v1/cases"


def test_a_case_is_opened_and_leaves_its_reports_as_they_were(any_world: World) -> None:
    world, filed = any_world, reports(any_world, 2)
    before = rows(world, Report), rows(world, Revision)
    case = opened(world, filed[0]["id"], filed[1]["ref"], filed[1]["id"])
    assert case["ref"].startswith("C-")
    assert (case["size"], case["title"], case["closed_at"]) == (2, "One event", None)
    assert {one["id"] for one in case["reports"]} == {one["id"] for one in filed}
    assert {one["why"] for one in case["reports"]} == {"Same outage."}
    assert world.send("analyst", "GET", f"{CASES}/{case['ref'].lower()}").get_json() == case
    assert (rows(world, Report), rows(world, Revision)) == before


def test_a_report_is_in_one_case_at_most(any_world: World) -> None:
    world, (one, two) = any_world, reports(any_world, 2)
    case = opened(world, one["id"])
    answer = world.send("analyst", "POST", CASES, {"title": "Other", "reports": [two["id"], one["id"]], "why": "x"})
    assert answer.status_code == 409
    assert case["ref"] in answer.get_json()["detail"]
    assert one["ref"] in answer.get_json()["detail"]
    assert len(listed(world)) == 1, "nothing of a refused case is kept"
    assert changed(world, case, add=[one["id"]]).get_json()["size"] == 1, "what is in it already may be added again"


def test_reports_come_and_go(any_world: World) -> None:
    world, (one, two, three) = any_world, reports(any_world, 3)
    case = opened(world, one["id"])
    body = changed(world, case, add=[two["ref"], three["ref"]], remove=[one["ref"]]).get_json()
    assert {row["ref"] for row in body["reports"]} == {two["ref"], three["ref"]}
    assert opened(world, one["id"])["size"] == 1, "it is free for another case"
    assert changed(world, case, remove=[one["id"]]).status_code == 422


def test_a_closed_case_takes_no_report_until_it_is_open_again(any_world: World) -> None:
    world, (one, two) = any_world, reports(any_world, 2)
    case = opened(world, one["id"])
    world.clock.forward(hours=1)
    assert changed(world, case, closed=True).get_json()["closed_at"] == "2026-11-23T13:00:00.000000Z"
    assert changed(world, case, add=[two["id"]]).status_code == 409
    world.clock.forward(hours=1)
    again = changed(world, case, closed=True, title="Renamed").get_json()
    assert (again["closed_at"], again["title"]) == ("2026-11-23T13:00:00.000000Z", "Renamed"), "closed once"
    assert changed(world, case, closed=False, add=[two["id"]]).get_json()["size"] == 2


def test_cases_are_listed_the_newest_first_page_by_page(any_world: World) -> None:
    world, found = any_world, []
    for filed in reports(world, 5):
        found.append(opened(world, filed["id"])["ref"])
        world.clock.forward(minutes=1)
    assert [one["ref"] for one in listed(world, "limit=2")] == found[::-1]
    assert {one["size"] for one in listed(world, "limit=2")} == {1}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"reports": ["R-0000-0000"]}, "/reports/0"),
        ({"reports": []}, "/reports"),
        ({"reports": ["x'--"]}, "/reports/0"),
        ({"title": ""}, "/title"),
        ({"why": None}, "/why"),
        ({"owner": "me"}, "/owner"),
    ],
)
def test_what_is_no_case_is_named(world: World, body: dict[str, Any], pointer: str) -> None:
    (filed,) = reports(world, 1)
    whole = {"title": "One event", "reports": [filed["id"]], "why": "Same outage.", **body}
    answer = world.send("analyst", "POST", CASES, whole)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.get_json()["errors"]] == [pointer]
    assert rows(world, CaseReport) == []


def test_nobody_but_an_analyst_knows_of_cases(world: World) -> None:
    (filed,) = reports(world, 1)
    case = opened(world, filed["id"])
    for who in ("producer", "member", "researcher", "operator", "auditor"):
        for path in (CASES, f"{CASES}/{case['ref']}", f"/api/v1/reports/{filed['id']}/related"):
            assert world.send(who, "GET", path).status_code == 404
        assert world.send(who, "PATCH", f"{CASES}/{case['ref']}", {"why": "x", "closed": True}).status_code == 404
    assert case["ref"].encode() not in world.send("producer", "GET", f"/api/v1/reports/{filed['id']}").data


def test_the_audit_says_what_went_in_and_out_and_none_of_its_words(world: World) -> None:
    one, two = reports(world, 2)
    case = opened(world, one["id"], title="CANARY-title")
    changed(world, case, add=[two["id"]], remove=[one["id"]], why="CANARY-why")
    with world.hub.store.reading() as db:
        found = {entry["action"]: entry["details"] for entry in audit.entries(db)}
    assert found["case.open"] == {"ref": case["ref"], "added": [one["id"]]}
    assert found["case.change"] == {
        "ref": case["ref"], "added": [two["id"]], "removed": [one["id"]], "is_closed": False,
    }  # fmt: skip
    assert "CANARY" not in repr(found)


def reports(world: World, number: int) -> list[dict[str, Any]]:
    """Some reports."""
    return [world.file("producer", a_report(client_ref=f"T-{place}")) for place in range(number)]


def opened(world: World, *names: str, title: str = "One event") -> dict[str, Any]:
    """Open a case as the analyst."""
    body = {"title": title, "reports": list(names), "why": "Same outage."}
    answer = world.send("analyst", "POST", CASES, body)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def changed(world: World, case: dict[str, Any], **body: Any) -> Any:
    """Change a case as the analyst."""
    return world.send("analyst", "PATCH", f"{CASES}/{case['ref']}", {"why": "Looked again.", **body})


def listed(world: World, query: str = "limit=50") -> list[dict[str, Any]]:
    """Every case, page by page."""
    found: list[dict[str, Any]] = []
    path = f"{CASES}?{query}"
    while True:
        page = world.send("analyst", "GET", path).get_json()
        found += page["items"]
        if page["next"] is None:
            return found
        path = f"{CASES}?{query}&next={page['next']}"


def rows(world: World, table: Any) -> list[dict[str, Any]]:
    """All of a table, but for what the search index notes in it."""
    with world.hub.store.reading() as db:
        return [row.model_dump(exclude={"indexed_stamp"}) for row in db.exec(select(table))]

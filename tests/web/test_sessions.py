"""An analyst's work with sealed fields: one purpose, one scope, a time limit, and not more reports than agreed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from hub import rounds
from hub.app import create_app
from hub.store import audit
from tests.conftest import World
from tests.factories import a_report
from tests.sessions import agree, proposals

PURPOSE = "looking for others with the same agent"


@pytest.fixture
def desk(world: World) -> World:
    """Four reports, of which two are of high severity."""
    for name in ("anna", "abel"):
        world.enrol("analyst", "Hub staff", person=name)
    for number, severity in enumerate(("high", "high", "low", "low")):
        filed = world.file("producer", a_report(client_ref=f"r-{number}", severity=severity))
        world.ids[f"r-{number}"] = filed["id"]
    rounds.admit_all(world.hub)
    rounds.index_all(world.hub)
    return world


def begin(world: World, who: str = "anna", **body: Any) -> Any:
    return world.send(who, "POST", "/api/v1/sessions", {"purpose": PURPOSE, **body})


def begun(world: World, who: str = "anna", **body: Any) -> str:
    answer = begin(world, who, **body)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(answer.get_json()["id"])


def open_one(world: World, session: str, report: str, who: str = "anna") -> Any:
    return world.send(who, "POST", f"/api/v1/reports/{world.ids[report]}/open", {"session": session})


def purposes(world: World) -> list[str]:
    with world.hub.store.reading() as db:
        said = [one for one in audit.entries(db) if one["action"] == "open.intent" and one["actor"] != "clock"]
    return [one["details"]["purpose"] for one in said]


def test_openings_are_for_the_sessions_purpose_and_in_its_scope(desk: World) -> None:
    session = begun(desk, reports=[desk.ids["r-0"]])
    found = open_one(desk, session, "r-0")
    assert found.status_code == 200
    assert found.get_json()["purpose"] == PURPOSE
    outside = open_one(desk, session, "r-1")
    assert outside.status_code == 409
    assert "outside of the session's scope" in outside.get_json()["detail"]
    assert purposes(desk) == [PURPOSE]  # what was refused left no intent, and opened nothing


def test_a_filters_session_opens_what_it_finds(desk: World) -> None:
    session = begun(desk, filter="severity = high")
    assert [open_one(desk, session, f"r-{one}").status_code for one in range(4)] == [200, 200, 409, 409]
    page = desk.send("anna", "POST", "/api/v1/search/open", {"session": session})
    assert {one["id"] for one in page.get_json()["items"]} == {desk.ids["r-0"], desk.ids["r-1"]}
    scan = desk.send("anna", "POST", "/api/v1/search/sealed", {"session": session, "contains": "deleted"})
    assert {one["id"] for one in scan.get_json()["items"]} == {desk.ids["r-0"], desk.ids["r-1"]}
    low = desk.send("anna", "POST", "/api/v1/search/open", {"session": session, "filter": "severity = low"})
    assert low.get_json()["items"] == []


def test_a_session_ends_by_itself_or_when_told_to(desk: World) -> None:
    session, other = begun(desk, filter="severity = high", minutes=30), begun(desk, filter="severity = low")
    desk.clock.forward(minutes=29)
    assert open_one(desk, session, "r-0").status_code == 200
    desk.clock.forward(minutes=1)
    assert open_one(desk, session, "r-0").status_code == 409
    assert desk.send("anna", "POST", f"/api/v1/sessions/{other}/end").get_json()["ended_at"] is not None
    assert open_one(desk, other, "r-2").status_code == 409
    assert desk.send("anna", "GET", "/api/v1/sessions").get_json()["items"] == []


def test_another_analysts_session_is_not_there(desk: World) -> None:
    session = begun(desk, filter="severity = high")
    nowhere = open_one(desk, "0" * 8 + "-0000-0000-0000-" + "0" * 12, "r-0", "abel")
    assert open_one(desk, session, "r-0", "abel").get_data() == nowhere.get_data()
    assert nowhere.status_code == 404
    assert desk.send("abel", "POST", f"/api/v1/sessions/{session}/end").status_code == 404


def test_more_reports_than_a_session_may_are_refused(desk: World) -> None:
    session = begun(desk, filter="severity >= low", most=2)
    assert [open_one(desk, session, f"r-{one}").status_code for one in range(3)] == [200, 200, 409]


def test_many_reports_take_two_people(desk: World) -> None:
    desk.hub.config = replace(desk.hub.config, bulk_reports=3)
    wanted: dict[str, Any] = {"filter": "severity >= low", "most": 4}
    refused = begin(desk, **wanted)
    assert refused.status_code == 409
    (proposal,) = proposals(desk, "abel")
    assert proposal["details"] == {"purpose": PURPOSE, "scope": {"filter": "severity >= low"}, "most": 4}
    assert agree(desk, "anna", proposal["id"]).status_code == 409
    assert agree(desk, "abel", proposal["id"]).status_code == 200
    session = begun(desk, **wanted)
    assert [open_one(desk, session, f"r-{one}").status_code for one in range(4)] == [200] * 4


def test_no_row_of_small_sessions_makes_a_bulk_export(desk: World) -> None:
    desk.hub.config = replace(desk.hub.config, bulk_reports=3)
    ways = [{"purpose": PURPOSE}, {"session": begun(desk, filter="severity >= low", most=3)}, {"purpose": PURPOSE}]
    paths = [f"/api/v1/reports/{desk.ids[f'r-{one}']}/open" for one in range(3)]
    answers = [desk.send("anna", "POST", path, way) for path, way in zip(paths, ways, strict=True)]
    assert [one.status_code for one in answers] == [200] * 3
    fourth = desk.send("anna", "POST", f"/api/v1/reports/{desk.ids['r-3']}/open", {"purpose": PURPOSE})
    assert fourth.status_code == 409
    assert "take two people" in fourth.get_json()["detail"]
    page = desk.send("anna", "POST", "/api/v1/search/open", {"purpose": PURPOSE})
    assert page.status_code == 409
    desk.clock.forward(days=1, seconds=1)
    assert desk.send("anna", "POST", paths[0], {"purpose": PURPOSE}).status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"reports": ["R-0000-0000"], "filter": "severity = low"}, {"filter": "nothing = 1"}]
)
def test_a_session_has_one_scope_that_can_be_asked(desk: World, body: dict[str, Any]) -> None:
    assert begin(desk, **body).status_code in {400, 404}


@pytest.mark.parametrize("body", [{}, {"purpose": PURPOSE, "session": "0" * 36}])
def test_an_opening_says_why_once(desk: World, body: dict[str, str]) -> None:
    answer = desk.send("anna", "POST", f"/api/v1/reports/{desk.ids['r-0']}/open", body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/purpose"


def test_who_reported_is_shown_once_a_second_person_agreed(desk: World) -> None:
    filed = desk.file("producer", a_report(client_ref="who", reporter={"mode": "named", "name": "Ines Roth"}))
    rounds.admit_all(desk.hub)
    path, body = f"/api/v1/reports/{filed['ref']}/open", {"purpose": PURPOSE, "fields": ["reporter.name"]}
    assert desk.send("anna", "POST", path, body).status_code == 409
    (proposal,) = proposals(desk, "abel")
    assert (proposal["action"], proposal["subject"]) == ("identity.show", filed["id"])
    assert "Ines" not in str(proposal)
    assert agree(desk, "abel", proposal["id"]).status_code == 200
    other = {**body, "purpose": "out of mere curiosity, which nobody agreed to"}
    assert desk.send("anna", "POST", path, other).status_code == 409
    shown = desk.send("anna", "POST", path, body)
    assert shown.get_json()["opened"] == {"/reporter/name": "Ines Roth"}
    assert desk.send("anna", "POST", path, body).status_code == 409  # once
    page = desk.send("anna", "POST", "/api/v1/search/open", body)
    assert page.status_code == 422


def test_a_day_s_number_is_counted_once_though_many_open_at_a_time(any_world: World) -> None:
    world = any_world
    world.enrol("analyst", "Hub staff", person="anna")
    ids = [world.file("producer", a_report(client_ref=f"at-once-{number}"))["id"] for number in range(8)]
    rounds.admit_all(world.hub)
    world.hub.config = replace(world.hub.config, bulk_reports=3)
    headers = {"Authorization": f"Bearer {world.tokens['anna']}"}
    clients = [create_app(world.hub).test_client() for _ in ids]

    def opened(client: FlaskClient, report: str) -> int:
        body = {"purpose": "all of them at once", "fields": ["title"]}
        return client.post(f"/api/v1/reports/{report}/open", json=body, headers=headers).status_code

    with ThreadPoolExecutor(len(ids)) as pool:
        answers = list(pool.map(opened, clients, ids))
    assert sorted(answers) == [200] * 3 + [409] * 5

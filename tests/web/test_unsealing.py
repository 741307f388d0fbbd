"""Opening sealed fields over HTTP: what comes back, what is on record of it, and what stays shut."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from hub import rounds
from hub.store import audit
from tests.conftest import World
from tests.factories import a_full_report, a_report

PURPOSE = "triage of ticket 4711"
LEVELS = ("critical", "low", "high", "medium")
ORDERS = [f"{way}{name}" for name in ("filed_at", "revised_at", "aware_at", "severity") for way in ("", "-")]


def test_a_report_opens_whole_but_for_who_reported(any_world: World) -> None:
    world, body = any_world, a_full_report(client_ref="full")
    filed = file(world, body)
    answer = opened(world, filed["id"])
    assert answer["opened"]["/title"] == body["title"]
    assert answer["opened"]["/systems/0/name"] == body["systems"][0]["name"]
    assert answer["opened"]["/prompts"] == body["prompts"]
    assert not any(pointer.startswith("/reporter") for pointer in answer["opened"])
    sealed = set(world.send("analyst", "GET", f"/api/v1/reports/{filed['id']}").get_json()["sealed"])
    assert set(answer["opened"]) == {one for one in sealed if not one.startswith("/reporter")}
    assert (answer["ref"], answer["revision"], answer["purpose"]) == (filed["ref"], 1, PURPOSE)


def test_who_reported_opens_only_by_name(world: World) -> None:
    body = a_full_report(client_ref="full")
    filed = file(world, body)
    assert (
        ask(world, filed["ref"], fields=["reporter.name"]).status_code == 409
    )  # takes two: tests/web/test_sessions.py
    world.clock.forward(days=1)
    answer = opened(world, filed["ref"], fields=["reporter.name"])
    assert answer["opened"] == {"/reporter/name": body["reporter"]["name"]}


def test_only_named_fields_open_and_absent_ones_are_named(world: World) -> None:
    filed = file(world, a_report())
    answer = opened(world, filed["id"], fields=["title", "poc"])
    assert answer["opened"] == {"/title": "An agent deleted a table"}
    assert answer["absent"] == ["poc"]
    (intent,), (outcome,) = said(world, "open.intent"), said(world, "open.outcome")
    assert intent == {"revision": 1, "fields": ["title"], "purpose": PURPOSE}
    assert outcome == {"revision": 1, "opened": ["title"]}


def test_values_of_earlier_revisions_open_with_those_of_the_current_one(any_world: World) -> None:
    world = any_world
    filed = file(world, a_report())
    amend(world, filed["id"], title="Better words")
    answer = opened(world, filed["id"])
    assert answer["revision"] == 2
    assert answer["opened"]["/title"] == "Better words"
    assert answer["opened"]["/description"] == "It was asked to tidy up."


def test_answers_are_kept_by_no_cache(world: World) -> None:
    filed = file(world, a_report())
    for path, more in ((f"reports/{filed['id']}/open", {}), ("search/open", {}), ("search/sealed", {"contains": "x"})):
        answer = world.send("analyst", "POST", f"/api/v1/{path}", {"purpose": PURPOSE, **more})
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"purpose": None}, "/purpose"),
        ({"purpose": "because"}, "/purpose"),
        ({"purpose": " " * 20}, "/purpose"),
        ({"purpose": "x" * 501}, "/purpose"),
        ({"fields": []}, "/fields"),
        ({"fields": ["title", "titel"]}, "/fields/1"),
        ({"fields": ["severity"]}, "/fields/0"),
        ({"fields": [7]}, "/fields/0"),
        ({"fields": "title"}, "/fields"),
        ({"reason": "x"}, "/reason"),
    ],
    ids=str,
)
def test_a_wish_that_says_too_little_opens_nothing(world: World, change: dict[str, Any], pointer: str) -> None:
    filed = file(world, a_report())
    body = {name: value for name, value in {"purpose": PURPOSE, **change}.items() if value is not None}
    answer = world.send("analyst", "POST", f"/api/v1/reports/{filed['id']}/open", body)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.get_json()["errors"]] == [pointer]
    assert said(world, "open.intent") == []


def test_the_nearest_field_is_named(world: World) -> None:
    filed = file(world, a_report())
    answer = ask(world, filed["id"], fields=["systems[].nam"])
    assert "systems[].name" in answer.get_json()["errors"][0]["detail"]


def test_what_is_not_admitted_or_quarantined_says_what_to_do(world: World) -> None:
    waiting = world.file("producer", a_report(client_ref="waiting"))
    answer = ask(world, waiting["id"])
    assert answer.status_code == 409
    assert "hub schedule" in answer.get_json()["detail"]
    spoil(world, waiting["id"], "manifest")
    rounds.admit_all(world.hub)
    answer = ask(world, waiting["id"])
    assert answer.status_code == 409
    assert "quarantined" in answer.get_json()["detail"]
    assert said(world, "open.intent") == []


@pytest.mark.parametrize("column", ["sealed", "manifest", "signature"])
def test_what_does_not_verify_is_refused_and_the_outcome_says_so(world: World, column: str) -> None:
    filed = file(world, a_report())
    spoil(world, filed["id"], column)
    answer = ask(world, filed["id"])
    assert answer.status_code == 409
    assert answer.get_json()["type"].endswith("tampered")
    (outcome,) = said(world, "open.outcome")
    assert outcome["opened"] == []
    assert outcome["fault"] == answer.get_json()["detail"]


def test_an_erased_key_is_told(world: World) -> None:
    filed = file(world, a_report())
    with world.hub.store.writing() as db:
        db.connection().execute(text("DELETE FROM data_key"))
    answer = ask(world, filed["id"])
    assert answer.status_code == 409
    assert "erased" in answer.get_json()["detail"]


def test_a_page_opens_report_by_report_and_goes_on(any_world: World) -> None:
    world = any_world
    for number in range(5):
        file(world, a_report(client_ref=f"r-{number}", title=f"Title {number}"))
        world.clock.forward(seconds=1)
    world.file("producer", a_report(client_ref="waiting"))
    rounds.index_all(world.hub)
    pages = list(walk(world, "open", {"fields": ["title"], "limit": 2}))
    assert [len(page["items"]) for page in pages] == [2, 2, 2]
    titles = [item.get("opened", item.get("fault")) for page in pages for item in page["items"]]
    assert "not admitted" in titles[0]
    assert titles[1:] == [{"/title": f"Title {number}"} for number in (4, 3, 2, 1, 0)]
    assert len(said(world, "open.intent")) == len(said(world, "open.outcome")) == 5


def test_a_filter_narrows_what_is_opened_and_the_intents_name_no_more(any_world: World) -> None:
    world = any_world
    ids = [file(world, a_report(client_ref=f"r-{at}", severity=level))["id"] for at, level in enumerate(LEVELS)]
    pages = list(walk(world, "open", {"fields": ["title"], "filter": "severity >= high", "limit": 1}))
    assert [item["id"] for page in pages for item in page["items"]] == [ids[2], ids[0]]
    assert subjects(world, "open.intent") == subjects(world, "open.outcome") == [ids[2], ids[0]]


@pytest.mark.parametrize("sort", ["newest", *ORDERS])
def test_every_sort_is_kept_over_pages(any_world: World, sort: str) -> None:
    world = any_world
    ids = [file(world, a_report(client_ref=f"r-{at}", severity=level))["id"] for at, level in enumerate(LEVELS)]
    whole = next(walk(world, "open", {"sort": sort}))
    order = [item["id"] for item in whole["items"]]
    assert sorted(order) == sorted(ids)
    if sort.endswith("severity"):
        assert [ids.index(one) for one in order] == ([1, 3, 2, 0] if sort == "severity" else [0, 2, 3, 1])
    pages = list(walk(world, "open", {"sort": sort, "limit": 1}))
    assert [item["id"] for page in pages for item in page["items"]] == order


def test_a_cursor_is_good_for_its_own_search_alone(world: World) -> None:
    for number in range(3):
        file(world, a_report(client_ref=f"r-{number}"))
    first = next(walk(world, "open", {"limit": 1, "filter": "severity = high", "sort": "severity"}))["next"]
    place, _, tie = first.partition(".")
    for change in (
        {"fields": ["title"]}, {"filter": "severity >= high"}, {"sort": "-severity"}, {"filter": ""}, {"next": place},
        {"next": "nonsense"}, {"next": f"{'x' * 30}.{tie}"}, {"next": f"{place}.{'0' * 16}"}, {"next": f".{tie}"},
    ):  # fmt: skip
        body = {"purpose": PURPOSE, "limit": 1, "filter": "severity = high", "sort": "severity", "next": first}
        assert world.send("analyst", "POST", "/api/v1/search/open", body | change).status_code == 400, change
    assert len(said(world, "open.intent")) == 1


@pytest.mark.parametrize("path", ["open", "sealed"])
def test_a_filter_that_cannot_be_read_names_the_column_and_is_kept_nowhere(
    world: World, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    file(world, a_report())
    body = {"purpose": PURPOSE, **({"contains": "agent"} if path == "sealed" else {})}
    with caplog.at_level("DEBUG"):
        for filter_, column in (("severity = quixotic", 12), ("severity = high and quixotic = x", 21)):
            answer = world.send("analyst", "POST", f"/api/v1/search/{path}", {**body, "filter": filter_})
            assert answer.status_code == 400
            assert f"filter, column {column}:" in answer.get_json()["detail"]
        found = world.send("analyst", "POST", f"/api/v1/search/{path}", {**body, "filter": "text ~ quixotic"})
        assert (found.status_code, found.get_json()["items"]) == (200, [])
    with world.hub.store.reading() as db:
        assert "quixotic" not in str(audit.entries(db))
    assert "quixotic" not in caplog.text
    for wrong in ({"filter": 7}, {"sort": 7}, {"sort": "x" * 21}):
        answer = world.send("analyst", "POST", f"/api/v1/search/{path}", {**body, **wrong})
        assert answer.status_code == 422
    assert world.send("analyst", "POST", f"/api/v1/search/{path}", {**body, "sort": "title"}).status_code == 400


@pytest.mark.parametrize("who", ["producer", "member", "researcher", "operator", "auditor"])
@pytest.mark.parametrize("path", ["reports/{}/open", "search/open", "search/sealed"])
def test_nobody_but_an_analyst_opens_or_learns_that_there_is_something(world: World, who: str, path: str) -> None:
    filed = file(world, a_report())
    body = {"purpose": PURPOSE, **({"contains": "agent"} if "sealed" in path else {})}
    answer = world.send(who, "POST", f"/api/v1/{path.format(filed['id'])}", body)
    missing = world.send("analyst", "GET", "/api/v1/reports/no-such-report")
    assert answer.status_code == 404
    assert (answer.data, sorted(answer.headers)) == (missing.data, sorted(missing.headers))
    assert said(world, "open.intent", "scan.intent") == []


def test_a_report_that_is_not_there_is_not_found(world: World) -> None:
    assert ask(world, "R-0000-0000").status_code == 404


def file(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """File, admit and index."""
    filed = world.file("producer", body)
    rounds.admit_all(world.hub)
    rounds.index_all(world.hub)
    return filed


def amend(world: World, report_id: str, **patch: Any) -> None:
    """Amend the first revision, admit and index."""
    answer = world.send("producer", "PATCH", f"/api/v1/reports/{report_id}", patch, If_Match='"r1"')
    assert answer.status_code == 200
    rounds.admit_all(world.hub)
    rounds.index_all(world.hub)


def ask(world: World, name: str, **more: Any) -> Any:
    """Ask for a report as the analyst."""
    return world.send("analyst", "POST", f"/api/v1/reports/{name}/open", {"purpose": PURPOSE, **more})


def opened(world: World, name: str, **more: Any) -> dict[str, Any]:
    """Open a report as the analyst."""
    answer = ask(world, name, **more)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def walk(world: World, what: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every page."""
    asked = {"purpose": PURPOSE, **body}
    while True:
        answer = world.send("analyst", "POST", f"/api/v1/search/{what}", asked)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        yield answer.get_json()
        if answer.get_json()["next"] is None:
            return
        asked["next"] = answer.get_json()["next"]


def said(world: World, *actions: str) -> list[dict[str, Any]]:
    """What the audit says of openings by people; the clock's own are admission's."""
    with world.hub.store.reading() as db:
        entries = [one for one in audit.entries(db) if one["action"] in actions and one["actor"] != "clock"]
    return [one["details"] for one in entries]


def subjects(world: World, action: str) -> list[str]:
    """Which reports the audit names."""
    with world.hub.store.reading() as db:
        entries = [one for one in audit.entries(db) if one["action"] == action and one["actor"] != "clock"]
    return [one["subject"] for one in entries]


def spoil(world: World, report_id: str, column: str) -> None:
    """Change the last byte of a column of a revision."""
    with world.hub.store.writing() as db:
        asked = text(f"SELECT {column} FROM revision WHERE report_id = :one")  # noqa: S608 - names of this file
        raw = db.connection().execute(asked, {"one": report_id}).scalar_one()
        put = text(f"UPDATE revision SET {column} = :raw WHERE report_id = :one")  # noqa: S608
        db.connection().execute(put, {"raw": raw[:-1] + bytes([raw[-1] ^ 1]), "one": report_id})

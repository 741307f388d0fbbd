"""What audiences would see: a producer of its draft, an analyst of a filed report, and nobody else."""

from typing import Any

import pytest
from sqlmodel import select

from hub import rounds
from hub.store import audit
from hub.store.tables import Report, WorkSession
from tests.conftest import World
from tests.factories import a_full_report, a_report, canary
from tests.previewing import PURPOSE
from tests.sessions import begun


def draft(world: World, body: Any, query: str = "", who: str = "producer") -> Any:
    return world.send(who, "POST", f"/api/v1/reports/preview{query}", body)


def shown(answer: Any) -> dict[tuple[str, str], dict[str, Any]]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    return {(one["feed"], one["mode"]): one for one in answer.get_json()["items"]}


def fate(entry: dict[str, Any], field: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in entry["fields"] if one["field"] == field)
    return found


def test_a_draft_is_shown_side_by_side_and_stored_nowhere(world: World) -> None:
    body = a_full_report(tlp="green", share_redacted_with=["members"], aware_at="2026-11-20T10:00:00Z")
    found = shown(draft(world, body))
    assert set(found) >= {("members", "written"), ("members", "redacted"), ("trusted", "written")}
    written, redacted = found["members", "written"], found["members", "redacted"]
    assert fate(written, "title")["shows"] == {"/title": body["title"]}
    assert fate(redacted, "title")["fate"] == "withheld"
    assert fate(redacted, "for_release.title")["rule"] == "an analyst approves text for release first"
    assert fate(written, "reporter.name") == {
        "field": "reporter.name", "fate": "withheld", "rule": "who reported is in no feed", "shows": {},
    }  # fmt: skip
    assert [gate["gate"] for gate in written["closed"]] == ["accepted"]
    assert any(one["fate"] == "coarsened" for one in redacted["fields"])
    assert any(one["type"] == "report" for one in redacted["objects"])
    with world.hub.store.reading() as db:
        assert db.exec(select(Report)).all() == []
        assert not [one for one in audit.entries(db) if one["action"].startswith(("report", "open"))]


def test_a_draft_with_its_text_approved_shows_it(world: World) -> None:
    text = {"title": "A model named a wrong dose", "summary": "Update the agent."}
    body = a_report(share_redacted_with=["members"], for_release=text)
    (redacted,) = [one for way, one in shown(draft(world, body, "?text_approved=true")).items() if way[0] == "members"]
    assert fate(redacted, "for_release.title")["shows"] == {"/for_release/title": text["title"]}


def test_what_the_guard_would_hold_is_named_by_field_and_rule(world: World) -> None:
    name = "Quillfeather Dynamics"
    body = a_report(
        share_redacted_with=["members"],
        systems=[{"name": name}],
        for_release={"summary": f"The agent of {name} fails."},
    )
    (redacted,) = [one for way, one in shown(draft(world, body, "?text_approved=true")).items() if way[0] == "members"]
    assert {(hit["field"], hit["of"]) for hit in redacted["held"]} == {("for_release.summary", "systems[].name")}
    assert not redacted["is_next"]


def test_a_draft_that_is_no_report_is_refused_as_filing_refuses_it(world: World) -> None:
    answer = draft(world, {"report_type": "incident"})
    assert answer.status_code == 422
    assert {one["pointer"] for one in answer.get_json()["errors"]} >= {"/title", "/aware_at"}


@pytest.mark.parametrize("who", ["member", "researcher", "operator", "auditor", "producer"])
def test_nobody_but_an_analyst_previews_what_is_filed(world: World, who: str) -> None:
    filed = world.file("producer", a_report(client_ref="one"))
    rounds.admit_all(world.hub)
    answer = world.send(who, "POST", f"/api/v1/reports/{filed['id']}/preview", {"purpose": PURPOSE})
    assert answer.status_code == 404
    if who != "producer":
        assert draft(world, a_report(), who=who).status_code == 404


def test_an_analyst_previews_on_record_and_in_a_session(world: World) -> None:
    filed = world.file("producer", a_full_report(client_ref="full", share_redacted_with=["members"]))
    assert (
        world.send("analyst", "POST", f"/api/v1/reports/{filed['ref']}/preview", {"purpose": PURPOSE}).status_code
        == 409
    )
    rounds.admit_all(world.hub)
    answer = world.send(
        "analyst", "POST", f"/api/v1/reports/{filed['ref']}/preview", {"session": begun(world, filed["id"])}
    )
    assert ("members", "redacted") in shown(answer)
    assert canary("reporter.name") not in answer.get_data(as_text=True)
    assert canary("poc") not in answer.get_data(as_text=True)
    with world.hub.store.reading() as db:
        said = [one for one in audit.entries(db) if one["action"].startswith("open.") and one["actor"] != "clock"]
        (session,) = db.exec(select(WorkSession)).all()
    assert [one["action"] for one in said] == ["open.intent", "open.outcome"]
    assert "reporter.name" in said[0]["details"]["fields"]  # for the guard alone
    assert session.opened == 1


def test_who_may_see_it_nowhere_sees_nothing(world: World) -> None:
    assert shown(draft(world, a_report())) == {}

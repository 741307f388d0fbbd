"""The guard tells fields and rules, never values; and what carries no words of anybody it never holds."""

import json
import logging
from typing import Any

import pytest
from sqlmodel import select

from hub.services.publishing import pressing
from hub.store.audit import entries
from hub.store.tables import GuardDecision, GuardVerdict
from tests.conftest import World
from tests.factories import a_full_report, a_report
from tests.hub.services.guarded import approve_text, decide, second, state, verdict
from tests.hub.services.steps import approve
from tests.laws.test_no_leak import leaked

# Names of nobody, in every place that the guard learns from, and each told in the text for release.
CANARIES = {
    "systems": [{"name": "Vantobrelcanary", "developer": "Kestrelcanary"}],
    "reporter": {"name": "Quistcanary Oberon", "contact": "oq@quillcanary.example.net"},
    "affected_parties": [{"name": "Marrowcanary", "role": "public"}],
}
TOLD = {
    "title": "A note",
    "summary": "Vantobrelcanary by Kestrelcanary, said Quistcanary of quillcanary, to Marrowcanary.",
    "advice": "The log held password: Xy9!canary77 in clear.",
}


def told_anywhere(world: World, report: str) -> str:
    """All that the hub says of a report by way of the guard, to anybody."""
    paths = (f"/api/v1/reports/{report}/guard", f"/api/v1/reports/{report}/path", "/api/v1/guard", "/api/v1/audit")
    answers = [
        world.send(who, "GET", path).get_data(as_text=True)
        for who in ("producer", "analyst", "auditor", "operator", "member")
        for path in paths
    ]
    with world.hub.store.reading() as db:
        rows = [*db.exec(select(GuardVerdict)), *db.exec(select(GuardDecision))]
        answers += [repr(row.model_dump()) for row in rows]
        answers += [json.dumps(one["details"]) for one in entries(db)]
    return "".join(answers)


def test_no_verdict_answer_log_or_audit_entry_holds_a_value(
    any_world: World, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A reason that quoted what it found would be the leak that it stopped."""
    world = any_world
    caplog.set_level(logging.DEBUG)
    approve(world, "producer")
    body = a_report(client_ref="one", share_redacted_with=["members"], for_release=TOLD, **CANARIES)
    report = world.file("producer", body)["id"]
    approve_text(world, report)
    world.release()
    found = verdict(world, report)
    assert found is not None
    assert {hit[2] for hit in found.hits} >= {"systems[].name", "reporter.name", "affected_parties[].name", ""}
    assert decide(world, report).status_code == 200
    assert decide(world, report, who=second(world)).status_code == 200
    world.release()
    assert state(world, report) == "passed", "and its words leave, as two decided"
    told = told_anywhere(world, report) + caplog.text + "".join(capfd.readouterr())
    assert "canary" not in told.replace("guard.", "").lower()
    assert not leaked(told.encode(), "one", ["title"])


def test_codes_generated_names_and_revocations_are_never_held(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A guard that could hold a revocation would keep in public what has to go; codes say no words."""
    approve(world, "producer")
    body = a_full_report(client_ref="codes", tlp="red", share_redacted_with=["members"], for_release=None)
    # Names that are codes, and that a pseudonym, a band or a generated name might hold.
    body["systems"][0].update(name="High-severity incident", developer="incident", version="5.6.0")
    report = world.file("producer", body)["id"]
    asked: list[Any] = []
    monkeypatch.setattr(pressing, "examine", lambda *more: asked.append(more))
    world.release()
    (carrier,) = world.carriers("member", "members")
    assert carrier["name"].endswith(")")
    assert (asked, state(world, report)) == ([], "passed"), "without words nothing is asked"
    monkeypatch.undo()
    assert world.send("producer", "POST", f"/api/v1/reports/{report}/withdraw").status_code == 200
    world.release()
    assert world.carriers("member", "members") == []


def test_what_is_held_can_be_withdrawn_and_recalled(world: World) -> None:
    approve(world, "producer")
    clean = {"title": "A note", "summary": "Nothing."}
    shared: dict[str, Any] = {"client_ref": "one", "share_redacted_with": ["members"]}
    report = world.file("producer", a_report(for_release=clean, **shared, **CANARIES))["id"]
    approve_text(world, report)
    world.release()
    assert len(world.carriers("member", "members")) == 1
    patch = {"for_release": TOLD}
    assert world.send("producer", "PATCH", f"/api/v1/reports/{report}", patch, If_Match="*").status_code == 200
    approve_text(world, report)
    world.release()
    assert state(world, report) == "held"
    assert [one["name"] for one in world.carriers("member", "members")] == ["A note"], "the entry before it stays"
    assert world.send("producer", "POST", f"/api/v1/reports/{report}/withdraw").status_code == 200
    world.release()
    assert world.carriers("member", "members") == []
    assert world.send("analyst", "GET", "/api/v1/guard").get_json()["items"] == []


def test_the_terms_of_a_report_are_its_own_and_its_organisations(world: World) -> None:
    """Names of others would tell a producer, hold by hold, who else files here."""
    world.enrol("producer", "Marrowgate Labs")
    world.file("producer:Marrowgate Labs", a_report(client_ref="theirs", systems=[{"name": "Vantobrel"}]))
    approve(world, "producer")
    text = {"title": "A note", "summary": "Seen at Marrowgate Labs, in Vantobrel."}
    report = world.file("producer", a_report(client_ref="mine", share_redacted_with=["members"], for_release=text))[
        "id"
    ]
    approve_text(world, report)
    world.release()
    assert state(world, report) == "passed"

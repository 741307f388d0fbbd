from typing import Any

import pytest

STUDY: dict[str, Any] = {
    "id": "AML.CS0042",
    "name": "The parrot that learned to order",
    "summary": "Somebody taught it.",
    "incident-date": "2031-05-17",
    "incident-date-granularity": "DATE",
    "case-study-type": "incident",
    "target": "Parrot, Speaker",
    "actor": "Neighbour",
    "procedure": [{"tactic": "AML.TA0002", "technique": "AML.T0000", "description": "Listened at the door."}],
    "references": [{"title": "Notes", "url": "https://parrot.example/notes"}, {"title": "A talk", "url": ""}],
}


def test_a_case_study_becomes_a_report(reported):
    report = reported("atlas", STUDY)
    assert (report["title"], report["description"]) == (STUDY["name"], STUDY["summary"])
    assert report["severity"] == "unknown"
    assert report["systems"] == [{"name": "Parrot, Speaker"}]
    assert report["threat"] == {"actor": "Neighbour"}
    assert report["references"] == [{"title": "Notes", "url": "https://parrot.example/notes"}, {"title": "A talk"}]
    assert report["taxonomy"][0]["code"] == "AML.CS0042"
    assert report["origin"]["url"] == "https://atlas.mitre.org/studies/AML.CS0042"


def test_steps_keep_their_order_and_name_their_scheme(reported):
    [step] = reported("atlas", STUDY)["attack_steps"]
    assert step["scheme"] == "ATLAS"
    assert step["version"]
    assert (step["tactic"], step["technique"]) == ("AML.TA0002", "AML.T0000")


@pytest.mark.parametrize(
    ("kind", "becomes"), [("exercise", "vulnerability"), ("incident", "incident"), ("", "incident")]
)
def test_an_exercise_is_a_vulnerability(reported, kind, becomes):
    assert reported("atlas", {**STUDY, "case-study-type": kind})["report_type"] == becomes


@pytest.mark.parametrize(
    ("granularity", "date"),
    [("YEAR", "2031"), ("MONTH", "2031-05"), ("DATE", "2031-05-17"), ("month", "2031-05"), ("FORTNIGHT", "2031-05-17")],
)
def test_a_date_is_as_exact_as_the_source_says(reported, granularity, date):
    report = reported("atlas", {**STUDY, "incident-date-granularity": granularity})
    assert report["aware_at"] == report["occurred_start"] == date


def test_a_code_that_the_hub_does_not_hold_leaves_the_text_of_its_step(importing):
    steps = [{**STUDY["procedure"][0], "technique": "AML.T9999"}, {"description": "Waited."}, {"tactic": "AML.TA0003"}]
    [imported] = importing("atlas", {**STUDY, "procedure": steps})
    kept = imported.report["attack_steps"]
    assert [step.get("description") for step in kept] == ["Listened at the door.", "Waited.", None]
    assert [step.get("technique") for step in kept] == [None, None, None]
    assert imported.left_out == ("/attack_steps/0/technique",)


def test_what_is_missing_is_unknown_or_absent(reported):
    bare = {key: STUDY[key] for key in ("id", "name", "summary", "incident-date")}
    report = reported("atlas", {**bare, "actor": "Unknown", "procedure": "see summary", "references": None})
    assert report["systems"] == [{"name": "unknown"}]
    assert not {"threat", "attack_steps", "references"} & report.keys()


def test_a_case_study_without_a_date_is_refused_by_that_field(importing):
    [refused] = importing("atlas", {**STUDY, "incident-date": None})
    assert refused.key == "AML.CS0042"
    assert refused.refusal.startswith("/aware_at ")

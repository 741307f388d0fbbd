from typing import Any

import pytest

RECORD: dict[str, Any] = {
    "incident_id": 4711,
    "url": "https://incidentdatabase.ai/cite/4711",
    "title": "Vending machine refused the tall",
    "date": "2031-06-07",
    "alleged_deployer": ["Snackhouse", "unknown"],
    "alleged_harmed_or_nearly_harmed": ["Ada Tall", "Snackhouse users", "General public"],
    "gmf": {"Known AI Goal": ["Face Recognition"], "Potential AI Technical Failure": ["Distributional Bias"]},
}


def test_an_incident_becomes_a_report(reported):
    report = reported("aiid", RECORD)
    assert (report["report_type"], report["title"]) == ("incident", RECORD["title"])
    assert report["aware_at"] == report["occurred_start"] == "2031-06-07"
    assert report["systems"] == [{"name": "unknown"}]
    assert report["severity"] == "unknown"


def test_the_description_says_where_the_text_is_and_names_nobody(reported):
    description = reported("aiid", RECORD)["description"]
    assert "incident 4711" in description
    assert "at the source" in description
    assert not any(name in description for name in ("Snackhouse", "Ada Tall"))


def test_parties_have_roles(reported):
    assert [(party["name"], party["role"]) for party in reported("aiid", RECORD)["affected_parties"]] == [
        ("Snackhouse", "deployer"),
        ("Ada Tall", "third_party"),
        ("Snackhouse users", "user"),
        ("General public", "public"),
    ]


def test_developers_and_systems_are_taken_where_a_record_has_them(reported):
    report = reported("aiid", {**RECORD, "alleged_developer": ["Lensmaker"], "implicated_systems": ["snackvision"]})
    assert report["systems"] == [{"name": "snackvision", "developer": "Lensmaker"}]
    assert {"name": "Lensmaker", "role": "developer"} in report["affected_parties"]


def test_only_what_is_known_is_a_code(reported):
    [code] = reported("aiid", RECORD)["taxonomy"]
    assert (code["scheme"], code["code"]) == ("AIID-GMF", "face_recognition")


def test_a_label_that_the_hub_does_not_hold_is_left_out(importing):
    [imported] = importing("aiid", {**RECORD, "gmf": {"Known AI Goal": ["Face Recognition", "Mind Reading"]}})
    assert [code["code"] for code in imported.report["taxonomy"]] == ["face_recognition"]
    assert imported.left_out == ("/taxonomy/1",)


@pytest.mark.parametrize("odd", [None, "Snackhouse", [None, 3, ""], {}])
def test_lists_of_odd_shape_refuse_nothing(reported, odd):
    report = reported("aiid", {**RECORD, "alleged_deployer": odd, "alleged_harmed_or_nearly_harmed": [], "gmf": odd})
    assert report["title"] == RECORD["title"]


def test_more_parties_than_fit_are_cut_and_still_counted(importing):
    [imported] = importing("aiid", {**RECORD, "alleged_deployer": [f"Shop {n}" for n in range(120)]})
    assert len(imported.report["affected_parties"]) == 100
    assert "Alleged deployers: 120;" in imported.report["description"]
    assert len(imported.left_out) == 23

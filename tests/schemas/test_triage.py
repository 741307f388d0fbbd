"""The overlay: codes of the report's own lines, and nothing in words."""

import pytest
from marshmallow import ValidationError

from schemas.anatomy import LEAVES, present
from schemas.loading import problems_of
from schemas.triage import ASSERTABLE, ASSERTED, Assertions, patched

FULL = {
    "severity": "critical",
    "oecd_severity": "incident",
    "risk_area": ["cbrn"],
    "taxonomy": [{"scheme": "CWE", "code": "CWE-79"}],
    "attack_steps": [{"technique": "AML.T0051"}],
    "mitigations": [{"code": "AML.M0015", "status": "done"}],
    "triage": {"credibility": "probable", "family": "gpt-4"},
}


def read(value):
    return Assertions().deserialize(value)


def faults(value):
    with pytest.raises(ValidationError) as wrong:
        read(value)
    return {one.pointer for one in problems_of(wrong.value.messages)}


def test_every_field_that_may_be_asserted_is_taken_with_its_scheme_named():
    said = read(FULL)
    assert set(said) == set(ASSERTABLE) == set(FULL)
    assert said["attack_steps"] == [{"scheme": "ATLAS", "version": "5.6.0", "technique": "AML.T0051"}]


def test_no_line_of_the_overlay_takes_text_or_a_sealed_value():
    lines = {path for path in LEAVES if path.replace("[]", "").split(".")[0] in ASSERTABLE}
    words = {path for path in lines if getattr(LEAVES[path].kind, "free_text", False)}
    assert words == {"attack_steps[].description", "mitigations[].text"}
    assert faults({"attack_steps": [{"technique": "AML.T0051", "description": "x"}]}) == {"/attack_steps/0/description"}
    assert faults({"mitigations": [{"code": "AML.M0015", "text": "x"}]}) == {"/mitigations/0/text"}
    assert words.isdisjoint(present(read(FULL)))


@pytest.mark.parametrize("name", ["title", "tlp", "origin", "share_redacted_with", "for_release", "urgent", "x"])
def test_what_is_the_producers_alone_cannot_be_asserted(name):
    assert faults({name: "x"}) == {f"/{name}"}


def test_a_code_that_its_scheme_does_not_know_is_refused():
    assert faults({"taxonomy": [{"scheme": "CWE", "code": "AML.T0051"}]}) == {"/taxonomy/0/code"}
    assert faults({"severity": "huge", "triage": {"credibility": "sure"}}) == {"/severity", "/triage/credibility"}
    assert faults({"triage": {"family": "GPT 4!"}}) == {"/triage/family"}


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"risk_area": []}, "/risk_area"),
        ({"triage": {}}, "/triage"),
        ({"attack_steps": [{}]}, "/attack_steps/0"),
        ({"mitigations": [{"status": "done"}]}, "/mitigations/0"),
        ({"taxonomy": [{"scheme": "CWE"}]}, "/taxonomy/0/code"),
    ],
)
def test_an_assertion_of_nothing_is_refused(said, pointer):
    assert faults(said) == {pointer}


@pytest.mark.parametrize("value", [[], "x", 3, True])
def test_assertions_are_an_object(value):
    assert faults(value) == {""}


def test_null_takes_back_and_a_field_is_replaced_whole():
    was = read(FULL)
    now = patched(was, read({"severity": None, "risk_area": ["ai_safety"]}))
    assert now == {name: said for name, said in {**was, "risk_area": ["ai_safety"]}.items() if name != "severity"}


def test_the_overlay_knows_no_field_that_the_report_does_not():
    assert set(ASSERTED.fields) == set(ASSERTABLE)

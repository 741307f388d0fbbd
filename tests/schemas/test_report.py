"""Six fields make a report; everything else is optional, and nothing unknown comes in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas.anatomy import LEAVES
from schemas.errors import Invalid
from schemas.loading import load
from schemas.report import AMENDED, FILED, IMPORTED, Report, filing_schema
from tests.factories import MINIMAL, a_full_report, a_report
from tests.strategies import CHARACTERS, LAW, json_values, leaf_values, reports

ORIGIN = {"source": "atlas", "id": "AML.CS0000", "licence": "Apache-2.0"}


def faults(schema, document):
    with pytest.raises(Invalid) as wrong:
        load(schema, document)
    return {one.pointer for one in wrong.value.problems}


def test_six_fields_suffice_and_the_tlp_is_the_narrowest_that_an_organisation_shares_inside():
    assert load(FILED, MINIMAL) == {**MINIMAL, "tlp": "amber+strict"}


@pytest.mark.parametrize("name", sorted(MINIMAL))
def test_without_any_one_of_the_six_it_is_no_report(name):
    assert faults(FILED, a_report(**{name: None})) == {f"/{name}"}


def test_a_system_needs_its_name():
    assert faults(FILED, a_report(systems=[{"developer": "Acme"}])) == {"/systems/0/name"}
    assert faults(FILED, a_report(systems=[])) == {"/systems"}


def test_no_other_field_is_needed():
    assert {name for name, kind in Report._declared_fields.items() if kind.required} == set(MINIMAL)
    for name in Report._declared_fields.keys() - MINIMAL.keys() - {"origin", "triage"}:
        assert load(FILED, a_report(**{name: a_full_report().get(name)}))


def test_every_field_that_a_filer_can_fill_is_taken_as_it_was():
    report = a_full_report()
    assert load(FILED, report) == report


def test_no_filer_can_claim_that_a_report_comes_from_a_public_source():
    assert faults(FILED, a_report(origin=ORIGIN)) == {"/origin"}
    assert faults(AMENDED, {"origin": ORIGIN}) == {"/origin"}
    assert load(IMPORTED, a_report(origin=ORIGIN))["origin"] == ORIGIN
    assert "origin" not in filing_schema()["properties"]


def test_no_filer_and_no_importer_can_say_what_only_an_analyst_does():
    said = {"credibility": "confirmed", "family": "gpt-4"}
    assert [faults(schema, a_report(triage=said)) for schema in (FILED, IMPORTED)] == [{"/triage"}] * 2
    assert faults(AMENDED, {"triage": said}) == {"/triage"}
    assert "triage" not in filing_schema()["properties"]


def test_an_amendment_needs_nothing_and_cannot_move_the_client_ref():
    assert load(AMENDED, {}) == {}
    assert load(AMENDED, {"severity": "low"}) == {"severity": "low"}
    assert faults(AMENDED, {"client_ref": "OTHER-1"}) == {"/client_ref"}


@pytest.mark.parametrize("tlp", ["clear", "green", "amber", "amber+strict", "red"])
def test_every_label_can_be_filed(tlp):
    assert load(FILED, a_report(tlp=tlp))["tlp"] == tlp


@pytest.mark.parametrize("tlp", ["CLEAR", "white", "amber_strict", "TLP:GREEN", ""])
def test_no_other_label_can(tlp):
    assert faults(FILED, a_report(tlp=tlp)) == {"/tlp"}


def test_the_json_schema_is_valid_closed_and_says_the_same_six():
    shape = filing_schema()
    Draft202012Validator.check_schema(shape)
    assert set(shape["required"]) == set(MINIMAL)
    assert shape["additionalProperties"] is False
    Draft202012Validator(shape).validate(a_full_report())
    assert not Draft202012Validator(shape).is_valid(a_report(title=None))


@LAW
@given(reports())
def test_what_the_hub_takes_its_json_schema_takes(report):
    assert load(FILED, report) == report
    Draft202012Validator(filing_schema()).validate(report)


@LAW
@given(document=st.dictionaries(st.sampled_from(sorted(Report._declared_fields)), json_values))
def test_any_json_is_taken_unchanged_or_refused_with_pointers(document):
    try:
        assert load(FILED, document) == {"tlp": "amber+strict", **document}
        pointers = ["/"]
    except Invalid as wrong:
        pointers = [one.pointer for one in wrong.problems]
    assert pointers
    assert all(place.startswith("/") for place in pointers)


@LAW
@given(data=st.data(), name=st.sampled_from(sorted(Report._declared_fields)), noise=st.text(CHARACTERS, min_size=9))
def test_no_refusal_repeats_a_value(data, name, noise):
    secret = f"s3cret-{noise}"
    value = data.draw(
        st.sampled_from([secret, [secret], {name: secret}, [{"name": secret, "code": secret}], [[secret]]])
    )
    report = a_report(**{name: value, "client_ref": secret + "\n"})
    with pytest.raises(Invalid) as wrong:
        load(FILED, report)
    assert "s3cret" not in str(wrong.value)
    assert all(secret not in leaf for leaf in leaf_values([vars(one) for one in wrong.value.problems]))


def test_every_leaf_has_one_path_and_one_mark():
    assert len(LEAVES) > 120
    assert all(path == leaf.path for path, leaf in LEAVES.items())

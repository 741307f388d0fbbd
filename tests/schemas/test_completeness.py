"""What a report still lacks is said, by label, and never a reason to refuse it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import vocabulary
from schemas.anatomy import LEAVES, present
from schemas.completeness import completeness
from tests.factories import MINIMAL, a_full_report
from tests.strategies import LAW

RULES = vocabulary.document("completeness")
TYPES = list(vocabulary.enumeration("report_type").terms)
TYPE = pytest.mark.parametrize("report_type", TYPES)
any_paths = st.sets(st.sampled_from(sorted(LEAVES)))


@TYPE
def test_a_report_with_every_field_lacks_nothing(report_type):
    found = completeness(report_type, present(a_full_report()))
    assert found["complete"]
    assert [name for name, profile in found["profiles"].items() if not profile["complete"]] == []


@TYPE
def test_a_minimal_report_is_told_what_its_type_asks_for(report_type):
    found = completeness(report_type, present({**MINIMAL, "report_type": report_type}))
    assert found["missing"] == list(RULES["types"][report_type])
    assert not found["complete"]


@TYPE
def test_each_alternative_meets_its_label_and_half_of_one_does_not(report_type):
    for label, choices in RULES["types"][report_type].items():
        for paths in choices:
            assert label not in completeness(report_type, paths)["missing"]
            assert len(paths) == 1 or label in completeness(report_type, paths[:1])["missing"]


def test_a_profile_that_asks_for_two_fields_together_is_not_met_by_one():
    label = "1 start and end"
    assert label in completeness("incident", {"occurred_start"})["profiles"]["gpai10"]["missing"]
    both = {"occurred_start", "occurred_end"}
    assert label not in completeness("incident", both)["profiles"]["gpai10"]["missing"]


def test_a_type_without_rules_lacks_nothing_of_its_own():
    assert completeness("no such type", ())["complete"]


@LAW
@given(st.sampled_from(TYPES), any_paths, any_paths)
def test_saying_more_never_lacks_more(report_type, some, more):
    before, after = completeness(report_type, some), completeness(report_type, some | more)
    assert set(after["missing"]) <= set(before["missing"])
    for name, profile in after["profiles"].items():
        assert set(profile["missing"]) <= set(before["profiles"][name]["missing"])
        assert profile["complete"] is (not profile["missing"])

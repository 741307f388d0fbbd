"""Taking a report apart loses nothing, and nothing sealed stays in what is clear."""

import json

from hypothesis import given

from schemas.anatomy import LEAVES, divide, join, leaves, present
from schemas.loading import pointer
from schemas.marks import Kept
from schemas.report import Report
from tests.factories import MINIMAL, a_full_report, canary
from tests.strategies import LAW, reports


@LAW
@given(reports())
def test_joining_what_was_divided_gives_back_the_report(report):
    before = json.dumps(report)
    divided = divide(report)
    assert join(divided.clear, divided.sealed, divided.identity) == report
    assert json.dumps(report) == before, "dividing changed the report itself"


@LAW
@given(reports())
def test_each_value_is_kept_once_and_where_its_mark_says(report):
    divided = divide(report)
    for kept, values in ((Kept.SEALED, divided.sealed), (Kept.IDENTITY, divided.identity)):
        assert {LEAVES[path].mark.kept for path in values} <= {kept}
    clear_paths = present(divided.clear)
    assert {LEAVES[path].mark.kept for path in clear_paths} <= {Kept.CLEAR}
    assert clear_paths.isdisjoint(divided.sealed)


@LAW
@given(reports())
def test_what_holds_a_value_holds_it_clear_or_sealed(report):
    divided = divide(report)
    held = present(report)
    assert held <= {*present(divided.clear), *divided.sealed, *divided.identity} <= set(LEAVES)


def test_no_canary_of_a_sealed_field_is_in_the_clear_document():
    divided = divide(a_full_report())
    clear = json.dumps(divided.clear)
    for path, leaf in LEAVES.items():
        if leaf.mark.kept in {Kept.SEALED, Kept.IDENTITY}:
            assert canary(path) not in clear
    assert {path for path, leaf in LEAVES.items() if leaf.mark.kept is Kept.IDENTITY} == set(divided.identity)


def test_the_values_of_one_path_lie_under_their_pointers():
    divided = divide({**MINIMAL, "systems": [{"name": "A"}, {"name": "B", "kind": "model"}]})
    assert divided.sealed["systems[].name"] == {"/systems/0/name": "A", "/systems/1/name": "B"}
    assert divided.clear["systems"] == [{}, {"kind": "model"}]


def test_joining_only_some_of_the_opened_values_shows_only_those():
    divided = divide({**MINIMAL, "poc": "secret"})
    title = {"title": divided.sealed["title"]}
    assert join(divided.clear, title) == {**divided.clear, "title": MINIMAL["title"]}


def test_joining_changes_neither_side():
    divided = divide(dict(MINIMAL))
    before = json.dumps([divided.clear, divided.sealed])
    join(divided.clear, divided.sealed)
    assert json.dumps([divided.clear, divided.sealed]) == before


def test_the_leaves_stand_in_the_order_of_the_lines_and_hold_no_parts():
    assert list(LEAVES) == [leaf.path for leaf in leaves(Report)]
    assert all(leaf.mark.kept is not Kept.PARTS for leaf in LEAVES.values())
    assert list(LEAVES)[:3] == ["report_type", "title", "description"]


def test_unknown_and_emptiness_are_no_values():
    assert present({"severity": "unknown", "harm_types": [], "systems": [{}, {"name": "A"}], "triggers": {}}) == {
        "systems[].name"
    }
    assert present({"urgent": False, "harm_quantity": {"deaths": 0}}) == {"urgent", "harm_quantity.deaths"}


@LAW
@given(reports())
def test_a_pointer_leads_to_its_value(report):
    divided = divide(report)
    for values in (divided.sealed, divided.identity):
        for by_pointer in values.values():
            for place, value in by_pointer.items():
                found = report
                for step in place[1:].split("/"):
                    found = found[int(step)] if isinstance(found, list) else found[step]
                assert found == value
                assert pointer(*place[1:].split("/")) == place

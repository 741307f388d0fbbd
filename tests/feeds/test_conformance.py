"""The gate that every object passes before it is stored: STIX 2.1, and inside both extensions our own rules."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from feeds.conformance import Malformed, check
from feeds.edition import stix_time
from feeds.mapping import to_stix
from feeds.mapping.extension import AI_EXTENSION, CORE_EXTENSION, ai_schema, core_schema
from schemas.anatomy import LEAVES
from schemas.audience import Mode
from tests.factories import a_full_report
from tests.feeds.definitions import FEEDS
from tests.feeds.shown import NAMING, projected
from tests.feeds.test_edition import FIRST
from tests.strategies import LAW, json_values

MEMBERS = next(feed for feed in FEEDS if feed.name == "members")
TIMES = {"created": stix_time(FIRST), "modified": stix_time(FIRST)}


@pytest.fixture
def incident():
    made = to_stix(projected(a_full_report(), MEMBERS, Mode.WRITTEN), NAMING)
    return copy.deepcopy({**next(body for body in made if body["type"] == "incident"), **TIMES})


def test_what_the_mapping_makes_passes(incident):
    check(incident)


@pytest.mark.parametrize(
    ("extension", "change"),
    [
        (AI_EXTENSION, {"extra": 1}),
        (AI_EXTENSION, {"mode": "whole"}),
        (AI_EXTENSION, {"reference": "M-1"}),
        (AI_EXTENSION, {"limits": [{"field": "title"}]}),
        (AI_EXTENSION, {"limits": "none"}),
        (AI_EXTENSION, {"fields": []}),
        (AI_EXTENSION, {"fields": {"severity": "catastrophic"}}),
        (AI_EXTENSION, {"fields": {"aware_at": "2026-11-20T10:00:00Z"}}),
        (AI_EXTENSION, {"fields": {"harm_quantity": {"deaths": 4711}}}),
        (AI_EXTENSION, {"fields": {"title": "a title belongs into name"}}),
        (AI_EXTENSION, {"fields": {"poc": "what no feed shows"}}),
        (AI_EXTENSION, {"fields": {"reporter": {"name": "Someone"}}}),
        (AI_EXTENSION, {"fields": {"systems": [{"developers": "Acme"}]}}),
        (CORE_EXTENSION, {"determination": "sure"}),
        (CORE_EXTENSION, {"criticality": 101}),
        (CORE_EXTENSION, {"criticality": "90"}),
        (CORE_EXTENSION, {"recoverability": "regular"}),
        (CORE_EXTENSION, {"investigation_status": None}),
    ],
    ids=lambda given: repr(given).removeprefix("'extension-definition--")[:60],
)
def test_bad_content_of_an_extension_is_refused_though_stix2_does_not_look_inside(incident, extension, change):
    incident["extensions"][extension].update(change)
    with pytest.raises(Malformed) as wrong:
        check(incident)
    assert "incident" in str(wrong.value)
    assert "CANARY" not in str(wrong.value)


@pytest.mark.parametrize("extension", [AI_EXTENSION, CORE_EXTENSION])
@pytest.mark.parametrize("content", [{}, [], "x", None, {"extension_type": "new-sdo"}], ids=repr)
def test_an_extension_of_another_shape_is_refused(incident, extension, content):
    incident["extensions"][extension] = content
    with pytest.raises(Malformed):
        check(incident)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "incident--1"}, {"id": "report--6b0c8f8e-6a0f-4b7e-9a53-3d0b1d8f7c11"}, {"type": "no-such-type"},
        {"name": None}, {"created": "2026-11-23"}, {"spec_version": "2.0"}, {"created_by_ref": "someone"},
        {"x_ours": 1}, {"object_marking_refs": ["TLP:GREEN"]},
        {"external_references": [{}]},
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_stix_is_refused(incident, change):
    with pytest.raises(Malformed):
        check({**incident, **change})


@pytest.mark.parametrize("body", [{}, {"type": "report"}, {"type": None}, {"type": ["report"]}], ids=repr)
def test_what_is_no_object_at_all_is_refused(body):
    with pytest.raises(Malformed):
        check(body)


@LAW
@given(st.dictionaries(st.sampled_from(["type", "id", "name", "extensions", "created", "labels"]), json_values))
def test_anything_else_is_refused_and_never_breaks_the_gate(body):
    with pytest.raises(Malformed):
        check(body)


def test_both_schemas_are_valid_and_closed():
    for schema in (ai_schema(), core_schema()):
        Draft202012Validator.check_schema(schema)
        assert schema["additionalProperties"] is False


def test_the_published_schema_describes_each_field_that_some_feed_shows_and_no_other():
    described = set(paths(ai_schema()["properties"]["fields"]))
    shown = {path for path, leaf in LEAVES.items() if leaf.mark.policy}
    assert described == shown - {"title", "description", "language"}


def paths(schema, prefix=""):
    for name, inner in schema["properties"].items():
        if "properties" in inner:
            yield from paths(inner, f"{prefix}{name}.")
        elif "properties" in inner.get("items", {}):
            yield from paths(inner["items"], f"{prefix}{name}[].")
        else:
            yield prefix + name

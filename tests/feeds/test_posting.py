"""What is a STIX object, which version it is, and that a refusal says no value."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.posted import Posted, Refused, moment
from feeds.posting import read
from tests.strategies import LAW, texts

ID = "0b9e9a9e-2f5c-4a52-8a3b-3f1d1d6f0c11"
TIMES = {"created": "2026-11-20T10:00:00.000Z", "modified": "2026-11-20T10:00:00.123456Z"}


def an(kind: str, **more: object) -> dict[str, Any]:
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{ID}", **TIMES, **more}


VALID = [
    an("indicator", pattern="[file:name = 'x']", pattern_type="stix", valid_from=TIMES["created"]),
    an("indicator", pattern=f"[{' OR '.join(['a:b = 1'] * 200)}]", pattern_type="stix", valid_from=TIMES["created"]),
    an("relationship", relationship_type="uses", source_ref=f"incident--{ID}", target_ref=f"tool--{ID}"),
    an("sighting", sighting_of_ref=f"x-thing--{ID}"),
    an("note", content="Text", object_refs=[f"x-thing--{ID}"], x_custom={"deep": [1, 2.5, True]}),
    an("opinion", opinion="agree", object_refs=[f"report--{ID}"]),
    an("language-content", object_ref=f"report--{ID}", contents={"de": {"name": "Bericht"}}),
    an("extension-definition", created_by_ref=f"identity--{ID}", name="E", schema="S", version="1.0",
       extension_types=["property-extension"]),
    an("x-thing", whatever="a"),
    {"type": "file", "id": f"file--{ID}", "name": "x.txt"},
    {"type": "ipv4-addr", "spec_version": "2.1", "id": f"ipv4-addr--{ID}", "value": "192.0.2.1"},
    {"type": "marking-definition", "spec_version": "2.1", "id": f"marking-definition--{ID}",
     "created": TIMES["created"], "definition_type": "statement", "definition": {"statement": "Ours"}},
]  # fmt: skip
INVALID = [
    ("type", an("Indicator")),
    ("type", {"type": "bundle", "id": f"bundle--{ID}", "objects": [an("tool", name="x")]}),
    ("id", {**an("tool", name="CANARY"), "id": f"malware--{ID}"}),
    ("id", {**an("tool", name="CANARY"), "id": "tool--CANARY"}),
    ("spec_version", {**an("tool", name="CANARY"), "spec_version": "2.0"}),
    ("spec_version", {name: value for name, value in an("tool", name="CANARY").items() if name != "spec_version"}),
    ("modified", {**an("tool", name="CANARY"), "modified": "2020-01-01T00:00:00.000Z"}),
    ("created", {**an("tool", name="CANARY"), "created": "CANARY"}),
    ("name", an("tool", name=7)),
    ("name", an("tool")),
    ("labels", an("tool", name="CANARY", labels=[])),
    ("a custom property", an("tool", name="CANARY", x_canary=None)),
    ("a property's name", {**an("tool", name="x"), "CANARY Word": 1}),
    ("pattern", an("indicator", pattern="CANARY", pattern_type="stix", valid_from=TIMES["created"])),
    ("created_by_ref", an("tool", name="x", created_by_ref="CANARY")),
    ("selectors", an("tool", name="x", granular_markings=[{"lang": "en", "selectors": ["CANARY"]}])),
]


@pytest.mark.parametrize("body", VALID, ids=[f"{place}-{one['type']}" for place, one in enumerate(VALID)])
def test_what_is_valid_is_kept_as_it_came(body):
    found = read(body, 0)
    assert isinstance(found, Posted), found
    assert json.loads(found.content) == body
    assert list(json.loads(found.content)) == list(body)
    assert found.version == body.get("modified", body.get("created"))


@pytest.mark.parametrize(("named", "body"), INVALID, ids=[f"{place}-{one[0]}" for place, one in enumerate(INVALID)])
def test_what_is_invalid_is_refused_by_the_property_and_no_value(named, body):
    found = read(body, 4)
    assert isinstance(found, Refused)
    assert named in found.message
    assert "CANARY" not in f"{found.message} {found.stix_id}".upper()


@LAW
@given(name=texts, more=st.dictionaries(st.from_regex(r"x_[a-z_]{3,9}", fullmatch=True), texts | st.integers()))
def test_any_valid_object_reads_back(name, more):
    body = an("tool", name=name, **more)
    found = read(body, 0)
    assert isinstance(found, Posted)
    assert json.loads(found.content) == body


def test_versions_are_ordered_however_exactly_they_are_written():
    written = [
        "2026-11-20T10:00:00Z",
        "2026-11-20T10:00:00.1Z",
        "2026-11-20T10:00:00.123Z",
        "2026-11-20T10:00:00.1234Z",
    ]
    assert sorted(written, key=moment) == written
    assert moment("2026-11-20T10:00:00.000Z") == moment("2026-11-20T10:00:00Z")

"""Our extension: everything of a projection that STIX has no property for, and what was withheld or coarsened.

Its JSON Schema is derived from the field marks, so that a field added to a report is described by the same line. The
OASIS incident core extension exists in three versions; only what all of them read is emitted (`notes` in
docs/stix-and-taxii.md).
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from feeds.names import Naming
from feeds.projection import Projection
from feeds.transforms import coarser, named
from schemas.anatomy import LEAVES, Leaf, lines, part_of
from schemas.fields import Many
from schemas.part import Part
from schemas.report import Report

AI_EXTENSION = "extension-definition--a6237c31-c96b-4fc9-9452-effa3f81ca83"
CORE_EXTENSION = "extension-definition--ef765651-680c-498d-9894-99799f2fa126"
PROJECT = "identity--e91ea1c8-18ad-4b0b-9db4-79b0b8689c69"  # who defines the extension, the same in every hub
ELSEWHERE = ("title", "description", "language")  # name, description and lang of the object itself
CRITICALITY = {"critical": 90, "high": 70, "medium": 50, "low": 30, "info": 10}
RECEIPT = ("commitment", "salt", "signature")
DETERMINATION = {"realised": "confirmed", "imminent": "blocked", "none": "failed-attempt"}


def ai_extension(projection: Projection, naming: Naming) -> dict[str, Any]:
    """The extension's content for one projection."""
    said = {
        "extension_type": "property-extension",
        "reference": naming.reference,
        "mode": str(projection.mode),
        "fields": {name: value for name, value in projection.fields.items() if name not in ELSEWHERE},
    }
    limits = [{"field": field, "rule": rule} for field, rule in projection.limits]
    listed = {"limits": limits, "triaged": list(projection.triaged)}
    return {**said, **{name: found for name, found in listed.items() if found}}  # STIX 2.1, 2.12: no empty list


def core_extension(projection: Projection) -> dict[str, Any]:
    """The OASIS incident core extension, in the values that its versions share."""
    fields = projection.fields
    core = {
        "extension_type": "property-extension",
        "determination": DETERMINATION.get(fields.get("harm_status", "unknown"), "suspected"),
        "investigation_status": "new",
    }
    criticality = CRITICALITY.get(fields.get("severity", "unknown"))
    return core if criticality is None else {**core, "criticality": criticality}


@cache
def ai_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the extension, as the hub publishes it."""
    limit = {"type": "object", "properties": {"field": {"type": "string"}, "rule": {"type": "string"}}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Incident Hub: AI incident extension for STIX 2.1",
        "type": "object",
        "properties": {
            "extension_type": {"const": "property-extension"},
            "reference": {"type": "string", "pattern": "^[A-Z]-[0-9A-Z]{4}-[0-9A-Z]{4}$"},
            "mode": {"enum": ["written", "redacted"]},
            "fields": _part_schema(Report, "", ELSEWHERE),
            "limits": {"type": "array", "items": {**limit, "required": ["field", "rule"]}},
            "triaged": {"type": "array", "items": {"enum": list(lines(Report))}},  # where the hub's word shows
            "receipt": {  # in an inbox: of the report that the object became
                "type": "object",
                "properties": {name: {"type": "string", "pattern": "^[0-9a-f]+$"} for name in RECEIPT},
                "required": list(RECEIPT),
                "additionalProperties": False,
            },
        },
        "required": ["extension_type", "reference"],
        "if": {"required": ["receipt"]},
        "then": {"properties": dict.fromkeys(("mode", "fields", "limits", "triaged"), False)},
        "else": {"required": ["mode", "fields"]},
        "additionalProperties": False,
    }


def receipt_extension(reference: str, receipt: Mapping[str, str]) -> dict[str, Any]:
    """The extension's content where it stands for a report that was posted: its reference and receipt, no more."""
    return {"extension_type": "property-extension", "reference": reference, "receipt": dict(receipt)}


def core_schema() -> dict[str, Any]:
    """What the hub emits of the OASIS core extension, and nothing else."""
    return {
        "type": "object",
        "properties": {
            "extension_type": {"const": "property-extension"},
            "determination": {"enum": ["suspected", "confirmed", "blocked", "failed-attempt", "false-positive"]},
            "investigation_status": {"enum": ["new", "open", "closed"]},
            "criticality": {"type": "integer", "minimum": 0, "maximum": 100},
        },
        "required": ["extension_type", "determination", "investigation_status"],
        "additionalProperties": False,
    }


def _part_schema(part: type[Part], prefix: str, without: tuple[str, ...] = ()) -> dict[str, Any]:
    properties = {}
    for name, kind in lines(part).items():
        inner = part_of(kind)
        if inner is None:
            shapes = _leaf_shapes(LEAVES[prefix + name])
        else:
            shape = _part_schema(inner, f"{prefix}{name}{'[].' if isinstance(kind, Many) else '.'}")
            shapes = [{"type": "array", "items": shape} if isinstance(kind, Many) else shape]
        if name not in without and shapes and shapes[0].get("properties") != {}:
            properties[name] = shapes[0] if len(shapes) == 1 else {"anyOf": shapes}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _leaf_shapes(leaf: Leaf) -> list[dict[str, Any]]:
    """What its line lets out, and what feeds may make of that."""
    found: list[dict[str, Any]] = []
    lines = leaf.mark.policy.values()
    for spelling in (*lines, *(less for line in lines for less in coarser(leaf, line))):
        shape = named(spelling)[0].schema(leaf.kind.json_schema())
        if shape not in found:
            found.append(shape)
    return found


def extension_definition() -> list[dict[str, Any]]:
    """The extension-definition of our extension and the identity that defines it, the same bytes in every hub."""
    times = {"created": "2026-11-23T00:00:00.000Z", "modified": "2026-11-23T00:00:00.000Z"}
    heading = {"spec_version": "2.1", **times}
    project = {"type": "identity", "id": PROJECT, **heading, "name": "Incident Hub", "identity_class": "organization"}
    definition = {
        "type": "extension-definition",
        "id": AI_EXTENSION,
        **heading,
        "created_by_ref": PROJECT,
        "name": "AI incident",
        "description": "What an AI safety incident report says beyond STIX, and what of it was withheld or coarsened.",
        "schema": "JSON Schema at /schemas/ai-incident.json of any Incident Hub that serves this object",
        "version": "1.0.0",
        "extension_types": ["property-extension"],
    }
    return [project, definition]

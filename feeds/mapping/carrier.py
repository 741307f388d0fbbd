"""The carrier: the STIX `report` that holds an entry together and that every client shows."""

from collections.abc import Iterator, Mapping
from typing import Any

from feeds.mapping.body import description_of, language_of, name_of, sdo
from feeds.mapping.extension import AI_EXTENSION, ai_extension
from feeds.names import Naming
from feeds.projection import Projection

REPORT_TYPES = {"vulnerability": "vulnerability", "threat": "threat-report"}  # STIX 2.1, report-type-ov; else ours


def carrier(projection: Projection, naming: Naming, others: list[dict[str, Any]]) -> dict[str, Any]:
    """The STIX report of an entry, referring to all of its other objects."""
    kind = projection.fields["report_type"]
    return sdo(
        naming,
        "report",
        "carrier",
        name=name_of(projection, naming),
        description=description_of(projection),
        report_types=[REPORT_TYPES.get(kind, kind.replace("_", "-"))],
        object_refs=[body["id"] for body in others] or [naming.hub],
        labels=[kind.replace("_", "-"), "untrusted-content"],
        lang=language_of(projection),
        external_references=list(_references(projection.fields, naming)),
        extensions={AI_EXTENSION: ai_extension(projection, naming)},
    )


def _references(fields: Mapping[str, Any], naming: Naming) -> Iterator[dict[str, Any]]:
    yield {"source_name": "incident-hub", "external_id": naming.reference}
    if origin := fields.get("origin"):
        source = {"source_name": origin["source"], "external_id": origin["id"], "url": origin.get("url")}
        yield _without_gaps(source, description=f"Licence: {origin['licence']}")
    for reference in fields.get("references", ()):
        found = {"source_name": "reference", "external_id": reference.get("id"), "url": reference.get("url")}
        yield _without_gaps(found, description=reference.get("title"))
    for code in fields.get("taxonomy", ()):
        yield {"source_name": code["scheme"], "external_id": code["code"], "description": f"Version {code['version']}"}


def _without_gaps(reference: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {name: value for name, value in {**reference, **more}.items() if value}

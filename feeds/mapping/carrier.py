"""The carrier: the STIX `report` that holds an entry together and that every client shows."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from feeds.mapping.body import UNTRUSTED, description_of, language_of, name_of, sdo, severity_of
from feeds.mapping.extension import AI_EXTENSION, ai_extension
from feeds.names import Naming
from feeds.projection import Projection

REPORT_TYPES = {"vulnerability": "vulnerability", "threat": "threat-report"}  # STIX 2.1, report-type-ov; else ours

# STIX 2.1, appendix A: Admiralty credibility; what cannot be judged has no number.
CONFIDENCE = {"confirmed": 90, "probable": 70, "possible": 50, "doubtful": 30, "improbable": 10}
NUMBERS = {"cve": re.compile(r"CVE-\d{4}-(0\d{3}|[1-9]\d{3,})"), "capec": re.compile(r"CAPEC-\d+")}


def carrier_id(naming: Naming) -> str:
    """The STIX id of an entry's carrier, for what refers to it."""
    return naming.stix_id("report", "carrier")


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
        labels=[kind.replace("_", "-"), *severity_of(projection), UNTRUSTED],
        lang=language_of(projection),
        confidence=CONFIDENCE.get(projection.fields.get("triage", {}).get("credibility", "")),
        external_references=list(_references(projection.fields, naming)),
        extensions={AI_EXTENSION: ai_extension(projection, naming)},
    )


def _references(fields: Mapping[str, Any], naming: Naming) -> Iterator[dict[str, Any]]:
    yield _cited("incident-hub", naming.reference)
    origin = fields.get("origin", {})
    if origin.keys() & {"id", "url", "licence"}:  # STIX 2.1, 2.5.2: a name of the source alone is no reference
        licence = f"Licence: {origin['licence']}" if "licence" in origin else None
        yield _cited(origin.get("source", "origin"), origin.get("id"), url=origin.get("url"), description=licence)
    for found in fields.get("references", ()):
        if found.keys() & {"id", "url", "title"}:
            yield _cited("reference", found.get("id"), url=found.get("url"), description=found.get("title"))
    for found in fields.get("taxonomy", ()):
        if "code" in found:
            version = f"Version {found['version']}" if "version" in found else None
            yield _cited(found.get("scheme", "taxonomy"), found["code"], description=version)


def _cited(source: str, identifier: str | None, **more: str | None) -> dict[str, Any]:
    """An external reference. STIX 2.1, 2.5: CVE and CAPEC numbers go under the source names set for them."""
    named = next((name for name, shape in NUMBERS.items() if shape.fullmatch(identifier or "")), source)
    cited = {"source_name": named, "external_id": identifier, **more}
    return {name: value for name, value in cited.items() if value}

"""What OpenCTI keeps of what its ingester and its connectors fetch, and what a person then sees of it.

From the sources (OpenCTI-Platform/opencti), as a model, for the platform itself is not run here:
- client-python/pycti/utils/opencti_stix2_utils.py, STIX_CORE_OBJECTS and STIX_CYBER_OBSERVABLE_MAPPING: the types there
  are; opencti_stix2_splitter.py, is_id_supported: whatever else comes is set aside, and its id left out of references;
- client-python/pycti/entities/opencti_report.py and opencti_incident.py, generate_id: two of one name and one
  publication (a report) or creation (an incident) become one entity;
- .../opencti_attack_pattern.py, import_from_stix2: the technique's number is the external id of the first source whose
  name begins with `mitre-`;
- .../opencti_marking_definition.py, import_from_stix2: a marking without `definition_type` goes by its name, and one
  named `TLP:GREEN` is the platform's own TLP:GREEN;
- .../opencti_incident.py: the field `severity` is a property of that name, which STIX does not have and no extension
  fills. Labels are shown on every entity.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.journeys.clients.hubs import Shown
from tests.journeys.clients.reading import newest

ENTITIES = frozenset(
    {
        "attack-pattern",
        "campaign",
        "course-of-action",
        "grouping",
        "identity",
        "incident",
        "indicator",
        "infrastructure",
        "intrusion-set",
        "language",
        "location",
        "malware",
        "malware-analysis",
        "marking-definition",
        "note",
        "observed-data",
        "opinion",
        "relationship",
        "report",
        "sighting",
        "threat-actor",
        "tool",
        "vulnerability",
    }
)
OBSERVABLES = frozenset(
    {
        "artifact",
        "autonomous-system",
        "directory",
        "domain-name",
        "email-addr",
        "email-message",
        "file",
        "ipv4-addr",
        "ipv6-addr",
        "mac-addr",
        "mutex",
        "network-traffic",
        "process",
        "software",
        "url",
        "user-account",
        "windows-registry-key",
        "x509-certificate",
    }
)


def kept(got: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The entities that the platform makes of what was fetched, by STIX id."""
    found = {one_id: dict(one) for one_id, one in newest(got).items() if one["type"] in ENTITIES | OBSERVABLES}
    for one in found.values():
        for name in [name for name in one if name.endswith("_refs")]:
            one[name] = [ref for ref in one[name] if ref.partition("--")[0] in ENTITIES | OBSERVABLES]
    return found


def dropped(got: Iterable[Mapping[str, Any]]) -> set[str]:
    """The types of which nothing is kept."""
    return {one["type"] for one in got} - ENTITIES - OBSERVABLES


def reports(got: Iterable[Mapping[str, Any]]) -> dict[str, Shown]:
    """What the page of each report shows, by its name."""
    known = kept(got)
    return {one["name"]: _page(one, known) for one in known.values() if one["type"] == "report"}


def _page(report: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> Shown:
    held = [known[ref] for ref in report["object_refs"] if ref in known and not known[ref].get("revoked")]
    told = [label.partition(":")[2] for label in report.get("labels", ()) if label.startswith("severity:")]
    (marking,) = [known[ref]["name"] for ref in report["object_marking_refs"]]
    return Shown(
        name=report["name"],
        summary=report.get("description"),
        severity=told[0] if told else "unknown",
        techniques=tuple(technique(one) for one in held if one["type"] == "attack-pattern"),
        tlp=marking.removeprefix("TLP:").lower(),
        indicators=tuple(sorted(one["name"] for one in held if one["type"] == "indicator")),
        is_withdrawn=bool(report.get("revoked")),
    )


def technique(pattern: Mapping[str, Any]) -> str:
    """The number that the platform shows beside a technique's name."""
    references = [one for one in pattern["external_references"] if one["source_name"].startswith("mitre-")]
    number: str = references[-1]["external_id"]
    return number


def identities(got: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """By what the platform tells live reports and incidents apart."""
    time = {"report": "published", "incident": "created"}
    live = [one for one in kept(got).values() if one["type"] in time and not one.get("revoked")]
    return [(one["name"].lower().strip(), one[time[one["type"]]]) for one in live if one["type"] == "report"] + [
        (f"incident: {one['name'].lower().strip()}", one["created"]) for one in live if one["type"] == "incident"
    ]

"""What a posted `report`, `incident` or `grouping` says as a report, and what stands in the inbox instead of it.

1. What a report has a field for goes there; all of the object goes to `original`, which is sealed and never leaves.
2. What is kept in clear are codes: the kind of report, its severity, its marking, public numbers. No text.
3. Its marking is the strictest that it bears; without one, or with one that is not TLP, `amber+strict`: nowhere.
4. What it is about is read from the objects of the same envelope that it refers to or that a relationship ties to it;
   where it is the only one of these types there, from all of them.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from feeds.mapping.extension import AI_EXTENSION, CORE_EXTENSION, CRITICALITY, receipt_extension
from feeds.mapping.marking import MARKING_IDS
from schemas import vocabulary
from schemas.anatomy import LEAVES
from schemas.fields import LANGUAGE, Many, OneOf
from schemas.loading import load
from schemas.marks import Kept
from schemas.report import FILED
from schemas.tlp import TLP

Body = Mapping[str, Any]
REPORTED = frozenset({"report", "incident", "grouping"})
MARKINGS = {
    **{stix_id: label for label, stix_id in MARKING_IDS.items()},
    # TLP 1.0 (STIX 2.1, 7.2.1.4): other objects of nearly the same names
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": TLP.CLEAR,
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": TLP.GREEN,
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": TLP.AMBER,
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": TLP.RED,
}
KINDS = {  # STIX 2.1, report-type-ov and grouping-context-ov, and the names by which our carriers go
    **{name.replace("_", "-"): name for name in vocabulary.enumeration("report_type").terms},
    **dict.fromkeys(("threat-report", "threat-actor", "campaign", "intrusion-set", "malware"), "threat"),
    **dict.fromkeys(("attack-pattern", "indicator", "observed-data", "tool"), "threat"),
    **dict.fromkeys(("suspicious-activity", "malware-analysis"), "threat"),
}
TITLE, TEXT, NAME, SYSTEMS, NUMBERS = 300, 20_000, 200, 100, 50  # as schemas/report.py takes them
CVE = re.compile(r"CVE-\d{4}-(?:\d{4}|[1-9]\d{4,18})", re.ASCII)
TECHNIQUE = re.compile(r"(?:AML\.)?T\d[\d.]*", re.ASCII)
CODED = {  # the fields that a coded value of our extension fills
    path
    for path, leaf in LEAVES.items()
    if leaf.mark.kept is Kept.CLEAR
    and leaf.mark.policy
    and isinstance(leaf.kind.inner if isinstance(leaf.kind, Many) else leaf.kind, OneOf)
    and "." not in path
}


def report_of(body: Body, beside: Iterable[Body]) -> dict[str, Any]:
    """A posted object as a report to be filed; raises Invalid, naming the report's field."""
    related = list(_related(body, list(beside)))
    name = body.get("name", "").strip() or "Untitled"
    text = body.get("description", "").strip() or name
    filled = {
        "report_type": _kind(body, related),
        "title": name[:TITLE],
        "description": text[:TEXT],
        "aware_at": body["created"],
        "severity": _severity(body),
        "systems": [{"name": one} for one in _names(related)][:SYSTEMS] or [{"name": "unknown"}],
        "tlp": str(_marking(body)),
        "client_ref": body["id"],
        "original": json.dumps(body, ensure_ascii=False),
    }
    numbers, steps = list(_cves(related))[:NUMBERS], list(_techniques(related))[:SYSTEMS]
    optional = {
        "vulnerability": {"cve": numbers} if numbers else None,
        "attack_steps": steps,
        "language": body.get("lang") if re.fullmatch(LANGUAGE, body.get("lang", ""), re.ASCII) else None,
    }
    return load(FILED, {**filled, **{name: value for name, value in optional.items() if value}, **_coded(body)})


def is_cut(body: Body) -> bool:
    """Whether a text of an object is longer than the report's field; all of it is in `original`."""
    return len(body.get("name", "").strip()) > TITLE or len(body.get("description", "").strip()) > TEXT


def stand_in(body: Body, reference: str, receipt: Mapping[str, str] | None) -> bytes:
    """What reads back instead of a posted object: the same id, type and times, no word of its text, and the receipt."""
    kept = ("type", "spec_version", "id", "created", "modified", "revoked")
    needed = ("published", "context", "object_refs")  # STIX 2.1, 4.15 and 4.4; 4.6 asks only for a name
    shown = {name: body[name] for name in kept if name in body}
    shown["name"] = f"Report {reference}" if reference else "Withdrawn"
    if body["type"] == "grouping" and body["context"] not in CONTEXTS:
        shown["context"] = "unspecified"  # an open vocabulary: a word of its own might say what the text says
    shown |= {name: body[name] for name in needed if name in body and name not in shown}
    if receipt is not None:
        shown["extensions"] = {AI_EXTENSION: receipt_extension(reference, receipt)}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


CONTEXTS = frozenset({"suspicious-activity", "malware-analysis", "unspecified"})


def _related(body: Body, beside: list[Body]) -> Iterator[Body]:
    if sum(one["type"] in REPORTED for one in beside) <= 1:
        yield from (one for one in beside if one["id"] != body["id"])
        return
    tied = {*body.get("object_refs", ())}
    for one in beside:
        if one["type"] == "relationship" and body["id"] in (one["source_ref"], one["target_ref"]):
            tied |= {one["source_ref"], one["target_ref"]}
    yield from (one for one in beside if one["id"] in tied - {body["id"]})


def _kind(body: Body, related: list[Body]) -> str:
    if body["type"] == "incident":
        return "incident"
    said = [KINDS[one] for one in [*body.get("report_types", ()), body.get("context", "")] if one in KINDS]
    refs = [*body["object_refs"], *(one["id"] for one in related)]
    for kind in ("incident", "vulnerability"):
        if kind in said or any(ref.startswith(f"{kind}--") for ref in refs):
            return kind
    return said[0] if said else "threat"


def _severity(body: Body) -> str:
    # Three versions of the core extension are about: a word in one, a number from 0 to 100 in the others.
    core = body.get("extensions", {}).get(CORE_EXTENSION, {})
    found = core.get("criticality") if isinstance(core, dict) else None
    if isinstance(found, str):
        return found if found in CRITICALITY else "unknown"
    if isinstance(found, bool) or not isinstance(found, int):
        return "unknown"
    return next(name for name, number in CRITICALITY.items() if found > number - 10 or name == "info")


def _marking(body: Body) -> TLP:
    granular = [one["marking_ref"] for one in body.get("granular_markings", ()) if "marking_ref" in one]
    labels = [MARKINGS.get(ref, TLP.AMBER_STRICT) for ref in [*body.get("object_marking_refs", ()), *granular]]
    return max(labels, key=lambda label: label.rank, default=TLP.AMBER_STRICT)


def _coded(body: Body) -> dict[str, Any]:
    ours = body.get("extensions", {}).get(AI_EXTENSION, {})
    fields = ours.get("fields", {}) if isinstance(ours, dict) else {}
    return {name: value for name, value in fields.items() if name in CODED} if isinstance(fields, dict) else {}


def _names(related: list[Body]) -> list[str]:
    named = (one.get("name", "") for one in related if one["type"] in {"software", "infrastructure"})
    return list(dict.fromkeys(name.strip()[:NAME] for name in named if name.strip()))


def _cves(related: list[Body]) -> Iterator[str]:
    weak = (one for one in related if one["type"] == "vulnerability")
    found = dict.fromkeys(text for one in weak for text in [one["name"], *_cited(one, {"cve"})])
    return (text for text in found if CVE.fullmatch(text))


def _techniques(related: list[Body]) -> Iterator[dict[str, str]]:
    schemes = {"mitre-atlas": "ATLAS", "mitre-attack": "ATTACK"}
    patterns = [one for one in related if one["type"] == "attack-pattern"]
    for source, scheme in schemes.items():
        for code in dict.fromkeys(text for one in patterns for text in _cited(one, {source})):
            if TECHNIQUE.fullmatch(code) and vocabulary.scheme(scheme).knows(code):
                yield {"scheme": scheme, "technique": code}


def _cited(body: Body, sources: set[str]) -> Iterator[str]:
    for one in body.get("external_references", ()):
        if one["source_name"].lower() in sources and "external_id" in one:
            yield one["external_id"]

"""AVID reports and vulnerabilities, as JSON Lines or one JSON file a record.

1. `problemtype.description` is the title, `description` the description and its language.
2. `classof` gives the type, however it is spelt: a CVE entry, an ATLAS case study and a third party's report are
   vulnerabilities, an evaluation of a language model is an audit finding, an AIID incident an incident. Where it is
   empty or new: a vulnerability, for that is what AVID collects.
3. `artifacts` are the systems; a single listed developer is the developer of each. Several are parties with that role,
   as deployers are, for AVID does not say who made which.
4. `impact.cvss`, one or a list, gives severity and vector; without it the severity is unknown (0din's social impact
   score is another scale). `impact.cwe` gives the weaknesses.
5. CVE numbers come from the title; where it has none, from the references. The description may tell of other CVEs.
6. AVID's own codes are read by their prefix, for their labels drift, under the version that the hub holds: what records
   of taxonomy version 0.1 cite has the same code and label there.
7. `metrics` of an audit finding are its criterion and evidence, as counts and values. They are no verdict: no result.
8. `reported_date`, or `published_date`, dates the report. Reports and vulnerabilities that a record points to are
   references. `credit` stays at the source: it names persons.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hub.importers.tolerance import UNKNOWN, at, cited, filled, name, names, objects, parties, text, texts

TITLE = "AI Vulnerability Database (AVID)"
LICENCE = "MIT"
FILES = ("reports.jsonl", "vulnerabilities.jsonl", "AVID-*.json")

REPORT_TYPES = {"llmevaluation": "audit_finding", "aiidincident": "incident"}
SEVERITIES = {"critical": "critical", "high": "high", "medium": "medium", "low": "low", "none": "info"}
SCHEMES = {"AVID-risk-domain": "risk_domain", "AVID-SEP": "sep_view", "AVID-lifecycle": "lifecycle_view"}
CODE = re.compile(r"\s*([SEP]\d{4}|L\d{2}|Security|Ethics|Performance)\b", re.ASCII | re.IGNORECASE)
CVE = re.compile(r"CVE-\d{4}-\d{4,19}", re.ASCII | re.IGNORECASE)
LANGUAGES = {"eng": "en"}  # BCP 47 wants the shorter code where there is one


def document(record: Mapping[str, Any]) -> dict[str, Any]:
    """One report or vulnerability as a report."""
    key = text(at(record, "metadata", "report_id")) or text(at(record, "metadata", "vuln_id"))
    report_type = _type(text(at(record, "problemtype", "classof")) or "")
    language = text(at(record, "description", "lang"))
    cvss = next((score for score in objects(at(record, "impact", "cvss")) if text(score.get("vectorString"))), {})
    return filled(
        report_type=report_type,
        title=text(at(record, "problemtype", "description", "value")),
        description=text(at(record, "description", "value")),
        language=LANGUAGES.get(language, language) if language else None,
        aware_at=text(record.get("reported_date")) or text(record.get("published_date")),
        severity=SEVERITIES.get((text(cvss.get("baseSeverity")) or "").lower(), "unknown"),
        systems=_systems(at(record, "affects")),
        affected_parties=_parties(at(record, "affects")),
        taxonomy=_taxonomy(at(record, "impact", "avid")),
        vulnerability=filled(
            cve=_cves(record),
            cwe=texts([weakness.get("cweId") for weakness in objects(at(record, "impact", "cwe"))]),
            cvss_vector=text(cvss.get("vectorString")),
        ),
        audit=_audit(record.get("metrics")) if report_type == "audit_finding" else None,
        references=_references(record),
    ) | {"origin": filled(id=key, url=f"https://avidml.org/database/{(key or '').lower()}/")}


def _type(classof: str) -> str:
    return REPORT_TYPES.get(re.sub("[^a-z]", "", classof.lower()), "vulnerability")


def _systems(affects: Any) -> list[dict[str, Any]]:
    developers = texts(at(affects, "developer"))
    sole = filled(developer=next(iter(names(developers)), None)) if len(developers) == 1 else {}
    systems = [
        {"name": name(artifact.get("name")), **filled(kind=(text(artifact.get("type")) or "").lower()), **sole}
        for artifact in objects(at(affects, "artifacts"))
    ]
    return systems or [{"name": UNKNOWN, **sole}]


def _parties(affects: Any) -> list[dict[str, Any]]:
    developers = texts(at(affects, "developer"))
    several = names(developers) if len(developers) > 1 else []
    return [*parties("developer", several), *parties("deployer", names(at(affects, "deployer")))]


def _taxonomy(avid: Any) -> list[dict[str, Any]]:
    found = [(scheme, CODE.match(label)) for scheme, view in SCHEMES.items() for label in texts(at(avid, view))]
    return [{"scheme": scheme, "code": code[1].capitalize()} for scheme, code in found if code]


def _cves(record: Mapping[str, Any]) -> list[str]:
    title = text(at(record, "problemtype", "description", "value")) or ""
    sources = " ".join(value for found in cited(record.get("references"), "label") for value in found.values())
    return texts([cve.upper() for cve in CVE.findall(title) or CVE.findall(sources)])


def _audit(metrics: Any) -> dict[str, Any]:
    measured = list(_measured(metrics))
    values = [f"{label}: {value}" for label, value in measured if value]
    return filled(criterion=", ".join(texts([label for label, _ in measured])), evidence="; ".join(values))


def _measured(metrics: Any) -> Iterator[tuple[str, str]]:
    for metric in objects(metrics):
        label = text(metric.get("name")) or " ".join(texts([metric.get("scorer"), metric.get("metrics")]))
        rows = objects(at(metric, "results", "rows"))
        for row in rows:
            yield text(row.get("detector")) or label, f"passed {row.get('passed')} of {row.get('total_evaluated')}"
        if not rows:
            yield label, str(metric.get("value", ""))


def _references(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    listed = [filled(title=text(r.get("name")), id=text(r.get("report_id"))) for r in objects(record.get("reports"))]
    general = texts(at(record, "impact", "avid", "vuln_id"))
    return [*cited(record.get("references"), "label"), *listed, *({"id": key} for key in general)]

"""MITRE ATLAS case studies, as JSON Lines of the website's case-study schema.

1. `exercise` is a vulnerability that someone showed; everything else is an incident.
2. `name` is the title, `summary` the description.
3. `incident-date`, as exact as its granularity says, is when it occurred; nobody says when it was noticed, so it
   dates the report too.
4. `target` is the one system, by its whole text. ATLAS has no severity: unknown.
5. `procedure` is the attack steps, under the ATLAS version that the hub holds. A code it does not hold is left out and
   the step keeps its text.
6. `actor` is the threat's actor, unless it says unknown; in an exercise that is whoever carried it out.
7. The case study's number is kept as a code. `reporter` stays at the source: our reporter is who filed.
"""

from collections.abc import Mapping
from typing import Any

from hub.importers.tolerance import at, cited, filled, name, names, objects, text

TITLE = "MITRE ATLAS case studies"
LICENCE = "Apache-2.0"
FILES = ("case_studies.jsonl",)

DIGITS = {"YEAR": len("2020"), "MONTH": len("2020-05")}  # of an ISO date; any other granularity: all of it


def document(record: Mapping[str, Any]) -> dict[str, Any]:
    """One case study as a report."""
    key, happened = text(record.get("id")), _date(record)
    return filled(
        report_type="vulnerability" if at(record, "case-study-type") == "exercise" else "incident",
        title=text(record.get("name")),
        description=text(record.get("summary")),
        aware_at=happened,
        occurred_start=happened,
        severity="unknown",
        systems=[{"name": name(record.get("target"))}],
        attack_steps=[_step(step) for step in objects(record.get("procedure"))],
        threat=filled(actor=next(iter(names(record.get("actor"))), None)),
        taxonomy=[{"scheme": "ATLAS-case-study", "code": key}],
        references=cited(record.get("references"), "title"),
    ) | {"origin": filled(id=key, url=f"https://atlas.mitre.org/studies/{key}")}


def _date(record: Mapping[str, Any]) -> str | None:
    date = text(record.get("incident-date"))
    granularity = text(record.get("incident-date-granularity")) or ""
    return date[: DIGITS.get(granularity.upper())] if date else None


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    codes = filled(tactic=text(step.get("tactic")), technique=text(step.get("technique")))
    scheme = {"scheme": "ATLAS"} if codes else {}
    return {**scheme, **codes, **filled(description=text(step.get("description")))}

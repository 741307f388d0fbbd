"""AI Incident Database: incidents with their parties, dates and classifications, as JSON Lines.

1. Every record is an incident, titled as at the source. Its reports, and so all text, stay there: the description says
   just that, and how many parties are listed. It names none, for parties leave the hub only as roles and counts.
2. `date` is when it occurred; nobody says when it was noticed, so the report is dated by it too. Severity is unknown.
3. Systems: `implicated_systems` where a record has them, otherwise one of unknown name. A sole developer made it.
4. Alleged deployers and developers are parties with that role. Harmed parties are users or the public where their name
   says so, otherwise third parties; whether they were harmed or nearly harmed, AIID leaves open.
5. GMF classifications marked Known are codes; what its annotators only hold possible (Potential) is not.
"""

import re
from collections.abc import Mapping
from typing import Any

from hub.importers.tolerance import UNKNOWN, at, filled, names, parties, text, texts

TITLE = "AI Incident Database (AIID)"
LICENCE = "CC-BY-SA-4.0"
FILES = ("incidents.jsonl",)

DEPLOYER, DEVELOPER, HARMED = "alleged_deployer", "alleged_developer", "alleged_harmed_or_nearly_harmed"
KNOWN = ("Known AI Goal", "Known AI Technology", "Known AI Technical Failure")
ROLES = {"user": r"\busers?\b", "public": r"\b(public|society)\b"}


def document(record: Mapping[str, Any]) -> dict[str, Any]:
    """One incident as a report."""
    number = record.get("incident_id")
    key = str(number) if isinstance(number, int) else text(number)
    sole = filled(developer=names(record.get(DEVELOPER))[0]) if len(names(record.get(DEVELOPER))) == 1 else {}
    systems = names(record.get("implicated_systems")) or [UNKNOWN]
    return filled(
        report_type="incident",
        title=text(record.get("title")),
        description=_listing(record, key),
        aware_at=text(record.get("date")),
        occurred_start=text(record.get("date")),
        severity="unknown",
        systems=[{"name": system, **sole} for system in systems],
        affected_parties=_parties(record),
        taxonomy=[{"scheme": "AIID-GMF", "code": code} for code in _codes(record.get("gmf"))],
    ) | {"origin": filled(id=key, url=text(record.get("url")) or f"https://incidentdatabase.ai/cite/{key}")}


def _listing(record: Mapping[str, Any], key: str | None) -> str:
    deployers, harmed = len(texts(record.get(DEPLOYER))), len(texts(record.get(HARMED)))
    return (
        f"Listed by the AI Incident Database as incident {key}. Alleged deployers: {deployers}; "
        f"parties allegedly harmed or nearly harmed: {harmed}. Its reports are at the source."
    )


def _parties(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        *parties("deployer", names(record.get(DEPLOYER))),
        *parties("developer", names(record.get(DEVELOPER))),
        *({"name": party, "role": _role(party)} for party in names(record.get(HARMED))),
    ]


def _role(party: str) -> str:
    return next((role for role, words in ROLES.items() if re.search(words, party.lower())), "third_party")


def _codes(gmf: Any) -> list[str]:
    labels = [label for kind in KNOWN for label in texts(at(gmf, kind))]
    return texts([re.sub("[^a-z0-9]+", "_", label.lower()).strip("_") for label in labels])

"""OSV advisories, as JSON Lines or one JSON file an advisory.

1. Every record is a vulnerability. `summary` is the title; without one, as in the PyPA database, its id is.
2. `details` is the description, or else the summary, or else a sentence that says where to read on.
3. `published`, or `modified`, dates the report.
4. Each affected package is a system of kind tool with its package URL. Its version is the ranges of its ecosystem
   (`>=1.2,<1.4 || <1.1`), where they are whole and short enough; never the list of single versions.
5. CVE numbers are the id and the aliases of that form; other aliases are references.
6. The first CVSS vector is kept. The severity is what the advisory's database says in words, otherwise unknown: we
   compute no score.
7. An advisory that its source has withdrawn is refused.
"""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from hub.importers.tolerance import UNKNOWN, at, cited, filled, name, objects, text, texts
from schemas.errors import Invalid

TITLE = "OSV advisories"
LICENCE = "CC-BY-4.0"
FILES = ("advisories.jsonl", "PYSEC-*.json", "GHSA-*.json", "OSV-*.json")

SEVERITIES = {"critical": "critical", "high": "high", "moderate": "medium", "medium": "medium", "low": "low"}
SIGNS = {"introduced": ">=", "fixed": "<", "last_affected": "<="}
FROM_THE_FIRST = ">=0"
VERSION_LENGTH = 80  # of a system's version


def document(record: Mapping[str, Any]) -> dict[str, Any]:
    """One advisory as a report."""
    if record.get("withdrawn"):
        raise Invalid.at("/withdrawn", "says that the source has taken this advisory back; there is nothing to import")
    key, summary = text(record.get("id")), text(record.get("summary"))
    numbers = [number for number in texts([key, *texts(record.get("aliases"))]) if number != key or _is_cve(number)]
    vectors = [score for rating in objects(record.get("severity")) for score in texts(rating.get("score"))]
    said = (text(at(record, "database_specific", "severity")) or "").lower()
    return filled(
        report_type="vulnerability",
        title=summary or key,
        description=text(record.get("details")) or summary or f"Listed by OSV as {key}. Its details are at the source.",
        aware_at=text(record.get("published")) or text(record.get("modified")),
        severity=SEVERITIES.get(said, "unknown"),
        systems=[_system(package) for package in objects(record.get("affected"))] or [{"name": UNKNOWN}],
        vulnerability=filled(
            cve=[number for number in numbers if _is_cve(number)],
            cwe=texts(at(record, "database_specific", "cwe_ids")),
            cvss_vector=next((vector for vector in vectors if vector.startswith("CVSS:")), None),
        ),
        references=[
            *({"id": number} for number in numbers if not _is_cve(number)),
            *cited(record.get("references")),
        ],
    ) | {"origin": filled(id=key, url=f"https://osv.dev/vulnerability/{key}")}


def _is_cve(number: str) -> bool:
    return number.startswith("CVE-")


def _system(affected: Mapping[str, Any]) -> dict[str, Any]:
    version = _affected_versions(objects(affected.get("ranges")))
    return filled(
        name=name(at(affected, "package", "name")),
        kind="tool",
        purl=text(at(affected, "package", "purl")),
        version=version if len(version) <= VERSION_LENGTH else None,
    )


def _affected_versions(ranges: Sequence[Mapping[str, Any]]) -> str:
    spans = [_spans(objects(found.get("events"))) for found in ranges if found.get("type") in ("ECOSYSTEM", "SEMVER")]
    # A range that cannot be read would make the others look like all there is.
    return " || ".join(span for found in spans for span in found) if all(spans) else ""


def _spans(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each span of versions, from an `introduced` to the end after it; nothing if they do not take turns."""
    bounds = [sign + str(event[key]) for event in events for key, sign in SIGNS.items() if key in event]
    starts, ends = bounds[::2], bounds[1::2]
    if not all(start.startswith(">=") for start in starts) or any(end.startswith(">=") for end in ends):
        return []
    return [_span(start, end) for start, end in zip_longest(starts, ends)]


def _span(start: str, end: str | None) -> str:
    if end is None:
        return start
    return end if start == FROM_THE_FIRST else f"{start},{end}"

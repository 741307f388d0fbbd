"""What a report still lacks, for its type and for the profiles of regulators. Reported, never a reason to refuse.

The rules are data (`schemas/vocabularies/completeness.json`): a label is met when every path of one of its alternatives
holds a value. `unknown` is no value.
"""

from collections.abc import Collection
from typing import Any

from schemas import vocabulary


def completeness(report_type: str, paths: Collection[str]) -> dict[str, Any]:
    """What is missing for the report's type and for each profile, given the schema paths that hold a value."""
    rules = vocabulary.document("completeness")
    held = set(paths)
    missing = _missing(rules["types"].get(report_type, {}), held)
    profiles = {name: _missing(profile, held) for name, profile in rules["profiles"].items()}
    return {
        "complete": not missing,
        "missing": missing,
        "profiles": {name: {"complete": not lacks, "missing": lacks} for name, lacks in profiles.items()},
    }


def _missing(labels: dict[str, list[list[str]]], held: set[str]) -> list[str]:
    return [label for label, choices in labels.items() if not any(held.issuperset(paths) for paths in choices)]

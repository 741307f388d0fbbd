"""`attack-pattern` for each technique of the attack steps (MITRE ATLAS or ATT&CK), and how it meets the main object."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from feeds.mapping.body import UNTRUSTED, relationship, sdo
from feeds.names import Naming
from feeds.projection import Projection
from schemas import vocabulary

SOURCE_NAMES = {"ATLAS": "mitre-atlas", "ATTACK": "mitre-attack"}


def attack_patterns(projection: Projection, naming: Naming, main: list[str]) -> list[dict[str, Any]]:
    """One attack-pattern a technique, and a relationship from or to each main object."""
    steps: dict[str, list[dict[str, Any]]] = {}
    for step in projection.fields.get("attack_steps", ()):
        if "technique" in step and "scheme" in step:
            steps.setdefault(step["technique"], []).append(step)
    patterns = [_pattern(naming, technique, found) for technique, found in steps.items()]
    meetings = (_meeting(naming, pattern["id"], other) for pattern in patterns for other in main)
    return list(chain(patterns, meetings))


def _pattern(naming: Naming, technique: str, steps: list[dict[str, Any]]) -> dict[str, Any]:
    scheme = steps[0]["scheme"]
    held = vocabulary.schemes().get((scheme, steps[0].get("version", "")))
    terms = held.terms if held else {}
    source = SOURCE_NAMES.get(scheme, scheme.lower())
    text = "\n\n".join(step["description"] for step in steps if "description" in step) or None
    tactics = dict.fromkeys(step["tactic"] for step in steps if "tactic" in step)
    return sdo(
        naming,
        "attack-pattern",
        technique,
        name=_name(technique, terms),
        description=text,
        labels=[UNTRUSTED] if text else None,
        external_references=[{"source_name": source, "external_id": technique}],
        kill_chain_phases=[
            {"kill_chain_name": source, "phase_name": terms.get(tactic, tactic).lower().replace(" ", "-")}
            for tactic in tactics
        ],
    )


def _name(technique: str, terms: Mapping[str, str]) -> str:
    name, parent = terms.get(technique, technique), technique.rpartition(".")[0]
    return f"{terms[parent]}: {name}" if parent in terms else name  # AML.T0051.001 alone is called "Indirect"


def _meeting(naming: Naming, pattern: str, other: str) -> dict[str, Any]:
    # STIX 2.1, 4.1: attack-pattern targets vulnerability. For incident it names no verb; `uses` is ours.
    if other.startswith("vulnerability--"):
        return relationship(naming, pattern, "targets", other)
    return relationship(naming, other, "uses", pattern)

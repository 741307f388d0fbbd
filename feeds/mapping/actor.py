"""`threat-actor`: who is behind it, where a report names somebody who acted against a system.

Who found a vulnerability, audited or assessed a system, or played the adversary in an exercise is no threat actor, even
where a source calls them the actor. So only a report of something done makes one, and of a vulnerability one that was
used in the wild.
"""

from typing import Any

from feeds.mapping.body import UNTRUSTED, relationship, sdo
from feeds.names import Naming
from feeds.projection import Projection

DONE = {"incident", "near_miss", "hazard", "compromise", "threat"}
# VERIS to STIX 2.1, attack-motivation-ov; motives without a counterpart stay in our extension.
MOTIVATIONS = {
    "espionage": "organizational-gain",
    "fear": "coercion",
    "financial": "personal-gain",
    "fun": "personal-satisfaction",
    "grudge": "revenge",
    "ideology": "ideology",
}
CONFIDENCE = {"low": 15, "moderate": 50, "high": 85}  # STIX 2.1, appendix A: none, low, medium, high


def actors(projection: Projection, naming: Naming, main: list[str], patterns: list[str]) -> list[dict[str, Any]]:
    """The threat actor, and what is attributed to it."""
    fields = projection.fields
    threat = fields.get("threat", {})
    is_used = fields.get("vulnerability", {}).get("exploited") == "in_the_wild"
    if "actor" not in threat or not (fields["report_type"] in DONE or is_used):
        return []
    actor = sdo(
        naming,
        "threat-actor",
        "actor",
        name=threat["actor"],
        threat_actor_types=["unknown"],
        primary_motivation=MOTIVATIONS.get(threat.get("motive", "")),
        confidence=CONFIDENCE.get(threat.get("confidence", "")),
        labels=[UNTRUSTED],
    )
    return [actor, *(_tie(naming, actor["id"], other) for other in main or patterns)]


def _tie(naming: Naming, actor: str, other: str) -> dict[str, Any]:
    # STIX 2.1, 4.16: threat-actor targets vulnerability and uses attack-pattern. `attributed-to` stands there for
    # campaigns and intrusion sets; from an incident it is ours.
    if other.startswith("incident--"):
        return relationship(naming, other, "attributed-to", actor)
    return relationship(naming, actor, "targets" if other.startswith("vulnerability--") else "uses", other)

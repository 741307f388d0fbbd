"""`infrastructure` for the systems of a report: by name as written, by codes and the entry's reference redacted.

`infrastructure` and not the `software` observable, because an observable can neither be versioned nor revoked.
"""

from collections import Counter
from typing import Any

from feeds.mapping.body import UNTRUSTED, relationship, sdo
from feeds.names import Naming
from feeds.projection import Projection

NUMBERS = ("cpe", "purl")


def systems(projection: Projection, naming: Naming, main: list[str]) -> list[dict[str, Any]]:
    """One infrastructure a system, related to each main object."""
    seen: Counter[str] = Counter()
    found: dict[str, dict[str, Any]] = {}
    for system in projection.fields.get("systems", ()):
        name = system.get("name") or _nameless(system, naming)
        # Two of one name as written are two systems; redacted, they cannot be told apart.
        seen[name] += 1
        made = _infrastructure(naming, system, name, f"{name}|{seen[name] if 'name' in system else 1}")
        found[made["id"]] = made
    ties = [_tie(naming, one, other) for one in found for other in main]
    return [*found.values(), *ties]


def _infrastructure(naming: Naming, system: dict[str, Any], name: str, key: str) -> dict[str, Any]:
    return sdo(
        naming,
        "infrastructure",
        key,
        name=name,
        description=f"Version {system['version']}" if "version" in system else None,
        infrastructure_types=[f"ai-{system['kind']}"] if "kind" in system else None,
        labels=[UNTRUSTED],
        external_references=[
            {"source_name": number, "external_id": system[number]} for number in NUMBERS if number in system
        ],
    )


def _nameless(system: dict[str, Any], naming: Naming) -> str:
    kind = system.get("kind", "system").capitalize()
    maker = f" by {system['developer']}" if "developer" in system else ""
    version = f", version {system['version']}" if "version" in system else ""
    return f"{kind}{maker}{version} ({naming.reference})"


def _tie(naming: Naming, system: str, other: str) -> dict[str, Any]:
    # STIX 2.1, 4.8: infrastructure has vulnerability. For incident it names no verb; related-to is open to any two.
    return relationship(naming, system, "has" if other.startswith("vulnerability--") else "related-to", other)

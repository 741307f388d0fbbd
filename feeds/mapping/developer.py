"""`identity` for the developers of the systems: by name as written, by pseudonym redacted."""

from typing import Any

from feeds.mapping.body import UNTRUSTED, relationship, sdo
from feeds.names import Naming
from feeds.projection import Projection


def developers(projection: Projection, naming: Naming, main: list[str]) -> list[dict[str, Any]]:
    """One identity a developer, related to each main object."""
    systems = projection.fields.get("systems", ())
    names = dict.fromkeys(system["developer"] for system in systems if "developer" in system)
    identities = [
        sdo(naming, "identity", name, name=name, identity_class="organization", labels=[UNTRUSTED]) for name in names
    ]
    ties = [relationship(naming, other, "related-to", one["id"]) for one in identities for other in main]
    return [*identities, *ties]

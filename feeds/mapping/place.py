"""`location`: the country, or its region where the country is withheld."""

from typing import Any

from feeds.mapping.body import relationship, sdo
from feeds.names import Naming
from feeds.projection import Projection
from schemas import vocabulary


def places(projection: Projection, naming: Naming, incidents: list[str]) -> list[dict[str, Any]]:
    """Where it happened, related to the incident."""
    where = projection.fields.get("location", {}).get("country")
    if not where:
        return []
    country = vocabulary.enumeration("country").terms.get(where)
    # The regions of the transform are those of STIX 2.1, region-ov.
    said = {"country": where, "region": country["region"]} if country else {"region": where}
    place = sdo(naming, "location", where, name=country["name"] if country else where.capitalize(), **said)
    # STIX 2.1 names no verb from incident to location; related-to is open to any two.
    return [place, *(relationship(naming, incident, "related-to", place["id"]) for incident in incidents)]

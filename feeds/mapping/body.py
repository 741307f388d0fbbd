"""What every object has in common, and the relationship between two of them."""

from typing import Any

from feeds.mapping.marking import MARKING_IDS
from feeds.names import Naming, generated_name
from feeds.projection import Projection

UNTRUSTED = "untrusted-content"  # label of every object that carries words of a producer or of a source


def sdo(naming: Naming, kind: str, key: str, **properties: Any) -> dict[str, Any]:
    """A STIX object of this report; properties that are None or empty are left out, as STIX 2.1 (3.1) asks."""
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": naming.stix_id(kind, key),
        "created_by_ref": naming.hub,
        **{name: value for name, value in properties.items() if value not in (None, [], {})},
        "object_marking_refs": [MARKING_IDS[naming.marking]],
    }


def sco(naming: Naming, kind: str, key: str, **properties: Any) -> dict[str, Any]:
    """A STIX observable of this report. It has no versions and no author; another marking makes it another object.

    STIX 2.1, 2.9 would have its id follow from its content alone, and so join audiences; it allows another, as here.
    """
    stix_id = naming.stix_id(kind, f"{key}|{naming.marking}")
    marking = [MARKING_IDS[naming.marking]]
    return {"type": kind, "spec_version": "2.1", "id": stix_id, **properties, "object_marking_refs": marking}


def relationship(naming: Naming, source: str, verb: str, target: str) -> dict[str, Any]:
    """A STIX relationship; its id follows from its ends, so that it is made once."""
    key = f"{source}|{verb}|{target}"
    return sdo(naming, "relationship", key, relationship_type=verb, source_ref=source, target_ref=target)


def name_of(projection: Projection, naming: Naming) -> str:
    """The title as written, or the one approved for release, or one made of codes."""
    fields = projection.fields
    approved = fields.get("for_release", {}).get("title")
    return fields.get("title") or approved or generated_name(fields, naming.reference)


def description_of(projection: Projection) -> str | None:
    """The description as written, or the summary approved for release."""
    fields = projection.fields
    found: str | None = fields.get("description") or fields.get("for_release", {}).get("summary")
    return found


def severity_of(projection: Projection) -> list[str]:
    """The severity as a label, if it is known: clients show labels, and no extension that they do not know."""
    severity = projection.fields.get("severity", "unknown")
    return [] if severity == "unknown" else [f"severity:{severity}"]


def language_of(projection: Projection) -> str | None:
    """The language of what `name_of` and `description_of` give."""
    fields = projection.fields
    found: str | None = fields.get("language") or fields.get("for_release", {}).get("language")
    return found

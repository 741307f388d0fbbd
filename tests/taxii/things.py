"""STIX objects that a member might post, each new."""

from typing import Any
from uuid import uuid4

CREATED, MODIFIED = "2026-10-01T08:00:00.000Z", "2026-10-02T09:30:00.123Z"
MARKING = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"  # TLP 2.0 green


def a_thing(kind: str, **named: Any) -> dict[str, Any]:
    """An object of a type with what every domain object has."""
    common = {"type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid4()}", "created": CREATED, "modified": MODIFIED}
    return {**common, **named}


def an_indicator(**named: Any) -> dict[str, Any]:
    """An indicator of nothing."""
    pattern = {"pattern": "[domain-name:value = 'bad.example']", "pattern_type": "stix", "valid_from": CREATED}
    return a_thing("indicator", name="Bad domain", **pattern, **named)


def an_address() -> dict[str, Any]:
    """An observable: it has neither `created` nor `modified`."""
    return {"type": "domain-name", "spec_version": "2.1", "id": f"domain-name--{uuid4()}", "value": "bad.example"}


def some_of_each() -> list[dict[str, Any]]:
    """Objects of many types, with all that they need, all of which read back as posted."""
    identity = a_thing("identity", name="A member", identity_class="organization")
    malware = a_thing("malware", name="A worm", is_family=False)
    pattern = a_thing("attack-pattern", name="Prompt injection")
    link = {"relationship_type": "uses", "source_ref": malware["id"], "target_ref": pattern["id"]}
    return [
        identity, malware, pattern, an_indicator(object_marking_refs=[MARKING]), an_address(),
        a_thing("relationship", **link),
        a_thing("sighting", sighting_of_ref=malware["id"], count=2),
        a_thing("note", content="Seen at two members.", object_refs=[malware["id"]]),
        a_thing("opinion", opinion="agree", object_refs=[malware["id"]]),
        a_thing("vulnerability", name="A weakness"),
        a_thing("course-of-action", name="Switch it off"),
        a_thing("observed-data", first_observed=CREATED, last_observed=MODIFIED, number_observed=1,
                object_refs=[f"domain-name--{uuid4()}"]),
    ]  # fmt: skip

"""What a member says of an entry that it read: a sighting, or an opinion. Its codes and numbers, never its words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SAID = ("count", "first_seen", "last_seen", "opinion")


@dataclass(frozen=True)
class Remark:
    """A sighting or an opinion: of which objects, and what it says in codes and numbers."""

    stix_id: str
    kind: str
    about: tuple[str, ...]
    said: Mapping[str, Any]


def is_remark(kind: str) -> bool:
    """Whether objects of a type are remarks."""
    return kind in {"sighting", "opinion"}


def remark_of(body: Mapping[str, Any]) -> Remark:
    """The remark that a valid sighting or opinion is; a revoked one is about nothing."""
    about = [body["sighting_of_ref"]] if body["type"] == "sighting" else body["object_refs"]
    refs = () if body.get("revoked") is True else tuple(dict.fromkeys(about))
    return Remark(body["id"], body["type"], refs, {name: body[name] for name in SAID if name in body})

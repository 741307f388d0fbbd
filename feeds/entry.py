"""An entry as files show it: its carrier, read back from the released bytes; and what is left of a recalled one.

May not: know more than the released bytes say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from feeds.mapping.extension import AI_EXTENSION
from feeds.mapping.marking import MARKING_IDS

CARRIER = "report"  # the STIX type that holds an entry together
_LABELS = {stix_id: str(label) for label, stix_id in MARKING_IDS.items()}


@dataclass(frozen=True)
class Entry:
    """One live entry of a feed."""

    stix_id: str  # of its carrier
    reference: str
    mode: str
    tlp: str
    title: str
    summary: str | None
    language: str | None
    released: str  # first, in UTC
    modified: str
    fields: Mapping[str, Any]
    limits: Sequence[Mapping[str, str]]  # what was withheld or coarsened, and by which rule


@dataclass(frozen=True)
class Tombstone:
    """What was recalled: an entry by its reference with the ids of all its objects, or one object of a live entry."""

    reference: str | None
    stix_ids: Sequence[str]
    revoked_at: str


def entry_of(content: bytes) -> Entry:
    """Read a carrier as it was released."""
    carrier = orjson.loads(content)
    extension = carrier["extensions"][AI_EXTENSION]
    return Entry(
        stix_id=carrier["id"],
        reference=extension["reference"],
        mode=extension["mode"],
        tlp=next(_LABELS[ref] for ref in carrier["object_marking_refs"] if ref in _LABELS),
        title=carrier["name"],
        summary=carrier.get("description"),
        language=carrier.get("lang"),
        released=carrier["created"],
        modified=carrier["modified"],
        fields=extension["fields"],
        limits=extension.get("limits", ()),
    )

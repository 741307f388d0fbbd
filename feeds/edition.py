"""An edition: what one release adds, changes and revokes, as the bytes that will be served.

1. An object whose content is unchanged is not released again.
2. `created` is the instant of the first release, `modified` of this one; a report's times are in neither.
3. An object that left its entry is revoked: a version with minimal content (STIX 2.1, 3.2: revoked).
4. An observable has no times, no versions and cannot be revoked. Another value is another object; one that left its
   entry is dropped, its bytes deleted, and the observed data that held it is revoked in the same release.
5. Redacted projections for a de-identified audience wait until enough approved organisations are in the batch.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from feeds.conformance import check
from feeds.eligibility import batch_gate
from feeds.mapping.extension import AI_EXTENSION, extension_definition
from feeds.mapping.marking import marking_definition
from feeds.mapping.observable import KINDS
from schemas.tlp import TLP

# STIX 2.1: what each type we publish requires, beside the common properties, and keeps when it is taken back …
REQUIRED = {
    "report": ("published", "object_refs"),
    "relationship": ("relationship_type", "source_ref", "target_ref"),
    "indicator": ("pattern_type",),
    "observed-data": ("number_observed", "object_refs"),
    "note": ("object_refs",),
}
# … or has instead, where what it requires would say something. The pattern finds nothing, and merges with no other.
EMPTIED = {
    "indicator": {"pattern": "[url:value = 'urn:withdrawn:{id}']"},
    "note": {"content": "Withdrawn"},
    "location": {"region": "unknown"},
}
UNNAMED = {"relationship", "observed-data", "note"}
KEPT = ("type", "spec_version", "id", "created_by_ref", "created", "object_marking_refs")
TIMELESS = ("created", "modified")
# The instant of the first release, unless the entry says another.
DATED = {"report": ("published",), "indicator": ("valid_from",), "observed-data": ("first_observed", "last_observed")}


@dataclass(frozen=True)
class Version:
    """One version of one object, ready to be stored and served."""

    stix_id: str
    kind: str
    created: str
    modified: str
    content: bytes
    is_revoked: bool = False


def stix_time(at: datetime) -> str:
    """An instant as STIX writes it: UTC, milliseconds."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def changes(bodies: Iterable[dict[str, Any]], live: Mapping[str, bytes], at: datetime) -> list[Version]:
    """The versions that bring what is live (STIX id → bytes served) to these bodies; raises Malformed."""
    wanted, now = {body["id"]: body for body in bodies}, stix_time(at)
    found = []
    for stix_id, body in wanted.items():
        version = _version(body, orjson.loads(live[stix_id]) if stix_id in live else None, now)
        if version:
            found.append(version)
    gone = {stix_id: content for stix_id, content in live.items() if stix_id not in wanted}
    return [*found, *withdrawn(gone, at)]


def withdrawn(gone: Mapping[str, bytes], at: datetime) -> list[Version]:
    """The versions that take objects back; an observable has none, its bytes are deleted."""
    return [revoked(orjson.loads(content), at) for stix_id, content in gone.items() if not is_observable(stix_id)]


def dropped(bodies: Iterable[Mapping[str, Any]], live: Mapping[str, bytes]) -> frozenset[str]:
    """The observables that left their entry: what is to be deleted, for nothing can be published about them."""
    wanted = {body["id"] for body in bodies}
    return frozenset(stix_id for stix_id in live if is_observable(stix_id) and stix_id not in wanted)


def is_observable(stix_id: str) -> bool:
    """Whether an id is that of an observable."""
    return stix_id.partition("--")[0] in KINDS


def _version(body: dict[str, Any], before: dict[str, Any] | None, now: str) -> Version | None:
    if before is not None and _said(before) == _said(body):
        return None
    if is_observable(body["id"]):
        # TAXII 2.1, 3.4: the version of an object without times is when the server first had it.
        return _finished(body, now, now)
    created = before["created"] if before else now
    return _finished({**body, "created": created, "modified": now}, created, now)


def revoked(before: Mapping[str, Any], at: datetime) -> Version:
    """The version that takes an object back: nothing of its content is left, only what its type requires."""
    kind, created, now = before["type"], before["created"], stix_time(at)
    kept = {name: before[name] for name in (*KEPT, *REQUIRED.get(kind, ())) if name in before}
    emptied = {name: text.format(id=before["id"]) for name, text in EMPTIED.get(kind, {}).items()}
    named = {} if kind in UNNAMED else {"name": _taken_back(before)}
    if kind == "report":
        # Not to the observables, which are deleted: who comes later would look for them. To the others still, for some
        # clients show what no report holds beside every report.
        left = [ref for ref in before["object_refs"] if not is_observable(ref)]
        kept["object_refs"] = left or [before["created_by_ref"]]
    body = {**kept, **emptied, **named, "modified": now, "revoked": True}
    return _finished(body, created, now, is_revoked=True)


def _taken_back(before: Mapping[str, Any]) -> str:
    """The name of what was taken back: the entry's reference, or the object's own id, tells it from any other.

    Some clients tell objects apart by name and date; under one name, what was recalled would become one there.
    """
    said = before.get("extensions", {}).get(AI_EXTENSION, {})
    return f"Withdrawn ({said.get('reference') or before['id'].partition('--')[2]})"


def _finished(body: dict[str, Any], created: str, modified: str, *, is_revoked: bool = False) -> Version:
    for name in DATED.get(body["type"], ()):
        body.setdefault(name, created)
    check(body)
    return Version(body["id"], body["type"], created, modified, orjson.dumps(body), is_revoked)


def _said(body: Mapping[str, Any]) -> bytes:
    """The content without its times, in one order: what decides whether it changed."""
    # A date that was set at the first release is no content.
    added = {name for name in DATED.get(body["type"], ()) if body.get(name) == body.get("created")}
    timeless = {name: value for name, value in body.items() if name not in TIMELESS and name not in added}
    return orjson.dumps(timeless, option=orjson.OPT_SORT_KEYS)


def preamble(hub: str, name: str, since: datetime, ceiling: TLP) -> list[Version]:
    """What a feed holds before its first entry: the hub's identity, our extension's definition, the TLP labels."""
    times = {"created": stix_time(since), "modified": stix_time(since)}
    identity = {"type": "identity", "spec_version": "2.1", "id": hub, **times}
    bodies = [
        {**identity, "name": name, "identity_class": "organization"},
        *extension_definition(),
        *(marking_definition(label) for label in TLP if label.is_within(ceiling)),
    ]
    # A marking-definition has no `modified`; its only version is `created` (TAXII 2.1, 3.4).
    return [_finished(body, body["created"], body.get("modified", body["created"])) for body in bodies]


def batch(candidates: Mapping[str, str], least: int) -> AbstractSet[str]:
    """The reports (id → organisation) that may leave together: all, or none if too few organisations are in it."""
    return candidates.keys() if batch_gate(candidates.values(), least).is_passed else set()

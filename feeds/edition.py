"""An edition: what one release adds, changes and revokes, as the bytes that will be served.

1. An object whose content is unchanged is not released again.
2. `created` is the instant of the first release, `modified` of this one; a report's times are in neither.
3. An object that left its entry is revoked: a version with minimal content (STIX 2.1, 3.2: revoked).
4. Redacted projections for a de-identified audience wait until enough approved organisations are in the batch.
"""

import hashlib
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from feeds.conformance import check
from feeds.mapping.extension import extension_definition
from feeds.mapping.marking import marking_definition
from schemas.tlp import TLP

# STIX 2.1: what each type we publish requires, beside the common properties.
REQUIRED = {
    "report": ("published", "object_refs"),
    "relationship": ("relationship_type", "source_ref", "target_ref"),
}
UNNAMED = {"relationship"}
KEPT = ("type", "spec_version", "id", "created_by_ref", "created", "object_marking_refs")
TIMELESS = ("created", "modified", "published")


@dataclass(frozen=True)
class Version:
    """One version of one object, ready to be stored and served."""

    stix_id: str
    kind: str
    created: str
    modified: str
    content: bytes
    digest: bytes  # of the content without its times: what decides whether it changed
    is_revoked: bool = False


def stix_time(at: datetime) -> str:
    """An instant as STIX writes it: UTC, milliseconds."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def changes(bodies: Iterable[dict[str, Any]], live: Mapping[str, bytes], at: datetime) -> list[Version]:
    """The versions that bring what is live (STIX id → bytes served) to these bodies; raises Malformed."""
    wanted = {body["id"]: body for body in bodies}
    found = []
    for stix_id, body in wanted.items():
        version = _version(body, orjson.loads(live[stix_id]) if stix_id in live else None, at)
        if version:
            found.append(version)
    gone = (orjson.loads(content) for stix_id, content in live.items() if stix_id not in wanted)
    return [*found, *(revoked(body, at) for body in gone)]


def _version(body: dict[str, Any], before: dict[str, Any] | None, at: datetime) -> Version | None:
    digest = _digest(body)
    if before is not None and _digest(before) == digest:
        return None
    now = stix_time(at)
    created = before["created"] if before else now
    return _finished({**body, "created": created, "modified": now}, digest)


def revoked(before: Mapping[str, Any], at: datetime) -> Version:
    """The version that takes an object back: nothing of its content is left, only what its type requires."""
    kept = {name: before[name] for name in (*KEPT, *REQUIRED.get(before["type"], ())) if name in before}
    named = {} if before["type"] in UNNAMED else {"name": "Withdrawn"}
    body = {**kept, **named, "modified": stix_time(at), "revoked": True}
    return _finished(body, _digest(body), is_revoked=True)


def _finished(body: dict[str, Any], digest: bytes, *, is_revoked: bool = False) -> Version:
    if body["type"] == "report":
        body.setdefault("published", body["created"])
    check(body)
    content = orjson.dumps(body)
    return Version(body["id"], body["type"], body["created"], body["modified"], content, digest, is_revoked)


def _digest(body: Mapping[str, Any]) -> bytes:
    timeless = {name: value for name, value in body.items() if name not in TIMELESS}
    return hashlib.sha256(orjson.dumps(timeless, option=orjson.OPT_SORT_KEYS)).digest()


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
    return [_finished_as_is(body) for body in bodies]


def _finished_as_is(body: dict[str, Any]) -> Version:
    check(body)
    modified = body.get("modified", body["created"])
    return Version(body["id"], body["type"], body["created"], modified, orjson.dumps(body), _digest(body))


def batch(candidates: Mapping[str, str], least: int) -> AbstractSet[str]:
    """The reports (id → organisation) that may leave together: all, or none if too few organisations are in it."""
    return candidates.keys() if len(set(candidates.values())) >= least else set()

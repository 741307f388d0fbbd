"""From a checked report to what is stored of it: clear fields, ciphertexts, wrapped keys, a signed manifest, a receipt.

Seals and never opens: nothing here takes a keyring. A sealed field that an amendment leaves alone keeps its earlier
ciphertext and key; the new manifest names the revision that sealed it.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from hub.errors import Tampered
from hub.keys import IntakeKeys
from hub.seal import Place, commitment, digest, new_key, seal_field, wrap_for_epoch
from hub.signing import is_signed
from schemas.anatomy import Divided, Values

PURPOSES = ("report", "identity")


@dataclass(frozen=True)
class Ground:
    """Where reports are sealed: this deployment, and the public key of its current epoch."""

    deployment: str
    epoch: int
    public_key: bytes


@dataclass(frozen=True)
class Sealer:
    """All that sealing takes, and nothing that opens."""

    keys: IntakeKeys
    ground: Ground


@dataclass(frozen=True)
class Carried:
    """What a new revision takes over from the one before it: schema path → what its manifest says of it."""

    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class SealedRevision:
    """A revision ready to be stored."""

    place: Place
    clear: dict[str, Any]
    blobs: Mapping[str, bytes]  # schema path → ciphertext made now
    wrapped: Mapping[str, bytes]  # purpose → data key under the epoch's public key
    epoch: int
    origins: dict[str, int]
    manifest: bytes
    signature: bytes
    salt: bytes
    commitment: bytes


def seal_revision(sealer: Sealer, place: Place, divided: Divided, carried: Carried) -> SealedRevision:
    """Seal one revision of a report."""
    ground = sealer.ground
    deks = {purpose: new_key() for purpose, values in _by_purpose(divided) if values}
    blobs = {
        path: seal_field(deks[purpose], place, path, by_pointer)
        for purpose, values in _by_purpose(divided)
        for path, by_pointer in values.items()
    }
    sealed_now = {path: {"revision": place.revision, "sha256": digest(blob)} for path, blob in blobs.items()}
    fields = {**carried.fields, **sealed_now}
    manifest = _manifest(place, ground.epoch, deks, fields, divided.clear)
    salt = os.urandom(32)
    return SealedRevision(
        place=place,
        clear=divided.clear,
        blobs=blobs,
        wrapped={name: wrap_for_epoch(ground.public_key, dek, place, name) for name, dek in deks.items()},
        epoch=ground.epoch,
        origins={path: int(said["revision"]) for path, said in fields.items()},
        manifest=manifest,
        signature=sealer.keys.signer.sign(manifest),
        salt=salt,
        commitment=committed(salt, manifest),
    )


def _by_purpose(divided: Divided) -> tuple[tuple[str, Values], ...]:
    return tuple(zip(PURPOSES, (divided.sealed, divided.identity), strict=True))


def verify(public_key: bytes, place: Place, signed: "Signed") -> dict[str, Any]:
    """What a revision's manifest says; raises Tampered unless intake signed it, for this place, over these fields."""
    if not is_signed(public_key, signed.manifest, signed.signature):
        message = "the manifest was not signed by this hub's intake"
        raise Tampered(message)
    said: dict[str, Any] = json.loads(signed.manifest)  # as intake wrote it
    named = (said["deployment"], said["organisation"], said["report"], said["revision"])
    if named != (place.deployment, place.organisation, place.report, place.revision):
        message = "the manifest belongs to another revision"
        raise Tampered(message)
    origins = {path: entry["revision"] for path, entry in said["fields"].items()}
    if said["clear"] != clear_digest(signed.clear) or origins != signed.origins:
        message = "what is stored differs from what the manifest says"
        raise Tampered(message)
    return said


class Signed(Protocol):
    """What is stored of a revision, as far as its manifest speaks of it."""

    manifest: bytes
    signature: bytes
    clear: dict[str, Any]
    origins: dict[str, int]


def sealed_paths(row: Signed) -> frozenset[str]:
    """The schema paths that have a sealed value in a revision; none if the row does not say it in its form."""
    origins: Any = row.origins  # as it lies there: nothing is verified yet, and it may be anything
    return frozenset(origins) if isinstance(origins, dict) else frozenset()


def committed(salt: bytes, manifest: bytes) -> bytes:
    """The salted commitment to a manifest: the producer's receipt."""
    return hashlib.sha256(b"hub.receipt.v1" + salt + manifest).digest()


def clear_digest(clear: Mapping[str, Any]) -> str:
    """What a manifest says of the clear fields."""
    return digest(json.dumps(clear, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())


def _manifest(
    place: Place, epoch: int, deks: Mapping[str, bytes], fields: Mapping[str, Any], clear: Mapping[str, Any]
) -> bytes:
    said = {
        "format": "hub.manifest.v1",
        "deployment": place.deployment,
        "organisation": place.organisation,
        "report": place.report,
        "revision": place.revision,
        "epoch": epoch,
        "keys": {purpose: commitment(dek).hex() for purpose, dek in deks.items()},
        "fields": dict(fields),
        "clear": clear_digest(clear),
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()

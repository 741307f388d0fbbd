"""Opening attachments: their parts come back only here, by keyring and armed warrant, one chunk at a time.

1. What is not named by the warrant stays shut: an opening of the head opens no chunk.
2. Nothing is given out unverified: a part must be what the signed manifest names, and open in its place under its key.
3. While an attachment waits for admission its keys lie under the epoch's public key (`open_received`); afterwards under
   the symmetric key (`open_part`), under which admission alone wraps them.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.attachment_sealing import DIFFERS, HEAD, Site, purpose
from hub.errors import NotSealed, Tampered
from hub.keys import Keyring
from hub.opening import NO_KEY
from hub.seal import commitment, digest, open_chunk, open_field, unwrap_from_intake, unwrap_under, wrap_under
from hub.store.attachments import Part
from hub.store.tables import DataKey
from hub.warrant import FileWarrant

GONE = "a part of the attachment is gone"
DESTROYED = "the data key names an epoch that is destroyed, or that the hub has no secrets of"


@dataclass(frozen=True)
class Rewrapped:
    """A part that was opened for the first time, and its key under the epoch's symmetric key."""

    content: Any  # of the head: what was sealed; of a chunk: its bytes
    key: DataKey
    wrapped: bytes


def open_received(
    keyring: Keyring, warrant: FileWarrant, site: Site, said: Mapping[str, Any], part: Part | None
) -> Rewrapped:
    """Open a part that intake sealed and nobody opened yet; raises Unarmed, NotSealed, Tampered."""
    found = _present(warrant, site, said, part)
    key = _key(found)
    epoch = keyring.epochs.get(key.epoch)
    if epoch is None:
        raise Tampered(DESTROYED)
    named = purpose(site.attachment, found.name)
    dek = unwrap_from_intake(epoch.private_key, key.wrapped, site.place, named)
    # Whoever has the public key could wrap a key of their own; the signed commitment says which one intake used.
    if not hmac.compare_digest(commitment(dek).hex(), _promise(said, found.name)["key"]):
        message = "the wrapped key is not the one that intake committed to"
        raise Tampered(message)
    content = _disclosed(keyring, dek, site, found)
    return Rewrapped(content, key, wrap_under(epoch.kek, dek, site.place, named))


def open_part(keyring: Keyring, warrant: FileWarrant, site: Site, said: Mapping[str, Any], part: Part | None) -> Any:
    """Open a part of an admitted attachment; raises Unarmed, NotSealed, Tampered."""
    found = _present(warrant, site, said, part)
    key = _key(found)
    epoch = keyring.epochs.get(key.epoch)
    if epoch is None or not key.is_admitted:
        raise NotSealed(NO_KEY)
    dek = unwrap_under(epoch.kek, key.wrapped, site.place, purpose(site.attachment, found.name))
    return _disclosed(keyring, dek, site, found)


def _present(warrant: FileWarrant, site: Site, said: Mapping[str, Any], part: Part | None) -> Part:
    if part is None:
        raise Tampered(GONE)
    warrant.demand_for(site.place.report, site.attachment, "head" if part.name == HEAD else "content")
    if _promise(said, part.name)["sha256"] != digest(part.sealed):
        raise Tampered(DIFFERS)
    return part


def _promise(said: Mapping[str, Any], name: int | str) -> Mapping[str, str]:
    found: Mapping[str, str] = said[HEAD] if isinstance(name, str) else said["chunks"][name]
    return found


def _key(part: Part) -> DataKey:
    if part.key is None:
        raise NotSealed(NO_KEY)
    return part.key


def _disclosed(keyring: Keyring, dek: bytes, site: Site, part: Part) -> Any:
    del keyring  # in the signature: this opens
    if isinstance(part.name, str):
        return open_field(dek, site.place, purpose(site.attachment, part.name), part.sealed)
    content = open_chunk(dek, site.place, site.chunk(part.name), part.sealed)
    if len(content) != site.length(part.name):
        raise Tampered(DIFFERS)
    return content

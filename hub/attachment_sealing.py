"""From the bytes of a file to what is stored of it: a sealed head, sealed chunks, and what intake signs of them.

Seals and never opens: nothing here takes a keyring.

1. A file is cut into chunks of 1 MiB. Its head (name, media type, SHA-256) and each chunk have a data key of their own,
   wrapped for the epoch as the report's is, beside it and under its revision: intake cannot open the report's own key,
   and so seals under the report all the same. Whatever rotates, backs up or erases the report's keys has these too.
2. A chunk is bound to deployment, organisation, report, revision, attachment, number, and whether it is the last. So
   one that is moved, repeated or from elsewhere does not open, and a list that was cut ends without its last.
3. Intake signs what was begun; a slip for each chunk that it takes (SHA-256 of the ciphertext, commitment to its key);
   and, when all are there, the manifest of the whole. It signs no manifest over a slip that is not its own: what
   somebody puts into the database between two requests stays outside.
4. An upload goes on over hours and processes, and the state of a SHA-256 is not kept between requests: it would be a
   fingerprint of the file in clear. So each chunk is checked against the hash that its request declares
   (`Content-Digest`, RFC 9530), at once; the hash of the whole is checked by the first process that may open, at
   admission. A file of one chunk is whole when it arrives: its hash is checked at once, by a keyed hash of what was
   declared.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from hub.errors import Tampered
from hub.seal import Place, commitment, digest, new_key, seal_chunk, seal_field, wrap_for_epoch
from hub.sealing import Sealer
from hub.signing import is_signed

CHUNK = 1 << 20  # bytes of plain text in every chunk but the last
BEGUN, SLIP, COMPLETE = "hub.attachment.begun.v1", "hub.attachment.chunk.v1", "hub.attachment.v1"
HEAD = "head"


def chunks_of(size: int) -> int:
    """How many chunks a file has."""
    return -(-size // CHUNK)


def purpose(attachment: str, part: int | str) -> str:
    """What the data key of a part is wrapped for."""
    return f"attachment/{attachment}/{part}"


@dataclass(frozen=True)
class Site:
    """Where the parts of an attachment belong."""

    place: Place
    attachment: str
    size: int  # of the whole, as declared

    def chunk(self, number: int) -> tuple[str, ...]:
        """What a chunk is bound to beside the place."""
        return self.attachment, str(number), "last" if number == chunks_of(self.size) - 1 else "more"

    def length(self, number: int) -> int:
        """How many bytes a chunk has."""
        return min(CHUNK, self.size - number * CHUNK)

    def says(self) -> dict[str, Any]:
        """The same, in what is signed."""
        return {**vars(self.place), "attachment": self.attachment, "size": self.size}


@dataclass(frozen=True)
class Sealed:
    """A part ready to be stored: its ciphertext, its wrapped data key, and what intake signed."""

    content: bytes
    purpose: str
    epoch: int
    wrapped: bytes
    said: bytes
    signature: bytes


class Signed(Protocol):
    """What is stored of an attachment, as far as its manifest speaks of it."""

    head: bytes
    manifest: bytes
    signature: bytes


def whole_code(sealer: Sealer, site: Site, sha256: str) -> str:
    """A keyed hash of the SHA-256 of a file: it can be compared, and says nothing."""
    return sealer.keys.replay_code([COMPLETE, site.attachment, sha256]).hex()


def seal_head(sealer: Sealer, site: Site, head: Mapping[str, str]) -> Sealed:
    """Seal what a file is called and is, and sign that it was begun."""
    dek, path = new_key(), purpose(site.attachment, HEAD)
    sealed = seal_field(dek, site.place, path, dict(head))
    said = {"format": BEGUN, **site.says(), HEAD: _promise(dek, sealed)}
    return _ready(sealer, site, (HEAD, dek), sealed, {**said, "whole": whole_code(sealer, site, head["sha256"])})


def seal_part(sealer: Sealer, site: Site, number: int, content: bytes) -> Sealed:
    """Seal a chunk, and sign the slip for it."""
    dek = new_key()
    sealed = seal_chunk(dek, site.place, site.chunk(number), content)
    said = {"format": SLIP, **site.says(), "number": number, **_promise(dek, sealed)}
    said["code"] = chunk_code(sealer, site, number, content)
    return _ready(sealer, site, (number, dek), sealed, said)


def chunk_code(sealer: Sealer, site: Site, number: int, content: bytes) -> str:
    """A keyed hash of a chunk, so that one sent again is recognised without keeping it."""
    return sealer.keys.replay_code([SLIP, site.attachment, number, digest(content)]).hex()


def _promise(dek: bytes, sealed: bytes) -> dict[str, str]:
    return {"key": commitment(dek).hex(), "sha256": digest(sealed)}


def _ready(sealer: Sealer, site: Site, part: tuple[int | str, bytes], sealed: bytes, said: dict[str, Any]) -> Sealed:
    (name, dek), ground = part, sealer.ground
    wrapped = wrap_for_epoch(ground.public_key, dek, site.place, purpose(site.attachment, name))
    slip = _canonical(said)
    return Sealed(sealed, purpose(site.attachment, name), ground.epoch, wrapped, slip, sealer.keys.signer.sign(slip))


def _canonical(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def begun(public_key: bytes, site: Site, row: Signed) -> dict[str, Any]:
    """What intake signed when an attachment was begun; raises Tampered."""
    said = _verified(public_key, BEGUN, site, (row.manifest, row.signature))
    if said[HEAD]["sha256"] != digest(row.head):
        raise Tampered(DIFFERS)
    return said


def slip(public_key: bytes, site: Site, number: int, signed: tuple[bytes, bytes]) -> dict[str, Any]:
    """What intake signed when it took a chunk; raises Tampered."""
    said = _verified(public_key, SLIP, site, signed)
    if said["number"] != number:
        raise Tampered(ELSEWHERE)
    return said


def manifest(sealer: Sealer, site: Site, row: Signed, slips: Sequence[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
    """The signed manifest of an attachment that is complete; raises Tampered if a part of it is not intake's own."""
    own = sealer.keys.signer.public_key
    first = begun(own, site, row)
    if len(slips) != chunks_of(site.size):
        raise Tampered(DIFFERS)
    taken = [slip(own, site, number, signed) for number, signed in enumerate(slips)]
    chunks = [{name: one[name] for name in ("key", "sha256")} for one in taken]
    said = _canonical({"format": COMPLETE, **site.says(), HEAD: first[HEAD], "chunks": chunks})
    return said, sealer.keys.signer.sign(said)


def verify(public_key: bytes, site: Site, row: Signed) -> dict[str, Any]:
    """What the manifest of a complete attachment says; raises Tampered unless intake signed it, for this very place."""
    said = _verified(public_key, COMPLETE, site, (row.manifest, row.signature))
    chunks = said.get("chunks")
    if not isinstance(chunks, list) or not all(map(_is_promise, (said.get(HEAD), *chunks))):
        raise Tampered(MALFORMED)
    if said[HEAD]["sha256"] != digest(row.head) or len(said["chunks"]) != chunks_of(site.size):
        raise Tampered(DIFFERS)
    return said


def _is_promise(part: object) -> bool:
    """Whether something is what intake says of a part. Its signature shows that intake signed it, and not what."""
    return isinstance(part, dict) and all(isinstance(part.get(name), str) for name in ("sha256", "key"))


MALFORMED = "what intake signed is no manifest"
DIFFERS = "what is stored differs from what the manifest says"
ELSEWHERE = "what intake signed belongs to another attachment or chunk"


def _verified(public_key: bytes, form: str, site: Site, signed: tuple[bytes, bytes]) -> dict[str, Any]:
    content, signature = signed
    if not is_signed(public_key, content, signature):
        message = "what is stored of the attachment was not signed by this hub's intake"
        raise Tampered(message)
    try:
        said: dict[str, Any] = json.loads(content)
    except ValueError:
        raise Tampered(MALFORMED) from None
    if not isinstance(said, dict):
        raise Tampered(MALFORMED)
    if said.get("format") != form or {name: said.get(name) for name in site.says()} != site.says():
        raise Tampered(ELSEWHERE)
    return said


def receipt(manifest: bytes) -> str:
    """The producer's receipt of a complete attachment.

    Needs no salt: a manifest names hashes of ciphertexts under random keys, so nobody can guess at one.
    """
    return digest(b"hub.attachment.receipt.v1" + manifest)

"""Signed checkpoints of a log: C2SP tlog-checkpoint in a signed-note, Ed25519. Format alone; keys are `hub.signing`'s.

incident-hub/2b0e…/audit          the origin, which is also the key's name
1234                              leaves
<base64 of the root>
at 2026-11-23T12:00:00.000000Z    an extension line: signed, so that nobody moves a checkpoint in time

— incident-hub/2b0e…/audit <base64 of key id and signature>
"""

import hashlib
from base64 import b64decode, b64encode
from binascii import Error
from dataclasses import dataclass
from datetime import UTC, datetime

from hub.errors import Tampered
from hub.signing import Signer, is_signed

ED25519, ID, KEY = b"\x01", 4, 32  # the algorithm's byte; the length of a key id and of a key (C2SP signed-note)
MARK = b"hub.audit.v1"
FORM = "at %Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True)
class Signed:
    """The state of a log at a size, as it was signed."""

    origin: str
    size: int
    root: bytes
    at: datetime
    note: str


def origin_of(uid: str) -> str:
    """The name of a hub's audit log and of its key."""
    return f"incident-hub/{uid}/audit"


def key_id(name: str, public_key: bytes) -> bytes:
    """C2SP signed-note: the first bytes of SHA-256 over name, newline, algorithm and key."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:ID]


def verifier(name: str, public_key: bytes) -> str:
    """The key in the form that other tools of the note format read."""
    return f"{name}+{key_id(name, public_key).hex()}+{b64encode(ED25519 + public_key).decode()}"


def sign(signer: Signer, origin: str, size: int, root: bytes, at: datetime) -> Signed:
    """A signed checkpoint."""
    at = at.astimezone(UTC)
    text = f"{origin}\n{size}\n{b64encode(root).decode()}\n{at.strftime(FORM)}\n"
    mark = b64encode(key_id(origin, signer.public_key) + signer.sign(text.encode())).decode()
    return Signed(origin, size, root, at, f"{text}\n— {origin} {mark}\n")


def read(note: str, origin: str, public_key: bytes) -> Signed:
    """A checkpoint of this log, verified; raises Tampered."""
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    if not any(_is_by(line, text, origin, public_key) for line in signatures.splitlines()):
        message = "a checkpoint's signature does not verify"
        raise Tampered(message)
    try:
        name, size, root, at = text.split("\n")[:4]
        found = Signed(name, int(size), b64decode(root, validate=True), _instant(at), note)
    except (ValueError, Error):
        message = "a checkpoint is not in the form that this hub writes"
        raise Tampered(message) from None
    if name != origin:
        message = "a checkpoint is of another log"
        raise Tampered(message)
    return found


def _instant(line: str) -> datetime:
    return datetime.strptime(line, FORM).replace(tzinfo=UTC)


def _is_by(line: str, text: str, name: str, public_key: bytes) -> bool:
    start, _, mark = line.rpartition(" ")
    if start != f"— {name}":
        return False
    try:
        raw = b64decode(mark, validate=True)
    except (ValueError, Error):
        return False
    return raw[:ID] == key_id(name, public_key) and is_signed(public_key, text.encode(), raw[ID:])


def public_key(text: str, name: str) -> bytes:
    """The key of a verifier's line; raises Tampered if it is not one of this name."""
    told, _, rest = text.strip().partition("+")
    number, _, encoded = rest.partition("+")
    try:
        raw = b64decode(encoded, validate=True)
    except (ValueError, Error):
        raw = b""
    found = raw[len(ED25519) :]
    if told != name or raw[:1] != ED25519 or len(found) != KEY or key_id(name, found).hex() != number:
        message = "the key is not one of this hub's log; it reads incident-hub/<hub>/audit+<id>+<key>"
        raise Tampered(message)
    return found


def commitment(salt: bytes, payload: bytes) -> bytes:
    """What the log commits to of an entry; its leaf is the hash of this (RFC 6962)."""
    return hashlib.sha256(MARK + salt + payload).digest()

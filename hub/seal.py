"""Sealing: fields under a data key (DEK), data keys under an epoch.

1. A field is AES-256-GCM under HKDF-SHA256(DEK, its path), padded to a size class, with an AAD that binds deployment,
   organisation, report, revision and path, each with its length before it. A value moved anywhere else does not open.
2. Intake wraps a DEK with HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM) to the epoch's public key, and so cannot
   open what it filed. Admission re-wraps it with AES-256-GCM under the epoch's symmetric key (KEK).
3. Every ciphertext begins with a format byte and an algorithm byte; nothing else tells how to read it.

`tests/hub/test_seal.py` holds frozen vectors that every later release must open.
"""

import hashlib
import hmac
import json
import os
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from hub.errors import Tampered

HEAD = struct.Struct(">HI")  # before each ciphertext of a frame: size of its path, and its own
FIRST = b"\x01\x01"  # format 1, algorithm 1 = AES-256-GCM
FORMAT = FIRST  # what is sealed now
BROKEN = "a ciphertext does not verify: it was moved, changed or truncated"
KEY_SIZE, NONCE_SIZE = 32, 12
SIZE_CLASSES = (64, 256, 1024, 4096, 16384, 65536)


class Cipher(Protocol):
    """Authenticated encryption under a key of 32 bytes, with a nonce of 12."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Seal."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Open; raises InvalidTag or ValueError."""


# What each header names. A suite that comes is added here and, once every process knows it, named by FORMAT; none is
# ever taken out.
SUITES: dict[bytes, Callable[[bytes], Cipher]] = {FIRST: AESGCM}
HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True)
class Place:
    """Where a revision belongs; part of what each of its ciphertexts is bound to."""

    deployment: str
    organisation: str
    report: str
    revision: int

    def bind(self, purpose: str, *more: str) -> bytes:
        """The place as authenticated data: each item behind its length, so that no two places look alike."""
        before, after = (purpose, self.deployment, self.organisation), (str(self.revision), *more)
        return _with_lengths(*before) + _with_length(self.report) + _with_lengths(*after)


def _with_length(item: str) -> bytes:
    raw = item.encode()
    return struct.pack(">I", len(raw)) + raw


@lru_cache(maxsize=4096)  # names of purposes, owners and fields: the same few for millions of rows, and none is secret
def _with_lengths(*items: str) -> bytes:
    return b"".join(map(_with_length, items))


def new_key() -> bytes:
    """A fresh random key of 32 bytes."""
    return os.urandom(KEY_SIZE)


def derive(key: bytes, *info: str) -> bytes:
    """A key for one purpose out of a random key: HKDF-Expand-SHA256 (RFC 5869, 2.3)."""
    return HKDFExpand(algorithm=SHA256(), length=KEY_SIZE, info="|".join(info).encode()).derive(key)


def commitment(key: bytes) -> bytes:
    """What a manifest says of a data key, so that another key cannot be put in its place."""
    return derive(key, "hub.commit.v1")


def seal_field(dek: bytes, place: Place, path: str, value: Any) -> bytes:
    """Seal one value; the same value never gives the same bytes twice."""
    return _encrypt(derive(dek, "hub.field.v1", path), _pad(_to_bytes(value)), place.bind("hub.field.v1", path))


def open_field(dek: bytes, place: Place, path: str, sealed: bytes) -> Any:
    """Open what seal_field made; raises Tampered if anything it was bound to differs."""
    return json.loads(_unpad(_decrypt(derive(dek, "hub.field.v1", path), sealed, place.bind("hub.field.v1", path))))


def seal_chunk(dek: bytes, place: Place, chunk: tuple[str, ...], content: bytes) -> bytes:
    """Seal bytes as they are; `chunk` names what they are part of, which part, and whether it is the last."""
    return _encrypt(derive(dek, "hub.chunk.v1"), content, place.bind("hub.chunk.v1", *chunk))


def open_chunk(dek: bytes, place: Place, chunk: tuple[str, ...], sealed: bytes) -> bytes:
    """Open what seal_chunk made; raises Tampered if anything it was bound to differs."""
    return _decrypt(derive(dek, "hub.chunk.v1"), sealed, place.bind("hub.chunk.v1", *chunk))


def _to_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _pad(plain: bytes) -> bytes:
    # The length of a narrative is a fingerprint: only its size class shows.
    framed = struct.pack(">I", len(plain)) + plain
    size = next((size for size in SIZE_CLASSES if len(framed) <= size), -(-len(framed) // 65536) * 65536)
    return framed.ljust(size, b"\0")


def _unpad(plain: bytes) -> bytes:
    (length,) = struct.unpack_from(">I", plain)
    return plain[4 : 4 + length]


def _encrypt(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE_SIZE)
    return FORMAT + nonce + SUITES[FORMAT](key).encrypt(nonce, plain, bound_to)


def _decrypt(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    head, nonce, body = sealed[:2], sealed[2 : 2 + NONCE_SIZE], sealed[2 + NONCE_SIZE :]
    suite = SUITES.get(head)
    if suite is None:
        raise Tampered(_unknown(head))
    try:
        return suite(key).decrypt(nonce, body, bound_to)
    except (InvalidTag, ValueError):
        raise Tampered(BROKEN) from None


def _unknown(head: bytes) -> str:
    known = ", ".join(sorted(one.hex() for one in SUITES))
    return (
        f"a ciphertext names suite {head.hex() or 'none'}, and this version opens {known}: it was changed, or is newer"
    )


def public_key_of(private_key: bytes) -> bytes:
    """The public key to an epoch's private key; raises Tampered for what is no key."""
    try:
        return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()
    except ValueError:
        raise Tampered(BROKEN) from None


def wrap_for_epoch(public_key: bytes, dek: bytes, place: Place, purpose: str) -> bytes:
    """Wrap a data key so that only who holds the epoch's private key can have it back."""
    key = X25519PublicKey.from_public_bytes(public_key)
    return HPKE.encrypt(dek, key, place.bind("hub.hpke.v1", purpose))


def unwrap_from_intake(private_key: bytes, wrapped: bytes, place: Place, purpose: str) -> bytes:
    """Take back a data key that intake wrapped; raises Tampered."""
    key = X25519PrivateKey.from_private_bytes(private_key)
    try:
        return HPKE.decrypt(wrapped, key, place.bind("hub.hpke.v1", purpose))
    except (InvalidTag, ValueError):
        message = "a wrapped key does not verify: it was moved, changed or truncated"
        raise Tampered(message) from None


def wrap_under(kek: bytes, dek: bytes, place: Place, purpose: str) -> bytes:
    """Wrap a data key under an epoch's symmetric key."""
    return _encrypt(kek, dek, place.bind("hub.dek.v1", purpose))


def unwrap_under(kek: bytes, wrapped: bytes, place: Place, purpose: str) -> bytes:
    """Take back a data key; raises Tampered."""
    return _decrypt(kek, wrapped, place.bind("hub.dek.v1", purpose))


def rewrap_under(old: bytes, new: bytes, wrapped: bytes, place: Place, purpose: str) -> bytes:
    """A data key from under one epoch's symmetric key to under another's; raises Tampered."""
    bound_to = place.bind("hub.dek.v1", purpose)
    try:
        dek = _decrypt_with(_kept, old, wrapped, 0, len(wrapped), bound_to)
    except (InvalidTag, ValueError):
        raise Tampered(BROKEN) from None
    if FORMAT != FIRST:
        return _encrypt(new, dek, bound_to)
    nonce = os.urandom(NONCE_SIZE)
    return FIRST + nonce + _kept(new).encrypt(nonce, dek, bound_to)


def wrap_secret(root: bytes, secret: bytes, *context: str) -> bytes:
    """Wrap an epoch's secret under the root key."""
    return _encrypt(derive(root, "hub.root.v1"), secret, "|".join(("hub.epoch.v1", *context)).encode())


def unwrap_secret(root: bytes, wrapped: bytes, *context: str) -> bytes:
    """Take back an epoch's secret; raises Tampered if the root key is another one."""
    return _decrypt(derive(root, "hub.root.v1"), wrapped, "|".join(("hub.epoch.v1", *context)).encode())


def frame(blobs: Mapping[str, bytes]) -> bytes:
    """Several ciphertexts, by schema path, in one column."""
    items = ((path.encode(), blob) for path, blob in blobs.items())
    return b"".join(struct.pack(">HI", len(path), len(blob)) + path + blob for path, blob in items)


def unframe(framed: bytes) -> dict[str, bytes]:
    """The ciphertexts in one column; raises Tampered if it was cut."""
    found, at = {}, 0
    while at < len(framed):
        if at + 6 > len(framed):
            break
        path_size, blob_size = struct.unpack(">HI", framed[at : at + 6])
        middle, end = at + 6 + path_size, at + 6 + path_size + blob_size
        if end > len(framed):
            break
        found[framed[at + 6 : middle].decode(errors="replace")] = framed[middle:end]
        at = end
    if at != len(framed):
        message = "a row of ciphertexts was cut"
        raise Tampered(message)
    return found


def open_texts(kek: bytes, wrapped: bytes, place: Place, framed: bytes, paths: frozenset[str]) -> dict[str, bytes]:
    """The JSON texts of some fields, straight from a wrapped data key and a frame; raises Tampered.

    The same as unwrap_under, unframe and open_field, for a scan of very many: one walk through the frame, what is not
    wanted stays shut, what is bound to is put together from parts that repeat, a key is derived in one call, and
    nothing is parsed, because most of what a scan opens holds nothing that it looks for. Nothing is checked less: every
    key and field is authenticated with all that it is bound to (tests/hub/test_seal.py holds the two ways equal).
    """
    found, at, size, own = {}, 0, len(framed), _with_length(place.report)
    around = partial(_around, place.deployment, place.organisation, place.revision)
    try:
        before, after = around("hub.dek.v1", "report")
        dek = _decrypt_with(_kept, kek, wrapped, 0, len(wrapped), before + own + after)
        while at < size:
            path_size, blob_size = HEAD.unpack_from(framed, at)
            middle = at + HEAD.size + path_size
            at, path = middle + blob_size, framed[at + HEAD.size : middle].decode()
            if path in paths:
                before, after = around("hub.field.v1", path)
                key, bound_to = hmac.digest(dek, _block(path), "sha256"), before + own + after
                found[path] = _unpad(_decrypt_with(AESGCM, key, framed, middle, at, bound_to))
    except (InvalidTag, ValueError, struct.error):
        raise Tampered(BROKEN) from None
    if at != size or len(found) != len(paths):
        message = "a row of ciphertexts was cut, or one of them is gone"
        raise Tampered(message)
    return found


@lru_cache(maxsize=4096)
def _around(deployment: str, organisation: str, revision: int, purpose: str, item: str) -> tuple[bytes, bytes]:
    """What `Place.bind` puts before and after the report: the same few for millions of rows."""
    return _with_lengths(purpose, deployment, organisation), _with_lengths(str(revision), item)


@lru_cache(maxsize=256)
def _block(path: str) -> bytes:
    """What `derive` hashes for a field. 32 bytes are one block: HMAC(key, info | 0x01), RFC 5869, 2.3."""
    return f"hub.field.v1|{path}".encode() + b"\x01"


_kept = lru_cache(maxsize=8)(AESGCM)  # ciphers of epochs' keys, which whoever calls holds anyway


def _decrypt_with(  # noqa: PLR0913, PLR0917 - called for every value of a scan
    make: Callable[[bytes], Cipher], key: bytes, sealed: bytes, start: int, end: int, bound_to: bytes
) -> bytes:
    if not sealed.startswith(FIRST, start):
        return _decrypt(key, sealed[start:end], bound_to)
    body = start + len(FIRST) + NONCE_SIZE
    return make(key).decrypt(sealed[start + len(FIRST) : body], sealed[body:end], bound_to)


def forget() -> None:
    """Let go of the ciphers that were kept: an epoch is destroyed."""
    _kept.cache_clear()


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()

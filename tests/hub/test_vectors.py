"""Vectors: what this version sealed opens for ever, and the algorithms are those that were published."""

import json
from base64 import b64decode
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from hub import seal
from hub.errors import Tampered
from hub.seal import Place
from hub.sealing import committed, verify
from hub.signing import Signer, is_signed

ROOM = Path(__file__).parents[1] / "vectors"
PUBLISHED = json.loads((ROOM / "published.json").read_text("utf-8"))
FROZEN = sorted(ROOM.glob("sealed-*.json"))


def cases(name: str) -> list[dict[str, bytes]]:
    return [{part: bytes.fromhex(text) for part, text in case.items()} for case in PUBLISHED[name]["cases"]]


@pytest.fixture(params=FROZEN, ids=[one.stem for one in FROZEN])
def frozen(request: pytest.FixtureRequest) -> Any:
    """One version's ciphertexts, its bytes decoded."""
    said = json.loads(request.param.read_text("utf-8"))
    said["keys"] = {name: b64decode(key) for name, key in said["keys"].items()}
    return said


def test_every_frozen_field_opens(frozen: Any) -> None:
    assert len(frozen["fields"]) >= 200
    for one in frozen["fields"]:
        sealed = b64decode(one["sealed"])
        assert sealed[:2].hex() == frozen["suite"]
        assert seal.open_field(frozen["keys"]["dek"], Place(*one["place"]), one["path"], sealed) == one["value"]


def test_every_frozen_key_unwraps_in_both_ways(frozen: Any) -> None:
    keys = frozen["keys"]
    assert seal.public_key_of(keys["private"]) == keys["public"]
    for one in frozen["wrapped"]:
        place, key = Place(*one["place"]), b64decode(one["key"])
        assert seal.unwrap_under(keys["kek"], b64decode(one["under"]), place, one["purpose"]) == key
        assert seal.unwrap_from_intake(keys["private"], b64decode(one["hpke"]), place, one["purpose"]) == key
        assert seal.commitment(key).hex() == one["commit"]
    for one in frozen["secrets"]:
        assert seal.unwrap_secret(keys["root"], b64decode(one["wrapped"]), *one["context"]) == b64decode(one["secret"])


def test_every_frozen_revision_verifies_and_opens_in_both_ways(frozen: Any) -> None:
    keys = frozen["keys"]
    for one in frozen["revisions"]:
        place, manifest, framed = Place(*one["place"]), b64decode(one["manifest"]), b64decode(one["framed"])
        row = SimpleNamespace(
            manifest=manifest, signature=b64decode(one["signature"]), clear=one["clear"], origins=one["origins"]
        )
        said = verify(keys["receipts"], place, row)
        dek = seal.unwrap_from_intake(keys["private"], b64decode(one["wrapped"]), place, "report")
        assert said["keys"] == {"report": seal.commitment(dek).hex()}
        blobs = seal.unframe(framed)
        assert {path: said["fields"][path]["sha256"] for path in blobs} == {p: seal.digest(b) for p, b in blobs.items()}
        assert {path: seal.open_field(dek, place, path, blob) for path, blob in blobs.items()} == one["values"]
        wrapped = seal.wrap_under(keys["kek"], dek, place, "report")
        texts = seal.open_texts(keys["kek"], wrapped, place, framed, frozenset(blobs))
        assert {path: json.loads(text) for path, text in texts.items()} == one["values"]
        assert committed(b64decode(one["salt"]), manifest).hex() == one["commitment"]


def test_a_suite_that_is_not_known_is_refused_by_name() -> None:
    place, dek = Place("d", "o", "r", 1), bytes(32)
    sealed = b"\x01\x07" + seal.seal_field(dek, place, "title", "x")[2:]
    with pytest.raises(Tampered, match="suite 0107, and this version opens 0101"):
        seal.open_field(dek, place, "title", sealed)
    wrapped = seal.wrap_under(bytes(32), dek, place, "report")
    with pytest.raises(Tampered, match="suite 0107"):
        seal.open_texts(bytes(32), wrapped, place, seal.frame({"title": sealed}), frozenset({"title"}))


def test_another_suite_can_come_beside_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """One row more: what is sealed is of the newest, what opens is of either, in the way of a scan too."""
    place, dek, kek = Place("d", "o", "r", 1), bytes(32), bytes(range(32))
    old, old_key = seal.seal_field(dek, place, "title", {"/title": "old"}), seal.wrap_under(kek, dek, place, "report")
    monkeypatch.setitem(seal.SUITES, b"\x01\x02", AESGCMSIV)
    monkeypatch.setattr(seal, "FORMAT", b"\x01\x02")
    new, new_key = seal.seal_field(dek, place, "poc", {"/poc": "new"}), seal.wrap_under(kek, dek, place, "report")
    assert (old[:2], new[:2], new_key[:2]) == (b"\x01\x01", b"\x01\x02", b"\x01\x02")
    assert seal.open_field(dek, place, "title", old) == {"/title": "old"}
    for key in (old_key, new_key, seal.rewrap_under(kek, kek, old_key, place, "report")):
        found = seal.open_texts(kek, key, place, seal.frame({"title": old, "poc": new}), frozenset({"title", "poc"}))
        assert found == {"title": b'{"/title":"old"}', "poc": b'{"/poc":"new"}'}
    with pytest.raises(Tampered):
        seal.open_field(dek, place, "poc", b"\x01\x01" + new[2:])


@pytest.mark.parametrize("case", cases("AES-256-GCM"))
def test_aes_gcm_is_the_published_one(case: dict[str, bytes]) -> None:
    sealed = seal.FIRST + case["nonce"] + case["sealed"]
    assert seal._decrypt(case["key"], sealed, case["bound"]) == case["plain"]
    assert seal._decrypt_with(AESGCM, case["key"], sealed, 0, len(sealed), case["bound"]) == case["plain"]
    with pytest.raises(Tampered):
        seal._decrypt(case["key"], sealed, case["bound"] + b"\0")


@pytest.mark.parametrize("case", cases("HKDF-Expand-SHA256"))
def test_hkdf_is_the_published_one(case: dict[str, bytes]) -> None:
    expanded = HKDFExpand(SHA256(), len(case["out"]), case["info"]).derive(case["key"])
    assert expanded == case["out"]
    if not case["info"]:
        assert seal.derive(case["key"]) == case["out"][:32]


@pytest.mark.parametrize("case", cases("Ed25519"))
def test_ed25519_is_the_published_one(case: dict[str, bytes]) -> None:
    signer = Signer(case["seed"])
    assert (signer.public_key, signer.sign(case["message"])) == (case["public"], case["signature"])
    assert is_signed(case["public"], case["message"], case["signature"])
    assert not is_signed(case["public"], case["message"] + b"\0", case["signature"])


class Hpke:
    """RFC 9180, base mode, X25519 and HKDF-SHA256, from its text: the library's own takes no associated data."""

    def __init__(self, aead: int, key_size: int) -> None:
        self.key_size, self.suite = key_size, b"HPKE\0\x20\0\x01" + aead.to_bytes(2)

    def _extract(self, suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
        return HKDF.extract(SHA256(), salt or None, b"HPKE-v1" + suite + label + ikm)

    def _expand(self, suite: bytes, key: bytes, label: bytes, info: bytes, size: int) -> bytes:
        return HKDFExpand(SHA256(), size, size.to_bytes(2) + b"HPKE-v1" + suite + label + info).derive(key)

    def context(self, own: bytes, other: bytes, enc: bytes, recipient: bytes, info: bytes) -> tuple[bytes, bytes]:
        """The key and the first nonce: 4.1 (DHKEM) and 5.1 (key schedule)."""
        kem, suite = b"KEM\0\x20", self.suite
        dh = X25519PrivateKey.from_private_bytes(own).exchange(X25519PublicKey.from_public_bytes(other))
        eae = self._extract(kem, b"", b"eae_prk", dh)
        shared = self._expand(kem, eae, b"shared_secret", enc + recipient, 32)
        said = self._extract(suite, b"", b"psk_id_hash", b""), self._extract(suite, b"", b"info_hash", info)
        context = b"\0" + b"".join(said)
        secret = self._extract(suite, shared, b"secret", b"")
        return self._expand(suite, secret, b"key", context, self.key_size), self._expand(
            suite, secret, b"base_nonce", context, 12
        )


@pytest.mark.parametrize("case", cases("HPKE"))
def test_our_reading_of_hpke_is_the_published_one(case: dict[str, bytes]) -> None:
    recipient = seal.public_key_of(case["private"])
    sender = Hpke(1, 16).context(case["ephemeral"], recipient, case["enc"], recipient, case["info"])
    assert sender == Hpke(1, 16).context(case["private"], case["enc"], case["enc"], recipient, case["info"])
    assert sender == (case["key"], case["nonce"])
    assert AESGCM(sender[0]).encrypt(sender[1], case["plain"], case["bound"]) == case["sealed"]


def test_what_intake_wraps_opens_by_the_published_hpke_and_the_other_way_round() -> None:
    private, place, dek = bytes(range(32)), Place("d", "o", "r", 1), bytes(range(32, 64))
    recipient, info = seal.public_key_of(private), place.bind("hub.hpke.v1", "report")
    wrapped = seal.wrap_for_epoch(recipient, dek, place, "report")
    key, nonce = Hpke(2, 32).context(private, wrapped[:32], wrapped[:32], recipient, info)
    assert AESGCM(key).decrypt(nonce, wrapped[32:], b"") == dek
    ephemeral = bytes(chain(range(100, 132)))
    enc = seal.public_key_of(ephemeral)
    key, nonce = Hpke(2, 32).context(ephemeral, recipient, enc, recipient, info)
    assert seal.unwrap_from_intake(private, enc + AESGCM(key).encrypt(nonce, dek, b""), place, "report") == dek

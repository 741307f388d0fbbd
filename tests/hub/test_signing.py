"""Signatures: made by one key, verified by its other half, refused in every other case."""

import pytest

from hub.signing import Signer, is_signed

SEED = bytes(range(32))
SIGNATURE = (
    "1e4db63e61102e99b54914ade24833ef2596c9ceea12539987a1720628cb3af5"
    "3e829d35ee3997de00863f376a2b24d32a627aaf5b2319f304c80ce1508e6f07"
)


def test_a_signature_of_release_0_1_still_verifies() -> None:
    # Ed25519 is deterministic (RFC 8032): the same seed and message give these bytes in every release.
    signer = Signer(SEED)
    assert signer.public_key.hex() == "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
    assert signer.sign(b"manifest").hex() == SIGNATURE
    assert is_signed(signer.public_key, b"manifest", bytes.fromhex(SIGNATURE))


def test_another_message_key_or_signature_is_refused() -> None:
    signer, signature = Signer(SEED), bytes.fromhex(SIGNATURE)
    assert not is_signed(signer.public_key, b"manifesto", signature)
    assert not is_signed(signer.public_key, b"", signature)
    assert not is_signed(Signer(bytes(32)).public_key, b"manifest", signature)


def test_every_flipped_bit_of_a_signature_is_noticed() -> None:
    signature = bytes.fromhex(SIGNATURE)
    for place in range(len(signature)):
        changed = signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :]
        assert not is_signed(Signer(SEED).public_key, b"manifest", changed)


@pytest.mark.parametrize("signature", [b"", b"\0" * 64, bytes(63), bytes(65)], ids=["none", "zeros", "short", "long"])
def test_what_is_no_signature_is_refused_like_a_false_one(signature: bytes) -> None:
    assert not is_signed(Signer(SEED).public_key, b"manifest", signature)

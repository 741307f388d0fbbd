"""What a producer does with a receipt, with nothing but the hub's answer in hand."""

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def check_receipt(receipt: dict[str, str]) -> None:
    """Recompute the commitment and verify the signature; raises AssertionError or InvalidSignature."""
    manifest = receipt["manifest"].encode()
    digest = hashlib.sha256(b"hub.receipt.v1" + bytes.fromhex(receipt["salt"]) + manifest)
    assert digest.hexdigest() == receipt["commitment"]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(receipt["public_key"]))
    key.verify(bytes.fromhex(receipt["signature"]), manifest)

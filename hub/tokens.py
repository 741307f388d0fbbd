"""Bearer tokens: `hub_<kind>_<id>_<secret><check>`.

The prefix lets scanners find a leaked one, the checksum refuses a mistyped one without a database, and the secret has
190 random bits, so that one SHA-256 is enough to store it by.
"""

import hashlib
import hmac
import re
import secrets
import zlib
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SHAPE = re.compile(
    r"hub_(?P<kind>live|demo)_(?P<id>[0-9A-Za-z]{10})_[0-9A-Za-z]{32}(?P<check>[0-9A-Za-z]{6})", re.ASCII
)


@dataclass(frozen=True)
class Issued:
    """A new token: the text is shown once, the hash is stored."""

    id: str
    text: str
    sha256: bytes


def issue(*, is_demo: bool = False) -> Issued:
    """Make a token."""
    token_id, secret = _random(10), _random(32)
    body = f"hub_{'demo' if is_demo else 'live'}_{token_id}_{secret}"
    text = body + _check(body)
    return Issued(token_id, text, _hash(text))


def id_of(text: str) -> str | None:
    """The id in a well-formed token; None if it is not one."""
    shape = SHAPE.fullmatch(text)
    if shape is None or not hmac.compare_digest(_check(text[:-6]), shape["check"]):
        return None
    return shape["id"]


def is_that(text: str, sha256: bytes) -> bool:
    """Whether the whole token is the one whose hash is stored, in constant time."""
    return hmac.compare_digest(_hash(text), sha256)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _check(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), []
    for _ in range(6):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))

"""Names that say nothing: STIX ids from a random namespace, references to say on the phone, titles made of codes.

Nothing here is sequential, derived from time or content, or shared by two feeds.
"""

import hashlib
import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.tlp import TLP

# Crockford's base 32: no I, L, O or U, so that nothing is misheard or misread.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8  # characters behind the letter
RANDOM_BYTES = 5  # 35 of the 40 bits become seven characters; the eighth checks them
TYPE_NAMES = {
    "incident": "incident",
    "near_miss": "near miss",
    "hazard": "hazard",
    "vulnerability": "vulnerability",
    "threat": "threat",
    "compromise": "compromise",
    "audit_finding": "audit finding",
    "risk_assessment": "risk assessment",
}


@dataclass(frozen=True)
class Naming:
    """How one report is named in one feed, and under which marking and identity it is shown there."""

    namespace: bytes
    reference: str
    hub: str  # STIX id of the hub's identity, created_by_ref of all it publishes
    marking: TLP
    burnt: frozenset[str] = frozenset()  # ids that were revoked: an object that returns gets the next one

    def stix_id(self, kind: str, key: str) -> str:
        """The STIX id of one object of this report in this feed: HMAC-SHA256 with the bits of a UUIDv4."""
        digest = hmac.digest(self.namespace, f"{kind}|{key}".encode(), hashlib.sha256)
        stix_id = f"{kind}--{uuid.UUID(bytes=digest[:16], version=4)}"
        return self.stix_id(kind, f"{key}|again") if stix_id in self.burnt else stix_id


def reference(letter: str, random: bytes) -> str:
    """A reference such as M-7K3M-92QX, from five random bytes; its last character checks the others."""
    number = int.from_bytes(random[:RANDOM_BYTES]) >> 5
    seven = [number >> 5 * place & 31 for place in range(7)]
    text = "".join(ALPHABET[value] for value in (*seven, _check(seven)))
    return f"{letter}-{text[:4]}-{text[4:]}"


def is_reference(text: str) -> bool:
    """Whether a text is a reference whose check character fits: one wrong character behind the letter is noticed."""
    letter, _, rest = text.upper().partition("-")
    eight = rest.replace("-", "").translate(str.maketrans("OIL", "011"))
    if len(letter) != 1 or len(eight) != LENGTH or any(character not in ALPHABET for character in eight):
        return False
    *seven, check = (ALPHABET.index(character) for character in eight)
    return _check(seven) == check


def _check(values: list[int]) -> int:
    # Odd weights are units modulo 32, so that any one changed value changes the sum; their differences
    # are 2, so that neighbours swapped go unnoticed only if they differ by 16.
    return sum(value * (2 * place + 1) for place, value in enumerate(values)) % 32


def generated_name(fields: Mapping[str, Any], reference: str) -> str:
    """A title of codes for a report whose own title stays: `High-severity near miss (M-7K3M-92QX)`."""
    kind = TYPE_NAMES[fields["report_type"]]
    severity = fields.get("severity", "unknown")
    name = kind if severity in {"unknown", "info"} else f"{severity}-severity {kind}"
    return f"{name[0].upper()}{name[1:]} ({reference})"

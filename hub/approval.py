"""What identifies the text for release that a revision holds: an approval is of this text, and of no later one."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def text_digest(clear: Mapping[str, Any]) -> str:
    """SHA-256 of the text for release in a revision's clear fields."""
    canonical = json.dumps(clear.get("for_release", {}), sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(canonical).hexdigest()

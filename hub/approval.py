"""The text for release in effect, and what identifies it: an approval is of this text, and of no later one.

An analyst's text stands over one text of the producer's. Once the producer writes another, that one stands again: its
author read it last. An analyst's text without a word takes the analyst's earlier text back.
"""

import difflib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from schemas.anatomy import lines
from schemas.parts import ForRelease

LINES = 400  # of a text; where there are more, lines are not matched: that would cost their number squared


class Written(Protocol):
    """An analyst's text, as it is stored."""

    number: int
    text: dict[str, str]
    base_digest: str


@dataclass(frozen=True)
class Effective:
    """The text for release in effect, and whose it is; `number` counts what analysts wrote, in effect or not."""

    own: Mapping[str, str]  # the producer's
    text: Mapping[str, str]
    is_hub: bool
    number: int

    @property
    def digest(self) -> str:
        """What an approval names."""
        return text_digest(self.text)

    @property
    def difference(self) -> list[str]:
        """From the producer's text to the one in effect, line by line (unified); empty if they are the same."""
        before, after = _lines(self.own), _lines(self.text)
        if max(len(before), len(after)) > LINES:
            same = before == after
            return [] if same else [*(f"-{line}" for line in before), *(f"+{line}" for line in after)]
        return list(difflib.unified_diff(before, after, "producer", "hub", lineterm=""))


def _lines(text: Mapping[str, str]) -> list[str]:
    return [f"{name}: {line}" for name in lines(ForRelease) if name in text for line in text[name].splitlines()]


def effective(clear: Mapping[str, Any], written: Written | None) -> Effective:
    """The text in effect, from a revision's clear fields and the last text that an analyst wrote, if one did."""
    own = clear.get("for_release", {})
    if written is None:
        return Effective(own, own, is_hub=False, number=0)
    is_hub = bool(written.text) and written.base_digest == text_digest(own)
    return Effective(own, written.text if is_hub else own, is_hub, written.number)


def text_digest(text: Mapping[str, Any]) -> str:
    """SHA-256 of a text for release."""
    canonical = json.dumps(text, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(canonical).hexdigest()

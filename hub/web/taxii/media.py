"""Media types of TAXII 2.1 (1.6.8) as a client may write them: in any case, with and without version, quoted, weighted.

1. A range takes an answer if type and subtype are its own or a wildcard, and its `version`, if it has one, is 2.1.
2. Of the ranges that take it, those that say most decide (RFC 9110, 12.5.1): a weight of 0 there refuses.
3. Parameters other than `version` and `q` decide nothing.
4. No Accept, or an empty one, takes anything.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from hub.web.problems import TAXII

STIX = "application/stix+json;version=2.1"  # of every object
VERSION = "2.1"
TAXII_NAME, STIX_NAME = (media.partition(";")[0] for media in (TAXII, STIX))
PART = re.compile(r'(?:[^",;]|"(?:[^"\\]|\\.)*"?)+|[,;]', re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True)
class Media:
    """A media type or range: its name in lower case, and its parameters."""

    name: str
    parameters: dict[str, str]

    @property
    def weight(self) -> float:
        """How much a client wants it; 0: not at all. What is no number is no weight."""
        try:
            found = float(self.parameters.get("q", "1"))
        except ValueError:
            return 1.0
        return 1.0 if math.isnan(found) else found

    @property
    def is_of_ours(self) -> bool:
        """Whether its version, if it names one, is the one that is spoken here."""
        return self.parameters.get("version", VERSION) == VERSION


def read(header: str) -> Iterator[Media]:
    """The media types or ranges of a header, in their order."""
    parts: list[str] = []
    for part in [*PART.findall(header), ","]:
        if part != ",":
            parts += [] if part == ";" else [part]
            continue
        if "".join(parts).strip():
            yield Media(parts[0].strip().lower(), dict(map(_parameter, parts[1:])))
        parts = []


def _parameter(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    value = value.strip()
    if value.startswith('"'):
        value = ESCAPED.sub(r"\1", value[1:].removesuffix('"'))
    return name.strip().lower(), value


def accepts(header: str, *names: str) -> bool:
    """Whether an Accept header takes an answer of one of these names, in our version."""
    ranges = list(read(header))
    return not ranges or any(_weight(ranges, name) > 0 for name in names)


def _weight(ranges: list[Media], name: str) -> float:
    matching: dict[int, float] = {}
    for one in ranges:
        named = (name, f"{name.partition('/')[0]}/*", "*/*")
        if one.name in named and one.is_of_ours:
            says = 2 * (2 - named.index(one.name)) + ("version" in one.parameters)
            matching[says] = max(one.weight, matching.get(says, 0.0))
    return matching[max(matching)] if matching else 0.0

"""What of a projection is words: the values that leave as somebody wrote them.

A code, a band, a month, a region, a pseudonym and a major number are the hub's own, and a strict form carries no words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any

from feeds.guard.terms import kind_of
from feeds.policy import Policy
from feeds.transforms import named
from schemas.anatomy import LEAVES
from schemas.fields import Shaped, Text

UNCHANGED = frozenset({"keep", "approved", "by_pap"})  # the transforms that give a value out as it is


WORDED = frozenset({"references[].id"})  # strict in form, and yet anybody's words


class Spoken(Enum):
    """How a value is examined."""

    PROSE = "prose"
    NAME = "name"  # names something by its spelling: terms and secrets, but no personal data
    INDICATOR = "indicator"  # as what its type says


@dataclass
class Outgoing:
    """The words of one projection, each with the field it is in."""

    prose: list[tuple[str, str]] = field(default_factory=list)
    names: list[tuple[str, str]] = field(default_factory=list)
    indicators: list[tuple[str, str, str]] = field(default_factory=list)  # field, type, value


@cache
def _spoken(path: str) -> Spoken | None:
    kind = kind_of(path)
    if path.endswith("indicators[].value"):
        return Spoken.INDICATOR
    if getattr(kind, "free_text", False):
        return Spoken.NAME if isinstance(kind, Text) and kind.is_exact else Spoken.PROSE
    is_worded = isinstance(kind, Shaped) and (LEAVES[path].mark.equal or path in WORDED)
    return Spoken.NAME if is_worded else None


@cache
def _is_unchanged(spelling: str) -> bool:
    return named(spelling)[0].name in UNCHANGED


def is_spoken(policy: Policy, present: Mapping[str, Any] | frozenset[str], *, is_approved: bool) -> bool:
    """Whether a projection may hold words at all: of a report with these paths, with or without approved text."""
    return any(
        path in present and _spoken(path) and _is_unchanged(rule) and (is_approved or rule != "approved")
        for path, rule in policy.allows.items()
    )


def outgoing(policy: Policy, fields: Mapping[str, Any]) -> Outgoing:
    """The words of a projection's fields."""
    found = Outgoing()
    for path, value, part in _leaves(fields, ""):
        how = _spoken(path) if path in LEAVES and _is_unchanged(policy.allows.get(path, "month")) else None
        if how is Spoken.PROSE:
            found.prose.append((path, value))
        elif how is Spoken.INDICATOR:
            found.indicators.append((path, part.get("type", "other"), value))
        elif how is Spoken.NAME:
            found.names.append((path, value))
    return found


def _leaves(part: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    for name, value in part.items():
        many = value if isinstance(value, list) else (value,)
        for one in many:
            if isinstance(one, dict):
                yield from _leaves(one, f"{prefix}{name}{'[]' if many is value else ''}.")
            else:
                yield prefix + name, one, part

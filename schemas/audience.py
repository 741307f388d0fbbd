"""The four audiences whose view of a report the field marks decide, and which of them includes which."""

from collections.abc import Iterable
from enum import StrEnum


class Audience(StrEnum):
    """Who reads a feed. `reference` is a feed of its own, read under the marks of `public`."""

    TRUSTED = "trusted"
    MEMBERS = "members"
    RESEARCHERS = "researchers"
    PUBLIC = "public"


class Mode(StrEnum):
    """How a report leaves: in its producer's words, or as a new work of codes, bands and approved text."""

    WRITTEN = "written"
    REDACTED = "redacted"


INCLUDES: dict[Audience, frozenset[Audience]] = {
    Audience.PUBLIC: frozenset({Audience.PUBLIC, Audience.MEMBERS, Audience.TRUSTED}),
    Audience.MEMBERS: frozenset({Audience.MEMBERS, Audience.TRUSTED}),
    Audience.TRUSTED: frozenset({Audience.TRUSTED}),
    Audience.RESEARCHERS: frozenset({Audience.RESEARCHERS}),
}


def reached(named: Iterable[str]) -> frozenset[Audience]:
    """All audiences that the named ones include: `public` names `members` and `trusted`, `members` names `trusted`."""
    return frozenset().union(*(INCLUDES[Audience(name)] for name in named))

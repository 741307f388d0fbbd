"""The catalogue: every field that a filter may name, by its path without brackets (`attack_steps.technique`).

1. Every leaf of a report is in it, so that a new line of the schema needs no edit here; identity is not.
2. A sealed field is found by what left as written; of one that never does, the filter says so.
3. A sealed value that its line lets be found equal stands under `sealed.` too: for analysts, who say why.
4. What the hub and its analysts say stands beside: `state`, `released`, `triage.severity`. Producers see less of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from schemas.anatomy import LEAVES, Leaf
from schemas.audience import Mode
from schemas.fields import Count, Flag, Instant, Many, OneOf, Text
from schemas.marks import Kept
from schemas.triage import PATHS

UNCHANGED = {"keep", "by_pap"}  # the transforms that a sealed value passes as it is; a band is not the number
LONGEST_NAME = 300  # characters of a text that is compared as a whole; a longer one is searched by its words
RISING = {"tlp", "pap", "oecd_severity", "confidence"}  # vocabularies whose order means something: the least first
FALLING = {"severity", "credibility"}  # or the most first; `unknown`, the last, is below all


class Kind(StrEnum):
    """How a field's values are written and compared."""

    TERM = "term"  # of a vocabulary
    RANK = "rank"  # of a vocabulary in order
    CODE = "code"  # as it stands
    NAME = "name"  # a short text, folded: GPT-4, gpt 4 and GPT4 are one
    TEXT = "text"  # searched by its words, with `text ~`
    INSTANT = "instant"
    NUMBER = "number"
    FLAG = "flag"
    EQUAL = "equal"  # a sealed value, by its tag: opened, for a stated purpose, before it counts


EQUAL = Kind.EQUAL


@dataclass(frozen=True)
class Field:
    """One field of the catalogue."""

    name: str
    kind: Kind
    terms: tuple[str, ...] = ()  # of its vocabulary, in order; of a rank, the least first
    is_sealed: bool = False  # found only where its value left as written
    is_shut: bool = False  # sealed, and never leaves as written: open and scan instead
    for_staff: bool = False
    is_counted: bool = field(default=False)  # how many reports hold a value is kept by value
    path: str = ""  # of a sealed value that is found by its tag: its schema path


def _ordered(vocabulary: str, terms: tuple[str, ...]) -> tuple[Kind, tuple[str, ...]]:
    if vocabulary in FALLING:
        return Kind.RANK, terms[::-1]
    return (Kind.RANK if vocabulary in RISING else Kind.TERM), terms


def _kind_of(leaf_kind: Any) -> tuple[Kind, tuple[str, ...]]:
    inner = leaf_kind.inner if isinstance(leaf_kind, Many) else leaf_kind
    if isinstance(inner, OneOf):
        return _ordered(inner.vocabulary, tuple(inner.terms))
    if isinstance(inner, Instant):
        return Kind.INSTANT, ()
    if isinstance(inner, Flag):
        return Kind.FLAG, ("false", "true")
    if isinstance(inner, Count):
        return Kind.NUMBER, ()
    if isinstance(inner, Text):
        return (Kind.NAME if inner.max_length <= LONGEST_NAME else Kind.TEXT), ()
    return Kind.CODE, ()


COUNTED = {Kind.TERM, Kind.RANK, Kind.CODE, Kind.FLAG}


def _of_leaf(leaf: Leaf, prefix: str = "") -> Field:
    kind, terms = _kind_of(leaf.kind)
    is_clear = leaf.mark.kept is Kept.CLEAR
    ways = {transform for (mode, _), transform in leaf.mark.policy.items() if mode is Mode.WRITTEN}
    is_shut = not is_clear and not ways & UNCHANGED
    return Field(
        prefix + leaf.path.replace("[]", ""),
        kind,
        terms,
        is_sealed=not is_clear,
        is_shut=is_shut,
        for_staff=bool(prefix) or leaf.path.startswith("triage."),
        is_counted=kind in COUNTED and leaf.path != "client_ref" and not is_shut,
    )


def _asserted() -> Iterator[Field]:
    """What analysts assert, under `triage.`; the part of that name holds what is theirs alone."""
    for leaf in LEAVES.values():
        path = leaf.path.replace("[]", "")
        if path in PATHS and not path.startswith("triage."):
            yield _of_leaf(leaf, "triage.")


def _equal() -> Iterator[Field]:
    """What is found by its tag, under `sealed.`."""
    for leaf in LEAVES.values():
        if leaf.mark.equal is not None:
            name = leaf.path.replace("[]", "")
            yield Field(f"sealed.{name}", Kind.EQUAL, for_staff=True, path=leaf.path)


OWN = (
    Field("id", Kind.CODE),
    Field("ref", Kind.CODE),
    Field("organisation", Kind.NAME, for_staff=True, is_counted=True),
    Field("organisation.id", Kind.CODE, for_staff=True, is_counted=True),
    Field("state", Kind.TERM, ("filed", "admitted", "quarantined", "withdrawn"), is_counted=True),
    Field("revision", Kind.NUMBER),
    Field("filed_at", Kind.INSTANT),
    Field("revised_at", Kind.INSTANT),
    Field("is_import", Kind.FLAG, ("false", "true"), is_counted=True),
    Field("released", Kind.CODE, is_counted=True),  # the feeds that show it
    Field("waiting", Kind.CODE, is_counted=True),  # feed:gate
    Field("accepted", Kind.CODE, is_counted=True),  # audiences
    Field("held_until", Kind.INSTANT),  # by its producer or an analyst
    Field("case", Kind.CODE, for_staff=True),
    Field("text", Kind.TEXT),  # all clear and cleared text
)


@cache
def catalogue(*, is_staff: bool) -> Mapping[str, Field]:
    """Every field that a caller may name, by name."""
    of_report = (_of_leaf(leaf) for leaf in LEAVES.values() if leaf.mark.kept is not Kept.IDENTITY)
    found = {one.name: one for one in (*OWN, *of_report, *_asserted(), *_equal())}
    return {name: one for name, one in found.items() if is_staff or not one.for_staff}

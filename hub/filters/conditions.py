"""Conditions: what a filter says, checked, with its values as the index writes them."""

from dataclasses import dataclass
from typing import Union


@dataclass(frozen=True)
class Match:
    """A field has one of some values, or one within bounds: at or behind `least`, before `most`."""

    field: str
    values: tuple[str, ...] = ()
    ends_behind: str | None = None  # an instant that ends behind this one
    begins_before: str | None = None  # and begins before that one
    begins_at_least: str | None = None
    ends_at_most: str | None = None

    @property
    def is_equality(self) -> bool:
        """Whether it names values, not bounds."""
        return bool(self.values)


@dataclass(frozen=True)
class Has:
    """A field holds any value."""

    field: str


@dataclass(frozen=True)
class Spoken:
    """A word, or several that follow one another."""

    words: tuple[str, ...]
    is_begun: bool = False  # the last word may go on
    is_joined: bool = False  # they were written as one, `gpt-4`, and are found so too


@dataclass(frozen=True)
class Words:
    """The cleared text holds all of these."""

    spoken: tuple[Spoken, ...]


@dataclass(frozen=True)
class Not:
    """What is inside does not hold."""

    inside: "Condition"


@dataclass(frozen=True)
class AllOf:
    """All of these hold; without any: everything."""

    inside: tuple["Condition", ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one of these holds."""

    inside: tuple["Condition", ...]


Condition = Union[Match, Has, Words, Not, AllOf, AnyOf]  # noqa: UP007 - the classes name it before it is made


@dataclass(frozen=True)
class Sort:
    """What a list is sorted by: a column of the index, and which way."""

    name: str
    is_descending: bool

"""What is wrong with an input, field by field, without ever repeating the value."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong: where (RFC 6901 JSON pointer, "" for the whole body) and what to do about it."""

    pointer: str
    message: str


class Invalid(Exception):
    """The input does not fit its schema. `problems` lists every fault found; none echoes a value."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.pointer or '/'}: {p.message}" for p in self.problems))

    @classmethod
    def at(cls, pointer: str, message: str) -> "Invalid":
        """Make the error for a single fault."""
        return cls([Problem(pointer, message)])


class Unreadable(Invalid):
    """The body is not the strict JSON that the hub reads."""


class TooLarge(Invalid):
    """The body is larger, deeper or fuller than the hub reads."""

"""Warrants: the right to open named fields of one revision, once the intent to do so is on record.

A service writes the intent and pledges a warrant with the transaction; the commit arms it. If the intent cannot be
written, nothing opens. A process that dies between the commit and the opening leaves an intent without an outcome.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from hub.errors import Unarmed


@dataclass
class Warrant:
    """May open these schema paths of one revision, for this purpose, once armed."""

    report_id: str
    revision: int
    paths: frozenset[str]
    purpose: str
    _is_armed: bool = field(default=False, repr=False)

    def demand(self) -> None:
        """Raise Unarmed unless the intent is committed."""
        if not self._is_armed:
            message = "the intent to open is not committed yet"
            raise Unarmed(message)

    def _arm(self) -> None:
        self._is_armed = True


def arm(pledged: Iterable[Warrant]) -> None:
    """Arm warrants; called by the store, after the commit, and by nobody else (tests/laws/test_warrants.py)."""
    for warrant in pledged:
        warrant._arm()  # noqa: SLF001 - the one place that may

"""Warrants: the right to open named fields of one revision, once the intent to do so is on record.

A service writes the intent and pledges a warrant with the transaction; the commit arms it. If the intent cannot be
written, nothing opens. A process that dies between the commit and the opening leaves an intent without an outcome.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hub.errors import NotSealed, Unarmed


@dataclass
class Pledge:
    """What opens nothing before the commit of its intent arms it."""

    _is_armed: bool = field(default=False, repr=False, kw_only=True)

    def demand(self) -> None:
        """Raise Unarmed unless the intent is committed."""
        if not self._is_armed:
            message = "the intent to open is not committed yet"
            raise Unarmed(message)

    def _arm(self) -> None:
        self._is_armed = True


@dataclass
class Warrant(Pledge):
    """May open these schema paths of one revision, for this purpose, once armed."""

    report_id: str
    revision: int
    paths: frozenset[str]
    purpose: str


@dataclass
class FileWarrant(Pledge):
    """May open these parts of one attachment, for this purpose, once armed."""

    report_id: str
    attachment_id: str
    parts: frozenset[str]  # head: name, type and hash; content: the bytes
    purpose: str

    def demand_for(self, report_id: str, attachment_id: str, part: str) -> None:
        """Raise Unarmed before the commit, NotSealed for what the intent does not name."""
        self.demand()
        if (self.report_id, self.attachment_id) != (report_id, attachment_id) or part not in self.parts:
            message = "the warrant is for another attachment or part"
            raise NotSealed(message)


@dataclass
class Sweep(Pledge):
    """May look for one predicate in these schema paths of many revisions, for this purpose, once armed.

    One intent names all of it, so that a scan of thousands is one entry and not thousands.
    """

    revisions: Mapping[str, int]  # report id → the revision of it
    paths: frozenset[str]
    purpose: str
    predicate: str  # a keyed hash: what was looked for is not on record

    def demand_for(self, report_id: str, revision: int) -> None:
        """Raise Unarmed before the commit, NotSealed for a revision that the intent does not name."""
        self.demand()
        if self.revisions.get(report_id) != revision:
            message = "the warrant is for other revisions"
            raise NotSealed(message)


def arm(pledged: Iterable[Pledge]) -> None:
    """Arm warrants; called by the store, after the commit, and by nobody else (tests/laws/test_warrants.py)."""
    for warrant in pledged:
        warrant._arm()  # noqa: SLF001 - the one place that may

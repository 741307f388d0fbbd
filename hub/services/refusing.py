"""Refused authorisations: one entry of the audit per identity, route and minute, with a count, whatever asked them.

Web processes add their counts (`note`); the clock makes the entries once the minute is over and every process has had
the time to say what it saw. What is told after that becomes a second entry of that minute.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from hub.store import Session, audit, refusals
from hub.store.refusals import Key

__all__ = ["REFUSED", "Key", "is_due", "note", "tell"]

REFUSED = "access.refuse"
PATIENCE = timedelta(seconds=10)  # after a minute's end; a process tells within five


def note(db: Session, counted: Mapping[Key, int]) -> None:
    """Add what a process refused."""
    refusals.add(db, counted)


def is_due(db: Session, at: datetime) -> bool:
    """Whether a minute is over."""
    return refusals.has_before(db, _begun(at))


def tell(db: Session, at: datetime) -> int:
    """Make entries of the minutes that are over; how many."""
    taken = refusals.take_before(db, _begun(at))
    for minute, identity, route, times in taken:
        actor = identity if identity == "unknown" else f"token:{identity}"
        audit.append(db, at, actor, REFUSED, route, minute=minute.isoformat(), times=times)
    return len(taken)


def _begun(at: datetime) -> datetime:
    return (at - PATIENCE).replace(second=0, microsecond=0)

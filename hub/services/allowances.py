"""Allowances: how many requests of a kind a token may make in a minute, over all processes and hosts.

1. A window is a whole minute by the clock. What was taken in it stands in the database.
2. A process takes a slice, a fiftieth of the limit, in one short write, and spends it from memory
   (`hub/web/limits.py`).
3. So a token makes at most its limit and one slice a process in a minute; a crash loses what was left of a slice.
4. A limit of 0 is none.
"""

from datetime import UTC, datetime, timedelta

from hub.store import Session, allowances

WINDOW = timedelta(seconds=60)
SLICES = 50  # a limit is handed out in so many


def window_of(at: datetime) -> datetime:
    """When the window that an instant lies in began."""
    seconds = int(WINDOW.total_seconds())
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)


def slice_of(limit: int) -> int:
    """How much a process takes at once."""
    return max(1, limit // SLICES)


def take(db: Session, token_id: str, kind: str, limit: int, at: datetime) -> int:
    """Take a slice of a token's allowance; how much it is, 0 when the window's allowance is spent."""
    window = window_of(at)
    taken = allowances.taken(db, token_id, kind, window)
    given = min(slice_of(limit), limit - taken)
    if given <= 0:
        return 0
    allowances.note(db, token_id, kind, window, taken + given)
    return given

"""Whose turn it is to write a SQLite database: one writer after the other, over threads and processes.

SQLite waits by asking again, ever less often, and of many who ask so the last may wait long while nobody writes. Here
the kernel wakes the next one at once. What keeps the data sound is still SQLite's own lock: who does not come by here,
as another program, is waited for by SQLite. A process that dies leaves its turn, for the kernel holds the lock.
"""

import fcntl
import os
import threading
from pathlib import Path

from hub.errors import Busy

PATIENCE = 20.0  # seconds that a thread waits for another of its process


class Turn:
    """A lock of all who write one database; `place` is the file that they lock, none for a database in memory."""

    def __init__(self, place: str | None) -> None:
        self._place = place
        self._threads = threading.Lock()
        self._held: tuple[int, int] | None = None  # the process that opened the file, and its descriptor

    def __enter__(self) -> None:
        """Wait for it; raises Busy if a thread of this process keeps it too long."""
        if not self._threads.acquire(timeout=PATIENCE):
            message = "the database is busy; try again"
            raise Busy(message)
        try:
            self._lock(fcntl.LOCK_EX)
        except BaseException:
            self._threads.release()
            raise

    def __exit__(self, *_: object) -> None:
        """Let the next one write."""
        try:
            self._lock(fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def _lock(self, how: int) -> None:
        if self._place is None:
            return
        if self._held is None or self._held[0] != os.getpid():  # a forked process would share its parent's lock
            self._held = (os.getpid(), _opened(self._place))
        fcntl.flock(self._held[1], how)

    def close(self) -> None:
        """Close the file."""
        if self._held is not None and self._held[0] == os.getpid():
            os.close(self._held[1])
        self._held = None


def _opened(place: str) -> int:
    how = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        made = os.open(place, how | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(place, how)
    if os.geteuid() == 0:  # at the host's shell root may be the first to come, and must not shut the service out
        home = Path(place).parent.stat()
        os.fchown(made, home.st_uid, home.st_gid)
    return made

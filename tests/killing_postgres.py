"""A PostgreSQL that is killed and started again over the same files, with fsync on.

Its processes are sessions of their own, so that no signal to a group reaches them: they are found by their parent.
"""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests import postgres


def children(parent: int) -> list[int]:
    """The processes that a process started and that have not been waited for."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, its_parent = path.read_text("utf-8").rpartition(")")[2].split()[:2]
            if int(its_parent) == parent and state != "Z":
                found.append(int(path.parent.name))
    return sorted(found)


class Mortal:
    """A cluster of our own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.url = f"postgresql+psycopg://hub@/postgres?host={home}&port=5432"
        self._binaries = postgres._reachable(postgres._binaries(), home)
        postgres._give_to_nobody(home)
        self._run = ExitStack()

    def start(self) -> None:
        """Start it, and wait until it has recovered and answers."""
        self._run = ExitStack()
        self._run.enter_context(postgres._running(self._binaries, self.home, fsync=True))

    def kill(self) -> None:
        """SIGKILL to the first process and to every one that it started: none of them can tidy up."""
        first = int((self.home / "cluster" / "postmaster.pid").read_text("utf-8").split()[0])
        os.kill(first, signal.SIGSTOP)  # or it would start others while its own are killed
        while left := children(first):  # one that still ends holds the shared memory, and nothing could start
            for one in left:
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            time.sleep(0.005)
        os.kill(first, signal.SIGKILL)
        self._run.close()

    def stop(self) -> None:
        """Stop it, as an operator does."""
        self._run.close()


@contextmanager
def mortal_postgres() -> Iterator[Mortal]:
    """Give a cluster that may be killed; raises NoPostgres where there are no binaries."""
    with tempfile.TemporaryDirectory(prefix="hub-pg-", dir="/tmp", ignore_cleanup_errors=True) as place:
        made = Mortal(Path(place))
        made.start()
        try:
            yield made
        finally:
            made.stop()

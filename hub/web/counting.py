"""Counts of requests, added up over every process that shares the home: whichever is asked tells the same.

1. A process counts in memory and writes its counts to a file of its own in `<home>/counts`, a second after they change.
2. It holds a lock on another file as long as it lives. Whose lock can be taken has ended: its counts are added to
   `ended.json`, once, and its files go. An end loses a second of counts, and never makes one go down.
3. Hosts that share no home are told apart by who collects the numbers.
"""

import fcntl
import json
import os
import secrets
import threading
import weakref
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds; the last bucket has no bound
DELAY = 1.0  # seconds
Row = tuple[float, list[int]]  # seconds in all, and requests by bucket


class Counters:
    """What one process counted, and the sum of all."""

    def __init__(self, home: Path) -> None:
        self.place = home / "counts"
        self.rows: dict[str, Row] = {}
        self._lock = threading.Lock()
        self._own: tuple[int, str, int] | None = None  # the process that took it, its name, its open lock file
        self._is_waiting = False

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        key = f"{method} {status} {route}"
        with self._lock:
            total, buckets = self.rows.get(key) or (0.0, [0] * (len(BOUNDS) + 1))
            buckets[bisect_left(BOUNDS, seconds)] += 1
            self.rows[key] = (total + seconds, buckets)
            if self._is_waiting and self._own is not None and self._own[0] == os.getpid():
                return
            self._is_waiting = True
            self._claim()
        timer = threading.Timer(DELAY, self.write)
        timer.daemon = True
        timer.start()

    def _claim(self) -> str:
        """This process's name, its lock taken; anew after a fork."""
        if self._own is None or self._own[0] != os.getpid():
            self.place.mkdir(mode=0o700, exist_ok=True)
            name = secrets.token_hex(8)
            held = os.open(self.place / f"{name}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(held, fcntl.LOCK_EX)
            weakref.finalize(self, os.close, held)
            self._own = (os.getpid(), name, held)
        return self._own[1]

    def write(self) -> None:
        """Write this process's counts."""
        with self._lock:
            self._is_waiting = False
            if self.rows and self.place.parent.is_dir():
                _replace(self.place / f"{self._claim()}.json", self.rows)

    def total(self) -> dict[str, Row]:
        """The counts of every process, those that ended too."""
        self.write()
        self.place.mkdir(mode=0o700, exist_ok=True)
        with _alone(self.place):
            return self._added()

    def _added(self) -> dict[str, Row]:
        ended: dict[str, Any] = _read(self.place / "ended.json") or {"names": [], "rows": {}}
        own, alive = self._own[1] if self._own else "", dict[str, Row]()
        for path in sorted(self.place.glob("*.lock")):
            name, counts = path.stem, self.place / f"{path.stem}.json"
            if name in ended["names"]:
                continue
            into = ended["rows"] if name != own and _has_ended(path) else alive
            _add(into, _read(counts) or {})
            if into is ended["rows"]:
                ended["names"].append(name)
        if ended["names"]:
            _replace(self.place / "ended.json", ended)
            self._forget(ended)
        _add(alive, ended["rows"])
        return alive

    def _forget(self, ended: dict[str, Any]) -> None:
        # Named in ended.json until its files are gone: a crash between the two counts nothing twice.
        for name in ended["names"]:
            for path in (self.place / f"{name}.json", self.place / f"{name}.lock"):
                path.unlink(missing_ok=True)
        _replace(self.place / "ended.json", {"names": [], "rows": ended["rows"]})


def _add(into: dict[str, Row], rows: Mapping[str, Row]) -> None:
    for key, (seconds, buckets) in rows.items():
        had_seconds, had = into.get(key) or (0.0, [0] * len(buckets))
        into[key] = (had_seconds + seconds, [one + other for one, other in zip(had, buckets, strict=True)])


def _has_ended(lock: Path) -> bool:
    held = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(held)
    return True


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    held = os.open(place / "adding", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None


def _replace(path: Path, found: Any) -> None:
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(found), "utf-8")
    draft.replace(path)

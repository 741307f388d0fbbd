"""Files of feeds on the disk of this host: each is written once, by whoever asks first, and read from there.

1. At most one file a feed and format, and one more while it is written: however many ask, and under whatever name of
   the host, the disk holds no more. Below a floor of free space nothing is written: the database, which acknowledges
   reports, may lie on the same disk.
2. A file appears under its name when it is whole and on the disk; the name holds the edition of its feed, and no other
   edition is looked up. A crash leaves a draft, which the next `clear` removes or the next writer writes over.
3. What is of another edition than the one that stands goes (`clear`); who has it open reads it to its end. A writer
   looks again, behind its file's name, whether its edition still stands: so no clearing misses a file.

Only what bears our names is ever removed. Never a folder that a web server may serve: who may read a file is decided
with each request.
"""

import errno
import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hub.errors import Busy, NoRoom

FLOOR = 256 << 20  # bytes that stay free: some ten thousand reports
STEP = 1 << 20  # bytes written between two looks at what is free
PATIENCE = 5.0  # seconds that a reader waits for another one's writing
OURS = re.compile(r"(?P<edition>[0-9a-f]{32})-[0-9a-f]{32}-(?P<format>.+)|part-(?P<draft>.+)")


@dataclass(frozen=True)
class Label:
    """Which file of which edition of a feed."""

    feed: str
    format: str
    edition: str  # 32 hexadecimal digits, as the tag
    tag: str
    lane: str = ""  # files of one lane are written one after the other; a format of its own if it is not said

    @property
    def turn(self) -> str:
        """What who writes it is alone with."""
        return self.lane or self.format

    @property
    def name(self) -> str:
        """Of the file, in the folder of its feed."""
        return f"{self.edition}-{self.tag}-{self.format}"


class Shelf:
    """The folder of files, one folder a feed in it; shared by all threads and processes of the host."""

    def __init__(self, place: Path, *, is_shared: bool = False) -> None:
        self.place = place
        # Shared: with the group of the folder that it lies in, so that a front server of that group reads it.
        self._modes = (0o750, 0o640) if is_shared else (0o700, 0o600)

    def find(self, label: Label) -> BinaryIO | None:
        """A file that is there, open."""
        try:
            return open(f"{self.place}/{label.feed}/{label.name}", "rb", buffering=0)  # noqa: PTH123 - of every poll
        except FileNotFoundError:
            return None

    @contextmanager
    def alone(self, feed: str, name: str) -> Iterator[None]:
        """Be the only one who writes a feed's file of a format; raises Busy when another one takes long over it."""
        last = time.monotonic() + PATIENCE
        with _lock(self._folder(feed), name) as held:
            while not _took(held):
                if time.monotonic() >= last:
                    message = "this file is being written; try again"
                    raise Busy(message)
                time.sleep(0.02)
            yield

    def put(self, label: Label, pieces: Iterable[bytes]) -> BinaryIO:
        """Write a file, and give it open; for who is alone with it. Raises NoRoom.

        Its format's other files go: those of another edition, and those under another name of the host.
        """
        folder = self._folder(label.feed)
        draft, path = folder / f"part-{label.turn}", folder / label.name
        try:
            self._write(draft, pieces)
            file = draft.open("rb")
            draft.rename(path)
        except OSError as unwritten:
            draft.unlink(missing_ok=True)
            if unwritten.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise NoRoom from unwritten
            raise
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        for name, found in _ours(folder):
            if found["format"] == label.format and name != label.name:
                (folder / name).unlink(missing_ok=True)
        return file

    def _write(self, draft: Path, pieces: Iterable[bytes]) -> None:
        self._demand_room()
        opened = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, self._modes[1])
        with os.fdopen(opened, "wb", buffering=STEP) as file:
            unseen = 0
            for piece in pieces:
                unseen += file.write(piece)
                if unseen >= STEP:
                    self._demand_room()
                    unseen = 0
            file.flush()
            os.fsync(file.fileno())  # or a power cut could leave the name without the bytes

    def _demand_room(self) -> None:
        if shutil.disk_usage(self.place).free < FLOOR:
            raise NoRoom

    def drop(self, label: Label) -> None:
        """Remove a file."""
        (self.place / label.feed / label.name).unlink(missing_ok=True)

    def clear(self, feed: str, *editions: str) -> None:
        """Remove what a feed has of other editions than those that stand, and drafts whose writers have ended."""
        folder, standing = self.place / feed, frozenset(editions)
        for name, found in _ours(folder):
            if found["draft"]:
                _unlink_if_left(folder, found["draft"])
            elif found["edition"] not in standing:
                (folder / name).unlink(missing_ok=True)

    def sweep(self, editions: Mapping[str, str]) -> None:
        """The same for all feeds: feed → the edition that stands."""
        if self.place.is_dir():
            for folder in self.place.iterdir():
                self.clear(folder.name, editions.get(folder.name, ""))

    def _folder(self, feed: str) -> Path:
        self.place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.place, self.place / feed):
            folder.mkdir(mode=self._modes[0], exist_ok=True)
        return self.place / feed


def _ours(folder: Path) -> Iterator[tuple[str, re.Match[str]]]:
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names are all it needs, on the way of every request
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        if found := OURS.fullmatch(name):
            yield name, found


@contextmanager
def _lock(folder: Path, name: str) -> Iterator[int]:
    held = os.open(folder / f"lock-{name}", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        yield held
    finally:
        os.close(held)


def _took(held: int) -> bool:
    # A lock belongs to the opening of its file: two threads of a process exclude each other as two processes do.
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unlink_if_left(folder: Path, name: str) -> None:
    with _lock(folder, name) as held:
        if _took(held):
            (folder / f"part-{name}").unlink(missing_ok=True)

"""Checkpoints of the audit log in the second place: `checkpoints/<month>.jsonl`, one signed note a line, only added to.

Beside them `audit.vkey`, the key in the form of the note format. A line is written and on the disk before the next; one
that a power cut left unfinished is ended by the next and read as unreadable. May not: change or remove a line.
"""

import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

ROOM, KEY = "checkpoints", "audit.vkey"
LAST = 65_536  # bytes of a file in which its last line is looked for


class Checkpoint(Protocol):
    """What is kept of a checkpoint."""

    size: int
    at: datetime
    note: str


class Held(NamedTuple):
    """A checkpoint as it is kept there."""

    size: int
    note: str
    is_anew: bool = False  # the hub no longer knew the one before it: it was restored from before


def append(place: Path, made: Iterable[Checkpoint], verifier: str, *, is_anew: bool = False) -> None:
    """Add checkpoints, on the disk when this returns; `is_anew`: they do not go on from the last one there."""
    room = place / ROOM
    room.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = room / KEY
    if not key.exists():
        _write(key, f"{verifier}\n".encode())
    for one in made:
        said = {"size": one.size, "note": one.note, **({"anew": True} if is_anew else {})}
        line = json.dumps(said, ensure_ascii=False)
        path = room / f"{one.at:%Y-%m}.jsonl"
        begin = b"" if _ends_well(path) else b"\n"
        _write(path, begin + line.encode() + b"\n")


def last(place: Path) -> Held | None:
    """The newest checkpoint there."""
    for path in sorted((place / ROOM).glob("*.jsonl"), reverse=True):
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LAST))
            lines = file.read().split(b"\n")
        for line in reversed(lines):
            found = _read(line)
            if found is not None:
                return found
    return None


def every(place: Path) -> Iterator[Held | None]:
    """Every checkpoint there, in the order in which they came; None for a line that cannot be read."""
    for path in sorted((place / ROOM).glob("*.jsonl")):
        with path.open("rb") as file:
            for line in file:
                if line.strip():
                    yield _read(line)


def _read(line: bytes) -> Held | None:
    try:
        said = json.loads(line)
        return Held(int(said["size"]), str(said["note"]), bool(said.get("anew")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _ends_well(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read() == b"\n"
    except (FileNotFoundError, OSError):
        return True  # there is none yet, or nothing in it


def _write(path: Path, content: bytes) -> None:
    is_new = not path.exists()
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    if is_new:  # its name too must survive a power cut
        room = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(room)
        finally:
            os.close(room)

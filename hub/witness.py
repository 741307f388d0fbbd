"""What was taken back, and which releases were begun, in the second place: `taken_back.jsonl` and `releases.jsonl`.

A line is a checksum (16 digits of SHA-256) and JSON; it is on the disk before the next is written. One that a power cut
left unfinished is ended by the next and read as unreadable. May not: change or remove a line, or hold a sealed value.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from orjson import JSONDecodeError, dumps, loads

TAKEN_BACK, RELEASES = "taken_back.jsonl", "releases.jsonl"
LAST = 65_536  # bytes in which the last line is looked for


def append(place: Path, name: str, said: Iterable[Mapping[str, Any]]) -> None:
    """Add lines, on the disk when this returns."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = b"".join(_line(dumps(one)) for one in said)
    path = place / name
    is_new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            content = b"\n" + content
        while content:
            content = content[os.write(handle, content) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    if is_new:  # its name too must survive a power cut
        _sync(place)


def every(place: Path, name: str) -> Iterator[dict[str, Any] | None]:
    """Every line, the oldest first; None for one that cannot be read."""
    try:
        file = (place / name).open("rb")
    except FileNotFoundError:
        return
    with file:
        for line in file:
            if line.strip():
                yield _read(line)


def last(place: Path, name: str) -> dict[str, Any] | None:
    """The newest line that can be read."""
    try:
        with (place / name).open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - LAST))
            lines = file.read().split(b"\n")
    except FileNotFoundError:
        return None
    return next((said for said in map(_read, reversed(lines)) if said is not None), None)


def _sync(place: Path) -> None:
    room = os.open(place, os.O_RDONLY)
    try:
        os.fsync(room)
    finally:
        os.close(room)


def _line(said: bytes) -> bytes:
    return _sum(said) + b" " + said + b"\n"


def _sum(said: bytes) -> bytes:
    return hashlib.sha256(said).hexdigest()[:16].encode()


def _read(line: bytes) -> dict[str, Any] | None:
    told, _, said = line.strip().partition(b" ")
    if not said or told != _sum(said):
        return None
    try:
        found = loads(said)
    except JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None

"""Where the records of a source lie: which files, and the bytes of each record in them.

1. A file that is named is read, whatever its name. A folder is searched for the source's own file names, first in
   itself, then in a sub-folder that bears the source's code.
2. At most `size` bytes and one more are held of a record, so that a file without line ends cannot fill the memory; the
   byte too many lets the parser see that it was too long.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


class NothingToImport(Exception):
    """A path holds no records of the source."""


def files_in(path: Path, code: str, patterns: tuple[str, ...]) -> list[Path]:
    """The files to read for a source; raises NothingToImport with what to name instead."""
    if path.is_file():
        return [path]
    for folder in (path, path / code):
        found = sorted({file for pattern in patterns for file in folder.glob(pattern) if file.is_file()})
        if found:
            return found
    wanted = " or ".join(patterns)
    missing = "holds nothing" if path.exists() else "does not exist, so there is nothing"
    raise NothingToImport(f"{path} {missing} to import from {code}; name a file, or a folder with {wanted} in it")


def records_in(file: Path, size: int) -> Iterator[tuple[str, bytes]]:
    """Each record of a file as (file and line, bytes), blank lines passed over."""
    with file.open("rb") as opened:
        if file.suffix == ".json":
            yield file.name, opened.read(size + 1)
            return
        for number, line in enumerate(_lines(opened, size), start=1):
            if line.strip():
                yield f"{file.name}:{number}", line.rstrip(b"\r\n")


def _lines(opened: BinaryIO, size: int) -> Iterator[bytes]:
    while line := opened.readline(size + 1):
        yield line
        while line and not line.endswith(b"\n"):  # the rest of a line that is too long
            line = opened.readline(size + 1)

"""The backup's format: lines of JSON, and behind some of them the rows that they announce.

1. The heading: format, version, the revision of the tables, which hub, when.
2. For each table, parents first: a line with its columns and their kinds; batches; a line with its digest.
3. A batch is a line with its numbers and SHA-256, one JSON list a row, then the rows' bytes, end to end. Where a row
   holds bytes its list holds their length.
4. A table's digest is SHA-256 over its lines, which name the digests of its batches. The last line holds SHA-256 over
   the heading and the last line of each table: over everything. Behind it nothing may follow.

A batch is verified before anything in it is read. A file that was cut has no last line.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from orjson import Fragment, JSONDecodeError, dumps, loads

from hub.errors import Tampered
from hub.store.archiving import Kind, Row, Shape
from hub.streams import Sink

FORMAT, VERSION = "incident-hub backup", 1
LONGEST_LINE = 1 << 16
LARGEST = 1 << 30  # bytes of a batch; a size above it is damage, and not worth the memory


@dataclass(frozen=True)
class Batch:
    """Some rows of one table, verified."""

    table: str
    rows: list[Row]


class Writer:
    """Writes a backup, line by line."""

    def __init__(self, file: Sink, heading: Mapping[str, Any]) -> None:
        self._file = file
        self._whole = hashlib.sha256()
        self.rows: dict[str, int] = {}
        self._line({"format": FORMAT, "version": VERSION, **heading}, self._whole)

    def table(self, shape: Shape, batches: Iterable[Sequence[Row]]) -> None:
        """Write one table."""
        digest, rows = hashlib.sha256(), 0
        self._line({"table": shape.table, "columns": shape.columns}, digest)
        for batch in batches:
            lines, tail = _packed(batch, list(shape.columns.values()))
            content = b"".join((*lines, *tail))
            size = sum(map(len, lines))
            sums = {"rows": len(batch), "lines": size, "bytes": len(content) - size}
            self._line({**sums, "sha256": hashlib.sha256(content).hexdigest()}, digest)
            self._file.write(content)
            rows += len(batch)
        self._line({"done": shape.table, "rows": rows, "sha256": digest.hexdigest()}, self._whole)
        self.rows[shape.table] = rows

    def finish(self) -> str:
        """Write the last line; the digest over everything."""
        whole = self._whole.hexdigest()
        self._line({"complete": True, "rows": sum(self.rows.values()), "sha256": whole}, self._whole)
        return whole

    def _line(self, said: Mapping[str, Any], digest: "hashlib._Hash") -> None:
        line = dumps(said) + b"\n"
        digest.update(line)
        self._file.write(line)


def _packed(batch: Sequence[Row], kinds: Sequence[str]) -> tuple[list[bytes], list[bytes]]:
    lines, tail = [], []
    blobs = [place for place, kind in enumerate(kinds) if kind == Kind.BYTES]
    documents = [place for place, kind in enumerate(kinds) if kind == Kind.DOCUMENT]
    for row in batch:
        values = list(row)
        for place in blobs:
            if values[place] is not None:
                tail.append(values[place])
                values[place] = len(values[place])
        for place in documents:
            values[place] = Fragment(values[place])
        lines.append(dumps(values) + b"\n")
    return lines, tail


class Reader:
    """Reads a backup once, verifying as it goes; whatever does not verify raises Tampered with the table's name."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._whole = hashlib.sha256()
        self.heading = self._line("the heading", self._whole)
        if self.heading.get("format") != FORMAT:
            raise self._broken("it is not a backup of a hub")
        if self.heading.get("version") != VERSION:
            raise self._broken("its format is another version's; restore it with the hub that made it")
        self.rows: dict[str, int] = {}
        self.digest = ""

    def batches(self, expected: Sequence[Shape]) -> Iterator[Batch]:
        """Every batch of the expected tables, in their order; at the end of it everything is verified."""
        for shape in expected:
            yield from self._table(shape)
        whole = self._whole.hexdigest()
        last = self._line("the last line", self._whole)
        said = {"complete": True, "rows": sum(self.rows.values()), "sha256": whole}
        if last != said or self._file.read(1):
            raise self._broken("its last line does not match what stands before it")
        self.digest = whole

    def _table(self, shape: Shape) -> Iterator[Batch]:
        where, digest, rows = f"table {shape.table}", hashlib.sha256(), 0
        if self._line(where, digest) != {"table": shape.table, "columns": shape.columns}:
            raise self._broken(f"{where} is not where and what it should be")
        while True:
            so_far = digest.hexdigest()
            line = self._raw_line(where)
            said = self._parsed(line, where)
            if "done" in said:
                break
            digest.update(line)
            found = self._batch(shape, said, where)
            rows += len(found)
            yield Batch(shape.table, found)
        if said != {"done": shape.table, "rows": rows, "sha256": so_far}:
            raise self._broken(f"{where} does not match its digest")
        self._whole.update(line)
        self.rows[shape.table] = rows

    def _batch(self, shape: Shape, said: Mapping[str, Any], where: str) -> list[Row]:
        sizes = [said.get(name) for name in ("rows", "lines", "bytes")]
        if not all(isinstance(size, int) and 0 <= size <= LARGEST for size in sizes):
            raise self._broken(f"{where} is damaged")
        rows, lines, tail = (int(size or 0) for size in sizes)
        content = self._file.read(lines + tail)
        if len(content) != lines + tail or hashlib.sha256(content).hexdigest() != said.get("sha256"):
            raise self._broken(f"{where} is damaged")
        found = list(_unpacked(content[:lines], content[lines:], list(shape.columns.values())))
        if len(found) != rows:
            raise self._broken(f"{where} is damaged")
        return found

    def _line(self, where: str, digest: "hashlib._Hash") -> dict[str, Any]:
        line = self._raw_line(where)
        digest.update(line)
        return self._parsed(line, where)

    def _raw_line(self, where: str) -> bytes:
        line = self._file.readline(LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise self._broken(f"it ends, or is damaged, at {where}")
        return line

    def _parsed(self, line: bytes, where: str) -> dict[str, Any]:
        try:
            said = loads(line)
        except JSONDecodeError:
            raise self._broken(f"{where} is damaged") from None
        if not isinstance(said, dict):
            raise self._broken(f"{where} is damaged")
        return said

    def _broken(self, why: str) -> Tampered:
        return Tampered(f"{self._name} cannot be restored: {why}")


def _unpacked(lines: bytes, tail: bytes, kinds: Sequence[str]) -> Iterator[Row]:
    blobs = [place for place, kind in enumerate(kinds) if kind == Kind.BYTES]
    documents = [place for place, kind in enumerate(kinds) if kind == Kind.DOCUMENT]
    at = 0
    for line in lines.split(b"\n")[:-1]:
        values = loads(line)
        for place in blobs:
            if values[place] is not None:
                end = at + values[place]
                values[place] = tail[at:end]
                at = end
        for place in documents:
            values[place] = dumps(values[place]).decode()
        yield tuple(values)

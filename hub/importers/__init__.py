"""Reading public sources: a record of theirs becomes a report document of ours.

May not: write anything, know a database, a key or the network; import anything but `schemas` and the standard library.
A path goes in, checked reports come out, and whoever called stores them.

An importer is one file here that says TITLE, LICENCE, FILES (the names its records come under, as globs) and
`document(record)`: the report without `tlp` and `client_ref`, its `origin` holding only `id` and `url`. Then:

1. A record is one line of a JSON Lines file, or the whole of a `.json` file. Whatever is wrong with one, broken JSON
   too, is its refusal and never the end of the import.
2. Every import is TLP:CLEAR, names its source and licence, and has the client_ref `<source>:<id>`.
3. What a source never has is `unknown` or absent; it refuses nothing. What else the schema refuses: see `fitting`.
"""

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from hub.importers.fitting import fit
from hub.importers.records import NothingToImport, files_in, records_in
from schemas.errors import Invalid
from schemas.loading import Limits, parse

__all__ = ["Imported", "NothingToImport", "Source", "count", "read", "sources"]

LIMITS = Limits(size=4 << 20, values=100_000)  # the public advisories that list every version are long


@dataclass(frozen=True)
class Source:
    """A public source, as its file in this room describes it."""

    code: str
    title: str
    licence: str
    files: tuple[str, ...]
    document: Callable[[Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Imported:
    """What became of one record."""

    key: str  # the record's id at its source; where it has none that can be read, its file and line
    report: dict[str, Any] | None  # the checked document, or None if it was refused
    refusal: str = ""  # why, in a sentence naming the field
    left_out: tuple[str, ...] = ()  # pointers of the optional values that the schema does not take


def sources() -> Mapping[str, Source]:
    """Every importer in this room, by its code."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        room = import_module(f"{__name__}.{module.name}")
        if hasattr(room, "TITLE"):
            found[module.name] = Source(module.name, room.TITLE, room.LICENCE, room.FILES, room.document)
    return found


def read(source: Source, path: Path) -> Iterator[Imported]:
    """Read a file, or a folder that holds the source's files; raises NothingToImport at once, not at the first item."""
    files = files_in(path, source.code, source.files)
    return (_imported(source, where, raw) for file in files for where, raw in records_in(file, LIMITS.size))


def count(source: Source, path: Path) -> int:
    """How many records `read` would yield, without looking into them; raises NothingToImport."""
    return sum(1 for file in files_in(path, source.code, source.files) for _ in records_in(file, LIMITS.size))


def _imported(source: Source, where: str, raw: bytes) -> Imported:
    key = where
    try:
        record = parse(raw, LIMITS)
        if not isinstance(record, dict):
            raise Invalid.at("", "must be an object, written in { }")
        document = source.document(record)
        key = document["origin"].get("id", where)
        fitted = fit(_public(source, document, key))
    except Invalid as wrong:
        faults = [f"{fault.pointer or 'The record'} {fault.message}" for fault in wrong.problems]
        return Imported(key, None, "; ".join(faults))
    return Imported(key, fitted.report, left_out=fitted.left_out)


def _public(source: Source, document: dict[str, Any], key: str) -> dict[str, Any]:
    origin = {"source": source.code, "licence": source.licence, **document["origin"]}
    return {**document, "tlp": "clear", "client_ref": f"{source.code}:{key}", "origin": origin}

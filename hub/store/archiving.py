"""Whole tables out of and into the database, in a form that belongs to neither engine.

A row is a tuple of text, numbers and flags as they are; bytes; an instant as `2026-11-20T10:00:00.000000Z`; a document
as its JSON text. Inside a backup's transaction every table is seen at one instant; a restore is one transaction.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    LargeBinary,
    String,
    Table,
    Text,
    cast,
    func,
    inspect,
    literal,
    select,
    text,
    type_coerce,
)
from sqlmodel import Session

from hub.store.columns import Instant
from hub.store.engine import Store
from hub.store.tables import METADATA

BATCH = 1000  # rows
LARGE = {"attachment_chunk": 16}  # rows of a mebibyte each: so many in memory and no more
# Built out of the others (and search_text), or of this moment only.
DERIVED = {"search_count", "search_row", "search_sweep", "search_term", "refusal", "recovery"}
APART = {"secret"}  # in the backup of keys, and there alone
ANEW: dict[tuple[str, str], Any] = {  # what must not be as it was: the index is not there, nor is the old publisher
    ("report", "indexed_stamp"): -1,
    ("publisher", "owner"): None,
    ("publisher", "until"): None,
}
Row = tuple[Any, ...]


class Kind(StrEnum):
    """How a value is written."""

    PLAIN = "plain"
    FLAG = "flag"
    BYTES = "bytes"
    INSTANT = "instant"
    DOCUMENT = "document"


@dataclass(frozen=True)
class Shape:
    """A table: its columns, each with its kind."""

    table: str
    columns: dict[str, str]


def shapes() -> list[Shape]:
    """Every table that a backup holds, parents before children."""
    return [
        Shape(table.name, {column.name: _kind(column) for column in table.columns})
        for table in METADATA.sorted_tables
        if table.name not in DERIVED | APART
    ]


def _kind(column: Column[Any]) -> str:
    kinds = {LargeBinary: Kind.BYTES, Instant: Kind.INSTANT, JSON: Kind.DOCUMENT, Boolean: Kind.FLAG}
    return next((name for kind, name in kinds.items() if isinstance(column.type, kind)), Kind.PLAIN)


def rows(session: Session, shape: Shape) -> Iterator[Sequence[Row]]:
    """Every row of a table, some at a time, in no order."""
    connection = session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    asked = select(*(_written(column, is_sqlite=is_sqlite) for column in METADATA.tables[shape.table].columns))
    with connection.execute(asked, execution_options={"yield_per": LARGE.get(shape.table, BATCH)}) as found:
        for part in found.partitions():
            yield [tuple(row) for row in part]


def _written(column: Column[Any], *, is_sqlite: bool) -> Any:
    if (column.table.name, column.name) in ANEW:
        return literal(ANEW[column.table.name, column.name])
    kind = _kind(column)
    if kind == Kind.DOCUMENT:
        return type_coerce(column, String) if is_sqlite else cast(column, Text)
    if kind == Kind.INSTANT:
        if is_sqlite:  # as SQLAlchemy writes it there: 2026-11-20 10:00:00.000000
            stored = type_coerce(column, String)
            return func.substr(stored, 1, 10) + "T" + func.substr(stored, 12) + "Z"
        return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    return column


def found_in(store: Store) -> list[str]:
    """What a database holds already: its tables if they are not a hub's, else the hub's tables that have rows."""
    present = set(inspect(store.engine).get_table_names())
    own = {name for name in present if name.startswith("search_text")} | {"alembic_version", *METADATA.tables}
    if present - own:
        return sorted(present - own)
    tables = [table for table in METADATA.sorted_tables if table.name in present]
    with store.reading() as session:
        asked = ((table.name, select(1).select_from(table).limit(1)) for table in tables)
        return [name for name, one in asked if session.connection().execute(one).first()]


def begin(session: Session) -> None:
    """Make ready to fill the tables: indexes are built at the end, over all rows at once."""
    if session.connection().dialect.name == "sqlite":
        # Keys are random, and so is the page on which each lies; with the usual 2 MB they are written again and again.
        session.connection().exec_driver_sql("PRAGMA cache_size=-262144")
    for table in _restored():
        for index in table.indexes:
            index.drop(session.connection(), checkfirst=True)


def finish(session: Session) -> None:
    """Build the indexes, and have the database number on from where the rows end."""
    connection = session.connection()
    for table in _restored():
        for index in table.indexes:
            index.create(connection, checkfirst=True)
    if connection.dialect.name == "postgresql":
        last = "SELECT max(seq) FROM audit_entry HAVING count(*) > 0"
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('audit_entry', 'seq'), ({last}))"))


def _restored() -> list[Table]:
    return [table for table in METADATA.sorted_tables if table.name not in DERIVED | APART]


def fill(session: Session, shape: Shape, batch: Iterable[Row]) -> None:
    """Add rows to a table, past every layer that costs time."""
    if session.connection().dialect.name == "sqlite":
        _insert(session, shape, batch)
    else:
        _copy(session, shape, batch)


def _insert(session: Session, shape: Shape, batch: Iterable[Row]) -> None:
    instants = [place for place, kind in enumerate(shape.columns.values()) if kind == Kind.INSTANT]

    def stored(row: Row) -> Row:
        values = list(row)
        for place in instants:
            if values[place] is not None:
                values[place] = values[place].replace("T", " ").removesuffix("Z")
        return tuple(values)

    names = ", ".join(f'"{name}"' for name in shape.columns)
    places = ", ".join("?" for _ in shape.columns)
    session.connection().exec_driver_sql(
        f'INSERT INTO "{shape.table}" ({names}) VALUES ({places})',  # noqa: S608 - names of our own tables
        [stored(row) for row in batch],
    )


def _copy(session: Session, shape: Shape, batch: Iterable[Row]) -> None:
    raw: Any = session.connection().connection.driver_connection
    names = ", ".join(f'"{name}"' for name in shape.columns)
    with raw.cursor() as cursor, cursor.copy(f'COPY "{shape.table}" ({names}) FROM STDIN') as copy:
        for row in batch:
            copy.write_row(row)

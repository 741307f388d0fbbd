"""Rows written past the unit of work: filing is the hot path of intake.

1. Many filings are written table by table, in the order in which the tables were first named.
2. One new report is written unless its client_ref is known: the unique index decides, nobody asks before. What belongs
   to the report is written with it or not at all; on PostgreSQL in one statement, and so in one trip.
3. A column left out gets its default. Statements are made once a shape: making one costs as much as running it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, bindparam, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import ColumnDefault
from sqlmodel import Session, SQLModel, col

from hub.store.tables import METADATA, Report

Row = Mapping[str, Any]
Table = type[SQLModel]
Shape = tuple[tuple[Table, tuple[str, ...]], ...]  # a table and its columns for each row
Bind = Callable[[Any], Any] | None  # how the driver takes a value
OWN = ("organisation_id", "client_ref")


class Rows:
    """Rows to be inserted together; all of a table name the same columns."""

    def __init__(self, *rows: tuple[Table, Row]) -> None:
        self.taken = list(rows)

    def add(self, table: Table, row: Row) -> None:
        """Take a row of a table."""
        self.taken.append((table, row))

    def insert(self, session: Session) -> None:
        """Insert what was taken, table by table."""
        by_table: dict[Table, list[Row]] = {}
        for table, row in self.taken:
            by_table.setdefault(table, []).append(row)
        connection = session.connection()
        for table, rows in by_table.items():
            connection.execute(_into(table), rows)

    def insert_new(self, session: Session) -> bool:
        """Insert a report and then what belongs to it; False, and nothing of it, if its client_ref is known."""
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            shape = tuple((table, tuple(row)) for table, row in self.taken)
            given = {f"{at}_{name}": value for at, (_, row) in enumerate(self.taken) for name, value in row.items()}
            return _together(connection.dialect, shape).run(connection, given)
        # The report is the first: if it is known, nothing else is tried.
        return all(_alone(connection.dialect, table, tuple(row)).run(connection, row) for table, row in self.taken)


_into = lru_cache(maxsize=64)(insert)


@dataclass(frozen=True)
class Ready:
    """A statement as its driver takes it, run past SQLAlchemy's own way, which costs as much as the database does."""

    text: str
    parameters: tuple[tuple[str, Any, Bind], ...]  # of each the name, the default, and how the driver takes it
    is_named: bool  # or by position

    def run(self, connection: Connection, given: Row) -> bool:
        """Run it with these values; whether a row was written."""
        taken = ((name, given.get(name, default), bind) for name, default, bind in self.parameters)
        bound = [(name, bind(value) if bind else value) for name, value, bind in taken]
        values: Any = dict(bound) if self.is_named else tuple(value for _, value in bound)
        return connection.exec_driver_sql(self.text, values, {"preserve_rowcount": True}).rowcount > 0


def _ready(dialect: Dialect, statement: Insert) -> Ready:
    made = statement.compile(dialect=dialect)
    names = made.positiontup or [*made.bind_names.values()]
    kinds = {name: made.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names}
    told = tuple((name, made.binds[name].value, kinds[name]) for name in names)
    return Ready(str(made), told, made.positiontup is None)


@lru_cache(maxsize=64)
def _alone(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> Ready:
    """One row; a report unless it is known."""
    statement = sqlite.insert(table).values(_values(table, columns, ""))
    return _ready(dialect, statement.on_conflict_do_nothing(index_elements=OWN) if table is Report else statement)


@lru_cache(maxsize=64)
def _together(dialect: Dialect, shape: Shape) -> Ready:
    """One statement that inserts a report, and its other rows if, and only if, the report is new."""
    first, *others = (_values(table, columns, f"{at}_") for at, (table, columns) in enumerate(shape))
    unless_known = postgresql.insert(Report).values(first).on_conflict_do_nothing(index_elements=OWN)
    new = unless_known.returning(col(Report.id), col(Report.revision)).cte("new")
    # Said once for all rows: psycopg takes a statement of more than fifty parameters apart anew each time.
    named = {"report_id": new.c.id, "revision": new.c.revision}
    beside = []
    for (table, _), values in zip(shape[1:], others, strict=True):
        values |= {name: column for name, column in named.items() if name in values}
        beside.append(insert(table).from_select([*values], select(*values.values()).select_from(new)))
    *before, last = beside
    return _ready(dialect, last.add_cte(*(one.cte(f"beside_{at}") for at, one in enumerate(before))))


def _values(table: Table, columns: tuple[str, ...], prefix: str) -> dict[str, Any]:
    """What a row is to hold: a parameter for each column that is named, the defaults of the others."""
    kinds = METADATA.tables[str(table.__tablename__)].columns
    defaults = {one.name: literal(one.default.arg, one.type) for one in kinds if isinstance(one.default, ColumnDefault)}
    return defaults | {name: bindparam(prefix + name, type_=kinds[name].type) for name in columns}

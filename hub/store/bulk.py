"""Rows read in bulk, as plain tuples: what lies between database and cipher would otherwise cost more than the cipher.

1. Ids go in one parameter, and nothing is converted that need not be.
2. PostgreSQL sends binary values, and libpq fetches a whole answer in one call: psycopg would come back to Python for
   every few kilobytes that arrive, and look up a loader for every value.
3. Errors are SQLAlchemy's, as everywhere in this room: a statement that took too long is told from a lost connection.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
import psycopg
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

Reader = Callable[[bytes], Any]
SQLITE = "SELECT {columns} FROM json_each(?) w CROSS JOIN {table} WHERE {key} = w.value{condition}"
POSTGRESQL = "SELECT {columns} FROM {table} WHERE {key} = ANY($1){condition}"


# How PostgreSQL's binary form of a value is read.
text: Reader = bytes.decode
blob: Reader = bytes
flag: Reader = b"\x01".__eq__
number: Reader = partial(int.from_bytes, byteorder="big", signed=True)


@dataclass(frozen=True)
class Asked:
    """What is read of a table for ids: columns, each with its reader, and a condition that may hold one number."""

    table: str
    key: str
    columns: dict[str, Reader]
    condition: str = ""  # `?` for the number

    def statement(self, form: str, mark: str) -> str:
        """The statement for an engine."""
        # Cast, or PostgreSQL would take the number for one of the column's type, and refuse a larger one.
        condition = self.condition.replace("?", f"CAST({mark} AS bigint)")
        return form.format(columns=", ".join(self.columns), table=self.table, key=self.key, condition=condition)


def rows(session: Session, asked: Asked, ids: Sequence[str], *numbers: int) -> Sequence[Sequence[Any]]:
    """What a table holds for ids, in no order."""
    connection, listed = session.connection(), orjson.dumps(list(ids))
    if connection.dialect.name == "sqlite":
        return connection.exec_driver_sql(asked.statement(SQLITE, "?"), (listed.decode(), *numbers)).all()
    # An array literal quotes as JSON does, as far as ids go.
    values = [b"{%b}" % listed[1:-1], *(str(one).encode() for one in numbers)]
    found = _fetched(connection, asked.statement(POSTGRESQL, "$2"), values)
    value, places = found.get_value, range(found.ntuples)
    columns = [
        [None if raw is None else read(raw) for raw in [value(place, at) for place in places]]
        for at, read in enumerate(asked.columns.values())
    ]
    return list(zip(*columns, strict=True))


def _fetched(connection: Connection, statement: str, values: Sequence[bytes]) -> PGresult:
    driver: Any = connection.connection.driver_connection
    if driver.info.transaction_status == TransactionStatus.IDLE:
        connection.exec_driver_sql("SELECT 1")  # psycopg begins a transaction with its own first statement
    try:
        found: PGresult = driver.pgconn.exec_params(statement.encode(), values, result_format=Format.BINARY)
        if found.status != ExecStatus.TUPLES_OK:
            raise psycopg.errors.error_from_result(found)
    except psycopg.Error as wrong:
        said = {"hide_parameters": True, "connection_invalidated": driver.broken, "dialect": connection.dialect}
        raise DBAPIError.instance(statement, None, wrong, psycopg.Error, **said) from wrong
    return found

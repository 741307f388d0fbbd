"""Reading past the unit of work, for what is asked at every poll: a session costs more than the answer.

Each statement sees one instant, and two of them two. Rows are tuples as the driver has them, instants too (`instant`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, Executable
from sqlalchemy.engine import Dialect

from hub.errors import Busy

SAY_WHOSE = "SELECT set_config('hub.organisation', %s, true)"  # SET LOCAL, with a parameter


def instant(stored: Any) -> datetime:
    """An instant as a driver gives it: SQLite as text, without offset."""
    found = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


class Glance:
    """A connection that answers one question at a time."""

    def __init__(self, connection: Any, dialect: Dialect) -> None:
        self._connection, self._dialect = connection, dialect

    def rows(self, statement: Executable, given: Mapping[str, Any]) -> Sequence[Any]:
        """All that a statement finds; its parameters are text, numbers and instants."""
        text, names, values = _compiled(statement, self._dialect)
        values = {**values, **given}
        # PostgreSQL would write bytes as hexadecimal text.
        cursor = self._connection.cursor() if names else self._connection.cursor(binary=True)
        try:
            cursor.execute(text, [_plain(values[name]) for name in names] if names else values)
            found: Sequence[Any] = cursor.fetchall()
        finally:
            cursor.close()
        return found


@lru_cache(maxsize=64)
def _compiled(statement: Executable, dialect: Dialect) -> tuple[str, Sequence[str], Mapping[str, Any]]:
    """The text, the order of its parameters if they have one, and those that the statement brings itself."""
    compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    return compiled.string, compiled.positiontup or (), {k: v for k, v in compiled.params.items() if v is not None}


def _plain(value: Any) -> Any:
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value


@contextmanager
def glancing(engine: Engine, whose: Callable[[], str] | None) -> Iterator[Glance]:
    """A glance at a database; raises Busy if it does not answer."""
    failure = engine.dialect.loaded_dbapi.Error
    connection = engine.raw_connection()
    try:
        if whose is not None:
            connection.cursor().execute(SAY_WHOSE, (whose(),)).close()
        yield Glance(connection, engine.dialect)
    except failure as lost:
        connection.invalidate()
        message = "the database does not answer; try again"
        raise Busy(message) from lost
    finally:
        connection.close()

"""Connections and transactions, on either engine. The one place that commits.

1. SQLite: WAL, synchronous=FULL (an acknowledged report survives a power cut), secure_delete (what is deleted is
   overwritten), foreign keys; a writer takes its lock at the start (BEGIN IMMEDIATE), or two would lose an update.
2. Writers of SQLite take turns (`hub/store/turn.py`): SQLite polls, and a queue of pollers is unfair.
3. Warrants pledged in a transaction are armed when, and only when, it has committed.
4. A transaction that lost a race runs again, from its start, a few times.
5. On PostgreSQL a transaction can say whose request it is for: for itself alone, so that a pooled connection carries
   nothing over to the next one. Row-level security asks for it (`hub/store/walls.py`).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

import orjson
import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from hub.errors import Busy, TooLong
from hub.store import residue
from hub.store.glance import SAY_WHOSE, Glance, glancing
from hub.store.turn import Turn
from hub.warrant import Pledge, arm

Result = TypeVar("Result")
Pledged = TypeVar("Pledged", bound=Pledge)
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "busy_timeout=20000",
    "cache_size=-32768",  # KiB: what a scan or a search walks through stays at hand
    "temp_store=MEMORY",
)
TRIES = 4
IDLE = 1.0  # seconds after which a connection is asked whether it still is one
BRIEF = 5.0  # seconds that a search may take
STEPS = 10_000  # of SQLite's machine between two looks at the clock
CANCELLED = "57014"  # PostgreSQL: statement timeout
DESTROYED = "the epoch is destroyed"  # as the triggers on data_key say it
RETRIED = {"40001", "40P01"}  # PostgreSQL: serialization failure, deadlock


class Store:
    """The database of one hub."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_closed = False
        self.engine = _engine(url)
        self._is_sqlite = self.engine.dialect.name == "sqlite"
        self._writers = self.engine.execution_options(hub_writes=True)
        # On SQLite every transaction is one (WAL). On PostgreSQL each statement would see what was committed before it.
        repeatable = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._snapshots = self.engine if self._is_sqlite else self.engine.execution_options(**repeatable)
        self._turn = Turn(_beside(self.engine)) if self._is_sqlite else None
        self.whose: Callable[[], str] | None = None  # whose request is answered; None: the role sees all it may
        if not self._is_sqlite:
            event.listen(self.engine, "begin", self._say_whose)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that only reads."""
        with _reachable(), Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session
            session.expunge_all()  # rows outlive the transaction as they were read

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that commits at its end, or not at all; then the warrants pledged in it are armed."""
        turn: AbstractContextManager[Any] = self._turn or nullcontext()
        with _reachable(), turn, Session(self._writers, expire_on_commit=False) as session:
            with session.begin():
                yield session
            arm(session.info.pop("pledged", ()))

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A transaction that only reads, and sees all of the database at one instant, however long it takes."""
        with _reachable(), Session(self._snapshots, autoflush=False) as session:
            yield session

    def glance(self) -> AbstractContextManager[Glance]:
        """Small questions outside any transaction, each seen at one instant: for what every poll asks."""
        return glancing(self.engine, None if self._is_sqlite else self.whose)

    @contextmanager
    def brief(self, seconds: float = BRIEF) -> Iterator[Session]:
        """A snapshot that is broken off when it takes too long; raises TooLong."""
        with self.snapshot() as session, _bounded(session.connection(), seconds):
            yield session

    def write(self, work: Callable[[Session], Result]) -> Result:
        """Run work in a writing transaction, again if it lost a race; raises Busy if it keeps losing."""
        for tries_left in reversed(range(TRIES)):
            try:
                with self.writing() as session:
                    return work(session)
            except IntegrityError:
                # A unique key taken meanwhile: run again, the work will see the row and answer accordingly.
                if not tries_left:
                    raise
            except Contended:
                continue
        message = "the database is busy; try again"
        raise Busy(message)

    def is_alive(self) -> bool:
        """Whether the database answers."""
        try:
            with self.reading() as session:
                return bool(session.connection().execute(text("SELECT 1")).scalar_one() == 1)
        except Busy:
            return False

    def durability(self) -> dict[str, str]:
        """The settings in force that decide whether a committed report survives a power cut."""
        names = ("journal_mode", "synchronous") if self._is_sqlite else ("fsync", "synchronous_commit")
        ask = "PRAGMA {}" if self._is_sqlite else "SHOW {}"
        with self.reading() as session:
            return {name: str(session.connection().execute(text(ask.format(name))).scalar_one()) for name in names}

    @property
    def is_sqlite(self) -> bool:
        """Whether writers take turns, and the journal is ours to empty."""
        return self._is_sqlite

    def scour(self, *, is_full: bool = False) -> bool:
        """Have what was deleted leave the files, as the engine can; False if a reader kept it from that."""
        return residue.scour(self.engine, is_full=is_full)

    def _say_whose(self, connection: Connection) -> None:
        if self.whose is not None:
            connection.exec_driver_sql(SAY_WHOSE, (self.whose(),))

    def close(self) -> None:
        """Close every connection."""
        self.is_closed = True
        self.engine.dispose()
        if self._turn:
            self._turn.close()


def _beside(engine: Engine) -> str | None:
    place = engine.url.database
    return f"{place}-turn" if place and place != ":memory:" else None


def pledge(session: Session, warrant: Pledged) -> Pledged:
    """Have a warrant armed by this transaction's commit."""
    session.info.setdefault("pledged", []).append(warrant)
    return warrant


@contextmanager
def _bounded(connection: Connection, seconds: float) -> Iterator[None]:
    is_sqlite = connection.dialect.name == "sqlite"
    last = time.monotonic() + seconds
    driver: Any = connection.connection.driver_connection
    if is_sqlite:
        driver.set_progress_handler(lambda: time.monotonic() > last, STEPS)
    else:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
    try:
        yield
    except OperationalError as broken:
        if getattr(broken.orig, "sqlstate", None) == CANCELLED or str(broken.orig) == "interrupted":
            message = f"takes longer than {seconds:g} s; narrow the filter, or sort by newest"
            raise TooLong(message) from broken
        raise
    finally:
        if is_sqlite:
            driver.set_progress_handler(None, 0)


class Contended(Busy):
    """The transaction lost a race; run again, it may win."""


@contextmanager
def _reachable() -> Iterator[None]:
    """Tell a lost race and a database that does not answer from a fault of ours."""
    try:
        yield
    except DBAPIError as lost:
        if getattr(lost.orig, "sqlstate", None) in RETRIED or "database is locked" in str(lost.orig):
            message = "the database is busy; try again"
            raise Contended(message) from lost
        if DESTROYED in str(lost.orig):
            message = "this intake seals to an epoch that was destroyed: bring its epoch.pub up to date"
            raise Busy(message) from lost
        if lost.connection_invalidated or (isinstance(lost, OperationalError | InterfaceError) and not lost.statement):
            message = "the database does not answer; try again"
            raise Busy(message) from lost
        raise


def _engine(url: str) -> Engine:
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, hide_parameters=True, json_serializer=_json, json_deserializer=orjson.loads)
    if engine.dialect.name != "sqlite":
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", _still_there)
        event.listen(engine, "before_cursor_execute", _binary)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _begin)
    return engine


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


def _binary(_connection: object, cursor: Any, *given: Any) -> None:
    """Ask for bytes as bytes, not as hexadecimal text, where much is read (execution option `hub_binary`)."""
    if given[2] is not None and given[2].execution_options.get("hub_binary"):
        cursor.format = psycopg.pq.Format.BINARY


def _still_there(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Ask a connection that lay idle whether its server is there; on the way of every request it would cost a trip."""
    if time.monotonic() - record.info.get("used_at", time.monotonic()) < IDLE:
        return
    try:
        connection.cursor().execute("SELECT 1").close()
        connection.rollback()
    except psycopg.Error as lost:
        raise DisconnectionError from lost  # the pool makes another one


def _configure(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # pysqlite: leave transactions to us
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Any) -> None:
    writes = connection.get_execution_options().get("hub_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

"""Data keys from one epoch to the next, in batches; and what is left of an epoch that is destroyed.

A batch is read in one transaction and put in place in another; a key that changed between the two is left alone, so
that two who rotate, and admission, never undo one another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy import delete, func, text, update
from sqlmodel import Session, col, select

from hub.store.engine import Store
from hub.store.tables import DataKey, Epoch, Secret

SECRETS = ("private", "kek")
PATIENCE = 1000  # milliseconds that the emptying of SQLite's log waits for readers
READ = {
    # By the index of epochs, whose entries lie in the order of rows: pages are written one after another.
    "sqlite": """
SELECT k.report_id, k.revision, k.purpose, k.epoch, k.is_admitted, k.wrapped, r.organisation_id, k.rowid
FROM data_key k INDEXED BY ix_data_key_epoch CROSS JOIN report r ON r.id = k.report_id
WHERE k.epoch = :epoch AND k.rowid > :row ORDER BY k.rowid LIMIT :most""",
    "postgresql": """
SELECT k.report_id, k.revision, k.purpose, k.epoch, k.is_admitted, k.wrapped, r.organisation_id, 0
FROM data_key k JOIN report r ON r.id = k.report_id
WHERE k.epoch = :epoch AND (k.report_id, k.revision, k.purpose) > (:report, :revision, :purpose)
ORDER BY k.report_id, k.revision, k.purpose LIMIT :most""",
}
PUT = {
    "sqlite": """
UPDATE data_key SET epoch = ?, wrapped = ?
WHERE report_id = ? AND revision = ? AND purpose = ? AND epoch = ? AND wrapped = ? AND is_admitted = ?""",
    "postgresql": """
UPDATE data_key d SET epoch = %s, wrapped = v.fresh
FROM unnest(%s::text[], %s::int[], %s::text[], %s::int[], %s::bytea[], %s::bool[], %s::bytea[])
AS v(report_id, revision, purpose, epoch, wrapped, is_admitted, fresh)
WHERE d.report_id = v.report_id AND d.revision = v.revision AND d.purpose = v.purpose AND d.epoch = v.epoch
AND d.wrapped = v.wrapped AND d.is_admitted = v.is_admitted""",
}


class Hung(NamedTuple):
    """A data key under an epoch, as it was read."""

    report_id: str
    revision: int
    purpose: str
    epoch: int
    is_admitted: bool
    wrapped: bytes
    organisation_id: str
    row: int = 0


@dataclass(frozen=True)
class Cursor:
    """How far a walk through the keys of an epoch has come."""

    epoch: int
    row: int = -(2**63)
    key: tuple[str, int, str] = ("", -1, "")


def current(session: Session) -> Epoch | None:
    """The newest epoch."""
    return session.exec(select(Epoch).order_by(col(Epoch.number).desc()).limit(1)).first()


def last_erasing(session: Session) -> datetime | None:
    """When the newest erasure epoch was made; else when the first epoch was."""
    found = session.exec(select(func.max(Epoch.erasing_since))).one()
    return found or session.exec(select(func.min(Epoch.created_at))).one()


def standing(session: Session, before: int) -> list[int]:
    """The epochs before one that are not destroyed, the oldest first."""
    asked = select(Epoch.number).where(col(Epoch.number) < before, col(Epoch.destroyed_at).is_(None))
    return list(session.exec(asked.order_by(col(Epoch.number))))


def hangs_on(session: Session, before: int) -> bool:
    """Whether any data key lies under an epoch before one."""
    return session.exec(select(DataKey.epoch).where(col(DataKey.epoch) < before).limit(1)).first() is not None


def erasing(session: Session) -> int | None:
    """The newest erasure epoch, while there are earlier ones to destroy."""
    asked = select(Epoch.number).where(col(Epoch.erasing_since).is_not(None)).order_by(col(Epoch.number).desc())
    number = session.exec(asked.limit(1)).first()
    return number if number is not None and standing(session, number) else None


def mark_erasing(session: Session, number: int, at: datetime) -> None:
    """Say that an epoch is an erasure epoch."""
    session.connection().execute(update(Epoch).where(col(Epoch.number) == number).values(erasing_since=at))


def settle(session: Session, number: int, at: datetime) -> bool:
    """Record that nothing hangs on an earlier epoch; False if that was recorded already."""
    asked = update(Epoch).where(col(Epoch.number) == number, col(Epoch.settled_at).is_(None))
    return bool(session.connection().execute(asked.values(settled_at=at)).rowcount)


def read(session: Session, cursor: Cursor, most: int) -> list[Hung]:
    """The next data keys under an epoch."""
    report, revision, purpose = cursor.key
    values: dict[str, Any] = {"epoch": cursor.epoch, "most": most, "row": cursor.row}
    if session.connection().dialect.name != "sqlite":
        values = {"epoch": cursor.epoch, "most": most, "report": report, "revision": revision, "purpose": purpose}
    asked = text(READ[session.connection().dialect.name])
    return [_hung(row) for row in session.connection().execute(asked, values)]


def _hung(row: Sequence[Any]) -> Hung:
    return Hung(row[0], row[1], row[2], row[3], bool(row[4]), bytes(row[5]), row[6], row[7])


def put(session: Session, epoch: int, moved: Sequence[tuple[Hung, bytes]]) -> int:
    """Put keys that were wrapped anew in the place of what was read; how many still were what was read."""
    connection = session.connection()
    rows = [(one.report_id, one.revision, one.purpose, one.epoch, one.wrapped, one.is_admitted) for one, _ in moved]
    if not rows:
        return 0
    if connection.dialect.name == "sqlite":
        given = [(epoch, fresh, *row) for row, (_, fresh) in zip(rows, moved, strict=True)]
        return connection.exec_driver_sql(PUT["sqlite"], given).rowcount
    columns = [list(column) for column in zip(*rows, strict=True)]
    fresh = [fresh for _, fresh in moved]
    return connection.exec_driver_sql(PUT["postgresql"], (epoch, *columns, fresh)).rowcount


def destroy(session: Session, numbers: Sequence[int], dead: Sequence[Hung], at: datetime) -> bool:
    """Destroy the secrets of epochs; False, and nothing is, if a data key hangs on them that is none of the dead.

    The dead are keys that no longer open under the epoch that they name: they go with it.
    """
    # On PostgreSQL a filing that names one of them is waited for, and one that comes after it waits for us.
    session.exec(select(Epoch.number).where(col(Epoch.number).in_(numbers)).with_for_update()).all()
    connection, under = session.connection(), col(DataKey.epoch).in_(numbers)
    columns = col(DataKey.report_id), col(DataKey.revision), col(DataKey.purpose), col(DataKey.wrapped)
    known = {(one.report_id, one.revision, one.purpose, one.wrapped) for one in dead}
    hanging = connection.execute(sqlalchemy.select(*columns).where(under).limit(len(known) + 1))
    if any((row[0], row[1], row[2], bytes(row[3])) not in known for row in hanging):
        return False
    connection.execute(delete(DataKey).where(under))
    connection.execute(delete(Secret).where(col(Secret.name).in_(SECRETS), col(Secret.number).in_(numbers)))
    connection.execute(update(Epoch).where(col(Epoch.number).in_(numbers)).values(destroyed_at=at))
    return True


def newest_destruction(session: Session) -> datetime | None:
    """When an epoch was last destroyed."""
    return session.exec(select(func.max(Epoch.destroyed_at))).one()


def wipe(store: Store) -> bool:
    """Take what was deleted out of the database's own files, as far as it reaches; False if it has to be tried again.

    SQLite: deleted cells are overwritten (secure_delete), and the log that still holds older pages is emptied, which
    waits for every reader. PostgreSQL: the table of secrets is written anew, and what the log still holds goes with
    the log's own files; replicas, archived logs and the disk's blocks are beyond us.
    """
    is_sqlite = store.engine.dialect.name == "sqlite"
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if is_sqlite:
            driver: Any = connection.connection.driver_connection
            (usual,) = driver.execute("PRAGMA busy_timeout").fetchone()
            driver.execute(f"PRAGMA busy_timeout={PATIENCE}")  # whoever files waits meanwhile
            try:
                is_busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                driver.execute(f"PRAGMA busy_timeout={usual}")
            return not is_busy
        connection.exec_driver_sql("VACUUM (FULL, ANALYZE) secret")
        connection.exec_driver_sql("VACUUM data_key")
    return True

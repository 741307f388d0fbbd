"""What opening and scanning read, in bulk: only the columns that are needed, as plain tuples.

Ids go in one parameter, nothing is converted, and PostgreSQL sends bytes as bytes: what lies between the database and
the cipher would otherwise cost more than the cipher.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import select
from sqlmodel import Session, col

from hub.store.tables import Report

SQLITE = "(SELECT value AS id FROM json_each(?)) w"
POSTGRESQL = "unnest(%s::text[]) AS w (id)"
AS_BYTES = {"hub_binary": True}  # by default PostgreSQL sends bytes as hexadecimal text
NAMED = "SELECT r.id, r.ref, r.organisation_id, r.revision FROM {listed} CROSS JOIN report r WHERE r.id = w.id"
# Two queries, not a join of both: a planner without figures would read all keys for it.
SEALED = (
    "SELECT v.report_id, v.sealed, CAST(v.origins AS TEXT) FROM {listed} CROSS JOIN revision v "
    "WHERE v.report_id = w.id AND v.revision = {number}"
)
KEYS = (
    "SELECT k.report_id, k.epoch, k.is_admitted, k.wrapped FROM {listed} CROSS JOIN data_key k "
    "WHERE k.report_id = w.id AND k.revision = {number} AND k.purpose = 'report'"
)
NO_KEY = (None, None, None)
LARGE = 2**31  # PostgreSQL refuses to look for a number beyond


class Candidate(NamedTuple):
    """A report that may be scanned, as far as its own row tells."""

    report_id: str
    ref: str
    owner: str  # its organisation
    revision: int


class Sealed(NamedTuple):
    """What one revision sealed, in one frame, and its wrapped data key; no key if it was destroyed."""

    ciphertexts: bytes
    origins: str  # JSON: schema path → the revision that sealed it, for all values of the report at this revision
    epoch: int | None
    is_admitted: bool | None
    wrapped: bytes | None


@dataclass
class Shelf:
    """What it takes to scan a batch of reports."""

    deployment: str
    rows: dict[tuple[str, int], Sealed]  # by (report, revision)


def named(session: Session, report_ids: Sequence[str]) -> list[Candidate]:
    """Reports by id, in that order."""
    found = {row[0]: Candidate(*row) for row in _rows(session, NAMED, report_ids)}
    return [found[one] for one in report_ids if one in found]


def shelf(session: Session, deployment: str, some: Collection[Candidate]) -> Shelf:
    """Ciphertexts and keys of reports, those of earlier revisions too where a value still lies in one."""
    current = {(one.report_id, one.revision) for one in some}
    rows = _sealed(session, current)
    earlier = {
        (report_id, number)
        for (report_id, revision), row in rows.items()
        if revision > 1
        for number in (origins(row.origins) or {}).values()
    }
    return Shelf(deployment, {**rows, **_sealed(session, earlier - current)})


@lru_cache(maxsize=1024)  # paths and numbers, and the same ones in most reports
def origins(text: str) -> dict[str, int] | None:
    """The revision that sealed each schema path; None if the text says nothing of the kind."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    is_sound = isinstance(found, dict) and all(type(number) is int and number < LARGE for number in found.values())
    return found if is_sound else None


def _sealed(session: Session, pairs: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Sealed]:
    by_number: dict[int, list[str]] = {}
    for report_id, number in pairs:
        by_number.setdefault(number, []).append(report_id)
    found = {}
    for number, ids in by_number.items():
        keys = {report_id: key for report_id, *key in _rows(session, KEYS, ids, number)}
        for report_id, ciphertexts, origins in _rows(session, SEALED, ids, number):
            found[report_id, number] = Sealed(ciphertexts, origins, *keys.get(report_id, NO_KEY))
    return found


def _rows(session: Session, asked: str, ids: Sequence[str], *more: int) -> Sequence[Any]:
    """What a query finds for ids."""
    connection, is_sqlite = session.connection(), session.connection().dialect.name == "sqlite"
    listed, mark = (SQLITE, "?") if is_sqlite else (POSTGRESQL, "%s")
    values = orjson.dumps(ids).decode() if is_sqlite else list(ids)
    return connection.exec_driver_sql(asked.format(listed=listed, number=mark), (values, *more), AS_BYTES).all()


def filed_at(session: Session, report_id: str) -> datetime:
    """When a report was filed."""
    return session.connection().execute(select(col(Report.filed_at)).where(col(Report.id) == report_id)).scalar_one()

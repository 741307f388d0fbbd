"""What scanning reads, in bulk: only the columns that are needed."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from hub.store import bulk
from hub.store.bulk import Asked
from hub.store.tables import Report

NAMED = Asked(
    "report r",
    "r.id",
    {"r.id": bulk.text, "r.ref": bulk.text, "r.organisation_id": bulk.text, "r.revision": bulk.number},
)
# Two queries, not a join of both: a planner without figures would read all keys for it.
SEALED = Asked(
    "revision v",
    "v.report_id",
    {"v.report_id": bulk.text, "v.sealed": bulk.blob, "CAST(v.origins AS TEXT)": bulk.text},
    " AND v.revision = ?",
)
KEYS = Asked(
    "data_key k",
    "k.report_id",
    {"k.report_id": bulk.text, "k.epoch": bulk.number, "k.is_admitted": bulk.flag, "k.wrapped": bulk.blob},
    " AND k.revision = ? AND k.purpose = 'report'",
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
    found = {row[0]: Candidate._make(row) for row in bulk.rows(session, NAMED, report_ids)}
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
        keys = {row[0]: row[1:] for row in bulk.rows(session, KEYS, ids, number)}
        for report_id, ciphertexts, origins in bulk.rows(session, SEALED, ids, number):
            found[report_id, number] = Sealed(ciphertexts, origins, *keys.get(report_id, NO_KEY))
    return found


def filed_at(session: Session, report_id: str) -> datetime:
    """When a report was filed."""
    return session.connection().execute(select(col(Report.filed_at)).where(col(Report.id) == report_id)).scalar_one()

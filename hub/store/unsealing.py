"""What opening and scanning read, in bulk: only the columns that are needed, as plain tuples."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, String, cast, select
from sqlmodel import Session, col

from hub.store.tables import DataKey, Report, Revision


class Candidate(NamedTuple):
    """A report that may be scanned, as far as its own row tells."""

    report_id: str
    ref: str
    owner: str  # its organisation
    revision: int
    filed_at: datetime


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
    found = {}
    for start in range(0, len(report_ids), 500):
        asked = _candidates().where(col(Report.id).in_(report_ids[start : start + 500]))
        found.update({row[0]: Candidate(*row) for row in session.connection().execute(asked)})
    return [found[one] for one in report_ids if one in found]


def _candidates() -> Select[str, str, str, int, datetime]:
    held = (col(Report.id), col(Report.ref), col(Report.organisation_id), col(Report.revision), col(Report.filed_at))
    return select(*held)


def shelf(session: Session, deployment: str, some: Collection[Candidate]) -> Shelf:
    """Ciphertexts and keys of reports, those of earlier revisions too where a value still lies in one."""
    current = {(one.report_id, one.revision) for one in some}
    rows = _sealed(session, current)
    earlier = {
        (report_id, number)
        for (report_id, revision), row in rows.items()
        if revision > 1
        for number in origins(row.origins).values()
    }
    return Shelf(deployment, {**rows, **_sealed(session, earlier - current)})


@lru_cache(maxsize=1024)  # paths and numbers, and the same ones in most reports
def origins(text: str) -> dict[str, int]:
    """The revision that sealed each schema path."""
    found: dict[str, int] = json.loads(text)
    return found


def _sealed(session: Session, pairs: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Sealed]:
    by_number: dict[int, list[str]] = {}
    for report_id, number in sorted(pairs):
        by_number.setdefault(number, []).append(report_id)
    found = {}
    for number, ids in by_number.items():
        asked = _with_key().where(col(Revision.report_id).in_(ids), col(Revision.revision) == number)
        for report_id, *row in session.connection().execute(asked).all():
            found[report_id, number] = Sealed(*row)
    return found


def _with_key() -> Select[*tuple[Any, ...]]:
    mine = (
        (col(DataKey.report_id) == col(Revision.report_id))
        & (col(DataKey.revision) == col(Revision.revision))
        & (col(DataKey.purpose) == "report")
    )
    sealed = (col(Revision.report_id), col(Revision.sealed), cast(col(Revision.origins), String))
    key = (col(DataKey.epoch), col(DataKey.is_admitted), col(DataKey.wrapped))
    return select(*sealed, *key).join(DataKey, mine, isouter=True)

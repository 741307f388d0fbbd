"""Cases: several reports on one event."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func
from sqlmodel import Session, col, select, update

from feeds.names import is_reference
from hub.store.tables import Case, CaseReport, Report


def add(session: Session, case: Case) -> None:
    """Open a case."""
    session.add(case)
    session.flush()


def by_name(session: Session, name: str, *, is_locked: bool = False) -> Case | None:
    """A case by its id or its reference; locked, what is in it does not change before the transaction ends."""
    ref = name.upper() if is_reference(name) else name
    asked = select(Case).where((col(Case.id) == name) | (col(Case.ref) == ref))
    return session.exec(asked.with_for_update() if is_locked else asked).first()


def listed(session: Session, before: tuple[datetime, str] | None, most: int) -> Sequence[tuple[Case, int]]:
    """Cases with their sizes, the newest first; those before one of them."""
    asked = select(Case)
    if before:
        at, case_id = before
        later = (col(Case.opened_at) < at) | ((col(Case.opened_at) == at) & (col(Case.id) < case_id))
        asked = asked.where(later)
    page = session.exec(asked.order_by(col(Case.opened_at).desc(), col(Case.id).desc()).limit(most)).all()
    counted = select(CaseReport.case_id, func.count()).where(col(CaseReport.case_id).in_([one.id for one in page]))
    sizes = dict(session.exec(counted.group_by(col(CaseReport.case_id))).all())
    return [(one, sizes.get(one.id, 0)) for one in page]


def members(session: Session, case_id: str) -> Sequence[tuple[CaseReport, str]]:
    """The reports in a case with their references, in the order in which they were added."""
    asked = select(CaseReport, Report.ref).join(Report, col(Report.id) == CaseReport.report_id)
    mine = asked.where(col(CaseReport.case_id) == case_id)
    return session.exec(mine.order_by(col(CaseReport.added_at), col(CaseReport.report_id))).all()


def cases_of(session: Session, report_ids: Collection[str]) -> dict[str, Case]:
    """The cases that reports are in, by report; at most a few hundred reports at a time."""
    asked = select(CaseReport.report_id, Case).join(Case, col(Case.id) == CaseReport.case_id)
    return dict(session.exec(asked.where(col(CaseReport.report_id).in_(report_ids))).all())


def put(session: Session, rows: Sequence[CaseReport]) -> None:
    """Put reports into a case. Fails on the primary key if another transaction put one into another."""
    session.add_all(rows)
    session.flush()


def take(session: Session, case_id: str, report_ids: Collection[str]) -> None:
    """Take reports out of a case."""
    mine = col(CaseReport.case_id) == case_id
    session.exec(delete(CaseReport).where(mine, col(CaseReport.report_id).in_(report_ids)))


def change(session: Session, case_id: str, **values: Any) -> None:
    """Change what a case is called, or whether it is closed."""
    session.exec(update(Case).where(col(Case.id) == case_id).values(**values))

"""Remarks: what members said of entries, at the reports behind them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from hub.store.tables import Entry, Organisation, Remark

SOME = 500


def behind(session: Session, feeds: Collection[str], stix_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """The feed and the report behind each of some objects, as far as these feeds show them."""
    ids, found = sorted(stix_ids), dict[str, tuple[str, str]]()
    for start in range(0, len(ids), SOME):
        asked = sa_select(col(Entry.stix_id), col(Entry.feed), col(Entry.report_id)).where(
            col(Entry.feed).in_(sorted(feeds)),
            col(Entry.stix_id).in_(ids[start : start + SOME]),
            col(Entry.report_id).is_not(None),
        )
        found.update({row[0]: (row[1], str(row[2])) for row in session.connection().execute(asked)})
    return found


def forget(session: Session, organisation_id: str, stix_ids: Collection[str]) -> None:
    """Delete what an organisation's objects said."""
    ids = sorted(stix_ids)
    for start in range(0, len(ids), SOME):
        some = col(Remark.stix_id).in_(ids[start : start + SOME])
        session.exec(delete(Remark).where(col(Remark.organisation_id) == organisation_id, some))


def add(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write remarks: rows of `Remark`."""
    if rows:
        session.connection().execute(insert(Remark), rows)


def listed(
    session: Session, report_id: str, before: tuple[datetime, str] | None, most: int
) -> Sequence[tuple[Remark, str]]:
    """What was said of a report, the newest first, each with the organisation's name."""
    asked = select(Remark, Organisation.name).where(
        col(Remark.report_id) == report_id, col(Organisation.id) == col(Remark.organisation_id)
    )
    if before:
        at, stix_id = before
        earlier = (col(Remark.at) < at) | ((col(Remark.at) == at) & (col(Remark.stix_id) < stix_id))
        asked = asked.where(earlier)
    return session.exec(asked.order_by(col(Remark.at).desc(), col(Remark.stix_id).desc()).limit(most)).all()

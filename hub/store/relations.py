"""Which reports share a value with one, from the search index.

A value that many reports hold relates nothing: it is not followed. So what is looked at grows with the values of one
report, not with the reports that exist.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import column, func, literal, values
from sqlalchemy.orm import aliased
from sqlmodel import Session, String, col, select

from hub.store.tables import Report, SearchCount, SearchRow, SearchTerm

# What relates → the fields of the index in which it occurs: what analysts assert relates as what producers file.
RELATING: Mapping[str, tuple[str, ...]] = {
    "cve": ("vulnerability.cve",),
    "package": ("systems.purl",),
    "technique": ("attack_steps.technique", "triage.attack_steps.technique"),
    "system": ("systems.name",),
    "family": ("triage.family",),
}
RARE = 300  # reports that may hold a value that relates
VALUES = 500  # of a report that are followed, the rarest first
ROWS = 5_000  # looked at for one answer, those of the rarest values first


@dataclass(frozen=True)
class Held:
    """A value of a report, and how many reports hold it in one field."""

    by: str
    value: str
    reports: int


@dataclass(frozen=True)
class Meeting:
    """Another report that holds a value too."""

    report: Report
    held: Held


def is_indexed(session: Session, report_id: str) -> bool:
    """Whether the index has seen a report."""
    return session.exec(select(SearchRow.number).where(col(SearchRow.report_id) == report_id)).first() is not None


def _pairs() -> Sequence[tuple[str, str, str]]:
    return [(by, mine, theirs) for by, fields in RELATING.items() for mine in fields for theirs in fields]


def common(session: Session, report_id: str) -> list[Held]:
    """The values of a report that too many hold, the commonest first; `reports` is the least that hold them."""
    own = _own(report_id)
    asked = select(own.c.by, own.c.value, own.c.reports).where(own.c.reports > RARE)
    found = {row[:2]: Held(*row) for row in session.exec(asked.order_by(own.c.reports, own.c.value))}
    return sorted(found.values(), key=lambda held: (-held.reports, held.by, held.value))  # once, by its widest field


def meetings(session: Session, report_id: str) -> list[Meeting]:
    """Other reports that hold a value of this one, one row a value and report, the rarest values first."""
    found = session.exec(meeting_query(report_id))
    return [Meeting(report, Held(by, value, held)) for report, by, value, held in found]


def meeting_query(report_id: str) -> Any:
    """The one statement: from the rare values of a report, by key, to the others that hold them."""
    own, theirs, other = _own(report_id), aliased(SearchTerm), aliased(SearchRow)
    return (
        select(Report, own.c.by, own.c.value, own.c.reports)
        .select_from(own)
        .join(theirs, (col(theirs.field) == own.c.theirs) & (col(theirs.value) == own.c.value))
        .join(other, col(other.number) == theirs.number)
        .join(Report, col(Report.id) == other.report_id)
        .where(col(theirs.number) != own.c.number, own.c.reports <= RARE)
        .order_by(own.c.reports, own.c.value, col(theirs.number))
        .limit(ROWS)
    )


def _own(report_id: str) -> Any:
    """The relating values of a report, each with how many reports hold it: not counted beyond what is rare."""
    pair = values(column("by", String), column("mine", String), column("theirs", String), name="pair")
    pair_cte = pair.data(list(_pairs())).cte("pair")
    mine, counted = aliased(SearchTerm, name="mine"), aliased(SearchTerm, name="counted")
    # The index keeps counts of codes only; a name is counted here, by key, and no further than it takes to drop it.
    few = (
        select(literal(1).label("one"))
        .where(col(counted.field) == pair_cte.c.theirs, col(counted.value) == mine.value)
        .correlate(pair_cte, mine)
        .limit(RARE + 1)
        .subquery()
    )
    here = select(func.count()).select_from(few).scalar_subquery()
    kept = (col(SearchCount.field) == pair_cte.c.theirs) & (col(SearchCount.value) == mine.value)
    reports = func.coalesce(SearchCount.reports, here).label("reports")
    asked = (
        select(col(mine.number), pair_cte.c.by, pair_cte.c.theirs, col(mine.value), reports)  # type: ignore[call-overload]
        .join(SearchRow, col(SearchRow.number) == mine.number)
        .join(pair_cte, pair_cte.c.mine == mine.field)
        .outerjoin(SearchCount, kept)
        .where(col(SearchRow.report_id) == report_id)
        .order_by(reports, col(mine.value))
    )
    # The limit keeps an optimiser from looking at the others before it knows which values are rare.
    return asked.limit(VALUES).cte("own")

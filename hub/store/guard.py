"""The guard's verdicts on reports before feeds, and what analysts decided about them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert
from sqlmodel import Session, col, select, update

from hub.store.tables import Due, GuardDecision, GuardVerdict, Organisation, Report

SOME = 500
GATE = "guard"
PASSED, HELD, KEPT, CROWDED = "passed", "held", "kept", "crowded"  # states of a verdict
RELEASE, KEEP = "release", "keep"  # decisions


def verdicts(session: Session, feed: str, report_ids: Sequence[str]) -> dict[str, GuardVerdict]:
    """What the guard last said of reports before a feed."""
    found: dict[str, GuardVerdict] = {}
    for start in range(0, len(report_ids), SOME):
        some = col(GuardVerdict.report_id).in_(report_ids[start : start + SOME])
        asked = select(GuardVerdict).where(col(GuardVerdict.feed) == feed, some)
        found.update({row.report_id: row for row in session.exec(asked)})
    return found


def of_report(session: Session, report_id: str) -> dict[str, GuardVerdict]:
    """What the guard last said of a report, by feed."""
    asked = select(GuardVerdict).where(col(GuardVerdict.report_id) == report_id)
    return {row.feed: row for row in session.exec(asked)}


def put(session: Session, rows: Collection[Mapping[str, Any]]) -> None:
    """Write verdicts (rows of `GuardVerdict` before one feed) in the place of those before."""
    many = list(rows)
    for start in range(0, len(many), SOME):
        some = many[start : start + SOME]
        ids = col(GuardVerdict.report_id).in_([row["report_id"] for row in some])
        session.exec(delete(GuardVerdict).where(col(GuardVerdict.feed) == some[0]["feed"], ids))
        session.connection().execute(insert(GuardVerdict), some)


def decisions(session: Session, report_ids: Sequence[str]) -> dict[str, list[GuardDecision]]:
    """What was decided about reports, in order; what waits for a second person too."""
    found: dict[str, list[GuardDecision]] = {}
    for start in range(0, len(report_ids), SOME):
        some = col(GuardDecision.report_id).in_(report_ids[start : start + SOME])
        asked = select(GuardDecision).where(some).order_by(col(GuardDecision.report_id), col(GuardDecision.number))
        for row in session.exec(asked):
            found.setdefault(row.report_id, []).append(row)
    return found


def add_decision(session: Session, made: GuardDecision) -> None:
    """Add a decision, or bring one up to date."""
    session.add(made)
    session.flush()


def stands(verdict: GuardVerdict, report: Report, due: Due | None) -> bool:
    """Whether a verdict is still the last word: nothing that it was given has changed since."""
    if (verdict.revision, verdict.triage) != (report.revision, report.triage):
        return False  # an amendment is queued once it is admitted
    if due is None:
        return verdict.state == PASSED
    return verdict.state != PASSED and due.is_parked and due.gate == GATE


@dataclass(frozen=True)
class Waiting:
    """A report that waits at the guard before a feed."""

    verdict: GuardVerdict
    ref: str
    organisation: str

    @property
    def name(self) -> str:
        """By which a list goes on behind it."""
        return f"{self.verdict.report_id}:{self.verdict.feed}"


def waiting(session: Session, after: tuple[datetime, str] | None, most: int) -> Sequence[Waiting]:
    """What waits at the guard for a decision, the oldest first."""
    asked = (
        select(GuardVerdict, Report.ref, Organisation.name)
        .join(Report, col(Report.id) == GuardVerdict.report_id)
        .join(Organisation, col(Organisation.id) == Report.organisation_id)
        .join(Due, (col(Due.report_id) == GuardVerdict.report_id) & (col(Due.feed) == GuardVerdict.feed))
        .where(col(GuardVerdict.state) == HELD, *_standing())
    )
    key = col(GuardVerdict.report_id) + ":" + col(GuardVerdict.feed)
    if after is not None:
        at, name = after
        asked = asked.where((col(GuardVerdict.since) > at) | ((col(GuardVerdict.since) == at) & (key > name)))
    found = session.exec(asked.order_by(col(GuardVerdict.since), key).limit(most))
    return [Waiting(*row) for row in found]


def held_by(session: Session, feed: str) -> dict[str, int]:
    """How many reports of each organisation are held before a feed, undecided."""
    asked = (
        select(Report.organisation_id, func.count())
        .join(GuardVerdict, col(GuardVerdict.report_id) == Report.id)
        .join(Due, (col(Due.report_id) == GuardVerdict.report_id) & (col(Due.feed) == GuardVerdict.feed))
        .where(col(GuardVerdict.feed) == feed, col(GuardVerdict.state) == HELD, *_standing())
    )
    return dict(session.exec(asked.group_by(col(Report.organisation_id))).all())


def _standing() -> tuple[Any, ...]:
    """That the work is still parked where the verdict left it: nothing of the report changed since."""
    same = col(Report.revision) == col(GuardVerdict.revision), col(Report.triage) == col(GuardVerdict.triage)
    return *same, col(Due.is_parked).is_(True), col(Due.gate) == GATE, col(Report.withdrawn_at).is_(None)


def let_ask(session: Session, feed: str, most: int) -> None:
    """Have crowded reports examined again, as many of an organisation as may be held beside those that are."""
    crowded = (
        select(GuardVerdict.report_id, Report.organisation_id)
        .join(Report, col(Report.id) == GuardVerdict.report_id)
        .where(col(GuardVerdict.feed) == feed, col(GuardVerdict.state) == CROWDED)
        .order_by(col(GuardVerdict.since), col(GuardVerdict.report_id))
    )
    rows = session.exec(crowded).all()
    counts = held_by(session, feed) if rows else {}
    chosen = []
    for report_id, organisation in rows:
        counts[organisation] = counts.get(organisation, 0) + 1
        if counts[organisation] <= most:
            chosen.append(report_id)
    _unpark(session, feed, chosen)


def _unpark(session: Session, feed: str, report_ids: Iterable[str]) -> None:
    ids = list(report_ids)
    for start in range(0, len(ids), SOME):
        of = (col(Due.feed) == feed, col(Due.gate) == GATE, col(Due.report_id).in_(ids[start : start + SOME]))
        session.exec(update(Due).where(*of).values(is_parked=False))

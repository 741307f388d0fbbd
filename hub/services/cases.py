"""The analyst's cases: which reports share something, and which are of one event.

1. Related: by a CVE, package, technique, system name or system family in the search index, rare values first. What is
   sealed and not in the index relates nothing.
2. A report is in one case at most. What a case holds is kept as it was filed; a case changes nothing of it.
3. Cases are for analysts alone: no producer sees one, and nothing of them leaves.
"""

import math
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from feeds.names import RANDOM_BYTES, reference
from hub.errors import Conflict, NotFound
from hub.roles import Act
from hub.store import Session, audit, cases, index, relations, reports
from hub.store.relations import Held
from hub.store.tables import Case, CaseReport, Report
from schemas.errors import Invalid
from schemas.loading import pointer

MOST_RELATED = 50
LARGEST = 1_000  # reports in a case


@dataclass
class Relative:
    """A report that shares something with another, how strongly, and what."""

    report: Report
    case: str | None = None  # reference of the case that it is in
    shares: dict[tuple[str, str], Held] = field(default_factory=dict)

    @property
    def strength(self) -> float:
        """The more values and the rarer they are, the stronger: one value that two reports hold gives about 0.6."""
        return sum(1 / math.log2(1 + max(1, held.reports)) for held in self.shares.values())


@dataclass(frozen=True)
class Relatives:
    """The reports related to one, the strongest first, and the values that are too common to relate."""

    found: Sequence[Relative]
    too_common: Sequence[Held]
    is_indexed: bool


def related(db: Session, name: str) -> Relatives:
    """The reports related to one, by id or reference."""
    report = _report(db, name)
    found: dict[str, Relative] = {}
    for meeting in relations.meetings(db, report.id):
        relative = found.setdefault(meeting.report.id, Relative(meeting.report))
        held = meeting.held
        relative.shares.setdefault((held.by, held.value), held)  # the rarest field of a value comes first
    strongest = sorted(found.values(), key=lambda one: (-one.strength, one.report.ref))[:MOST_RELATED]
    of = cases.cases_of(db, [one.report.id for one in strongest])
    for one in strongest:
        one.case = of[one.report.id].ref if one.report.id in of else None
    return Relatives(strongest, relations.common(db, report.id), relations.is_indexed(db, report.id))


@dataclass(frozen=True)
class Opened:
    """A case with its reports, each with its reference."""

    case: Case
    members: Sequence[tuple[CaseReport, str]]
    changed: Sequence[str] = ()  # reports that came in or went out just now


@dataclass(frozen=True)
class Change:
    """What changes in a case, and why."""

    why: str
    add: Sequence[str] = ()
    remove: Sequence[str] = ()
    title: str | None = None
    is_closed: bool | None = None


def open_case(db: Session, act: Act, title: str, change: Change) -> Opened:
    """Open a case of reports, by id or reference; raises Conflict if one of them is in another."""
    added = _reports(db, "reports", change.add)
    case = Case(
        id=str(uuid4()),
        ref=reference("C", os.urandom(RANDOM_BYTES)),
        title=title,
        opened_by=act.caller.actor,
        opened_at=act.at,
    )
    cases.add(db, case)
    _put(db, act, case, added, change.why)
    ids = [report.id for report in added]
    index.make_stale(db, ids)
    audit.append(db, act.at, act.caller.actor, "case.open", case.id, ref=case.ref, added=ids)
    return _opened(db, case, ids)


def change_case(db: Session, act: Act, name: str, change: Change) -> Opened:
    """Add reports to a case, take some out, rename, close or open it again."""
    case = _case(db, name, is_locked=True)
    is_closed = case.closed_at is not None if change.is_closed is None else change.is_closed
    if is_closed and change.add:
        message = "the case is closed; open it again (closed: false) to add reports"
        raise Conflict(message)
    removed = _members_named(db, case, _reports(db, "remove", change.remove))
    cases.take(db, case.id, removed)
    added = _put(db, act, case, _reports(db, "add", change.add), change.why)
    values = {"closed_at": (case.closed_at or act.at) if is_closed else None, "title": change.title or case.title}
    cases.change(db, case.id, **values)
    index.make_stale(db, [*added, *removed])  # they are found by their case
    said = {"ref": case.ref, "added": added, "removed": removed, "is_closed": is_closed}
    audit.append(db, act.at, act.caller.actor, "case.change", case.id, **said)
    return _opened(db, _case(db, case.id), [*added, *removed])


def _members_named(db: Session, case: Case, named: Sequence[Report]) -> list[str]:
    held = {row.report_id for row, _ in cases.members(db, case.id)}
    for place, report in enumerate(named):
        if report.id not in held:
            raise Invalid.at(pointer("remove", place), "is not in this case")
    return sorted({report.id for report in named})


def _put(db: Session, act: Act, case: Case, added: Collection[Report], why: str) -> list[str]:
    of = cases.cases_of(db, [report.id for report in added])
    for report in added:
        if report.id in of and of[report.id].id != case.id:
            message = f"report {report.ref} is in case {of[report.id].ref}; take it out there first"
            raise Conflict(message)
    fresh = sorted({report.id for report in added} - of.keys())
    if len(fresh) + len(cases.members(db, case.id)) > LARGEST:
        message = f"a case holds at most {LARGEST:,} reports"
        raise Conflict(message)
    by, at = act.caller.actor, act.at
    cases.put(db, [CaseReport(report_id=one, case_id=case.id, added_by=by, added_at=at, why=why) for one in fresh])
    return fresh


def read(db: Session, name: str) -> Opened:
    """A case, by reference or id."""
    return _opened(db, _case(db, name))


def listed(db: Session, before: tuple[datetime, str] | None, most: int) -> Sequence[tuple[Case, int]]:
    """Cases with their sizes, the newest first."""
    return cases.listed(db, before, most)


def _opened(db: Session, case: Case, changed: Sequence[str] = ()) -> Opened:
    return Opened(case, cases.members(db, case.id), changed)


def _case(db: Session, name: str, *, is_locked: bool = False) -> Case:
    case = cases.by_name(db, name, is_locked=is_locked)
    if case is None:
        raise NotFound
    return case


def _report(db: Session, name: str) -> Report:
    report = reports.by_name(db, name)
    if report is None:
        raise NotFound
    return report


def _reports(db: Session, where: str, names: Sequence[str]) -> list[Report]:
    found = []
    for place, name in enumerate(names):
        report = reports.by_name(db, name)
        if report is None:
            raise Invalid.at(pointer(where, place), "is not the id or reference of a report")
        found.append(report)
    return found

"""Writing the search index. All of it can be built again from the others; a crash leaves reports stale, no more."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, text, update
from sqlmodel import Session, col

from hub.equality import Tag
from hub.store import tags, texts
from hub.store.tables import (
    Acceptance,
    Case,
    CaseReport,
    Due,
    Entry,
    Organisation,
    Presence,
    Report,
    Revision,
    SearchCount,
    SearchRow,
    SearchTerm,
    StandingAcceptance,
    Triage,
)

SOME = 500  # keys in one statement


@dataclass
class Material:
    """What the index is made of, of one report."""

    report: Report
    clear: Mapping[str, Any]
    revised_at: datetime
    admitted_at: datetime | None
    fault: str | None
    organisation: str
    asserted: Mapping[str, Any] = field(default_factory=dict)
    case: str | None = None
    waiting: list[str] = field(default_factory=list)  # feed:gate
    released: list[str] = field(default_factory=list)  # feeds
    accepted: list[str] = field(default_factory=list)  # audiences, for this report or all of its organisation
    shown: list[bytes] = field(default_factory=list)  # the live carriers that left as written
    tags: list[Tag] = field(default_factory=list)  # of sealed values


@dataclass(frozen=True)
class Document:
    """A report as the index holds it."""

    report_id: str
    stamp: int
    row: Mapping[str, Any]  # the columns of its search row, but for its number
    values: Mapping[tuple[str, str], str]  # (field, value) → end of its span, or nothing
    text: str


def stale(session: Session, most: int) -> list[str]:
    """Reports that changed since the index saw them, in the order of their filing.

    Their numbers and instants then go side by side; in no order, every report writes pages of its own.
    """
    asked = select(col(Report.id)).where(text("indexed_stamp <> stamp")).order_by(col(Report.filed_at)).limit(most)
    return [row[0] for row in session.connection().execute(asked)]


def make_stale(session: Session, report_ids: Collection[str]) -> None:
    """Have reports looked at again although no gate of theirs changed: what feeds show of them did."""
    ids = sorted(report_ids)
    for start in range(0, len(ids), SOME):
        some = (col(Report.id).in_(ids[start : start + SOME]), col(Report.erased_at).is_(None))
        session.connection().execute(update(Report).where(*some).values(indexed_stamp=-1))


def material(session: Session, report_ids: Sequence[str]) -> list[Material]:
    """What the index is made of, for some reports, in a fixed number of queries; locks them.

    Whoever changes one of them meanwhile waits, or what they mark stale would be taken for seen; and two who index one
    report would each count its old values away.
    """
    ids = col(Report.id).in_(report_ids)
    session.connection().execute(select(col(Report.id)).where(ids).order_by(col(Report.id)).with_for_update())
    asked = (
        select(Report, Revision.clear, Revision.filed_at, Revision.admitted_at, Revision.fault, Organisation.name)  # type: ignore[call-overload]
        .join(Revision, (col(Revision.report_id) == Report.id) & (col(Revision.revision) == Report.revision))
        .join(Organisation, col(Organisation.id) == Report.organisation_id)
        .where(ids)
        .execution_options(populate_existing=True)  # the lock may have waited for another writer
    )
    found = {row[0].id: Material(*row) for row in session.execute(asked)}
    _add_overlays(session, found)
    _add_ways(session, found)
    for report_id, tag in tags.of(session, list(found)):
        found[report_id].tags.append(tag)
    return list(found.values())


def _rows(session: Session, asked: Any) -> Iterable[Any]:
    return session.connection().execute(asked)


def _add_overlays(session: Session, found: Mapping[str, Material]) -> None:
    triaged = [one for one, known in found.items() if known.report.triage]
    current = (col(Triage.report_id) == Report.id) & (col(Triage.number) == Report.triage)
    asked = select(Triage.report_id, Triage.asserted).join(Report, current).where(col(Triage.report_id).in_(triaged))  # type: ignore[call-overload]
    for report_id, asserted in _rows(session, asked) if triaged else ():
        found[report_id].asserted = asserted
    joined = select(CaseReport.report_id, Case.ref).join(Case, col(Case.id) == CaseReport.case_id)  # type: ignore[call-overload]
    for report_id, ref in _rows(session, joined.where(col(CaseReport.report_id).in_(list(found)))):
        found[report_id].case = ref


def _add_ways(session: Session, found: Mapping[str, Material]) -> None:
    ids = list(found)
    waits = select(Due.report_id, Due.feed, Due.gate).where(col(Due.report_id).in_(ids), col(Due.gate).is_not(None))  # type: ignore[call-overload]
    for report_id, feed, gate in _rows(session, waits):
        found[report_id].waiting.append(f"{feed}:{gate}")
    written = select(Acceptance.report_id, Acceptance.audience).where(  # type: ignore[call-overload]
        col(Acceptance.report_id).in_(ids), col(Acceptance.subject) == "written"
    )
    standing = (
        select(Report.id, StandingAcceptance.audience)  # type: ignore[call-overload]
        .join(StandingAcceptance, col(StandingAcceptance.organisation_id) == Report.organisation_id)
        .where(col(Report.id).in_(ids))
    )
    for report_id, audience in (*_rows(session, written), *_rows(session, standing)):
        found[report_id].accepted.append(audience)
    _add_shown(session, found)


def _add_shown(session: Session, found: Mapping[str, Material]) -> None:
    ids = list(found)
    is_live = (col(Presence.report_id).in_(ids), col(Presence.ended_at).is_(None))
    present = select(Presence.report_id, Presence.feed, Presence.mode).where(*is_live)  # type: ignore[call-overload]
    written: dict[str, set[str]] = {}
    for report_id, feed, mode in _rows(session, present):
        found[report_id].released.append(feed)
        if mode == "written":
            written.setdefault(feed, set()).add(report_id)
    for feed, some in written.items():
        live = (col(Entry.kind) == "report", col(Entry.is_last).is_(True), col(Entry.is_revoked).is_(False))
        carriers = select(Entry.report_id, Entry.content).where(  # type: ignore[call-overload]
            col(Entry.feed) == feed, col(Entry.report_id).in_(some), *live
        )
        for report_id, content in _rows(session, carriers):
            found[report_id].shown.append(content)


def put(session: Session, documents: Sequence[Document], counted: Collection[str]) -> None:
    """Replace what the index holds of some reports; `counted` are the fields whose values are counted."""
    if not documents:
        return
    numbers, old = _numbers(session, documents)
    connection = session.connection()
    change = Counter(pair for one in documents for pair in one.values if pair[0] in counted)
    change.subtract(_forget(session, old, counted))
    _count(session, change)
    rows = [{**one.row, "report_id": one.report_id, "number": numbers[one.report_id]} for one in documents]
    connection.execute(insert(SearchRow), rows)
    _put_terms(
        session,
        sorted((*pair, numbers[one.report_id], end) for one in documents for pair, end in one.values.items()),
    )
    texts.put(session, {numbers[one.report_id]: one.text for one in documents}, old)
    # A change since it was read leaves another stamp, and the report stale.
    seen = update(Report).where(col(Report.id) == bindparam("of")).values(indexed_stamp=bindparam("seen"))
    connection.execute(seen, [{"of": one.report_id, "seen": one.stamp} for one in documents])


def take_out(session: Session, report_ids: Collection[str], counted: Collection[str]) -> None:
    """Take out reports that cannot be indexed, until they change: what is there of them may have been taken back."""
    asked = select(col(SearchRow.number)).where(col(SearchRow.report_id).in_(report_ids))
    old = sorted(session.connection().execute(asked).scalars())
    change: Counter[tuple[str, str]] = Counter()
    change.subtract(_forget(session, old, counted))
    _count(session, change)
    texts.put(session, dict.fromkeys(old, ""), old)
    some = col(Report.id).in_(report_ids)
    session.connection().execute(update(Report).where(some).values(indexed_stamp=col(Report.stamp)))


def _put_terms(session: Session, terms: Sequence[tuple[str, str, int, str]]) -> None:
    """Write terms in the order of their keys: much the fastest, for a page of the table is touched once."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO search_term (field, value, number, upto) VALUES (?, ?, ?, ?)", terms)
        return
    columns = dict(zip(("fields", "contents", "numbers", "ends"), map(list, zip(*terms, strict=True)), strict=True))
    connection.exec_driver_sql(PUT_TERMS, columns)


PUT_TERMS = (
    "INSERT INTO search_term (field, value, number, upto) SELECT * FROM unnest("
    "%(fields)s::text[], %(contents)s::text[], %(numbers)s::bigint[], %(ends)s::text[])"
)


def _numbers(session: Session, documents: Sequence[Document]) -> tuple[dict[str, int], list[int]]:
    """The number of each report, new ones behind all others; and which of the numbers the index holds already."""
    ids = [one.report_id for one in documents]
    asked = select(SearchRow.report_id, SearchRow.number).where(col(SearchRow.report_id).in_(ids))  # type: ignore[call-overload]
    known: dict[str, int] = {row.report_id: row.number for row in _rows(session, asked)}
    last = session.connection().execute(select(func.max(col(SearchRow.number)))).scalar() or 0
    fresh = sorted((one.row["filed_at"], one.report_id) for one in documents if one.report_id not in known)
    new = {report_id: last + place for place, (_, report_id) in enumerate(fresh, start=1)}
    return {**known, **new}, sorted(known.values())


def _forget(session: Session, numbers: Sequence[int], counted: Collection[str]) -> list[tuple[str, str]]:
    """Take rows out of the index; the counted values that they held."""
    if not numbers:
        return []
    connection, names = session.connection(), sorted(counted)
    asked = select(SearchTerm.field, SearchTerm.value).where(  # type: ignore[call-overload]
        col(SearchTerm.number).in_(numbers), col(SearchTerm.field).in_(names)
    )
    held = [(name, value) for name, value in connection.execute(asked)]
    connection.execute(delete(SearchTerm).where(col(SearchTerm.number).in_(numbers)))
    connection.execute(delete(SearchRow).where(col(SearchRow.number).in_(numbers)))
    return held


def _count(session: Session, change: Mapping[tuple[str, str], int]) -> None:
    """Bring the counts by value up to date, in the order of their keys, so that two writers never wait in a ring."""
    moved = [(name, value, by) for (name, value), by in sorted(change.items()) if by]
    rows = [{"field": name, "value": value, "by": by} for name, value, by in moved]
    if rows:
        session.connection().execute(text(COUNT), rows)
    if fewer := [{"lost": name, "named": value} for name, value, by in moved if by < 0]:
        # A value that no report holds any more was taken back: not even its name stays.
        session.connection().execute(NONE_LEFT, fewer)


NONE_LEFT = delete(SearchCount).where(
    col(SearchCount.field) == bindparam("lost"),
    col(SearchCount.value) == bindparam("named"),
    col(SearchCount.reports) == 0,
)
COUNT = (
    "INSERT INTO search_count (field, value, reports) VALUES (:field, :value, :by) "
    "ON CONFLICT (field, value) DO UPDATE SET reports = search_count.reports + excluded.reports"
)

"""The developer: file, amend, withdraw, and read what one filed.

1. Seals and never opens: of a sealed field its producer reads only that it is sealed.
2. A report is sealed before its transaction begins, so that nobody waits to write meanwhile; one that proves to be
   filed already was sealed in vain. An upsert, most of which are known, looks first.
3. A filing can always be repeated safely: by Idempotency-Key, or by client_ref. The same key with another body is
   refused; the same client_ref with another body too, unless it is an upsert.
4. An amendment replaces whole top-level fields and names the revision that it amends.
5. Everything of one call is written in one transaction: a crash leaves all of it or none.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from feeds.names import RANDOM_BYTES, reference
from hub.amending import Content, amended
from hub.errors import Conflict, HubError, NotFound, PreconditionFailed, Replayed
from hub.recording import record
from hub.report_view import JustWritten, View, columns, show, show_written
from hub.roles import Act, Caller, Capability
from hub.seal import Place
from hub.sealing import Sealer
from hub.store import Session, audit, feeds, reports
from hub.store.rows import Rows
from hub.store.tables import Replay, Report, Revision
from hub.visibility import named, own, visible
from schemas.anatomy import divide, present
from schemas.completeness import completeness

KEPT = timedelta(days=30)  # an Idempotency-Key and its answer


@dataclass(frozen=True)
class New:
    """A report that was sealed and is not written yet."""

    facts: Mapping[str, Any]  # its row, but for the reference, which is drawn when it is written
    beside: Rows  # what belongs to it
    written: JustWritten


@dataclass(frozen=True)
class Filing:
    """A checked report on its way in, with the keys that make filing it twice harmless."""

    report: dict[str, Any]
    code: bytes  # keyed hash of the body as sent
    idempotency_key: str | None = None
    is_upsert: bool = False
    is_import: bool = False
    new: New | None = None  # sealed ahead of the transaction, if it was

    @property
    def client_ref(self) -> str | None:
        """The filer's own tracker id."""
        return self.report.get("client_ref")


@dataclass(frozen=True)
class Filed:
    """What a filing came to: the report as its producer sees it, and whether it is new."""

    view: View
    is_new: bool
    has_changed: bool = False  # an upsert amended it


def check(report: Mapping[str, Any]) -> dict[str, Any]:
    """What a checked report would still lack, without filing it."""
    return completeness(report["report_type"], present(report))


def seal_ahead(sealer: Sealer, act: Act, filing: Filing) -> Filing:
    """The same filing, sealed as a new report before its transaction begins."""
    return filing if filing.is_upsert else replace(filing, new=_sealed(sealer, act, filing))


def file_report(db: Session, sealer: Sealer, act: Act, filing: Filing) -> Filed:
    """File a report, or recognise one that was filed; raises Replayed or Conflict."""
    owner, ref = act.caller.organisation_id, filing.client_ref
    if filing.idempotency_key and (kept := reports.replay(db, owner, filing.idempotency_key)):
        if kept.code != filing.code:
            message = "use a new Idempotency-Key for another body, or send the body that this key was used with"
            raise Replayed(message)
        answer = kept.answer
        return Filed(_view(db, named(db, kept.report_id), answer["revision"], answer["state"]), answer["is_new"])
    known = reports.by_client_ref(db, owner, ref) if ref and filing.is_upsert else None
    while known is None:
        rows = Rows()
        filed = _file_new(rows, sealer, act, filing)
        if rows.insert_new(db):
            return filed
        known = reports.by_client_ref(db, owner, ref or "")
    rows = Rows()
    filed = _file_again(db, sealer, act, filing, known)
    _keep_answer(rows, act, filing, filed)
    rows.insert(db)
    return filed


def _keep_answer(rows: Rows, act: Act, filing: Filing, filed: Filed) -> None:
    if filing.idempotency_key:
        answer = {"revision": filed.view.revision.revision, "state": filed.view.state, "is_new": filed.is_new}
        of = {"organisation_id": act.caller.organisation_id, "key": filing.idempotency_key, "code": filing.code}
        rows.add(Replay, {**of, "report_id": filed.view.id, "answer": answer, "created_at": act.at})


def file_many(db: Session, sealer: Sealer, act: Act, filings: Sequence[Filing]) -> list[Filed | HubError]:
    """File reports, each for itself: what became of each, a refusal among them; a refusal writes nothing.

    When all are new, as most are, they are written table by table.
    """
    if _are_new(db, act, filings):
        rows = Rows()
        found = [_file_new(rows, sealer, act, filing) for filing in filings]
        rows.insert(db)
        return [*found]
    return [_file_or_refuse(db, sealer, act, filing) for filing in filings]


def _are_new(db: Session, act: Act, filings: Sequence[Filing]) -> bool:
    keys = [filing.idempotency_key for filing in filings if filing.idempotency_key]
    refs = [filing.client_ref for filing in filings if filing.client_ref]
    are_different = len(set(keys)) == len(keys) and len(set(refs)) == len(refs)
    return are_different and reports.unused(db, act.caller.organisation_id, keys, refs)


def _file_or_refuse(db: Session, sealer: Sealer, act: Act, filing: Filing) -> Filed | HubError:
    try:
        return file_report(db, sealer, act, filing)
    except (Replayed, Conflict, PreconditionFailed) as refusal:  # raised before anything is written
        return refusal


def _sealed(sealer: Sealer, act: Act, filing: Filing) -> New:
    divided = divide(filing.report)
    facts: dict[str, Any] = {
        "id": str(uuid4()),
        "organisation_id": act.caller.organisation_id,
        "client_ref": filing.client_ref,
        "revision": 1,
        "is_import": filing.is_import,
        "filed_at": act.at,
        "filed_code": filing.code,
        "upserted_code": filing.code,
        **columns(divided.clear),
    }
    place, beside = Place(sealer.ground.deployment, act.caller.organisation_id, facts["id"], 1), Rows()
    written = record(beside, sealer, act, place, Content(divided))
    return New(facts, beside, written)


def _file_new(rows: Rows, sealer: Sealer, act: Act, filing: Filing) -> Filed:
    new = filing.new or _sealed(sealer, act, filing)
    ref = reference("R", os.urandom(RANDOM_BYTES))  # drawn anew if the transaction runs again: it may have been taken
    rows.add(Report, {**new.facts, "ref": ref})
    rows.taken += new.beside.taken
    filed = Filed(show_written(new.facts["id"], ref, new.written, act.at), is_new=True)
    _keep_answer(rows, act, filing, filed)
    return filed


def _file_again(db: Session, sealer: Sealer, act: Act, filing: Filing, known: Report) -> Filed:
    if known.is_import != filing.is_import:
        message = "client_ref belongs to a public record, which only its importer amends"
        raise Conflict(message)
    # An upsert of the first body after another one is an amendment back to it; a plain filing of it is a retry.
    if filing.code == known.upserted_code or (filing.code == known.filed_code and not filing.is_upsert):
        return Filed(_view(db, known), is_new=False)
    if known.withdrawn_at is not None or not filing.is_upsert:
        remedy = "amend it with PATCH, or file with ?upsert=true"
        reason = "and is withdrawn" if known.withdrawn_at else f"with another body; {remedy}"
        message = f"client_ref was used for report {known.id} ({known.ref}) {reason}"
        raise Conflict(message)
    view = _revise(db, sealer, act, known, Content(divide(filing.report), filing.code))
    return Filed(view, is_new=False, has_changed=True)


@dataclass(frozen=True)
class Amendment:
    """A JSON Merge Patch of top-level fields, and the revision that it amends."""

    patch: Mapping[str, Any]
    was: int | None  # None: whatever is current


def amend(db: Session, sealer: Sealer, act: Act, report_id: str, amendment: Amendment) -> View:
    """Replace whole top-level fields of a report; raises PreconditionFailed if another revision is current."""
    report = own(db, act.caller, report_id)
    if report.withdrawn_at is not None or report.is_import:
        message = "the report is withdrawn; file a new one" if report.withdrawn_at else "import the record again"
        raise Conflict(message)
    if amendment.was not in {None, report.revision}:
        message = f"the report is at revision {report.revision}; read it again and amend that"
        raise PreconditionFailed(message)
    before = _revision(db, report)
    place = Place(sealer.ground.deployment, report.organisation_id, report.id, report.revision)
    content = amended(sealer, place, before, amendment.patch)
    return _revise(db, sealer, act, report, content)


def _revise(db: Session, sealer: Sealer, act: Act, report: Report, content: Content) -> View:
    place = Place(sealer.ground.deployment, report.organisation_id, report.id, report.revision + 1)
    facts = {**columns(content.divided.clear), "revision": place.revision}
    if content.upserted_code is not None:
        facts["upserted_code"] = content.upserted_code
    if not reports.change(db, report.id, report.revision, **facts):
        message = "the report was amended meanwhile; read it again and amend that"
        raise PreconditionFailed(message)
    rows = Rows()
    written = record(rows, sealer, act, place, content)
    rows.insert(db)
    return show_written(report.id, report.ref, written, report.filed_at)


def withdraw(db: Session, act: Act, report_id: str) -> View:
    """Take a report back: nothing of it leaves any more, and what left is recalled at once."""
    report = own(db, act.caller, report_id)
    if report.withdrawn_at is None:
        if not reports.change(db, report.id, report.revision, withdrawn_at=act.at):
            message = "the report was amended meanwhile; withdraw it again"
            raise Conflict(message)
        report.withdrawn_at = act.at
        feeds.queue(db, [report.id], feeds.feeds_holding(db, report.id), act.at)
        audit.append(db, act.at, act.caller.actor, "report.withdraw", report.id)
    return _view(db, report)


def has_old_replays(db: Session, now: datetime) -> bool:
    """Whether answers to Idempotency-Keys are older than the hub promises to keep them."""
    return reports.has_replays(db, now - KEPT)


def forget_replays(db: Session, now: datetime) -> None:
    """Delete the answers to Idempotency-Keys that are older than the hub promises to keep them."""
    reports.forget_replays(db, now - KEPT)


def read(db: Session, caller: Caller, report_id: str) -> View:
    """One report; its receipt is shown to its producer alone."""
    report = visible(db, caller, report_id)
    view = _view(db, report)
    return view if report.organisation_id == caller.organisation_id else view.without_receipt()


def read_list(db: Session, caller: Caller, before: tuple[datetime, str] | None, most: int) -> list[View]:
    """A producer's own reports, or an analyst's all, the newest first."""
    everyone = caller.may(Capability.REPORT_READ)
    rows = reports.listed(db, organisation_id=None if everyone else caller.organisation_id, before=before, most=most)
    return [show(report, revision, None) for report, revision in rows]


def read_some(db: Session, caller: Caller, report_ids: Sequence[str]) -> list[View]:
    """Reports in this order, as far as the caller may see them."""
    everyone = caller.may(Capability.REPORT_READ)
    rows = {report.id: (report, revision) for report, revision in reports.current(db, report_ids)}
    shown = [rows[one] for one in report_ids if one in rows]
    return [
        show(report, revision, None)
        for report, revision in shown
        if everyone or report.organisation_id == caller.organisation_id
    ]


def _revision(db: Session, report: Report, number: int | None = None) -> Revision:
    revision = reports.revision(db, report.id, number or report.revision)
    if revision is None:
        raise NotFound
    return revision


def _view(db: Session, report: Report, number: int | None = None, state: str | None = None) -> View:
    revision = _revision(db, report, number)
    view = show(report, revision, reports.receipt(db, report.id, revision.revision))
    return view if state is None else view.at_state(state)

"""/api/v1/reports: the developer files, amends, withdraws and reads; the analyst reads and accepts."""

import json
from collections.abc import Iterator
from typing import Any

import orjson
from flask import Response, stream_with_context

from feeds.feed import REPORTS
from hub.errors import BadRequest, HubError, NotFound, Unkeyed
from hub.roles import Capability
from hub.services import analysis, indexing, intake
from hub.services.intake import Amendment, Filed, Filing
from hub.web import answers_doc, bodies, preconditions, problems, shown
from hub.web.api import Blueprint
from hub.web.policy import act, caller, needs, the_hub
from schemas import answers, requests
from schemas.errors import Invalid, Unreadable
from schemas.loading import load, parse
from schemas.report import FILED

reports = Blueprint("reports", __name__, url_prefix="/api/v1/reports", description="Reports")
UNKEYED = (
    "a filing needs a key, so that sending it twice files it once: "
    "add the header `Idempotency-Key: <any unique text>`, "
    'or the line "client_ref": "<your own tracker id>" to the body'
)
KEY_SIZE = 200
TOGETHER = 200  # lines of a batch in one transaction: few syncs, and nobody else waits long to write


@reports.route("", methods=["POST"])
@needs(Capability.REPORT_WRITE)
@reports.doc(requestBody=answers_doc.REPORT_BODY)
@reports.arguments(requests.FilingQuery(), location="query")
@reports.arguments(requests.FilingHeaders(), location="headers")
@reports.response(201, answers.Filed, headers=answers_doc.CREATED)
@reports.alt_response(
    200,
    schema={"oneOf": [answers.Filed, answers.Checked]},
    description="Filed before, amended by an upsert, or a dry run",
    headers=answers_doc.CREATED,
)
def file(query: dict[str, Any], headers: dict[str, str]) -> Response:
    """File a report."""
    if query["dry_run"]:
        return _json({"completeness": intake.check(load(FILED, bodies.document()))})
    filed = _file(bodies.document(), _key(headers), is_upsert=query["upsert"])
    body = shown.filed(filed.view)
    answer = _json(body, 201 if filed.is_new else 200)
    answer.headers["Location"] = body["links"]["self"]
    answer.set_etag(shown.etag(filed.view))
    return answer


def _key(headers: dict[str, str]) -> str | None:
    key = headers.get("idempotency_key", "").strip().strip('"')
    if len(key) > KEY_SIZE or not key.isascii() or not key.isprintable():
        message = f"Idempotency-Key: at most {KEY_SIZE} printable ASCII characters"
        raise BadRequest(message)
    return key or None


def _file(document: Any, key: str | None, *, is_upsert: bool) -> Filed:
    hub, by = the_hub(), act()
    filing = intake.seal_ahead(hub.sealer, by, _filing(document, key, is_upsert=is_upsert))
    return hub.store.write(lambda db: intake.file_report(db, hub.sealer, by, filing))


def _filing(document: Any, key: str | None, *, is_upsert: bool) -> Filing:
    report = load(FILED, document)
    if key is None and "client_ref" not in report:
        raise Unkeyed(UNKEYED)
    return Filing(report, the_hub().sealer.keys.replay_code(document), key, is_upsert=is_upsert)


@reports.route("/batch", methods=["POST"])
@needs(Capability.REPORT_WRITE)
@reports.doc(requestBody=answers_doc.BATCH_BODY)
@reports.arguments(requests.FilingQuery(), location="query")
@reports.arguments(requests.FilingHeaders(), location="headers")
@reports.response(200, description="One result a line, in order", content_type="application/x-ndjson")
def batch(query: dict[str, Any], headers: dict[str, str]) -> Response:
    """File many reports, one JSON object a line; each stands for itself, and its result says what became of it."""
    results = _batch(bodies.lines(), _key(headers), query)
    return Response(stream_with_context(results), 200, content_type="application/x-ndjson")


def _batch(lines: list[bytes], key: str | None, query: dict[str, Any]) -> Iterator[bytes]:
    some: list[tuple[int, bytes]] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            some.append((number, line))
        if len(some) == TOGETHER or (some and number == len(lines)):
            yield from _together(some, key, query)
            some = []


def _together(lines: list[tuple[int, bytes]], key: str | None, query: dict[str, Any]) -> Iterator[bytes]:
    """What became of some lines, told once their transaction is committed."""
    results: dict[int, dict[str, Any]] = {}
    filings: dict[int, Filing] = {}
    for number, line in lines:
        try:
            read = _line(line, key, query)
        except (HubError, Invalid) as wrong:
            results[number] = problems.describe(wrong)
            continue
        if isinstance(read, Filing):
            filings[number] = read
        else:
            results[number] = read
    if filings:
        results.update(_write(filings))
    for number, _ in lines:
        yield orjson.dumps({"line": number, **results[number]}) + b"\n"


def _write(filings: dict[int, Filing]) -> dict[int, dict[str, Any]]:
    """File lines in one transaction. If it fails, each line says so: what was told before them stays filed."""
    hub, by = the_hub(), act()
    try:
        sealed = [intake.seal_ahead(hub.sealer, by, filing) for filing in filings.values()]
        filed = hub.store.write(lambda db: intake.file_many(db, hub.sealer, by, sealed))
    except HubError as wrong:
        told = problems.describe(wrong)
        return {number: {**told, "detail": f"not filed: {told['detail']}"} for number in filings}
    return {number: _result(one) for number, one in zip(filings, filed, strict=True)}


def _line(line: bytes, key: str | None, query: dict[str, Any]) -> Filing | dict[str, Any]:
    """The filing that a line asks for, or the answer to a dry run."""
    document = parse(line, bodies.ONE)
    if query["dry_run"]:
        return {"status": 200, "completeness": intake.check(load(FILED, document))}
    # The line completes the key, so that a batch sent again, in whatever order, files nothing twice.
    own = key and f"{key}#{the_hub().sealer.keys.replay_code(document).hex()[:32]}"
    return _filing(document, own, is_upsert=query["upsert"])


def _result(filed: Filed | HubError) -> dict[str, Any]:
    if isinstance(filed, HubError):
        return problems.describe(filed)
    return {"status": 201 if filed.is_new else 200, **shown.filed(filed.view)}


@reports.route("", methods=["GET"])
@needs(Capability.REPORT_WRITE, Capability.REPORT_READ)
@reports.arguments(requests.ListQuery(), location="query")
@reports.response(200, answers.ReportList)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """Your own reports, the newest first; an analyst sees all."""
    hub, most = the_hub(), query["limit"]
    with hub.store.reading() as db:
        views = intake.read_list(db, caller(), shown.position(query.get("next")), most + 1)
    more = shown.cursor(views[most - 1].filed_at, views[most - 1].id) if len(views) > most else None
    return {"items": [shown.read(view) for view in views[:most]], "next": more}


@reports.route("/<report_id>", methods=["GET"])
@needs(Capability.REPORT_WRITE, Capability.REPORT_READ)
@reports.response(200, answers.ReportRead, headers=answers_doc.TAGGED)
def read(report_id: str) -> Response:
    """One report, by id or reference: its clear fields, and which others are sealed."""
    hub = the_hub()
    with hub.store.reading() as db:
        view = intake.read(db, caller(), report_id)
    answer = _json(shown.read(view))
    answer.set_etag(shown.etag(view))
    return answer


@reports.route("/<report_id>/receipt", methods=["GET"])
@needs(Capability.REPORT_WRITE)
@reports.response(200, answers.FullReceipt)
def receipt(report_id: str) -> dict[str, Any]:
    """The receipt of the current revision, with all that it takes to check it without the hub."""
    hub = the_hub()
    with hub.store.reading() as db:
        view = intake.read(db, caller(), report_id)
    if view.receipt is None:  # shown to its producer alone
        raise NotFound
    return shown.full_receipt(view, hub.sealer.keys.signer.public_key)


@reports.route("/<report_id>", methods=["PATCH"])
@needs(Capability.REPORT_WRITE)
@reports.doc(requestBody=answers_doc.PATCH_BODY)
@reports.arguments(requests.AmendingHeaders(), location="headers")
@reports.response(200, answers.Filed, headers=answers_doc.TAGGED)
def amend(headers: dict[str, str], report_id: str) -> Response:
    """Amend a report by JSON Merge Patch; each top-level field is replaced whole, `null` removes it."""
    del headers  # named for the documentation; werkzeug reads If-Match as the standard says
    hub = the_hub()
    patch = bodies.document("application/merge-patch+json", "application/json")
    if not isinstance(patch, dict):
        raise Unreadable.at("", "must be an object with the fields to replace")
    named = preconditions.named(preconditions.REVISION)
    amendment = Amendment(patch, named[0] if named else None)
    view = hub.store.write(lambda db: intake.amend(db, hub.sealer, act(), report_id, amendment))
    answer = _json(shown.filed(view))
    answer.set_etag(shown.etag(view))
    return answer


@reports.route("/<report_id>/withdraw", methods=["POST"])
@needs(Capability.REPORT_WRITE)
@reports.response(200, answers.Filed)
def withdraw(report_id: str) -> dict[str, Any]:
    """Withdraw a report: nothing of it leaves any more, and what left is recalled."""
    return shown.filed(the_hub().store.write(lambda db: intake.withdraw(db, act(), report_id)))


@reports.route("/<report>/accept", methods=["POST"])
@needs(Capability.RELEASE_APPROVE)
@reports.arguments(requests.AcceptReport())
@reports.arguments(requests.AmendingHeaders(), location="headers")
@reports.response(200, answers.Accepted)
def accept(body: dict[str, str], headers: dict[str, str], report: str) -> dict[str, str]:
    """Accept a report (by id or reference) as written for an audience, or approve its text for release.

    Text is approved as it was read: `If-Match` is the ETag of `/release-text`, or of the report if nobody edited it.
    """
    is_text = body["subject"] == analysis.FOR_RELEASE
    read = preconditions.named(preconditions.TEXT) if is_text or "if_match" in headers else None
    if is_text and read is None:
        message = "If-Match: name the revision whose text you read, not *"
        raise BadRequest(message)
    hub, word = the_hub(), analysis.Word(body["audience"], body["subject"], *(read or ()))
    carrying = [feed.name for feed in hub.feeds() if REPORTS in feed.carries]

    def work(db: Any) -> str:
        found = analysis.accept_report(db, act(), report, word, carrying)
        indexing.refresh(db, [found.id])
        return found.id

    return {"id": hub.store.write(work), **body}


def _json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, content_type="application/json")

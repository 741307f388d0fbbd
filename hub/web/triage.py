"""/api/v1/reports/{id}: triage, hold and text for release: what analysts say beside a producer's words."""

import json
from typing import Any

from flask import Response

from hub.errors import BadRequest
from hub.roles import Capability
from hub.services import indexing
from hub.services import triage as desk
from hub.services.triage import Change, Overlay, ReleaseWords, Wording
from hub.web import answers_doc, preconditions, shown
from hub.web.api import Blueprint
from hub.web.policy import act, caller, needs, the_hub
from schemas import instant, requests, triage_answers, triage_requests

triage = Blueprint("triage", __name__, url_prefix="/api/v1/reports", description="What analysts say of a report")


@triage.route("/<report>/triage", methods=["GET"])
@needs(Capability.REPORT_READ)
@triage.arguments(triage_requests.HistoryQuery(), location="query")
@triage.response(200, triage_answers.OverlayRead, headers=answers_doc.TAGGED)
def read(query: dict[str, Any], report: str) -> Response:
    """What analysts assert of a report (by id or reference), and how that came about, the newest first."""
    most, before = query["limit"], query.get("next")
    with the_hub().store.reading() as db:
        found = desk.read(db, report)
        past = desk.history(db, found, int(before) if before else None, most)
    items = [
        {"number": row.number, "at": shown.instant(row.at), "actor": row.actor, "why": row.why, "changed": changed}
        for row, changed in past
    ]
    last = past[-1][0].number if len(past) == most else 1
    return _tagged({**_overlay(found), "items": items, "next": str(last) if last > 1 else None}, f"t{found.number}")


def _overlay(found: Overlay) -> dict[str, Any]:
    return {
        "id": found.report.id,
        "ref": found.report.ref,
        "number": found.number,
        "asserted": found.asserted,
        "hold": _held(found.hold) if found.hold else None,
    }


@triage.route("/<report>/triage", methods=["PATCH"])
@needs(Capability.RELEASE_APPROVE)
@triage.arguments(triage_requests.Assert())
@triage.arguments(requests.AmendingHeaders(), location="headers")
@triage.response(200, triage_answers.Overlay, headers=answers_doc.TAGGED)
def assert_overlay(body: dict[str, Any], headers: dict[str, str], report: str) -> Response:
    """Assert, beside its producer's words, each field whole; `null` takes an assertion back."""
    del headers  # named for the documentation; werkzeug reads If-Match as the standard says
    named, hub = preconditions.named(preconditions.OVERLAY), the_hub()
    change = Change(body["asserted"], body["why"], named[0] if named else None)

    def work(db: Any) -> Overlay:
        made = desk.assert_overlay(db, act(), report, change, hub.feeds())
        indexing.refresh(db, [made.report.id])  # in the same transaction: what is asserted is found at once
        return made

    made = hub.store.write(work)
    return _tagged(_overlay(made), f"t{made.number}")


@triage.route("/<report>/hold", methods=["POST"])
@needs(Capability.RELEASE_APPROVE)
@triage.arguments(triage_requests.PlaceHold())
@triage.response(200, triage_answers.Held)
def hold(body: dict[str, str], report: str) -> dict[str, Any]:
    """Hold a report until an instant: nothing of it leaves, and what left is recalled."""
    hub, placed = the_hub(), (body["reason"], instant.read(body["expires_at"]).at)

    def work(db: Any) -> Any:
        row = desk.hold(db, act(), report, placed, hub.feeds())
        indexing.refresh(db, [row.report_id])
        return row

    return _held(hub.store.write(work))


@triage.route("/<report>/hold", methods=["DELETE"])
@needs(Capability.RELEASE_APPROVE)
@triage.response(200, triage_answers.Lifted)
def lift(report: str) -> dict[str, str]:
    """Lift an analyst's hold before it expires."""
    hub = the_hub()

    def work(db: Any) -> str:
        found = desk.lift(db, act(), report, hub.feeds())
        indexing.refresh(db, [found.id])
        return found.id

    return {"id": hub.store.write(work)}


def _held(row: Any) -> dict[str, Any]:
    return {
        "id": row.report_id,
        "reason": row.reason,
        "placed_by": row.placed_by,
        "placed_at": shown.instant(row.placed_at),
        "expires_at": shown.instant(row.expires_at),
    }


@triage.route("/<report>/release-text", methods=["GET"])
@needs(Capability.REPORT_WRITE, Capability.REPORT_READ)
@triage.response(200, triage_answers.ReleaseText, headers=answers_doc.TAGGED)
def release_text(report: str) -> Response:
    """The text for release in effect, whose it is, and how it differs from the producer's own."""
    with the_hub().store.reading() as db:
        return _text(desk.read_text(db, caller(), report))


@triage.route("/<report>/release-text", methods=["PUT"])
@needs(Capability.RELEASE_APPROVE)
@triage.arguments(triage_requests.WriteText())
@triage.arguments(requests.AmendingHeaders(), location="headers")
@triage.response(200, triage_answers.ReleaseText, headers=answers_doc.TAGGED)
def write_text(body: dict[str, str], headers: dict[str, str], report: str) -> Response:
    """Write text for release over the producer's, whole; without any text, the hub's own is taken back."""
    del headers
    named, hub, why = preconditions.named(preconditions.TEXT), the_hub(), body.pop("why")
    if body.keys() == {"language"}:
        message = "language: says nothing without a title, a summary or advice"
        raise BadRequest(message)
    wording = Wording(body, why, named)
    return _text(hub.store.write(lambda db: desk.write_text(db, act(), report, wording, hub.feeds())))


def _text(found: ReleaseWords) -> Response:
    report, words, row = found.report, found.effective, found.written
    body = {
        "id": report.id,
        "ref": report.ref,
        "revision": report.revision,
        "text": words.text,
        "whose": ("hub" if words.is_hub else "producer") if words.text else "nobody",
        "difference": words.difference,
        "approved_for": found.approved_for,
        "written": _written(row) if row else None,
    }
    return _tagged(body, f"r{report.revision}x{words.number}")


def _written(row: Any) -> dict[str, Any]:
    at = shown.instant(row.at)
    return {"number": row.number, "at": at, "actor": row.actor, "why": row.why, "text": row.text}


def _tagged(body: dict[str, Any], tag: str) -> Response:
    answer = Response(json.dumps(body, ensure_ascii=False), content_type="application/json")
    answer.set_etag(tag)
    return answer

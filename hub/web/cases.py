"""/api/v1/cases, and what is related to a report: for analysts alone."""

from typing import Any

from hub.roles import Capability
from hub.services import cases as desk
from hub.services import indexing
from hub.services.cases import Change, Opened, Relative
from hub.web import shown
from hub.web.api import Blueprint
from hub.web.policy import act, needs, the_hub
from schemas import requests, triage_answers, triage_requests

cases = Blueprint("cases", __name__, url_prefix="/api/v1", description="Cases and related reports")


@cases.route("/reports/<report>/related", methods=["GET"])
@needs(Capability.REPORT_READ)
@cases.response(200, triage_answers.Related)
def related(report: str) -> dict[str, Any]:
    """Other reports that share a CVE, package, technique, system name or family, the strongest first; at most 50."""
    with the_hub().store.reading() as db:
        found = desk.related(db, report)
    return {
        "items": [_relative(one) for one in found.found],
        "next": None,
        "too_common": [_held(one) for one in found.too_common],
        "is_indexed": found.is_indexed,
    }


def _relative(one: Relative) -> dict[str, Any]:
    return {
        "id": one.report.id,
        "ref": one.report.ref,
        "report_type": one.report.report_type,
        "filed_at": shown.instant(one.report.filed_at),
        "case": one.case,
        "strength": round(one.strength, 3),
        "shares": [_held(held) for held in one.shares.values()],
    }


def _held(held: Any) -> dict[str, Any]:
    return {"by": held.by, "value": held.value, "reports": held.reports}


@cases.route("/cases", methods=["GET"])
@needs(Capability.REPORT_READ)
@cases.arguments(requests.ListQuery(), location="query")
@cases.response(200, triage_answers.CaseList)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """Cases, the newest first."""
    most = query["limit"]
    with the_hub().store.reading() as db:
        found = desk.listed(db, shown.position(query.get("next")), most + 1)
    last = found[most - 1][0] if len(found) > most else None
    items = [_case(case, size) for case, size in found[:most]]
    return {"items": items, "next": shown.cursor(last.opened_at, last.id) if last else None}


@cases.route("/cases", methods=["POST"])
@needs(Capability.RELEASE_APPROVE)
@cases.arguments(triage_requests.OpenCase())
@cases.response(201, triage_answers.CaseRead)
def open_case(body: dict[str, Any]) -> dict[str, Any]:
    """Open a case of reports on one event."""
    change = Change(body["why"], add=body["reports"])

    def work(db: Any) -> Opened:
        made = desk.open_case(db, act(), body["title"], change)
        indexing.refresh(db, made.changed)
        return made

    return _opened(the_hub().store.write(work))


@cases.route("/cases/<case>", methods=["GET"])
@needs(Capability.REPORT_READ)
@cases.response(200, triage_answers.CaseRead)
def read(case: str) -> dict[str, Any]:
    """A case, by its reference, with its reports."""
    with the_hub().store.reading() as db:
        return _opened(desk.read(db, case))


@cases.route("/cases/<case>", methods=["PATCH"])
@needs(Capability.RELEASE_APPROVE)
@cases.arguments(triage_requests.ChangeCase())
@cases.response(200, triage_answers.CaseRead)
def change(body: dict[str, Any], case: str) -> dict[str, Any]:
    """Add reports to a case, take some out, rename it, close it or open it again."""
    wanted = Change(body["why"], body.get("add", ()), body.get("remove", ()), body.get("title"), body.get("closed"))

    def work(db: Any) -> Opened:
        made = desk.change_case(db, act(), case, wanted)
        indexing.refresh(db, made.changed)
        return made

    return _opened(the_hub().store.write(work))


def _opened(found: Opened) -> dict[str, Any]:
    reports = [
        {
            "id": row.report_id,
            "ref": ref,
            "added_at": shown.instant(row.added_at),
            "added_by": row.added_by,
            "why": row.why,
        }
        for row, ref in found.members
    ]
    return {**_case(found.case, len(reports)), "reports": reports}


def _case(case: Any, size: int) -> dict[str, Any]:
    return {
        "ref": case.ref,
        "title": case.title,
        "opened_at": shown.instant(case.opened_at),
        "opened_by": case.opened_by,
        "closed_at": shown.instant(case.closed_at),
        "size": size,
    }

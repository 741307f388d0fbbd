"""What audiences would see of a report, by the code that releases: of a producer's draft, and of a filed report."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from flask import Response

from feeds.guard import Hit
from hub.errors import NotSealed, Tampered
from hub.roles import Capability
from hub.services import sessions
from hub.services.publishing import Press, previewing
from hub.services.publishing.previewing import Draft, Entry, Previewed, Wish
from hub.services.sessions import Session
from hub.web import answers_doc, bodies, working
from hub.web.api import Blueprint
from hub.web.policy import act, needs, the_hub
from schemas import preview_answers as answers
from schemas import preview_requests as requests
from schemas.loading import load
from schemas.report import FILED

previews = Blueprint("previews", __name__, url_prefix="/api/v1/reports", description="What audiences would see")
REFUSED = "Not admitted yet, erased, or does not verify"


@previews.route("/preview", methods=["POST"])
@needs(Capability.REPORT_WRITE)
@previews.doc(requestBody=answers_doc.REPORT_BODY)
@previews.arguments(requests.PreviewQuery(), location="query")
@previews.response(200, answers.Preview)
def draft(query: dict[str, Any]) -> Response:
    """What each audience would see of a draft, before it is filed. Nothing of it is stored."""
    hub, by = the_hub(), act()
    wanted = Draft(load(FILED, bodies.document()), query["text_approved"])
    with hub.store.reading() as db:
        found = previewing.of_draft(db, Press(hub.fresh_keys(), hub.deployment), by, wanted, hub.feeds())
    return _answer(found)


@previews.route("/<report>/preview", methods=["POST"])
@needs(Capability.SEALED_OPEN)
@previews.arguments(requests.PreviewFiled())
@previews.response(200, answers.Preview)
@previews.alt_response(409, schema=answers.Problem, description=REFUSED)
def filed(body: dict[str, str], report: str) -> Response:
    """What each audience would see of a report (by id or reference). It is opened for it, on record."""
    hub, by = the_hub(), act()
    press = Press(hub.preview_keys, hub.deployment)

    def intend(db: Session) -> Previewed:
        held = working.held(db, body, 1)
        found = previewing.intend(db, press, by, Wish(report, held.purpose), hub.feeds())
        working.demand_scope(db, held, found.report.id)
        sessions.charge(db, by, held, 1, hub.config.bulk_reports)
        return found

    previewed = hub.store.write(intend)
    made: list[Entry] = []
    fault: NotSealed | Tampered | None = None
    try:
        made = previewing.of_filed(hub.keyring, press, previewed, by.at)
    except (NotSealed, Tampered) as wrong:
        fault = wrong
    hub.store.write(lambda db: previewing.record(db, by, previewed, fault))
    if fault is not None:
        raise fault
    return _answer(made)


def _answer(entries: Iterable[Entry]) -> Response:
    answer = Response(orjson.dumps({"items": [_entry(one) for one in entries], "next": None}), 200)
    answer.content_type = "application/json"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _entry(one: Entry) -> Mapping[str, Any]:
    way = one.way
    return {
        "feed": way.feed.name,
        "audience": way.feed.audience,
        "mode": way.mode,
        "is_next": way.is_next and not one.holds,
        "closed": [{"gate": gate.name, "remedy": gate.remedy} for gate in way.closed],
        "fields": [{"field": f.field, "fate": f.fate, "rule": f.rule, "shows": dict(f.shows)} for f in one.fates],
        "held": [_hit(hit) for hit in one.holds],
        "warnings": [_hit(hit) for hit in one.warnings],
        "objects": [orjson.Fragment(content) for content in one.objects],
    }


def _hit(hit: Hit) -> dict[str, str]:
    return {"field": hit.field, "rule": hit.rule, "of": hit.of}

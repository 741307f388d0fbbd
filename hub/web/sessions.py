"""/api/v1/sessions: an analyst's work with sealed fields, with one purpose, one scope and a time limit."""

from typing import Any

from hub.agreeing import agreed
from hub.roles import Capability
from hub.services import search, sessions
from hub.web import shown
from hub.web.api import Blueprint
from hub.web.policy import act, caller, needs, the_hub
from schemas import people_answers as answers
from schemas import people_requests as requests

work = Blueprint("sessions", __name__, url_prefix="/api/v1/sessions", description="Work with sealed fields")


@work.route("", methods=["POST"])
@needs(Capability.SEALED_OPEN)
@work.arguments(requests.NewSession())
@work.response(201, answers.WorkSession)
@work.alt_response(409, schema=answers.Problem, description="So many reports take two people; the answer says how")
def begin(body: dict[str, Any]) -> dict[str, Any]:
    """Begin a work session: openings that name it are for its purpose, in its scope, until it ends."""
    hub, mine, bulk = the_hub(), act(), the_hub().config.bulk_reports
    if body["filter"]:
        search.asked(caller(), body["filter"], "newest")  # whoever cannot ask it cannot work by it
    wanted = sessions.Wanted(**body)
    return _session(agreed(hub, mine, wanted.purpose, lambda db: sessions.begin(db, mine, wanted, bulk)))


@work.route("", methods=["GET"])
@needs(Capability.SEALED_OPEN)
@work.response(200, answers.WorkSessions)
def running() -> dict[str, Any]:
    """Your sessions that are not over."""
    hub = the_hub()
    with hub.store.reading() as db:
        found = sessions.running(db, caller(), hub.clock())
        return {"items": [_session(one) for one in found], "next": None}


@work.route("/<session>/end", methods=["POST"])
@needs(Capability.SEALED_OPEN)
@work.response(200, answers.WorkSession)
@work.alt_response(409, schema=answers.Problem, description="It is over")
def end(session: str) -> dict[str, Any]:
    """End a session before its time."""
    return _session(the_hub().store.write(lambda db: sessions.finish(db, act(), session)))


def _session(one: sessions.WorkSession) -> dict[str, Any]:
    return {
        "id": one.id,
        "purpose": one.purpose,
        "scope": one.scope,
        "most": one.most,
        "opened": one.opened,
        "begun_at": shown.instant(one.begun_at),
        "until": shown.instant(one.until),
        "ended_at": shown.instant(one.ended_at),
    }

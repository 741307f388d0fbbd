"""/api/v1/search: which reports a filter finds. The grammar is on one page, docs/search.md."""

from typing import Any

from hub.errors import BadRequest
from hub.roles import Capability
from hub.services import intake, search
from hub.web import shown
from hub.web.api import Blueprint
from hub.web.policy import caller, needs, the_hub
from schemas import answers, requests

searches = Blueprint("search", __name__, url_prefix="/api/v1/search", description="Search")


@searches.route("", methods=["GET"])
@needs(Capability.REPORT_READ, Capability.REPORT_WRITE)
@searches.arguments(requests.SearchQuery(), location="query")
@searches.response(200, answers.SearchAnswer)
def find(query: dict[str, Any]) -> dict[str, Any]:
    """The reports that a filter finds, as `GET /api/v1/reports` shows them; a producer finds its own."""
    hub, who = the_hub(), caller()
    asked = search.asked(who, query["filter"], query["sort"])
    names = [name for name in query.get("facets", "").split(",") if name]
    if len(set(names)) != len(names):
        message = "facets: names a field twice"
        raise BadRequest(message)
    with hub.store.brief() as db:
        matches = search.select(db, who, asked, query.get("next"), query["limit"])
        views = intake.read_some(db, who, matches.report_ids)
        counts = search.facets(db, who, asked, names) if names else None
    sealed = search.sealed_named(asked, search.fields_of(who))
    answer = {"items": [shown.read(view) for view in views], "next": matches.next, "sealed": sealed}
    return answer | ({"facets": _facets(counts)} if counts else {})


def _facets(counts: search.Facets) -> dict[str, Any]:
    values = {
        name: [{"value": value, "reports": number} for value, number in some] for name, some in counts.values.items()
    }
    return {"values": values, "counted": counts.counted, "is_complete": counts.is_complete}


@searches.route("/fields", methods=["GET"])
@needs(Capability.REPORT_READ, Capability.REPORT_WRITE)
@searches.response(200, answers.SearchFields)
def fields() -> dict[str, Any]:
    """The fields that a filter may name, and the values of those that have a vocabulary."""
    return {"items": search.described(caller())}

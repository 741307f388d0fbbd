"""/api/v1/reports/{id}/sightings: what members said of a report's entries, for analysts."""

from typing import Any

from hub.roles import Capability
from hub.services import remarks as desk
from hub.web import shown
from hub.web.api import Blueprint
from hub.web.policy import needs, the_hub
from schemas import remark_answers, requests

remarks = Blueprint("remarks", __name__, url_prefix="/api/v1/reports", description="What members said of a report")


@remarks.route("/<report>/sightings", methods=["GET"])
@needs(Capability.REPORT_READ)
@remarks.arguments(requests.ListQuery(), location="query")
@remarks.response(200, remark_answers.RemarkList)
def listed(query: dict[str, Any], report: str) -> dict[str, Any]:
    """Sightings and opinions that members posted of a report (by id or reference), the newest first; no words."""
    most = query["limit"]
    with the_hub().store.reading() as db:
        found = desk.read(db, report, shown.position(query.get("next")), most + 1)
    last = found[most - 1][0] if len(found) > most else None
    items = [
        {
            "kind": row.kind,
            "organisation": organisation,
            "feed": row.feed,
            "about": row.about,
            "at": shown.instant(row.at),
            **row.said,
        }
        for row, organisation in found[:most]
    ]
    return {"items": items, "next": shown.cursor(last.at, last.stix_id) if last else None}

"""/api/v1/reports/{id}/erasure: what was erased of a report, and the signed record of it."""

from typing import Any

from hub.roles import Capability
from hub.services import erasing
from hub.web.api import Blueprint
from hub.web.policy import caller, needs, the_hub
from schemas import erasure_answers

erasures = Blueprint("erasures", __name__, url_prefix="/api/v1/reports", description="Erased reports")


@erasures.route("/<report>/erasure", methods=["GET"])
@needs(Capability.REPORT_WRITE, Capability.REPORT_READ)
@erasures.response(200, erasure_answers.Erasures)
def read(report: str) -> dict[str, Any]:
    """What was erased of a report (id or reference), or is about to be: the report, or who reported it."""
    hub = the_hub()
    with hub.store.reading() as db:
        found = erasing.read(db, caller(), report)
    return {"items": [erasing.described(one) for one in found], "public_key": hub.directory.audit_log().hex()}

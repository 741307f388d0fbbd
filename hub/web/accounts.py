"""/api/v1/releases: of each release what it brought and what it left behind, for analysts and auditors."""

from typing import Any

from hub.roles import Capability
from hub.services import accounts as books
from hub.web import shown
from hub.web.api import Blueprint
from hub.web.policy import needs, the_hub
from schemas import release_answers, requests

accounts = Blueprint("accounts", __name__, url_prefix="/api/v1/releases", description="Releases and what they left")
TOLD = (
    "feed", "number", "added", "changed", "revoked", "policy_digest", "digest", "eligible", "reports", "held",
)  # fmt: skip


@accounts.route("", methods=["GET"])
@needs(Capability.REPORT_READ, Capability.AUDIT_READ)
@accounts.arguments(requests.ReleasesQuery(), location="query")
@accounts.response(200, release_answers.ReleaseList)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """Releases, the newest first: objects added, changed and revoked; reports eligible, brought, and held by reason."""
    hub, most = the_hub(), query["limit"]
    with hub.store.reading() as db:
        found = books.listed(db, hub.feeds(), query.get("feed"), shown.position(query.get("next")), most + 1)
    last = found[most - 1] if len(found) > most else None
    return {
        "items": [
            {**{name: getattr(one, name) for name in TOLD}, "at": shown.instant(one.released_at)}
            for one in found[:most]
        ],
        "next": shown.cursor(last.released_at, books.name_of(last)) if last else None,
    }

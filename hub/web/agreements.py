"""/api/v1/proposals: what takes two people; and /api/v1/notices: what one does alone, told to whom it concerns."""

from typing import Any

from hub.agreement import DEEDS
from hub.roles import Capability
from hub.services import agreements
from hub.web import shown
from hub.web.api import Blueprint
from hub.web.policy import act, caller, needs, the_hub
from schemas import people_answers as answers
from schemas import people_requests as requests

proposals = Blueprint("agreements", __name__, url_prefix="/api/v1", description="What takes two people")
EITHER = tuple(sorted(set(DEEDS.values())))


@proposals.route("/proposals", methods=["GET"])
@needs(*EITHER, Capability.AUDIT_READ)
@proposals.arguments(requests.ProposalsQuery(), location="query")
@proposals.response(200, answers.Proposals)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """What was proposed and you may agree to, the newest first; an auditor sees all."""
    hub = the_hub()
    with hub.store.reading() as db:
        found = agreements.listed(db, caller(), hub.clock(), is_open=not query["all"])
        return {"items": [_proposal(one) for one in found], "next": None}


@proposals.route("/proposals/<proposal>/agree", methods=["POST"])
@needs(*EITHER)
@proposals.response(200, answers.Proposal)
def agree(proposal: str) -> dict[str, Any]:
    """Agree to what another person proposed. Whoever proposed it, or you, then does it."""
    return _proposal(the_hub().store.write(lambda db: agreements.agree(db, act(), proposal)))


@proposals.route("/proposals/<proposal>/refuse", methods=["POST"])
@needs(*EITHER)
@proposals.response(200, answers.Proposal)
def refuse(proposal: str) -> dict[str, Any]:
    """Refuse what was proposed, or take your own proposal back."""
    return _proposal(the_hub().store.write(lambda db: agreements.refuse(db, act(), proposal)))


@proposals.route("/notices", methods=["GET"])
@needs(Capability.REPORT_WRITE)
@proposals.response(200, answers.Notices)
def notices() -> dict[str, Any]:
    """What one person of the hub did alone in the last thirty days, or is about to, as far as it concerns you."""
    hub = the_hub()
    with hub.store.reading() as db:
        found = agreements.notices(db, caller(), hub.clock())
    items = [
        {
            "proposal": one.proposal,
            "action": one.action,
            "subject": one.subject,
            "proposed_at": shown.instant(one.proposed_at),
            "not_before": shown.instant(one.not_before),
            "state": one.state,
        }
        for one in found
    ]
    return {"items": items, "next": None}


def _proposal(one: agreements.Proposal) -> dict[str, Any]:
    return {
        "id": one.id,
        "action": one.action,
        "subject": one.subject,
        "details": one.details,
        "why": one.why,
        "person": one.person,
        "proposed_at": shown.instant(one.proposed_at),
        "expires_at": shown.instant(one.expires_at),
        "cools_until": shown.instant(one.cools_until),
        "approver": one.approver,
        "state": agreements.state_of(one, the_hub().clock()),
    }

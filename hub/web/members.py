"""/api/v1/members: the operator's organisations, grants and tokens; the analyst's standing acceptance."""

from typing import Any

from feeds.feed import REPORTS
from hub.errors import NotFound
from hub.roles import Capability
from hub.services import analysis, membership
from hub.web import shown
from hub.web.api import Blueprint
from hub.web.policy import act, known_credentials, needs, the_hub
from schemas import answers, instant, requests

members = Blueprint("members", __name__, url_prefix="/api/v1/members", description="Organisations and tokens")


@members.route("", methods=["GET"])
@needs(Capability.MEMBER_ADMIN)
@members.arguments(requests.ListQuery(), location="query")
@members.response(200, answers.MemberList)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """Organisations by name."""
    hub, most = the_hub(), query["limit"]
    place = shown.position(query.get("next"))
    with hub.store.reading() as db:
        found = membership.listed(db, place[1] if place else "", most + 1)
    items = [_member(one) for one in found[:most]]
    last = found[most - 1].organisation if len(found) > most else None
    return {"items": items, "next": shown.cursor(last.created_at, last.name) if last else None}


def _member(member: membership.Member) -> dict[str, Any]:
    row = member.organisation
    grants = [{"audience": one.audience, "expires_at": shown.instant(one.expires_at)} for one in member.grants]
    return {"id": row.id, "name": row.name, "approved_at": shown.instant(row.approved_at), "grants": grants}


@members.route("", methods=["POST"])
@needs(Capability.MEMBER_ADMIN)
@members.arguments(requests.NewMember())
@members.response(201, answers.Member)
def add(body: dict[str, str]) -> dict[str, Any]:
    """Add an organisation."""
    hub = the_hub()
    made = hub.store.write(lambda db: membership.add(db, act(), body["name"]))
    return _member(membership.Member(made, ()))


@members.route("/<member>/grants", methods=["POST"])
@needs(Capability.MEMBER_ADMIN)
@members.arguments(requests.NewGrant())
@members.response(201, answers.Grant)
def grant(body: dict[str, str], member: str) -> dict[str, Any]:
    """Let an organisation read the feed of an audience until an instant."""
    hub = the_hub()
    known = {feed.audience for feed in hub.feeds()}
    until = instant.read(body["expires_at"]).at
    given = hub.store.write(
        lambda db: membership.grant(db, act(), member, membership.Reading(body["audience"], until), known)
    )
    known_credentials().forget()
    return {"audience": given.audience, "expires_at": shown.instant(given.expires_at)}


@members.route("/<member>/tokens", methods=["GET"])
@needs(Capability.MEMBER_ADMIN)
@members.response(200, answers.TokenList)
def tokens(member: str) -> dict[str, Any]:
    """The tokens of an organisation, never their text."""
    hub = the_hub()
    with hub.store.reading() as db:
        return {"items": [_token(one) for one in membership.listed_tokens(db, member)], "next": None}


def _token(row: Any, text: str | None = None) -> dict[str, Any]:
    shown_row = {
        "id": row.id,
        "roles": row.roles.split(","),
        "label": row.label,
        "created_at": shown.instant(row.created_at),
        "expires_at": shown.instant(row.expires_at),
        "revoked_at": shown.instant(row.revoked_at),
    }
    return {**shown_row, "token": text} if text else shown_row


@members.route("/<member>/tokens", methods=["POST"])
@needs(Capability.MEMBER_ADMIN)
@members.arguments(requests.NewToken())
@members.response(201, answers.Token)
def issue(body: dict[str, Any], member: str) -> dict[str, Any]:
    """Issue a token; its text is shown in this answer only."""
    hub, wanted = the_hub(), membership.Wanted(body["roles"], body.get("label", ""), body["days"])
    made = hub.store.write(lambda db: membership.issue(db, act(), member, wanted))
    return _token(made.token, made.text)


@members.route("/<member>/tokens/<token_id>/rotate", methods=["POST"])
@needs(Capability.MEMBER_ADMIN)
@members.arguments(requests.Rotation())
@members.response(201, answers.Token)
def rotate(body: dict[str, int], member: str, token_id: str) -> dict[str, Any]:
    """Issue a successor; the old token lives on for the grace period."""
    hub = the_hub()

    def work(db: Any) -> membership.Issued:
        _belongs(db, member, token_id)
        return membership.rotate(db, act(), token_id, grace_days=body["grace_days"])

    made = hub.store.write(work)
    known_credentials().forget()
    return _token(made.token, made.text)


@members.route("/<member>/tokens/<token_id>", methods=["DELETE"])
@needs(Capability.MEMBER_ADMIN)
@members.response(200, answers.Token)
def revoke(member: str, token_id: str) -> dict[str, Any]:
    """End a token at once."""
    hub = the_hub()

    def work(db: Any) -> Any:
        _belongs(db, member, token_id)
        return membership.revoke(db, act(), token_id)

    ended = hub.store.write(work)
    known_credentials().forget()
    return _token(ended)


def _belongs(db: Any, member: str, token_id: str) -> None:
    # Authorising one thing and changing another is how peers were broken (MISP CVE-2026-56424).
    if token_id not in {one.id for one in membership.listed_tokens(db, member)}:
        raise NotFound


@members.route("/<member>/accept", methods=["POST"])
@needs(Capability.RELEASE_APPROVE)
@members.arguments(requests.AcceptMember())
@members.response(200, answers.Accepted)
def accept(body: dict[str, str], member: str) -> dict[str, str]:
    """Accept all reports of an organisation, filed and to come, for an audience."""
    hub = the_hub()
    carrying = [feed.name for feed in hub.feeds() if REPORTS in feed.carries]
    found = hub.store.write(lambda db: analysis.accept_organisation(db, act(), member, body["audience"], carrying))
    return {"id": found, "subject": "standing", **body}


@members.route("/<member>/accept", methods=["DELETE"])
@needs(Capability.RELEASE_APPROVE)
@members.arguments(requests.AcceptMember(), location="query")
@members.response(200, answers.Accepted)
def end_acceptance(query: dict[str, str], member: str) -> dict[str, str]:
    """End a standing acceptance: what left by it alone is recalled; what was accepted by itself stays."""
    hub = the_hub()
    carrying = [feed.name for feed in hub.feeds() if REPORTS in feed.carries]
    found = hub.store.write(lambda db: analysis.end_standing(db, act(), member, query["audience"], carrying))
    return {"id": found, "subject": "standing", **query}

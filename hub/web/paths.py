"""/api/v1/reports/{id}/path: why a report is not out, and the one call that lets it."""

from typing import Any

from flask import url_for

from feeds.eligibility import Action, Gate
from feeds.feed import Feed
from hub.roles import Capability
from hub.services import paths
from hub.services.paths import Path, Way
from hub.web import shown
from hub.web.api import Blueprint
from hub.web.policy import caller, needs, the_hub
from schemas import answers

ways = Blueprint("paths", __name__, url_prefix="/api/v1/reports", description="Why a report is not out")
NOWHERE = "urgent, but neither its tlp nor share_redacted_with lets it reach anybody: it goes nowhere"


@ways.route("/<report>/path", methods=["GET"])
@needs(Capability.REPORT_WRITE, Capability.REPORT_READ)
@ways.response(200, answers.Path)
def path(report: str) -> dict[str, Any]:
    """Every gate between a report (by id or reference) and each feed: passed or waiting, since when, what clears it.

    The gates are those that a release asks. Nothing is opened to answer.
    """
    hub = the_hub()
    with hub.store.reading() as db:
        return _path(paths.path_of(db, caller(), report, hub.feeds(), hub.clock()))


def _path(found: Path) -> dict[str, Any]:
    report = found.report
    goes_nowhere = report.is_urgent and all(way.verdict.mode is None for way in found.ways)
    return {
        "id": report.id,
        "ref": report.ref,
        "revision": report.revision,
        "state": found.state,
        "tlp": report.tlp,
        "as_of": shown.instant(found.as_of),
        "notes": [NOWHERE] if goes_nowhere else [],
        "feeds": [_way(found, way) for way in found.ways],
    }


def _way(found: Path, way: Way) -> dict[str, Any]:
    first = next((gate.name for gate in way.gates if not gate.is_passed), None)
    return {
        "feed": way.feed.name,
        "audience": way.feed.audience,
        "ceiling": way.feed.ceiling,
        "mode": way.verdict.mode,
        "state": way.state,
        "waits_at": first,
        "earliest_exit": shown.instant(way.earliest_exit),
        "shows": _shows(way),
        "gates": [_gate(found, way.feed, gate) for gate in way.gates],
    }


def _shows(way: Way) -> dict[str, Any] | None:
    presence = way.presence
    if presence is None:
        return None
    began = shown.instant(presence.began_at)
    return {"ref": presence.ref, "revision": presence.revision, "mode": presence.mode, "since": began}


def _gate(found: Path, feed: Feed, gate: Gate) -> dict[str, Any]:
    if not gate.is_asked:
        return {"gate": gate.name, "state": "not_yet_run", "on": gate.remedy}
    told = {"gate": gate.name, "state": "passed" if gate.is_passed else "waiting", "since": shown.instant(gate.since)}
    if gate.is_passed:
        return told
    clears = _clears(found, feed, gate)
    return {**told, "on": gate.remedy, "earliest_exit": shown.instant(gate.opens_at), "clears": clears}


def _clears(found: Path, feed: Feed, gate: Gate) -> dict[str, Any] | None:
    """The one call that clears a gate: one that the caller can make, if there is one."""
    calls = [call for action in gate.actions if (call := _call(found, feed, action)) is not None]
    mine = "producer" if found.is_own else "analyst"
    return next((call for call in calls if call["who"] == mine), calls[0] if calls else None)


def _call(found: Path, feed: Feed, action: Action) -> dict[str, Any] | None:
    report, audience = found.report, str(feed.marks_of)
    amended: dict[Action, dict[str, Any]] = {
        Action.SHARE: {"share_redacted_with": sorted({*report.shared_with, audience})},
        Action.LOWER: {"tlp": str(feed.ceiling)},
        Action.LIFT_EMBARGO: {"embargo_until": None},
    }
    if action in amended:
        return _patch(report.id, amended[action])
    if action is Action.LIFT_HOLD:
        return _lift(found)
    if action is Action.ACCEPT:
        call = {"method": "POST", "path": url_for("reports.accept", report=report.id), "body": {"audience": audience}}
        return {"who": "analyst", **call, "command": f"hub accept {report.ref} {audience}"}
    if action is Action.DECIDE:
        body = {"audience": feed.audience, "decision": "release"}  # and `why`, which only who decides can say
        call = {"method": "POST", "path": url_for("guarding.decide", report=report.id), "body": body}
        return {"who": "analyst", **call, "command": f"hub guard decide {report.ref} {feed.audience} release --why …"}
    if action is Action.PUBLISH:
        return {"who": "operator", "command": f"hub publish {feed.name}"}
    return None


def _patch(report_id: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"who": "producer", "method": "PATCH", "path": url_for("reports.amend", report_id=report_id), "body": body}


def _lift(found: Path) -> dict[str, Any]:
    """Of two holds, the one that ends later keeps the gate closed."""
    report = found.report
    theirs, ours = report.held_until, report.staff_hold_until
    if ours is not None and (theirs is None or ours > theirs):
        return {"who": "analyst", "method": "DELETE", "path": url_for("triage.lift", report=report.id)}
    return _patch(report.id, {"hold": None})

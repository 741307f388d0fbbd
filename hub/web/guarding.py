"""/api/v1/reports/{id}/guard and /api/v1/guard: what the guard holds, by field and rule, and the decision about it."""

from collections.abc import Iterable, Sequence
from typing import Any

from hub.roles import Capability
from hub.services import guard as desk
from hub.services import indexing
from hub.services.guard import Watched, Word
from hub.web import shown
from hub.web.api import Blueprint
from hub.web.policy import act, caller, needs, the_hub
from schemas import guard_answers, guard_requests, requests

watch = Blueprint("guarding", __name__, url_prefix="/api/v1", description="What the guard holds")


@watch.route("/reports/<report>/guard", methods=["GET"])
@needs(Capability.REPORT_WRITE, Capability.REPORT_READ)
@watch.response(200, guard_answers.Guard)
def read(report: str) -> dict[str, Any]:
    """What the guard said of a report (by id or reference) before each feed: fields and rules, never values."""
    hub = the_hub()
    with hub.store.reading() as db:
        return _watched(desk.read(db, caller(), report, hub.feeds()))


@watch.route("/reports/<report>/guard", methods=["POST"])
@needs(Capability.RELEASE_APPROVE)
@watch.arguments(guard_requests.Decide())
@watch.response(200, guard_answers.GuardDecided)
def decide(body: dict[str, str], report: str) -> dict[str, Any]:
    """Decide what becomes of what the guard holds before an audience's feeds: let it leave, or keep it.

    Below amber, a release takes the same word from a second person. It holds for later revisions with the same hits.
    """
    hub = the_hub()

    def work(db: Any) -> Any:
        made = desk.decide(db, act(), report, Word(**body), hub.feeds())
        indexing.refresh(db, [made.report_id])
        return made.report_id, _decision(made)

    report_id, said = hub.store.write(work)
    return {"id": report_id, **said, "needs_second": said["settled_at"] is None}


@watch.route("/guard", methods=["GET"])
@needs(Capability.REPORT_READ)
@watch.arguments(requests.ListQuery(), location="query")
@watch.response(200, guard_answers.WaitingList)
def waiting(query: dict[str, Any]) -> dict[str, Any]:
    """What waits at the guard for a decision, the oldest first."""
    most = query["limit"]
    with the_hub().store.reading() as db:
        found = desk.waiting(db, shown.position(query.get("next")), most + 1)
    last = found[most - 1] if len(found) > most else None
    return {
        "items": [_waiting(one) for one in found[:most]],
        "next": shown.cursor(last.verdict.since, last.name) if last else None,
    }


def _waiting(one: Any) -> dict[str, Any]:
    verdict = one.verdict
    return {
        "id": verdict.report_id,
        "ref": one.ref,
        "organisation": one.organisation,
        "feed": verdict.feed,
        "revision": verdict.revision,
        "since": shown.instant(verdict.since),
        "hits": _hits(verdict.hits),
    }


def _watched(found: Watched) -> dict[str, Any]:
    report = found.report
    return {
        "id": report.id,
        "ref": report.ref,
        "revision": report.revision,
        "verdicts": [_verdict(*one) for one in found.verdicts],
        "decisions": [_decision(row) for row in found.decisions],
    }


def _verdict(feed: Any, row: Any, is_current: bool) -> dict[str, Any]:  # noqa: FBT001 - one of three that belong together
    return {
        "feed": feed.name,
        "audience": feed.audience,
        "state": row.state,
        "is_current": is_current,
        "revision": row.revision,
        "triage": row.triage,
        "at": shown.instant(row.at),
        "since": shown.instant(row.since),
        "hits": _hits(row.hits),
        "warnings": _hits(row.warnings),
    }


def _hits(rows: Iterable[Sequence[str]]) -> list[dict[str, str]]:
    """Field, rule and whose value; the keyed hash of it is nobody's to see."""
    seen = dict.fromkeys((hit[0], hit[1], hit[2]) for hit in rows)
    return [{"field": name, "rule": rule, "of": of} for name, rule, of in seen]


def _decision(row: Any) -> dict[str, Any]:
    return {
        "number": row.number,
        "audience": row.audience,
        "decision": row.decision,
        "why": row.why,
        "actor": row.actor,
        "at": shown.instant(row.at),
        "second_why": row.second_why,
        "second_actor": row.second_actor,
        "settled_at": shown.instant(row.settled_at),
    }

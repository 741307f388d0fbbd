"""Sealed fields, for a stated purpose: open one report, or a page of a search; look for words in sealed text.

A call names a work session, and with it the session's purpose and scope; or a purpose, and is a session of its own.
Every call reads its candidates, writes its intents (the commit arms the warrants), opens in memory, and writes the
outcomes, each in a transaction of its own. The answer comes after them all, and no cache may keep it.
"""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from flask import Response

from hub.agreeing import agreed
from hub.equality import Equality
from hub.errors import BadRequest
from hub.filters import Query
from hub.predicate import Predicate, predicate
from hub.roles import Capability
from hub.services import scanning, search, sessions, unsealing
from hub.services.scanning import Scanned, Sought
from hub.services.sessions import Session
from hub.services.unsealing import Intended, Opening, Wish
from hub.web import problems, shown, working
from hub.web.api import Blueprint
from hub.web.policy import act, caller, needs, the_hub
from schemas import unsealing_answers as answers
from schemas import unsealing_requests as requests

desk = Blueprint("unsealing", __name__, url_prefix="/api/v1", description="Sealed fields, for a stated purpose")
TAG = 16  # characters of a cursor's tie to its search


@desk.route("/reports/<report>/open", methods=["POST"])
@needs(Capability.SEALED_OPEN)
@desk.arguments(requests.OpenReport())
@desk.response(200, answers.Opened)
@desk.alt_response(409, schema=answers.Problem, description="Not admitted yet, quarantined, erased, or does not verify")
def open_report(body: dict[str, Any], report: str) -> Response:
    """Open sealed fields of a report (by id or reference): those named, or all but who reported.

    The intent is on record before anything opens, and the outcome after it, whatever it was.
    """
    hub, mine = the_hub(), act()

    def intend(db: Session) -> Intended:
        held = working.held(db, body, 1)
        found = unsealing.intend(db, mine, hub.deployment.uid, report, _wish(held.purpose, body))
        working.demand_scope(db, held, found.report.id)
        sessions.charge(db, mine, held, 1, hub.config.bulk_reports)
        return found

    (opening,) = _opened([agreed(hub, mine, body.get("purpose", "in a work session"), intend)])
    if opening.fault is not None:
        raise opening.fault
    return _unkept(_shown(opening))


@desk.route("/search/open", methods=["POST"])
@needs(Capability.SEALED_OPEN)
@desk.arguments(requests.OpenPage())
@desk.response(200, answers.OpenedPage)
def open_page(body: dict[str, Any]) -> Response:
    """Open sealed fields of a page of a search's reports; one that cannot be opened says why in its place."""
    hub, mine = the_hub(), act()
    asked = search.asked(caller(), body["filter"], body["sort"])
    tie = _tie("open", asked, body)
    with hub.store.brief() as db:
        purpose, within = working.within(db, body, asked)
        found = search.select(db, caller(), within, _place(body.get("next"), tie), body["limit"])

    def intend(db: Session) -> list[Intended | Opening]:
        made = unsealing.intend_page(db, mine, hub.deployment.uid, found.report_ids, _wish(purpose, body))
        count = sum(isinstance(one, Intended) for one in made)
        sessions.charge(db, mine, working.held(db, body, body["limit"]), count, hub.config.bulk_reports)
        return made

    items = [_shown(one) for one in _opened(hub.store.write(intend))]
    more = f"{found.next}.{tie}" if found.next else None
    return _unkept({"items": items, "purpose": purpose, "next": more})


@desk.route("/search/sealed", methods=["POST"])
@needs(Capability.SEALED_OPEN)
@desk.arguments(requests.ScanSealed())
@desk.response(200, answers.ScannedPage)
def scan(body: dict[str, Any]) -> Response:
    """Look for words in sealed text: candidates by filter first, then opened and scanned in memory, with a cap.

    Says where the words were found and how many reports were opened for it; the text itself comes by opening a report.
    """
    wanted, paths = predicate(body["contains"]), frozenset(body.get("paths", scanning.NARRATIVES))
    return _scan(body, (wanted, paths, body["limit"]), search.asked(caller(), body["filter"], body["sort"]))


@desk.route("/search/equal", methods=["POST"])
@needs(Capability.SEALED_OPEN)
@desk.arguments(requests.EqualSealed())
@desk.response(200, answers.ScannedPage)
def equal(body: dict[str, Any]) -> Response:
    """Find reports by sealed values: candidates by tag and filter first, then opened and compared, 200 at most."""
    asked, wanted = search.asked_equal(caller(), the_hub().index_keys, body["filter"], body["sort"])
    return _scan(body, (wanted, wanted.fields, body["rows"]), asked)


def _scan(body: Mapping[str, Any], wanted: tuple[Predicate | Equality, frozenset[str], int], asked: Query) -> Response:
    """Open a page of what a query finds, and say which of it holds what is looked for: terms, in which fields."""
    hub, last, (terms, paths, limit) = the_hub(), time.monotonic() + body["seconds"], wanted
    tie = _tie(terms.normalised, asked, body)
    with hub.store.brief() as db:
        purpose, within = working.within(db, body, asked)
        sought = Sought(terms, purpose, paths, limit)
        found = search.select(db, caller(), within, _place(body.get("next"), tie), body["rows"])
        candidates = scanning.named(db, found.report_ids)
    scan = hub.store.write(lambda db: scanning.intend(db, hub.keyring, act(), candidates, sought))
    with hub.store.reading() as db:
        done = scanning.carry_out(db, hub.keyring, hub.deployment.uid, scan, lambda: time.monotonic() >= last)
        until = _until(done.last, scanning.filed_at(db, done.last.report_id)) if done.last else None
    hub.store.write(lambda db: scanning.record(db, act(), done))
    is_complete = done.passed == len(candidates) and not found.has_more
    more = f"{found.behind(done.last.report_id)}.{tie}" if done.last and not is_complete else None
    return _unkept({**_scanned(done, is_complete=is_complete), "scanned_until": until, "next": more})


def _wish(purpose: str, body: Mapping[str, Any]) -> Wish:
    return Wish(purpose, frozenset(body.get("paths", ())))


def _opened(intended: Sequence[Intended | Opening]) -> list[Opening]:
    """Open what was intended, and write what became of it, also if that was an error of ours."""
    hub = the_hub()
    openings = [unsealing.open_intended(hub.keyring, one) if isinstance(one, Intended) else one for one in intended]
    due = [done for one, done in zip(intended, openings, strict=True) if isinstance(one, Intended)]
    hub.store.write(lambda db: unsealing.record(db, act(), due))
    return openings


def _shown(one: Opening) -> dict[str, Any]:
    told = {"id": one.report.id, "ref": one.report.ref, "revision": one.revision, "purpose": one.purpose}
    if one.fault is not None:
        return {**told, "fault": problems.describe(one.fault)["detail"]}
    return {**told, "opened": dict(one.opened), "absent": list(one.absent)}


def _until(last: scanning.Candidate, filed_at: datetime) -> dict[str, Any]:
    return {"ref": last.ref, "filed_at": shown.instant(filed_at)}


def _scanned(done: Scanned, *, is_complete: bool) -> dict[str, Any]:
    finds = [(one.candidate, {"fields": list(one.pointers)}) for one in done.finds]
    faults = [(candidate, {"detail": fault}) for candidate, fault in done.faults]
    return {
        "items": [_named(candidate, said) for candidate, said in finds],
        "opened": done.opened,
        "scanned": done.passed,
        "faults": [_named(candidate, said) for candidate, said in faults],
        "stopped_by": "all" if is_complete else done.stopped_by,
        "is_complete": is_complete,
    }


def _named(one: scanning.Candidate, said: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": one.report_id, "ref": one.ref, "revision": one.revision, **said}


def _tie(what: str, asked: Query, body: Mapping[str, Any]) -> str:
    """What a cursor is tied to: the search that it goes on with and what it looks for, told by a keyed hash."""
    told = json.dumps([what, asked.digest, sorted(body.get("paths", ()))])
    return the_hub().keyring.predicate_code(told).rpartition(":")[2][:TAG]


def _place(text: str | None, tie: str) -> str | None:
    if text is None:
        return None
    place, _, tied = text.partition(".")
    if tied != tie:
        raise BadRequest(shown.NO_CURSOR)
    return place


def _unkept(body: Mapping[str, Any]) -> Response:
    answer = Response(orjson.dumps(body), 200, content_type="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer

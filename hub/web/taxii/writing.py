"""Adding, deleting, and what became of it (TAXII 2.1, 5.5, 5.7 and 4.3). Only one's own inbox can be written.

1. What is wrong with the envelope refuses it whole: 400, 413, 415, 422. What is wrong with one object is a failure in
   the status, and the others are taken.
2. Posts, the reports that some of them become, remarks, status and audit are written in one transaction.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Response, request

from feeds.posted import Posted, Refused
from feeds.posting import read
from feeds.posting_remarks import is_remark, remark_of
from feeds.posting_reports import REPORTED, is_cut, report_of, stand_in
from hub.errors import Conflict, Forbidden, NotFound, PreconditionFailed
from hub.roles import Act, Capability
from hub.services import delivery, inbox, intake, remarks
from hub.services.inbox import Taking
from hub.services.intake import Filing
from hub.web import shown
from hub.web.policy import AUTHENTICATED, act, caller, needs, policy, the_hub
from hub.web.taxii import asking
from hub.web.taxii.root import TAXII, posted, taxii
from schemas.errors import Invalid

BUNDLE = frozenset({"type", "id", "spec_version"})
CUT = "its text is longer than the report's fields; the whole of it is kept sealed"
NEVER = "revoked, and there is no report of this id to withdraw; of its text nothing was kept"
WITHDRAWN = "the report is withdrawn; the text of this version was not kept"
AMENDED = "the report was withdrawn, or changed meanwhile; post it again under a new id, or once more"
OLDER = "modified: a newer version is here; a report is amended by newer versions only"


@taxii.post("/hub/collections/<collection_id>/objects/")
@policy(AUTHENTICATED)
def add_objects(collection_id: str) -> Response:
    """5.5: post an envelope into one's inbox."""
    _writable(collection_id)
    found = [read(one, place) for place, one in enumerate(_objects())]
    by, feeds = act(), _feeds()
    filings = _filings(by, found)
    status = the_hub().store.write(lambda db: _take(db, by, found, filings, feeds))
    return Response(status, 202, content_type=TAXII)


def _writable(collection_id: str) -> None:
    hub = the_hub()
    with hub.store.reading() as db:
        found = delivery.one_of(db, caller(), hub.collections(), collection_id)
    if not found.can_write:
        raise Forbidden


def _feeds() -> frozenset[str]:
    return frozenset(one.source.owner for one in delivery.readable(caller(), the_hub().collections()))


def _objects() -> list[dict[str, Any]]:
    envelope = posted()
    if not isinstance(envelope, dict):
        raise Invalid.at("", 'must be an envelope: {"objects": […]}')
    # Splunk's and stix2's own senders post a bundle as it is: its objects are what an envelope would hold.
    around = BUNDLE if envelope.get("type") == "bundle" else frozenset({"more", "next"})
    if envelope.keys() - around - {"objects"}:
        raise Invalid.at("", 'holds more than an envelope does: {"objects": […]}')
    objects = envelope.get("objects")
    if not isinstance(objects, list) or not objects or not all(isinstance(one, dict) for one in objects):
        raise Invalid.at("/objects", "must be a list of at least one STIX object")
    return objects


def _filings(by: Act, found: Sequence[Posted | Refused]) -> dict[int, Filing | Refused]:
    """What is to be filed, by its place: sealed before the transaction begins, so that nobody waits meanwhile."""
    valid = [one.body for one in found if isinstance(one, Posted)]
    sealer, filings = the_hub().sealer, dict[int, Filing | Refused]()
    for place, one in enumerate(found):
        if isinstance(one, Posted) and one.kind in REPORTED and not one.is_revoked:
            try:
                report = report_of(one.body, valid)
            except Invalid as wrong:
                filings[place] = Refused(one.stix_id, one.version, f"as a report: {wrong}")
                continue
            filing = intake.seal_ahead(sealer, by, Filing(report, sealer.keys.replay_code(report)))
            filings[place] = replace(filing, is_upsert=True)
    return filings


def _take(
    db: Any,
    by: Act,
    found: Sequence[Posted | Refused],
    filings: dict[int, Filing | Refused],
    feeds: frozenset[str],
) -> bytes:
    taking = inbox.begin(db, by, {one.stix_id for one in found if isinstance(one, Posted)})
    said = {}
    for place, one in enumerate(found):
        if isinstance(one, Refused):
            taking.refuse(one)
        elif taking.knows(one) or taking.is_full_for(one):
            continue
        elif one.kind in REPORTED:
            _report(db, taking, one, filings.get(place))
        else:
            if is_remark(one.kind) and taking.is_newest(one):
                said[one.stix_id] = remark_of(one.body)
            taking.keep(one, one.content)
    remarks.attach(db, by, list(said.values()), feeds)
    return inbox.finish(db, taking)


def _report(db: Any, taking: Taking, one: Posted, filing: Filing | Refused | None) -> None:
    """File what was posted, amend it or withdraw it, and keep what stands in for it: its text is sealed by now."""
    if isinstance(filing, Refused):
        taking.refuse(filing)
        return
    if not taking.is_newest(one):
        taking.refuse(Refused(one.stix_id, one.version, OLDER))
        return
    try:
        if filing is not None:
            view = intake.file_report(db, the_hub().sealer, taking.act, filing).view
        elif known := inbox.report_of(db, taking.act, one.stix_id):
            view = intake.withdraw(db, taking.act, known)
        else:
            taking.keep(one, stand_in(one.body, "", None), message=NEVER)
            return
    except (Conflict, PreconditionFailed):  # raised before anything is written
        taking.refuse(Refused(one.stix_id, one.version, AMENDED))
        return
    message = WITHDRAWN if filing is None else CUT if is_cut(one.body) else ""
    taking.keep(one, stand_in(one.body, view.ref, shown.receipt(view)), view.id, message)


@taxii.delete("/hub/collections/<collection_id>/objects/<object_id>/")
@policy(AUTHENTICATED)
def delete_object(collection_id: str, object_id: str) -> Response:
    """5.7: delete an object from one's inbox, or some of its versions; without a filter, all of them."""
    _writable(collection_id)
    match = asking.match(object_id)
    versions = match.versions if "match[version]" in request.args else ("all",)
    if match.spec_versions and "2.1" not in match.spec_versions:
        raise NotFound
    by, feeds = act(), _feeds()

    def work(db: Any) -> None:
        stays = inbox.delete(db, by, object_id, versions)
        if is_remark(object_id.partition("--")[0]):
            remarks.retract(db, by, object_id)
            remarks.attach(db, by, [remark_of(json.loads(stays))] if stays else [], feeds)

    the_hub().store.write(work)
    return Response(b"", 200, content_type=TAXII)


@taxii.get("/hub/status/<status_id>/")
@needs(Capability.INBOX_WRITE)
def status(status_id: str) -> Response:
    """4.3: what became of an envelope of the caller's organisation."""
    with the_hub().store.reading() as db:
        return Response(inbox.status(db, act(), status_id), content_type=TAXII)

"""Collections, objects, manifests, versions (TAXII 2.1, 5), reading. Stored bytes, joined into envelopes."""

import hashlib
from array import array
from datetime import UTC, datetime
from typing import Any

from flask import Response, request

from hub.services import delivery
from hub.services.delivery import Asked, Collection, Page
from hub.web.policy import AUTHENTICATED, caller, policy, the_hub
from hub.web.taxii import asking
from hub.web.taxii.pages import Request, delivered, envelope, stamp
from hub.web.taxii.root import STIX, TAXII, answer, taxii

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@taxii.get("/hub/collections/")
@policy(AUTHENTICATED)
def collections() -> Response:
    """5.1: the collections that the caller may read; another's are not there."""
    hub = the_hub()
    with hub.store.reading() as db:
        found = delivery.shown(db, caller(), hub.collections())
    return answer({"collections": [_described(one) for one in found]} if found else {})


@taxii.get("/hub/collections/<collection_id>/")
@policy(AUTHENTICATED)
def collection(collection_id: str) -> Response:
    """5.2: one collection."""
    return answer(_described(_collection(collection_id)))


def _collection(collection_id: str) -> Collection:
    hub = the_hub()
    with hub.store.reading() as db:
        return delivery.one_of(db, caller(), hub.collections(), collection_id)


def _described(one: Collection) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "description": one.description,
        "alias": one.name,
        "can_read": True,
        "can_write": one.can_write,
        "media_types": [STIX],
    }


@taxii.get("/hub/collections/<collection_id>/objects/")
@policy(AUTHENTICATED)
def objects(collection_id: str) -> Response:
    """5.4: a page of objects."""
    return delivered(Request(collection_id, asking.page(), _envelope))


@taxii.get("/hub/collections/<collection_id>/objects/<object_id>/")
@policy(AUTHENTICATED)
def one_object(collection_id: str, object_id: str) -> Response:
    """5.6: the versions of one object, the last by default."""
    asked = Asked(asking.match(object_id), asking.cursor(), asking.limit())
    return delivered(Request(collection_id, asked, _envelope, is_of_object=True))


@taxii.get("/hub/collections/<collection_id>/objects/<object_id>/versions/")
@policy(AUTHENTICATED)
def versions(collection_id: str, object_id: str) -> Response:
    """5.8: which versions of one object there are."""
    match = asking.match(object_id, versions="all")
    asked = Asked(match, asking.cursor(), asking.limit(), with_content=False)
    return delivered(Request(collection_id, asked, _versions, is_of_object=True))


def _versions(page: Page) -> Response:
    listed = [row.version for row in page.rows]
    return _listing(page, {"versions": listed} if listed else {})


@taxii.get("/hub/collections/<collection_id>/manifest/")
@policy(AUTHENTICATED)
def manifest(collection_id: str) -> Response:
    """5.3: a page of what there is, without the objects."""
    return delivered(Request(collection_id, asking.page(with_content=False), _manifest))


def _manifest(page: Page) -> Response:
    rows = [
        {"id": row.stix_id, "date_added": stamp(row.added_at), "version": row.version, "media_type": STIX}
        for row in page.rows
    ]
    return _listing(page, {"objects": rows} if rows else {})


def _envelope(page: Page) -> Response:
    """3.7: stored bytes between brackets, and an empty object if there is nothing to say (5.4)."""
    if not page.contents:
        return _dated(page, answer({}))
    return _dated(page, Response(envelope(page.contents, page.next), content_type=TAXII))


def _listing(page: Page, body: dict[str, Any]) -> Response:
    """5.3.1 and 5.8.1: what there is, and an empty object if there is nothing."""
    # 3.7 gives `next` to envelopes only; a widespread client asks for page 1 for ever if it finds `more` without it.
    more = {"more": True, "next": page.next} if page.next else {"more": False}
    return _dated(page, answer({**more, **body} if body else {}))


def _dated(page: Page, sent: Response) -> Response:
    # 3.2: on every 200. Where nothing came there is no first and no last: then they say from where on it was asked, so
    # that who goes on from the last misses nothing.
    first, last = page.added or (asking.added_after() or BEGINNING,) * 2
    sent.headers["X-TAXII-Date-Added-First"] = stamp(first)
    sent.headers["X-TAXII-Date-Added-Last"] = stamp(last)
    # What stands at a position never changes, so that the positions say which bytes these are; but `inbox` is a path of
    # every organisation.
    shown = f"{caller().organisation_id}|{request.path}|{page.next}|".encode() + array("q", page.positions).tobytes()
    sent.set_etag(hashlib.sha256(shown).hexdigest()[:32])
    sent.headers["Cache-Control"] = "private, no-cache"
    sent.make_conditional(request)
    return sent

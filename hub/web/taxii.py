"""/taxii2: TAXII 2.1 (OASIS Standard, 10 June 2021), reading. Stored bytes, joined into envelopes.

Where this differs from the standard, and why, is in docs/stix-and-taxii.md.
"""

import hashlib
from datetime import datetime
from typing import Any

import orjson
from flask import Blueprint, Response, request

from hub.errors import BadRequest, NotAcceptable
from hub.services import delivery
from hub.services.delivery import Asked, Collection, Match, Page
from hub.web.policy import AUTHENTICATED, caller, policy, the_hub
from hub.web.problems import TAXII
from schemas import instant

taxii = Blueprint("taxii", __name__, url_prefix="/taxii2")
MEDIA = "application/taxii+json"
STIX = "application/stix+json;version=2.1"
DEFAULT_PAGE = 100
LONGEST = 18  # digits of a limit


@taxii.before_request
def negotiate() -> None:
    """TAXII 2.1, 1.6.8: Accept with the version, without it, or with a wildcard."""
    for media, quality in request.accept_mimetypes:
        name, _, rest = media.partition(";")
        version = dict(part.strip().partition("=")[::2] for part in rest.split(";") if part).get("version", "2.1")
        if quality > 0 and name.strip().lower() in {MEDIA, "application/*", "*/*"} and version.strip('"') == "2.1":
            return
    if request.accept_mimetypes:
        message = f"accept {TAXII}"
        raise NotAcceptable(message)


@taxii.get("/")
@policy(AUTHENTICATED)
def discovery() -> Response:
    """4.1: which API roots there are."""
    hub, root = the_hub(), f"{request.url_root.rstrip('/')}/taxii2/hub/"
    return _answer({"title": hub.deployment.name, "default": root, "api_roots": [root]})


@taxii.get("/hub/")
@policy(AUTHENTICATED)
def api_root() -> Response:
    """4.2: what the API root can do."""
    return _answer({"title": the_hub().deployment.name, "versions": [TAXII], "max_content_length": 1 << 20})


@taxii.get("/hub/collections/")
@policy(AUTHENTICATED)
def collections() -> Response:
    """5.1: the collections that the caller may read; another's are not there."""
    found = delivery.readable(caller(), the_hub().collections())
    return _answer({"collections": [_described(one) for one in found]} if found else {})


@taxii.get("/hub/collections/<collection_id>/")
@policy(AUTHENTICATED)
def collection(collection_id: str) -> Response:
    """5.2: one collection."""
    return _answer(_described(_collection(collection_id)))


def _collection(collection_id: str) -> Collection:
    return delivery.one_of(caller(), the_hub().collections(), collection_id)


def _described(one: Collection) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.feed.title,
        "description": one.feed.description,
        "alias": one.feed.name,
        "can_read": True,
        "can_write": False,
        "media_types": [STIX],
    }


@taxii.get("/hub/collections/<collection_id>/objects/")
@policy(AUTHENTICATED)
def objects(collection_id: str) -> Response:
    """5.4: a page of objects."""
    return _envelope(_page(_collection(collection_id), _match(), with_content=True))


@taxii.get("/hub/collections/<collection_id>/objects/<object_id>/")
@policy(AUTHENTICATED)
def one_object(collection_id: str, object_id: str) -> Response:
    """5.6: the versions of one object, the last by default."""
    page = _object_page(_collection(collection_id), _match(object_id), with_content=True)
    return _envelope(page)


@taxii.get("/hub/collections/<collection_id>/objects/<object_id>/versions/")
@policy(AUTHENTICATED)
def versions(collection_id: str, object_id: str) -> Response:
    """5.8: which versions of one object there are."""
    match = _match(object_id, versions="all")
    page = _object_page(_collection(collection_id), match, with_content=False)
    listed = [row.version for row in page.rows]
    return _listing(page, {"versions": listed} if listed else {})


@taxii.get("/hub/collections/<collection_id>/manifest/")
@policy(AUTHENTICATED)
def manifest(collection_id: str) -> Response:
    """5.3: a page of what there is, without the objects."""
    page = _page(_collection(collection_id), _match(), with_content=False)
    rows = [
        {"id": row.stix_id, "date_added": _stamp(row.added_at), "version": row.version, "media_type": STIX}
        for row in page.rows
    ]
    return _listing(page, {"objects": rows} if rows else {})


def _page(found: Collection, match: Match, *, with_content: bool) -> Page:
    with the_hub().store.reading() as db:
        return delivery.page(db, found, Asked(match, request.args.get("next"), _limit(), with_content))


def _object_page(found: Collection, match: Match, *, with_content: bool) -> Page:
    with the_hub().store.reading() as db:
        return delivery.object_page(db, found, Asked(match, request.args.get("next"), _limit(), with_content))


def _limit() -> int:
    text = request.args.get("limit", str(DEFAULT_PAGE))
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST or int(text) < 1:
        message = "limit: must be a whole number above 0"
        raise BadRequest(message)
    return int(text)


def _match(object_id: str | None = None, versions: str | None = None) -> Match:
    return Match(
        added_after=_instant("added_after"),
        ids=(object_id,) if object_id else _listed("match[id]"),
        types=() if object_id else _listed("match[type]"),
        spec_versions=_listed("match[spec_version]"),
        versions=(versions,) if versions else _versions(),
    )


def _listed(name: str) -> tuple[str, ...]:
    return tuple(sorted({part for part in request.args.get(name, "").split(",") if part}))


def _versions() -> tuple[str, ...]:
    return tuple(
        part if part in {"all", "first", "last"} else _version(part) for part in _listed("match[version]")
    ) or ("last",)


def _version(text: str) -> str:
    at = _read(text, "match[version]")
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def _instant(name: str) -> datetime | None:
    text = request.args.get(name)
    return _read(text, name) if text else None


def _read(text: str, name: str) -> datetime:
    try:
        # A plus sign that a client forgot to encode arrives as a space.
        moment = instant.read(text.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.precision in {"year", "month", "day"}:
        message = f"{name}: must be an RFC 3339 timestamp such as 2026-11-20T10:00:00.000000Z"
        raise BadRequest(message)
    return moment.at


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"


def _envelope(page: Page) -> Response:
    """3.7: stored bytes between brackets; an empty list is left out."""
    parts = [b'{"more":true,"next":"%s"' % page.next.encode() if page.next else b'{"more":false']
    if page.contents:
        parts += [b',"objects":[', b",".join(page.contents), b"]"]
    return _dated(page, Response(b"".join([*parts, b"}"]), content_type=TAXII))


def _listing(page: Page, body: dict[str, Any]) -> Response:
    # 3.7 gives `next` to envelopes only; a widespread client asks for page 1 for ever if it finds `more` without it.
    return _dated(page, _answer({"more": True, "next": page.next, **body} if page.next else {"more": False, **body}))


def _dated(page: Page, answer: Response) -> Response:
    if page.added:
        first, last = page.added
        answer.headers["X-TAXII-Date-Added-First"] = _stamp(first)
        answer.headers["X-TAXII-Date-Added-Last"] = _stamp(last)
    # What stands at a position never changes, so that the positions say which bytes these are.
    shown = f"{request.path}|{page.next}|{page.positions}"
    answer.set_etag(hashlib.sha256(shown.encode()).hexdigest()[:32])
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.make_conditional(request)
    return answer


def _answer(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), content_type=TAXII)

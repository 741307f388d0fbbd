"""/.well-known: what anybody may know of this hub before having a token.

1. Feeds that every hub comes with are named, with where their files are; their existence is in our documentation. Feeds
   that an operator added are not: of them know those who may read them, and producers, who may know where their report
   may go (its path names every feed that it may enter). Collection ids are never here.
2. Public keys only: the one that verifies receipts, the one that reports are sealed to.
3. security.txt (RFC 9116) exists once `HUB_CONTACT` names whom to write to.
"""

from datetime import timedelta
from functools import cache
from typing import Any

import orjson
from flask import Blueprint, Response, request, url_for

from feeds.feed import Feed
from feeds.formats import formats_of
from hub.errors import NotFound, NotReady
from hub.policies import definitions
from hub.web.policy import PUBLIC, policy, the_hub
from hub.wiring import Hub

well_known = Blueprint("well_known", __name__, url_prefix="/.well-known")
GOOD_FOR = timedelta(days=90)  # RFC 9116, 2.5.5: less than a year ahead
MAX_AGE = 300  # seconds; it changes when an operator changes it


@well_known.get("/incident-hub.json")
@policy(PUBLIC)
def about() -> Response:
    """The hub, its interfaces, its feeds, its public keys and whom to write to."""
    hub, root = the_hub(), _root()
    interfaces = {
        "api": {"version": "v1", "url": f"{root}/api/v1", "openapi": root + url_for("site.openapi")},
        "taxii": {"version": "2.1", "url": root + url_for("taxii.discovery")},
        "schemas": {"report": root + url_for("site.report_schema"), "stix": root + url_for("site.extension_schema")},
    }
    body = {
        "name": hub.deployment.name,
        "identity": hub.deployment.identity,
        **interfaces,
        "feeds": {one.name: _described(one, root) for one in hub.feeds() if one.name in _shipped()},
        "keys": _keys(hub),
    }
    contact = {"contact": hub.config.contact} if hub.config.contact else {}
    return _cacheable(Response(orjson.dumps({**body, **contact}), content_type="application/json"))


@cache
def _shipped() -> frozenset[str]:
    return frozenset(definitions())


def _root() -> str:
    return request.url_root.rstrip("/")


def _described(feed: Feed, root: str) -> dict[str, Any]:
    files = {name: root + url_for("editions.edition", feed=feed.name, file=name) for name in formats_of(feed)}
    return {
        "title": feed.title,
        "description": feed.description,
        "audience": feed.audience,
        "ceiling": str(feed.ceiling),
        "schedule": {"cron": feed.cron, "time_zone": feed.time_zone},
        "files": files,
    }


def _keys(hub: Hub) -> dict[str, Any]:
    try:
        number, epoch = hub.directory.epoch()
        return {
            "receipts": {"algorithm": "Ed25519", "public_key": hub.directory.receipts().hex()},
            "epoch": {"algorithm": "X25519", "number": number, "public_key": epoch.hex()},
            "audit": {"algorithm": "Ed25519", "public_key": hub.directory.audit_log().hex()},
        }
    except NotReady:
        return {}  # this process was given no key files; its error would tell where they lie


@well_known.get("/security.txt")
@policy(PUBLIC)
def security() -> Response:
    """Whom to tell of a weakness in this hub."""
    hub = the_hub()
    if not hub.config.contact:
        raise NotFound
    expires = (hub.clock() + GOOD_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: {hub.config.contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {_root()}{url_for('well_known.security')}",
    )
    text = "".join(f"{line}\r\n" for line in lines)
    return _cacheable(Response(text, content_type="text/plain; charset=utf-8"))


def _cacheable(answer: Response) -> Response:
    answer.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    return answer

"""Discovery and API root (TAXII 2.1, 4), and what holds of every request and answer under /taxii2.

1. Every answer is `application/taxii+json;version=2.1`, whatever it says (3.1).
2. Who is not known gets 401, whatever it asks for and in whatever form it wants the answer (1.6.9). Who is known gets
   406 if it does not accept that media type. Only then is looked at what there is.
3. A query that is not UTF-8 is malformed (3.4).
"""

from typing import Any
from urllib.parse import unquote_to_bytes

import orjson
from flask import Blueprint, Response, request

from hub.errors import BadRequest, NotAcceptable, Unacceptable
from hub.web import bodies
from hub.web.policy import AUTHENTICATED, policy, the_hub
from hub.web.problems import TAXII
from hub.web.taxii import media
from hub.web.taxii.media import STIX
from schemas.errors import Invalid, TooLarge
from schemas.loading import Limits, parse

__all__ = ["POST_SIZE", "STIX", "TAXII", "answer", "envelope_type", "posted", "taxii"]

taxii = Blueprint("taxii", __name__, url_prefix="/taxii2")
ROOT = "/taxii2/hub/"
DESCRIPTION = "AI safety incidents and security reports, redacted as their producers asked."
POST_SIZE = 1 << 20  # bytes of an envelope
# 4.2.1: nothing within POST_SIZE is too large; a list of ones has half as many values as bytes.
ENVELOPE = Limits(size=POST_SIZE, depth=64, values=POST_SIZE)
# 5.3 alone names the objects' own media type beside TAXII's, and what an endpoint names is not refused (3.1).
ALSO = {"taxii.manifest": (media.STIX_NAME,)}


@taxii.before_request
def negotiate() -> None:
    """3.1: raises NotAcceptable if the client does not take what every answer is, BadRequest for a query of no text."""
    names = (media.TAXII_NAME, *ALSO.get(request.endpoint or "", ()))
    if not media.accepts(request.headers.get("Accept", ""), *names):
        message = f"send `Accept: {TAXII}`"
        raise NotAcceptable(message)
    try:
        unquote_to_bytes(request.query_string).decode()
    except UnicodeDecodeError:
        message = "the query is not UTF-8; encode it as UTF-8 and then by percent"
        raise BadRequest(message) from None


@taxii.after_request
def name_the_type(sent: Response) -> Response:
    """3.1: also of the answers that have no body of ours, such as those to OPTIONS."""
    sent.headers["Content-Type"] = TAXII
    return sent


def envelope_type() -> None:
    """5.5: the body's Content-Type is TAXII's, with our version or without any; raises Unacceptable."""
    found = list(media.read(request.headers.get("Content-Type", "")))
    if [one.name for one in found] != [media.TAXII_NAME] or not found[0].is_of_ours:
        message = f"send the envelope with `Content-Type: {TAXII}`"
        raise Unacceptable(message)
    if found[0].parameters.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        message = "send the envelope in UTF-8"
        raise Unacceptable(message)


def posted() -> Any:
    """5.5: the body, as strict JSON. Raises Unacceptable, TooLarge, Unreadable, and Invalid for too much in it.

    4.2.1: a body of no more than `max_content_length` bytes is never too large, whatever it unpacks to.
    """
    envelope_type()
    packed = bodies.sent(POST_SIZE)
    try:
        return parse(bodies.unpacked(packed, POST_SIZE), ENVELOPE)
    except TooLarge as wrong:
        raise Invalid(wrong.problems) from None


@taxii.get("/")
@policy(AUTHENTICATED)
def discovery() -> Response:
    """4.1: which API roots there are."""
    hub = the_hub()
    # 4.1.1: an API root is an https URL or a path; plain http, as of a demo, has no URL that may stand here.
    root = f"{request.host_url.rstrip('/')}{ROOT}" if request.is_secure else ROOT
    contact = {"contact": hub.config.contact} if hub.config.contact else {}
    named = {"title": hub.deployment.name, "description": DESCRIPTION, **contact}
    return answer({**named, "default": root, "api_roots": [root]})


@taxii.get("/hub/")
@policy(AUTHENTICATED)
def api_root() -> Response:
    """4.2: what the API root can do."""
    named = {"title": the_hub().deployment.name, "description": DESCRIPTION}
    return answer({**named, "versions": [TAXII], "max_content_length": POST_SIZE})


def answer(body: dict[str, Any], status: int = 200) -> Response:
    """A resource of TAXII as its answer."""
    return Response(orjson.dumps(body), status, content_type=TAXII)

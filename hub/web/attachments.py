"""/api/v1/reports/{report}/attachments: the developer attaches files, chunk by chunk; nobody reads one back here.

A chunk's body is bounded by the size of a chunk. An upload that was broken off goes on where GET or HEAD says it is.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from typing import Any

from flask import Response, url_for

from hub.attachment_sealing import CHUNK
from hub.errors import BadRequest
from hub.roles import Capability
from hub.services import attaching
from hub.services.attaching import Address, Shown
from hub.web import answers_doc, bodies, shown
from hub.web.api import Blueprint
from hub.web.policy import act, caller, needs, the_hub
from schemas import attachment_answers as answers
from schemas import attachment_requests as requests

attachments = Blueprint("attachments", __name__, url_prefix="/api/v1/reports", description="Files of a report")
DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):", re.ASCII)
UNDIGESTED = (
    "a chunk needs its hash, so that bytes that were changed on the way are not kept: "
    "add the header `Content-Digest: sha-256=:<base64 of the chunk's SHA-256>:`"
)
OTHER = "Content-Digest: these are not the bytes that it names; read the chunk again and send it again"


@attachments.route("/<report>/attachments", methods=["POST"])
@needs(Capability.REPORT_WRITE)
@attachments.arguments(requests.BeginAttachment())
@attachments.response(201, answers.Attachment, headers=answers_doc.UPLOAD_BEGUN)
@attachments.alt_response(
    200,
    schema=answers.Attachment,
    description="The same file was begun before: go on at `next`",
    headers=answers_doc.UPLOAD_BEGUN,
)
def begin(body: dict[str, Any], report: str) -> Response:
    """Begin to attach a file to a report of yours; or find where the same file's upload stands."""
    hub = the_hub()
    found = hub.store.write(lambda db: attaching.begin(db, hub.sealer, act(), report, body))
    answer = _answer(found, 201 if found.is_new else 200)
    answer.headers["Location"] = _place(found)
    return answer


@attachments.route("/<report>/attachments", methods=["GET"])
@needs(Capability.REPORT_WRITE, Capability.REPORT_READ)
@attachments.response(200, answers.Attachments)
def listed(report: str) -> dict[str, Any]:
    """The attachments of a report: sizes and states. What they are called and hold is sealed."""
    with the_hub().store.reading() as db:
        return {"items": [_shown(one) for one in attaching.listed(db, caller(), report)]}


@attachments.route("/<report>/attachments/<attachment>", methods=["GET"])
@needs(Capability.REPORT_WRITE, Capability.REPORT_READ)
@attachments.response(200, answers.Attachment, headers=answers_doc.UPLOAD)
def read(report: str, attachment: str) -> Response:
    """How far an attachment has come; HEAD tells it by `Upload-Offset`."""
    with the_hub().store.reading() as db:
        return _answer(attaching.read(db, caller(), report, attachment))


@attachments.route("/<report>/attachments/<attachment>", methods=["PUT"])
@needs(Capability.REPORT_WRITE)
@attachments.doc(requestBody=answers_doc.CHUNK_BODY)
@attachments.arguments(requests.ChunkQuery(), location="query")
@attachments.arguments(requests.ChunkHeaders(), location="headers")
@attachments.response(200, answers.Attachment, headers=answers_doc.UPLOAD)
def put(query: dict[str, int], headers: dict[str, str], report: str, attachment: str) -> Response:
    """Send the chunk at an offset; the last one completes the attachment. Sent again, the same bytes are harmless."""
    hub, content, to = the_hub(), None, Address(report, attachment, query["offset"])
    while True:
        with hub.store.reading() as db:
            at = attaching.spot(db, hub.sealer, caller(), to)
        content = _chunk(headers) if content is None else content
        sealed = attaching.seal(hub.sealer, at, content)
        taken = hub.store.write(lambda db: attaching.take(db, hub.sealer, act(), at, sealed))  # noqa: B023 - at once
        if taken is not None:
            return _answer(taken)


def _chunk(headers: dict[str, str]) -> bytes:
    """The bytes of a chunk, checked against the hash that comes with them."""
    found = DIGEST.search(headers.get("content_digest", ""))
    if found is None:
        raise BadRequest(UNDIGESTED)
    content = bodies.octets(CHUNK)
    try:
        declared = base64.b64decode(found[1], validate=True)
    except binascii.Error:
        raise BadRequest(UNDIGESTED) from None
    if not hmac.compare_digest(declared, hashlib.sha256(content).digest()):
        raise BadRequest(OTHER)
    return content


@attachments.route("/<report>/attachments/<attachment>", methods=["DELETE"])
@needs(Capability.REPORT_WRITE)
@attachments.response(200, answers.RemovedAttachment)
def remove(report: str, attachment: str) -> dict[str, str]:
    """Take back an upload that is not complete, or an attachment that did not verify."""
    hub = the_hub()
    return {"id": hub.store.write(lambda db: attaching.remove(db, act(), report, attachment)).row.id}


def _place(one: Shown) -> str:
    return url_for("attachments.read", report=one.row.report_id, attachment=one.row.id)


def _shown(one: Shown) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.id,
        "report": row.report_id,
        "state": row.state,
        "size": row.size,
        "received": one.received,
        "chunk_size": CHUNK,
        "next": one.next,
        "begun_at": shown.instant(row.begun_at),
        "completed_at": shown.instant(row.completed_at),
        "verified_at": shown.instant(row.verified_at),
        "fault": row.fault,
        "commitment": one.commitment,
        "links": {"self": _place(one)},
    }


def _answer(one: Shown, status: int = 200) -> Response:
    answer = Response(json.dumps(_shown(one)), status, content_type="application/json")
    answer.headers["Upload-Offset"] = str(one.received)
    return answer

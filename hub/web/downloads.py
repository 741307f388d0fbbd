"""An analyst opens an attachment, for a stated purpose: what it is called, or its bytes, as they are and inert.

The file is given out chunk by chunk, each read and opened when the one before is on its way: no transaction and no more
than one chunk is held meanwhile. The first one is opened before the answer begins, so that what cannot be opened is
refused in words. What does not verify later breaks the connection off: the answer names its length and falls short of
it, and no client takes that for the file. To verify everything before the first byte would cost every download twice,
and prove nothing of the second reading. The last chunk goes out once all are verified and the outcome is on record.

Whatever the file is, a browser must not run it here: it is bytes of no type, to be saved under a name that the hub
made, and, should it be shown all the same, in a sandbox where nothing loads.
"""

import base64
from collections.abc import Iterator

import orjson
from flask import Response

from hub.errors import HubError, NotSealed, Tampered
from hub.roles import Act, Capability
from hub.services import downloading
from hub.services.downloading import Download, Wish
from hub.web import answers_doc
from hub.web.api import Blueprint
from hub.web.policy import act, needs, the_hub
from hub.wiring import Hub
from schemas import attachment_answers as answers
from schemas import attachment_requests as requests
from schemas.answers import Problem

downloads = Blueprint("downloads", __name__, url_prefix="/api/v1/reports", description="Attachments, opened")
BROKEN_OFF = "broken off by who read it"
REFUSED = "Not complete or not admitted yet, set aside at admission, or does not verify"
INERT = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Accel-Buffering": "no",  # a front server must not lay it down on its disk
}


@downloads.route("/<report>/attachments/<attachment>/head", methods=["POST"])
@needs(Capability.SEALED_OPEN)
@downloads.arguments(requests.OpenAttachment())
@downloads.response(200, answers.OpenedAttachment)
@downloads.alt_response(409, schema=Problem, description=REFUSED)
def head(body: dict[str, str], report: str, attachment: str) -> Response:
    """Open what an attachment is called: its name, media type and SHA-256, as its producer declared them."""
    hub, by = the_hub(), act()
    download = _intend(hub, by, report, Wish(attachment, body["purpose"], downloading.HEAD))
    with hub.store.reading() as db:
        try:
            said, fault = dict(downloading.open_head(db, hub.keyring, download)), None
        except (NotSealed, Tampered) as wrong:
            said, fault = {}, wrong
    _record(hub, by, download, fault)
    if fault is not None:
        raise fault
    named = {"id": download.row.id, "report": download.report.id, "purpose": download.warrant.purpose}
    answer = Response(orjson.dumps({**named, **said, "size": download.row.size}), content_type="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@downloads.route("/<report>/attachments/<attachment>/open", methods=["POST"])
@needs(Capability.SEALED_OPEN)
@downloads.arguments(requests.OpenAttachment())
@downloads.response(200, answers_doc.BYTES, content_type="application/octet-stream", headers=answers_doc.DOWNLOAD)
@downloads.alt_response(409, schema=Problem, description=REFUSED)
def content(body: dict[str, str], report: str, attachment: str) -> Response:
    """Open an attachment: its bytes, to be saved and never shown. An answer that is cut short is not the file."""
    hub, by = the_hub(), act()
    download = _intend(hub, by, report, Wish(attachment, body["purpose"], downloading.WHOLE))
    rest = _chunks(hub, by, download)
    first = next(rest)
    answer = Response(_all(first, rest), 200, INERT, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{download.row.id}.bin"'
    answer.headers["Content-Length"] = str(download.row.size)
    sha256 = base64.b64encode(bytes.fromhex(download.sha256)).decode()
    answer.headers["Repr-Digest"] = f"sha-256=:{sha256}:"
    return answer


def _intend(hub: Hub, by: Act, report: str, wish: Wish) -> Download:
    return hub.store.write(lambda db: downloading.intend(db, by, hub.deployment.uid, report, wish))


def _chunks(hub: Hub, by: Act, download: Download) -> Iterator[bytes]:
    """The file, chunk by chunk; its outcome is on record before the last one, or once it is broken off."""
    fault: HubError | str | None = BROKEN_OFF
    try:
        with hub.store.reading() as db:
            downloading.open_head(db, hub.keyring, download)
        while not download.is_whole:
            with hub.store.reading() as db:
                some = downloading.open_next(db, hub.keyring, download)
            if download.is_whole:
                _record(hub, by, download, None)
                fault = None
            yield some
    except HubError as wrong:
        fault = wrong
        raise
    finally:
        if fault is not None:
            _record(hub, by, download, fault)


def _all(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _record(hub: Hub, by: Act, download: Download, fault: HubError | str | None) -> None:
    hub.store.write(lambda db: downloading.record(db, by, download, None if fault is None else str(fault)))

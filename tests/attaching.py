"""Attaching a file by HTTP, chunk by chunk, as a producer's client does."""

import base64
import hashlib
from typing import Any
from uuid import uuid4

from werkzeug.test import TestResponse

from hub import receiving
from hub.attachment_sealing import CHUNK
from tests.conftest import World
from tests.wire import REPORTS, send_bytes

MARK = "attachedmark"
PURPOSE = "triage of ticket 4711"


def a_file(size: int = 2 * CHUNK + 1000, mark: str = MARK) -> bytes:
    """Bytes that hold a mark at their beginning, in every chunk and at their end; no two chunks are the same."""
    line = f"{mark}-{uuid4()}\n".encode()
    return b"".join([line * (size // len(line)), line])[-size:]


def beginning(content: bytes, **changes: Any) -> dict[str, Any]:
    """What is said of a file to begin with."""
    said = {
        "name": f"trace-{MARK}.jsonl",
        "media_type": f"application/x-{MARK}",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return {**said, **changes}


def place(report: str, attachment: str = "") -> str:
    """Where attachments of a report are."""
    return f"{REPORTS}/{report}/attachments" + (f"/{attachment}" if attachment else "")


def begin(world: World, report: str, content: bytes, who: str = "producer", **changes: Any) -> TestResponse:
    """Begin an attachment."""
    return world.send(who, "POST", place(report), beginning(content, **changes))


def put(
    world: World, report: str, attachment: str, offset: int, chunk: bytes, *, who: str = "producer", **headers: str
) -> TestResponse:
    """Send one chunk, with the hash of its bytes unless a header says otherwise."""
    path = f"{place(report, attachment)}?offset={offset}"
    sent = {"Content_Type": "application/octet-stream", "Content_Digest": digest_of(chunk), **headers}
    return send_bytes(world, chunk, path, who=who, method="PUT", **sent)


def digest_of(chunk: bytes) -> str:
    """A Content-Digest."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(chunk).digest()).decode()}:"


def chunks(content: bytes) -> list[tuple[int, bytes]]:
    """The chunks of a file, each with its offset."""
    return [(offset, content[offset : offset + CHUNK]) for offset in range(0, len(content), CHUNK)]


def attach(world: World, report: str, content: bytes, who: str = "producer", **changes: Any) -> dict[str, Any]:
    """Attach a file whole; the answer to its last chunk."""
    answer = begin(world, report, content, who, **changes)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    for offset, chunk in chunks(content):
        answer = put(world, report, found["id"], offset, chunk, who=who)
        assert answer.status_code == 200, answer.get_data(as_text=True)
    last: dict[str, Any] = answer.get_json()
    return last


def attached(world: World, report: str, content: bytes, who: str = "producer", **changes: Any) -> dict[str, Any]:
    """Attach a file whole and admit it; what is then told of it."""
    found = attach(world, report, content, who, **changes)
    receiving.admit(world.hub)
    answer: dict[str, Any] = world.send(who, "GET", place(report, found["id"])).get_json()
    return answer


def ask(world: World, report: str, attachment: str, what: str = "open", who: str = "analyst") -> TestResponse:
    """Open an attachment as the analyst."""
    return world.send(who, "POST", f"{place(report, attachment)}/{what}", {"purpose": PURPOSE})

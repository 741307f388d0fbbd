"""Request bodies: bounded before they are read, unpacked with a bound, parsed strictly."""

import zlib
from collections.abc import Iterator
from typing import Any

from flask import request

from hub.errors import BadRequest, Unacceptable
from schemas.errors import Invalid, TooLarge, Unreadable
from schemas.loading import Limits, parse

ONE = Limits()
BATCH_SIZE = 32 << 20
LINES = 5_000
CHUNK = 1 << 16


def refuse_nul() -> None:
    """Refuse a NUL in the path or query: PostgreSQL keeps none, and nothing here is named with one."""
    query = request.query_string
    if "\x00" in request.path or b"%00" in query or b"\x00" in query:
        message = "the address holds a NUL character; remove it"
        raise BadRequest(message)


def document(*media_types: str) -> Any:
    """The body as strict JSON; raises Unacceptable, TooLarge or Unreadable."""
    check_type(*(media_types or ("application/json",)))
    return parse(raw(ONE.size), ONE)


def check_type(*media_types: str) -> None:
    """Refuse a body of another media type."""
    if request.mimetype not in media_types:
        message = f"send the body with `Content-Type: {media_types[0]}`"
        raise Unacceptable(message)
    if request.mimetype_params.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        message = "send the body in UTF-8"
        raise Unacceptable(message)


def raw(most: int) -> bytes:
    """The body's bytes, unpacked, at most so many; raises TooLarge, and Unacceptable for an unknown encoding."""
    return unpacked(sent(most), most)


def sent(most: int) -> bytes:
    """The body's bytes as they came, at most so many; raises TooLarge, and Unacceptable for an unknown encoding."""
    if _encoding() not in {"identity", "gzip", ""}:
        message = "send the body as it is, or with `Content-Encoding: gzip`"
        raise Unacceptable(message)
    return b"".join(_chunks(most))


def octets(most: int) -> bytes:
    """The bytes of a part of a file, as they are, at most so many; raises TooLarge and Unacceptable."""
    check_type("application/octet-stream")
    if _encoding() not in {"identity", ""}:
        message = "send the bytes as they are, without Content-Encoding"
        raise Unacceptable(message)
    return b"".join(_chunks(most))


def unpacked(found: bytes, most: int) -> bytes:
    """What was sent as its Content-Encoding says, at most so many bytes; raises TooLarge and Unreadable."""
    return _gunzipped(found, most) if _encoding() == "gzip" else found


def _encoding() -> str:
    return request.headers.get("Content-Encoding", "identity").strip().lower()


def _chunks(most: int) -> Iterator[bytes]:
    if (request.content_length or 0) > most:
        raise _too_large(most)
    total = 0
    while chunk := request.stream.read(CHUNK):
        total += len(chunk)
        if total > most:
            raise _too_large(most)
        yield chunk


def _gunzipped(packed: bytes, most: int) -> bytes:
    # Stops at the bound: a body that swells a thousandfold costs no more than one of the size allowed.
    unpacker = zlib.decompressobj(wbits=31)
    try:
        found = unpacker.decompress(packed, most + 1)
    except zlib.error:
        raise Unreadable.at("", "is not gzip, though Content-Encoding says so") from None
    if len(found) > most:
        raise _too_large(most)
    if not unpacker.eof or unpacker.unused_data:
        raise Unreadable.at("", "is not one whole gzip stream")
    return found


def _too_large(most: int) -> Invalid:
    return TooLarge.at("", f"is larger than {most:,} bytes, unpacked; send less, or split it")


def lines() -> list[bytes]:
    """The lines of an NDJSON body; empty ones do not count."""
    check_type("application/x-ndjson", "application/ndjson", "application/jsonl")
    found = raw(BATCH_SIZE).split(b"\n")
    if len(found) > LINES + 1:
        raise TooLarge.at("", f"has more than {LINES:,} lines; send it in several batches")
    return found

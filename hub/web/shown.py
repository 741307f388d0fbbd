"""Rows and views as the API shows them."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any

from flask import url_for

from hub.errors import BadRequest
from hub.report_view import View

LINKS = {
    "receipt": "receipt",
    "withdraw": "withdraw",
    "path": "path",
    "release_text": "release-text",
    "attachments": "attachments",
}


def instant(at: datetime | None) -> str | None:
    """An instant in UTC, RFC 3339."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z") if at else None


def filed(view: View) -> dict[str, Any]:
    """A report as it stands."""
    place = f"{url_for('reports.listed')}/{view.id}"  # once: a batch shows thousands
    shown = {
        "id": view.id,
        "ref": view.ref,
        "revision": view.revision.revision,
        "state": view.state,
        "completeness": view.completeness,
        "links": {"self": place, **{label: f"{place}/{part}" for label, part in LINKS.items()}},
    }
    return {**shown, "receipt": receipt(view)} if view.receipt else shown


def receipt(view: View) -> dict[str, Any]:
    """A receipt in short."""
    if view.receipt is None:
        return {}
    return {
        "commitment": view.receipt.commitment.hex(),
        "salt": view.receipt.salt.hex(),
        "signature": view.revision.signature.hex(),
    }


def full_receipt(view: View, public_key: bytes) -> dict[str, Any]:
    """A receipt with all that it takes to check it."""
    return {
        **receipt(view),
        "report": view.id,
        "revision": view.revision.revision,
        "filed_at": instant(view.revision.filed_at),
        "manifest": view.revision.manifest.decode(),
        "public_key": public_key.hex(),
    }


def read(view: View) -> dict[str, Any]:
    """A report as it may be read: a sealed field is only said to be sealed."""
    body = {"report": view.revision.clear, "sealed": view.revision.sealed_pointers}
    return {**filed(view), **body, "filed_at": instant(view.revision.filed_at)}


def etag(view: View) -> str:
    """The entity tag of a revision."""
    return f"r{view.revision.revision}"


def cursor(at: datetime, row_id: str) -> str:
    """Where a list goes on: behind this row."""
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{row_id}".encode()).decode().rstrip("=")


def position(text: str | None) -> tuple[datetime, str] | None:
    """Read a cursor back; raises BadRequest."""
    if text is None:
        return None
    try:
        at, _, row_id = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition("|")
        given = datetime.fromisoformat(at)
        found = given.astimezone(UTC)
    except (binascii.Error, ValueError, OverflowError):
        raise BadRequest(NO_CURSOR) from None
    if given.tzinfo is None or "\x00" in row_id:
        raise BadRequest(NO_CURSOR)
    return found, row_id


NO_CURSOR = "next: is not a cursor of this list; start again without it"

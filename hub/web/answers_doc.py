"""What OpenAPI cannot learn from a schema: bodies of reports, headers of answers, and every way a call is refused."""

from http import HTTPStatus
from typing import Any

INTRODUCTION = """Everything under `/api/v1`: filing, reading, searching, triage, members. A token goes with every call.

Not described here, for they are not JSON over HTTP in this sense: TAXII 2.1 at `/taxii2/`, which has a specification
of its own, and feeds as files at `/feeds/<feed>/<file>` (bundle.json, entries.csv, entries.ndjson, atom.xml, feed.json,
tombstones.json).

Whatever a token may not do or see is answered with 404, like what is not there. Every refusal is an RFC 9457 problem.
"""
EXAMPLE = {
    "report_type": "near_miss",
    "title": "Agent tried to delete the production database",
    "description": "The confirmation step stopped it.",
    "aware_at": "2026-11-20T10:00:00Z",
    "severity": "unknown",
    "systems": [{"name": "Ops agent"}],
    "client_ref": "TICKET-4711",
}
_REPORT = {"schema": {"$ref": "#/components/schemas/Report"}, "example": EXAMPLE}
REPORT_BODY: dict[str, Any] = {"required": True, "content": {"application/json": _REPORT}}
NDJSON = "application/x-ndjson"
BATCH_BODY: dict[str, Any] = {
    "required": True,
    "content": {NDJSON: {"schema": {"type": "string", "description": "one report a line"}}},
}
PATCH_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/merge-patch+json": {
            "schema": {"$ref": "#/components/schemas/ReportPatch"},
            "example": {"severity": "high"},
        }
    },
}

_TEXT = {"type": "string"}
_WAIT = {"description": "seconds", "required": True, "schema": {"type": "integer", "minimum": 1}}
TAGGED: dict[str, Any] = {"ETag": {"description": "names this version, for If-Match", "schema": _TEXT}}
CREATED: dict[str, Any] = {"Location": {"description": "where the report is", "schema": _TEXT}, **TAGGED}
CHUNK_BODY: dict[str, Any] = {
    "required": True,
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
BYTES: dict[str, Any] = {"type": "string", "format": "binary"}
UPLOAD: dict[str, Any] = {
    "Upload-Offset": {"description": "how many bytes are there", "schema": {"type": "integer", "minimum": 0}}
}
UPLOAD_BEGUN: dict[str, Any] = {"Location": {"description": "where the attachment is", "schema": _TEXT}, **UPLOAD}
DOWNLOAD: dict[str, Any] = {
    "Content-Disposition": {"description": "a name that the hub made; the file's own is in `head`", "schema": _TEXT},
    "Repr-Digest": {"description": "the SHA-256 of the whole file, as `sha-256=:<base64>:`", "schema": _TEXT},
}
_CHALLENGE = {"WWW-Authenticate": {"description": "the ways to send a token", "required": True, "schema": _TEXT}}
_SPENT: dict[str, Any] = {
    "Retry-After": _WAIT,
    "RateLimit-Policy": {"description": "the limit: how many in which window", "required": True, "schema": _TEXT},
    "RateLimit": {"description": "what is left of it, and until when", "required": True, "schema": _TEXT},
}
REFUSALS: dict[HTTPStatus, tuple[str, dict[str, Any]]] = {
    HTTPStatus.BAD_REQUEST: ("Cannot be read: not strict JSON, a malformed parameter, or a key is missing", {}),
    HTTPStatus.UNAUTHORIZED: ("No token, or none that is valid", _CHALLENGE),
    HTTPStatus.NOT_FOUND: ("Not there, or not for this token: the two look the same", {}),
    HTTPStatus.CONFLICT: ("What is stored does not allow it", {}),
    HTTPStatus.PRECONDITION_FAILED: ("If-Match names another version than the current one", {}),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("The body is too large, unpacked", {}),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("The body's type or encoding is not one that is read here", {}),
    HTTPStatus.UNPROCESSABLE_ENTITY: ("Fields or parameters are wrong; `errors` names each by pointer", {}),
    HTTPStatus.PRECONDITION_REQUIRED: ("If-Match is missing", {}),
    HTTPStatus.TOO_MANY_REQUESTS: ("The token has spent its requests for this minute", _SPENT),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Busy; the same call will succeed later", {"Retry-After": _WAIT}),
}
PARAMETERS = {
    "report_id": "the report's id or reference (R-…)",
    "report": "the report's id or reference (R-…)",
    "attachment": "the attachment's id",
    "case": "the case's reference",
    "member": "the organisation's id",
    "token_id": "the token's id",
    "proposal": "the proposal's reference (A-…)",
    "session": "the work session's id",
    "seq": "the entry's number in the audit",
}

# What can be done next with what an answer names: (operation, status) → name → operation and its parameters.
_ID, _FIRST = "$response.body#/id", "$response.body#/items/0/id"
LINKS: dict[tuple[str, str], dict[str, tuple[str, dict[str, str]]]] = {
    ("reports.file", "201"): {
        "read": ("reports.read", {"report_id": _ID}),
        "receipt": ("reports.receipt", {"report_id": _ID}),
        "amend": ("reports.amend", {"report_id": _ID, "header.If-Match": "$response.header.ETag"}),
        "withdraw": ("reports.withdraw", {"report_id": _ID}),
        "path": ("paths.path", {"report": _ID}),
        "attach": ("attachments.begin", {"report": _ID}),
        "text": ("triage.release_text", {"report": _ID}),
    },
    ("reports.listed", "200"): {
        "read": ("reports.read", {"report_id": _FIRST}),
        "path": ("paths.path", {"report": _FIRST}),
        "triage": ("triage.read", {"report": _FIRST}),
        "related": ("cases.related", {"report": _FIRST}),
        "open": ("unsealing.open_report", {"report": _FIRST}),
    },
    ("attachments.begin", "201"): {
        "read": ("attachments.read", {"report": "$response.body#/report", "attachment": _ID}),
        "remove": ("attachments.remove", {"report": "$response.body#/report", "attachment": _ID}),
        "open": ("downloads.content", {"report": "$response.body#/report", "attachment": _ID}),
    },
    ("triage.read", "200"): {
        "assert": ("triage.assert_overlay", {"report": _ID, "header.If-Match": "$response.header.ETag"}),
        "hold": ("triage.hold", {"report": _ID}),
        "lift": ("triage.lift", {"report": _ID}),
    },
    ("guarding.read", "200"): {
        "decide": ("guarding.decide", {"report": _ID}),
        "path": ("paths.path", {"report": _ID}),
    },
    ("guarding.waiting", "200"): {"read": ("guarding.read", {"report": _FIRST})},
    ("triage.release_text", "200"): {
        "write": ("triage.write_text", {"report": _ID, "header.If-Match": "$response.header.ETag"}),
        "accept": ("reports.accept", {"report": _ID, "header.If-Match": "$response.header.ETag"}),
    },
    ("cases.open_case", "201"): {
        "read": ("cases.read", {"case": "$response.body#/ref"}),
        "change": ("cases.change", {"case": "$response.body#/ref"}),
    },
    ("members.add", "201"): {
        "grant": ("members.grant", {"member": _ID}),
        "issue": ("members.issue", {"member": _ID}),
        "tokens": ("members.tokens", {"member": _ID}),
    },
    ("members.issue", "201"): {
        "rotate": ("members.rotate", {"member": "$request.path.member", "token_id": _ID}),
        "revoke": ("members.revoke", {"member": "$request.path.member", "token_id": _ID}),
    },
}

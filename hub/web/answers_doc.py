"""What OpenAPI cannot learn from a schema: the bodies of reports."""

from typing import Any

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
BATCH_BODY: dict[str, Any] = {
    "required": True,
    "content": {"application/x-ndjson": {"schema": {"type": "string", "description": "one report a line"}}},
}
PATCH_BODY: dict[str, Any] = {
    "required": True,
    "content": {"application/merge-patch+json": {"schema": {"type": "object"}, "example": {"severity": "high"}}},
}

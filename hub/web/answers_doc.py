"""What OpenAPI cannot learn from a schema: report bodies, and the headers that filing and amending ask for."""

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
IDEMPOTENCY_KEY: dict[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "maxLength": 200},
    "description": "any unique text; kept 30 days. Needed unless the body has a client_ref",
}
IF_MATCH: dict[str, Any] = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "schema": {"type": "string"},
    "description": "the ETag of the revision that you amend",
}

"""What else may come in beside reports: small bodies and query parameters. Strict in the same way."""

import re
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields

from schemas.fields import Count, Instant, JsonSchema, Many, OneOf, Shaped, Text


class Request(Schema):
    """A body or query in which an unknown name is refused."""

    class Meta:
        unknown = RAISE


class Size(fields.Integer):
    """A page size in a query, where everything is text: 1 to 200."""

    most = 200

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not re.fullmatch("[0-9]{1,3}", str(value), re.ASCII) or not 1 <= int(value) <= self.most:
            message = f"must be a whole number from 1 to {self.most}"
            raise ValidationError(message)
        return int(value)

    def json_schema(self) -> JsonSchema:
        """The field as JSON Schema."""
        return {"type": "integer", "minimum": 1, "maximum": self.most}


class Choice(fields.Boolean):
    """A flag in a query: `true` or `false`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if value not in {"true", "false"}:
            message = "must be true or false"
            raise ValidationError(message)
        return bool(value == "true")


class FilingQuery(Request):
    """How to file."""

    upsert = Choice(load_default=False, metadata={"description": "amend the report of the same client_ref"})
    dry_run = Choice(load_default=False, metadata={"description": "check the report and file nothing"})


class FilingHeaders(Schema):
    """What makes filing safe to repeat."""

    class Meta:
        unknown = EXCLUDE

    idempotency_key = fields.String(
        data_key="Idempotency-Key",
        metadata={"description": "any unique text; kept 30 days. Needed unless the body has a client_ref"},
    )


class AmendingHeaders(Schema):
    """Which revision is amended."""

    class Meta:
        unknown = EXCLUDE

    if_match = fields.String(
        data_key="If-Match", metadata={"description": "needed: the ETag of the revision that you amend"}
    )


class ListQuery(Request):
    """Which part of a list to answer."""

    limit = Size(load_default=50)
    next = Shaped(r"[A-Za-z0-9_-]{1,200}", "is not a cursor of this list; start again without it")


class ReleasesQuery(ListQuery):
    """Whose releases to list."""

    feed = Shaped(r"[a-z][a-z0-9_-]{0,40}", "must be the name of a feed")


class SearchQuery(Request):
    """What to search for."""

    filter = fields.String(
        load_default="", metadata={"description": "such as `severity >= high and aware_at >= 2026-10`: docs/search.md"}
    )
    sort = Shaped(r"-?[a-z_]{1,20}", "must be the name of a sort", load_default="newest")
    facets = Shaped(r"[a-z_.,]{1,400}", "must be names of fields, with commas between them")
    limit = Size(load_default=50)
    next = Shaped(r"[A-Za-z0-9_-]{1,300}", "is not a cursor of this search; start again without it")


class AcceptReport(Request):
    """An analyst's word on one report."""

    audience = OneOf("audience", required=True)
    subject = Shaped("written|for_release", "must be written or for_release", load_default="written")


class AcceptMember(Request):
    """An analyst's standing word on an organisation."""

    audience = OneOf("audience", required=True)


class NewMember(Request):
    """An organisation to add."""

    name = Text(200, required=True)


class NewGrant(Request):
    """An audience to grant."""

    audience = Shaped(r"[a-z][a-z0-9_-]{0,40}", "must be the name of an audience", required=True)
    expires_at = Instant(required=True)


class NewToken(Request):
    """A token to issue."""

    roles = Many(
        Shaped(r"[a-z]{1,20}", "must be the name of a role"),
        least=1,
        most=6,
        required=True,
        metadata={"examples": [["researcher"]]},
    )
    label = Text(100)
    days = Count(load_default=365)


class Rotation(Request):
    """How long the old token lives on."""

    grace_days = Count(load_default=7)

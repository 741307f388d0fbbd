"""What the API answers where sealed fields are opened or scanned."""

from marshmallow import Schema, fields

from schemas.answers import Problem

__all__ = ["Opened", "OpenedPage", "Problem", "ScannedPage"]


class Opened(Schema):
    """Sealed fields of one report, opened."""

    id = fields.String(required=True)
    ref = fields.String(required=True)
    revision = fields.Integer(required=True)
    purpose = fields.String(required=True)
    opened = fields.Dict(keys=fields.String(), metadata={"description": "JSON pointer → value"})
    absent = fields.List(fields.String(), metadata={"description": "named fields that the report does not have"})


class OpenedInPlace(Opened):
    """A report of a page, opened; or why not."""

    fault = fields.String(metadata={"description": "why it could not be opened"})


class OpenedPage(Schema):
    """A page of a search's reports, opened."""

    items = fields.List(fields.Nested(OpenedInPlace), required=True)
    purpose = fields.String(required=True)
    next = fields.String(allow_none=True, metadata={"description": "goes on behind the last report of this page"})


class Named(Schema):
    """Which report."""

    id = fields.String(required=True)
    ref = fields.String(required=True)
    revision = fields.Integer(required=True)


class Find(Named):
    """A report in whose sealed text the words were found."""

    fields_found = fields.List(fields.String(), required=True, data_key="fields", metadata={"description": "pointers"})


class Fault(Named):
    """A report that could not be scanned."""

    detail = fields.String(required=True)


class Until(Schema):
    """The last report that was looked at."""

    ref = fields.String(required=True)
    filed_at = fields.String(required=True)


class ScannedPage(Schema):
    """What a scan found, and how much it opened for it."""

    items = fields.List(fields.Nested(Find), required=True)
    opened = fields.Integer(required=True, metadata={"description": "reports of which a field was opened"})
    scanned = fields.Integer(required=True, metadata={"description": "candidates that were looked at"})
    scanned_until = fields.Nested(Until, allow_none=True, metadata={"description": "the last report looked at"})
    faults = fields.List(fields.Nested(Fault), required=True)
    stopped_by = fields.String(required=True, metadata={"description": "all, rows, seconds or limit"})
    is_complete = fields.Boolean(required=True, metadata={"description": "every report of the search was looked at"})
    next = fields.String(allow_none=True, metadata={"description": "goes on right behind the last report looked at"})

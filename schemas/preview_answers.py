"""What the API answers about a preview: per feed and mode, each field's fate, the guard's hits, and the STIX."""

from marshmallow import Schema, fields

from schemas.answers import Problem
from schemas.guard_answers import GuardHit

__all__ = ["Preview", "Problem"]


class Fate(Schema):
    """What becomes of a field of the report."""

    field = fields.String(required=True, metadata={"description": "schema path"})
    fate = fields.String(required=True, metadata={"description": "kept, coarsened or withheld"})
    rule = fields.String(required=True, metadata={"description": "the transform, or why it is withheld"})
    shows = fields.Dict(keys=fields.String(), metadata={"description": "what is shown: JSON pointer → value"})


class Closed(Schema):
    """A gate that is closed."""

    gate = fields.String(required=True)
    remedy = fields.String(required=True)


class Entry(Schema):
    """What one feed would show in one mode."""

    feed = fields.String(required=True)
    audience = fields.String(required=True)
    mode = fields.String(required=True, metadata={"description": "written or redacted"})
    is_next = fields.Boolean(required=True, metadata={"description": "the next release takes it, as its gates stand"})
    closed = fields.List(fields.Nested(Closed), required=True)
    fates = fields.List(fields.Nested(Fate), required=True, data_key="fields")
    held = fields.List(fields.Nested(GuardHit), required=True, metadata={"description": "for what the guard holds it"})
    warnings = fields.List(fields.Nested(GuardHit), required=True)
    objects = fields.List(fields.Dict(), required=True, metadata={"description": "STIX, with names made for this view"})


class Preview(Schema):
    """What audiences would see, side by side."""

    items = fields.List(fields.Nested(Entry), required=True)
    next = fields.String(allow_none=True)

"""What the API answers about releases: counts, and no report by name."""

from marshmallow import Schema, fields

HELD = "reports that wait, by what holds them: a gate of the path, `batch` (too few organisations), `guard` or `fault`"


class Release(Schema):
    """One release of a feed, and what it left behind."""

    feed = fields.String(required=True)
    number = fields.Integer(required=True)
    at = fields.String(required=True)
    added = fields.Integer(required=True, metadata={"description": "objects"})
    changed = fields.Integer(required=True, metadata={"description": "objects"})
    revoked = fields.Integer(required=True, metadata={"description": "objects"})
    policy_digest = fields.String(required=True, metadata={"description": "SHA-256 of the policy it was made under"})
    digest = fields.String(required=True, metadata={"description": "SHA-256 over its entries' bytes, in order"})
    eligible = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "reports that the gates let through, or null: not kept then"},
    )
    reports = fields.Integer(required=True, allow_none=True, metadata={"description": "of them, those that it brought"})
    held = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True, allow_none=True, metadata={"description": HELD}
    )


class ReleaseList(Schema):
    """A page of releases, the newest first."""

    items = fields.List(fields.Nested(Release), required=True)
    next = fields.String(allow_none=True)

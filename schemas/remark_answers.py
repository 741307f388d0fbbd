"""What the API answers an analyst about what members said of a report, for its documentation."""

from marshmallow import Schema, fields


class Remark(Schema):
    """A sighting or an opinion of a member."""

    kind = fields.String(required=True, metadata={"description": "sighting or opinion"})
    organisation = fields.String(required=True)
    feed = fields.String(required=True)
    about = fields.String(required=True, metadata={"description": "STIX id of the object in that feed"})
    at = fields.String(required=True)
    count = fields.Integer(metadata={"description": "how often it was seen"})
    first_seen = fields.String()
    last_seen = fields.String()
    opinion = fields.String(metadata={"description": "from strongly-disagree to strongly-agree"})


class RemarkList(Schema):
    """A page of what members said."""

    items = fields.List(fields.Nested(Remark), required=True)
    next = fields.String(allow_none=True)

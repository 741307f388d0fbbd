"""What the statistics route takes and answers.

Attributes are not called `values` or `fields`: marshmallow would find the methods of those names on what it is given.
"""

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields

from schemas.fields import JsonSchema, Shaped
from schemas.requests import Request


class Months(fields.Integer):
    """A number of months in a query, where everything is text: 0 to 120."""

    most = 120

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not re.fullmatch("[0-9]{1,3}", str(value), re.ASCII) or int(value) > self.most:
            message = f"must be a whole number from 0 to {self.most}"
            raise ValidationError(message)
        return int(value)

    def json_schema(self) -> JsonSchema:
        """The field as JSON Schema."""
        return {"type": "integer", "minimum": 0, "maximum": self.most}


class StatisticsQuery(Request):
    """Which numbers to answer."""

    feed = Shaped(
        r"[a-z][a-z0-9_-]{0,40}",
        "must be the name of a feed",
        required=True,
        error_messages={"required": "is required: name the feed whose entries are counted, such as feed=researchers"},
    )
    by = Shaped(
        r"[a-z][a-z0-9_.\[\]]{0,99}",
        "must be the path of a coded field, such as severity; leave it out to see all of them",
        metadata={"description": "a coded field by its path; without it, all of them"},
    )
    months = Months(load_default=12, metadata={"description": "with `by`: how many months up to the release, 0 to 120"})


class Value(Schema):
    """One value and how many entries show it."""

    value = fields.String(required=True)
    entries = fields.Integer(required=True)


class Month(Schema):
    """The values of the entries whose month of awareness this is."""

    month = fields.String(required=True)
    shown = fields.List(fields.Nested(Value), required=True, data_key="values")


class FieldCounts(Schema):
    """The numbers of one field."""

    by = fields.String(required=True)
    shown = fields.List(fields.Nested(Value), required=True, data_key="values")
    withheld = fields.Integer(required=True, metadata={"description": "entries that were not to show it to this feed"})
    unstated = fields.Integer(required=True, metadata={"description": "entries whose report did not say"})


class Statistics(Schema):
    """Counts of what a feed shows at its newest release."""

    feed = fields.String(required=True)
    release = fields.Integer(required=True)
    as_of = fields.String(required=True, allow_none=True)
    total = fields.Integer(required=True, metadata={"description": "entries"})
    by = fields.String(metadata={"description": "with `by` only, as are values, withheld, unstated and months"})
    shown = fields.List(fields.Nested(Value), data_key="values")
    withheld = fields.Integer()
    unstated = fields.Integer()
    months = fields.List(fields.Nested(Month))
    every = fields.List(
        fields.Nested(FieldCounts), data_key="fields", metadata={"description": "without `by`: every coded field"}
    )

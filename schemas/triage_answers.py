"""What the API answers an analyst about a report and its cases, for its documentation."""

from marshmallow import Schema, fields

WHOSE = "whose text is in effect: producer, hub, or nobody"


class Revised(Schema):
    """One revision of an overlay."""

    number = fields.Integer(required=True)
    at = fields.String(required=True)
    actor = fields.String(required=True)
    why = fields.String(required=True)
    changed = fields.Dict(required=True, metadata={"description": "field → what is asserted since; null: nothing"})


class Held(Schema):
    """An analyst's hold."""

    id = fields.String(required=True)
    reason = fields.String(required=True)
    placed_by = fields.String(required=True)
    placed_at = fields.String(required=True)
    expires_at = fields.String(required=True)


class Overlay(Schema):
    """What analysts assert of a report."""

    id = fields.String(required=True)
    ref = fields.String(required=True)
    number = fields.Integer(required=True)
    asserted = fields.Dict(required=True)
    hold = fields.Nested(Held, allow_none=True)


class OverlayRead(Overlay):
    """An overlay with its history, the newest revision first."""

    items = fields.List(fields.Nested(Revised), required=True)
    next = fields.String(allow_none=True)


class Lifted(Schema):
    """A report whose hold was lifted."""

    id = fields.String(required=True)


class WrittenText(Schema):
    """What an analyst wrote last; only analysts see it."""

    number = fields.Integer(required=True)
    at = fields.String(required=True)
    actor = fields.String(required=True)
    why = fields.String(required=True)
    text = fields.Dict(required=True)


class ReleaseText(Schema):
    """The text for release in effect."""

    id = fields.String(required=True)
    ref = fields.String(required=True)
    revision = fields.Integer(required=True)
    text = fields.Dict(required=True)
    whose = fields.String(required=True, metadata={"description": WHOSE})
    difference = fields.List(fields.String(), required=True, metadata={"description": "from the producer's, unified"})
    approved_for = fields.List(fields.String(), required=True)
    written = fields.Nested(WrittenText, allow_none=True)


class Shared(Schema):
    """A value that two reports share."""

    by = fields.String(required=True, metadata={"description": "cve, package, technique, system or family"})
    value = fields.String(required=True)
    reports = fields.Integer(required=True, metadata={"description": "how many reports hold it; 301: more than 300"})


class RelatedReport(Schema):
    """A report that shares something."""

    id = fields.String(required=True)
    ref = fields.String(required=True)
    report_type = fields.String(required=True)
    filed_at = fields.String(required=True)
    case = fields.String(allow_none=True)
    strength = fields.Float(required=True)
    shares = fields.List(fields.Nested(Shared), required=True)


class Related(Schema):
    """Reports that share a value, the strongest first, and the values that too many share to mean anything."""

    items = fields.List(fields.Nested(RelatedReport), required=True)
    next = fields.String(allow_none=True)
    too_common = fields.List(fields.Nested(Shared), required=True)
    is_indexed = fields.Boolean(required=True, metadata={"description": "false until the index has seen the report"})


class CaseReport(Schema):
    """A report in a case."""

    id = fields.String(required=True)
    ref = fields.String(required=True)
    added_at = fields.String(required=True)
    added_by = fields.String(required=True)
    why = fields.String(required=True)


class Case(Schema):
    """Several reports on one event."""

    ref = fields.String(required=True)
    title = fields.String(required=True)
    opened_at = fields.String(required=True)
    opened_by = fields.String(required=True)
    closed_at = fields.String(allow_none=True)
    size = fields.Integer(required=True)


class CaseRead(Case):
    """A case with its reports."""

    reports = fields.List(fields.Nested(CaseReport), required=True)


class CaseList(Schema):
    """A page of cases."""

    items = fields.List(fields.Nested(Case), required=True)
    next = fields.String(allow_none=True)

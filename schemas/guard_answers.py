"""What the API answers about the guard: fields and rules, never values."""

from marshmallow import Schema, fields

STATES = (
    "passed, held (waits for a decision), kept (decided: it stays) or crowded (too many of its organisation are held)"
)
OF = "the field whose withheld value it is, or `organisation`; empty for what a detector found"


class GuardHit(Schema):
    """Something found in words that would leave."""

    field = fields.String(required=True)
    rule = fields.String(required=True)
    of = fields.String(required=True, metadata={"description": OF})


class GuardVerdict(Schema):
    """What the guard said of a report before one feed."""

    feed = fields.String(required=True)
    audience = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": STATES})
    is_current = fields.Boolean(required=True, metadata={"description": "false: the next release examines it anew"})
    revision = fields.Integer(required=True)
    triage = fields.Integer(required=True)
    at = fields.String(required=True)
    since = fields.String(required=True)
    hits = fields.List(fields.Nested(GuardHit), required=True)
    warnings = fields.List(fields.Nested(GuardHit), required=True)


class GuardDecision(Schema):
    """What analysts decided of hits; shown to analysts alone."""

    number = fields.Integer(required=True)
    audience = fields.String(required=True)
    decision = fields.String(required=True)
    why = fields.String(required=True)
    actor = fields.String(required=True)
    at = fields.String(required=True)
    second_why = fields.String(allow_none=True)
    second_actor = fields.String(allow_none=True)
    settled_at = fields.String(allow_none=True)


class Guard(Schema):
    """What the guard said of a report, by feed, and what was decided about it."""

    id = fields.String(required=True)
    ref = fields.String(required=True)
    revision = fields.Integer(required=True)
    verdicts = fields.List(fields.Nested(GuardVerdict), required=True)
    decisions = fields.List(fields.Nested(GuardDecision), required=True)


class GuardDecided(GuardDecision):
    """A decision as it stands: settled, or waiting for a second person."""

    id = fields.String(required=True)
    needs_second = fields.Boolean(required=True)


class Waiting(Schema):
    """A report that waits for a decision before one feed."""

    id = fields.String(required=True)
    ref = fields.String(required=True)
    organisation = fields.String(required=True)
    feed = fields.String(required=True)
    revision = fields.Integer(required=True)
    since = fields.String(required=True)
    hits = fields.List(fields.Nested(GuardHit), required=True)


class WaitingList(Schema):
    """A page of what waits at the guard, the oldest first."""

    items = fields.List(fields.Nested(Waiting), required=True)
    next = fields.String(allow_none=True)

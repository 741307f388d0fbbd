"""What the API answers about work sessions, proposals, and what one person does alone."""

from marshmallow import Schema, fields

from schemas.answers import Problem

__all__ = ["Notices", "Problem", "Proposal", "Proposals", "WorkSession", "WorkSessions"]


class Scope(Schema):
    """What may be opened in a session."""

    reports = fields.List(fields.String(), metadata={"description": "ids"})
    filter = fields.String()


class WorkSession(Schema):
    """An analyst's work with sealed fields."""

    id = fields.String(required=True)
    purpose = fields.String(required=True)
    scope = fields.Nested(Scope, required=True)
    most = fields.Integer(required=True, metadata={"description": "reports that may be opened"})
    opened = fields.Integer(required=True)
    begun_at = fields.String(required=True)
    until = fields.String(required=True)
    ended_at = fields.String(allow_none=True)


class WorkSessions(Schema):
    """The caller's sessions that are not over."""

    items = fields.List(fields.Nested(WorkSession), required=True)
    next = fields.String(allow_none=True)


class Proposal(Schema):
    """Something that takes two people."""

    id = fields.String(required=True)
    action = fields.String(required=True)
    subject = fields.String(required=True, metadata={"description": "what it is done to"})
    details = fields.Dict(required=True, metadata={"description": "exactly what is agreed to"})
    why = fields.String(required=True)
    person = fields.String(required=True, metadata={"description": "who proposed it; empty: at the host's shell"})
    proposed_at = fields.String(required=True)
    expires_at = fields.String(required=True)
    cools_until = fields.String(
        allow_none=True, metadata={"description": "fewer than two are eligible: one may do it alone from then on"}
    )
    approver = fields.String(allow_none=True)
    state = fields.String(required=True, metadata={"description": "waits, ready, done, refused or lapsed"})


class Proposals(Schema):
    """What was proposed, the newest first."""

    items = fields.List(fields.Nested(Proposal), required=True)
    next = fields.String(allow_none=True)


class Notice(Schema):
    """What one person of the hub does alone."""

    proposal = fields.String(required=True)
    action = fields.String(required=True)
    subject = fields.String(
        allow_none=True, metadata={"description": "one of your reports, or your organisation; null: it concerns all"}
    )
    proposed_at = fields.String(required=True)
    not_before = fields.String(required=True, metadata={"description": "when it may be done at the earliest"})
    state = fields.String(required=True, metadata={"description": "waits, ready, done, refused or lapsed"})


class Notices(Schema):
    """What one person did alone in the last thirty days, or is about to."""

    items = fields.List(fields.Nested(Notice), required=True)
    next = fields.String(allow_none=True)

"""What the API answers about the audit log."""

from marshmallow import Schema, fields


class AuditItem(Schema):
    """One entry."""

    seq = fields.Integer(required=True)
    position = fields.Integer(
        required=True, allow_none=True, metadata={"description": "its place in the log; null: it has none yet"}
    )
    at = fields.String(required=True)
    actor = fields.String(
        required=True, metadata={"description": "for producers: own (your organisation), staff or hub"}
    )
    action = fields.String(required=True)
    subject = fields.String(required=True)
    details = fields.Dict(required=True, keys=fields.String())


class AuditList(Schema):
    """A page of entries, the newest first."""

    items = fields.List(fields.Nested(AuditItem), required=True)
    next = fields.String(allow_none=True, required=True)


class AuditCheckpoint(Schema):
    """The signed state of the log."""

    size = fields.Integer(required=True, metadata={"description": "entries"})
    at = fields.String(required=True)
    root = fields.String(required=True, metadata={"description": "base64"})
    note = fields.String(required=True, metadata={"description": "C2SP tlog-checkpoint, signed"})
    key = fields.String(required=True, metadata={"description": "the key in the form of the note format"})


class AuditProof(Schema):
    """That an entry is in the log that a checkpoint signs."""

    seq = fields.Integer(required=True)
    index = fields.Integer(required=True, metadata={"description": "its place in the log"})
    commitment = fields.String(
        required=True, metadata={"description": 'hex of SHA-256("hub.audit.v1", salt, payload): the leaf'}
    )
    salt = fields.String(required=True, allow_none=True, metadata={"description": "hex; null as payload is"})
    payload = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "the entry as JSON, as it was committed to; null if it names others than the caller"},
    )
    path = fields.List(fields.String(), required=True, metadata={"description": "hex of each hash, RFC 6962"})
    checkpoint = fields.String(required=True, metadata={"description": "C2SP tlog-checkpoint, signed"})
    key = fields.String(required=True, metadata={"description": "the key in the form of the note format"})

"""What the API answers about attachments."""

from marshmallow import Schema, fields

STATES = "open (bytes are missing), complete, verified (admitted), or faulty (set aside; `fault` says why)"


class Attachment(Schema):
    """An attachment, unopened."""

    id = fields.String(required=True)
    report = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": STATES})
    size = fields.Integer(required=True, metadata={"description": "bytes, as declared"})
    received = fields.Integer(required=True, metadata={"description": "bytes that are there"})
    chunk_size = fields.Integer(required=True, metadata={"description": "bytes of every chunk but the last"})
    next = fields.Integer(
        required=True, allow_none=True, metadata={"description": "the offset of the next chunk; null: all are there"}
    )
    begun_at = fields.String(required=True)
    completed_at = fields.String(required=True, allow_none=True)
    verified_at = fields.String(required=True, allow_none=True)
    fault = fields.String(required=True, allow_none=True)
    commitment = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "the receipt, once complete: a hash of the signed manifest, as the audit has it"},
    )
    links = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class Attachments(Schema):
    """The attachments of a report, the oldest first."""

    items = fields.List(fields.Nested(Attachment), required=True)


class RemovedAttachment(Schema):
    """An attachment that was taken back."""

    id = fields.String(required=True)


class OpenedAttachment(Schema):
    """What an attachment is called and is, opened."""

    id = fields.String(required=True)
    report = fields.String(required=True)
    purpose = fields.String(required=True)
    name = fields.String(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)

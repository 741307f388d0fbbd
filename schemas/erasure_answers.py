"""What the API answers about erasures."""

from marshmallow import Schema, fields


class Erasure(Schema):
    """Where an erasure stands, and its record, once it was carried out."""

    state = fields.String(required=True, metadata={"description": "erasing, or erased"})
    erases = fields.String(required=True, metadata={"description": "report, or identity: who reported, alone"})
    begun_at = fields.String(required=True)
    record = fields.String(metadata={"description": "canonical JSON, as it was signed"})
    signature = fields.String(metadata={"description": "Ed25519 over the record, in hexadecimal"})


class Erasures(Schema):
    """The erasures of one report, and the key that verifies their records."""

    items = fields.List(fields.Nested(Erasure), required=True)
    public_key = fields.String(required=True)

"""What the API answers, for its documentation and as its shape."""

from marshmallow import Schema, fields

PROOF = "SHA-256 over `hub.receipt.v1`, the salt and the manifest; `signature` is Ed25519 over the manifest"
STATES = "filed, admitted, quarantined or withdrawn"


class Receipt(Schema):
    """Proof of filing: SHA-256 over the salt and the revision's manifest."""

    commitment = fields.String(required=True, metadata={"description": PROOF})
    salt = fields.String(required=True)
    signature = fields.String(required=True)


class FullReceipt(Receipt):
    """A receipt with what it takes to check it without the hub."""

    report = fields.String(required=True)
    revision = fields.Integer(required=True)
    filed_at = fields.String(required=True)
    manifest = fields.String(required=True)
    public_key = fields.String(required=True)


class Filed(Schema):
    """A report as it stands after filing, amending or withdrawing."""

    id = fields.String(required=True)
    ref = fields.String(required=True)
    revision = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"description": STATES})
    completeness = fields.Dict(required=True)
    receipt = fields.Nested(Receipt)
    links = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class Checked(Schema):
    """A report that was checked and not filed."""

    completeness = fields.Dict(required=True)


class ReportRead(Filed):
    """A report as it may be read: its clear fields, and pointers to the sealed ones."""

    report = fields.Dict(required=True)
    sealed = fields.List(fields.String(), required=True)
    filed_at = fields.String(required=True)


class ReportList(Schema):
    """A page of reports."""

    items = fields.List(fields.Nested(ReportRead), required=True)
    next = fields.String(allow_none=True)


class Grant(Schema):
    """An audience that an organisation may read."""

    audience = fields.String(required=True)
    expires_at = fields.String(required=True)


class Member(Schema):
    """An organisation."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    approved_at = fields.String(allow_none=True)
    grants = fields.List(fields.Nested(Grant))


class MemberList(Schema):
    """A page of organisations."""

    items = fields.List(fields.Nested(Member), required=True)
    next = fields.String(allow_none=True)


class Token(Schema):
    """A token; its text only in the answer that made it."""

    id = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    label = fields.String()
    token = fields.String()
    created_at = fields.String(required=True)
    expires_at = fields.String(required=True)
    revoked_at = fields.String(allow_none=True)


class TokenList(Schema):
    """The tokens of an organisation."""

    items = fields.List(fields.Nested(Token), required=True)
    next = fields.String(allow_none=True)


class Accepted(Schema):
    """What was accepted."""

    id = fields.String(required=True)
    audience = fields.String(required=True)
    subject = fields.String(required=True)


class FieldProblem(Schema):
    """One thing wrong with a body."""

    pointer = fields.String(required=True, metadata={"description": "RFC 6901"})
    detail = fields.String(required=True)


class Problem(Schema):
    """RFC 9457 problem details."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String()
    errors = fields.List(fields.Nested(FieldProblem))

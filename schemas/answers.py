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


class FacetValue(Schema):
    """How many matches hold a value."""

    value = fields.String(required=True)
    reports = fields.Integer(required=True)


class Facets(Schema):
    """How many matches hold each value of some fields."""

    values = fields.Dict(keys=fields.String(), values=fields.List(fields.Nested(FacetValue)), required=True)
    counted = fields.Integer(required=True, metadata={"description": "over how many matches"})
    is_complete = fields.Boolean(required=True, metadata={"description": "whether these are all matches"})


class SearchAnswer(ReportList):
    """What a search found."""

    sealed = fields.List(
        fields.String(), required=True, metadata={"description": "sealed fields that the filter names"}
    )
    facets = fields.Nested(Facets)


class SearchField(Schema):
    """A field that a filter may name."""

    name = fields.String(required=True)
    kind = fields.String(required=True)
    values = fields.List(fields.String(), required=True)
    sealed = fields.Boolean(required=True)
    searchable = fields.Boolean(required=True)
    facet = fields.Boolean(required=True)


class SearchFields(Schema):
    """The fields that a filter may name."""

    items = fields.List(fields.Nested(SearchField), required=True)


class Clears(Schema):
    """The one call, or command, that clears a gate, and who makes it."""

    who = fields.String(required=True)
    method = fields.String()
    path = fields.String()
    body = fields.Dict()
    command = fields.String()


class PathGate(Schema):
    """One thing a report must pass on its way into a feed."""

    gate = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": "passed, waiting or not_yet_run"})
    since = fields.String(allow_none=True)
    on = fields.String(metadata={"description": "what a waiting gate waits for"})
    earliest_exit = fields.String(allow_none=True)
    clears = fields.Nested(Clears, allow_none=True)


class PathShows(Schema):
    """What a feed shows of a report now."""

    ref = fields.String(required=True)
    revision = fields.Integer(required=True)
    mode = fields.String(required=True)
    since = fields.String(required=True)


class Way(Schema):
    """The way of a report into one feed."""

    feed = fields.String(required=True)
    audience = fields.String(required=True)
    ceiling = fields.String(required=True)
    mode = fields.String(allow_none=True, metadata={"description": "written, redacted, or none at all"})
    state = fields.String(required=True, metadata={"description": "released, waiting, recalled or never"})
    waits_at = fields.String(allow_none=True)
    earliest_exit = fields.String(allow_none=True, metadata={"description": "when it leaves if nobody acts"})
    shows = fields.Nested(PathShows, allow_none=True)
    gates = fields.List(fields.Nested(PathGate), required=True)


class Path(Schema):
    """Every gate between a report and each feed."""

    id = fields.String(required=True)
    ref = fields.String(required=True)
    revision = fields.Integer(required=True)
    state = fields.String(required=True)
    tlp = fields.String(required=True)
    as_of = fields.String(required=True)
    notes = fields.List(fields.String(), required=True)
    feeds = fields.List(fields.Nested(Way), required=True)


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

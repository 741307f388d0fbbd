"""Every table. A row is never filled from a request, and never validates: marshmallow did, at the edge.

Who filed what hangs on `organisation_id`; what is sealed lies in `revision.sealed` and opens only with `data_key`.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from hub.store.columns import Document, Instant, Number

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = SQLModel.metadata
METADATA.naming_convention = NAMING


def _instant(*, index: bool = False, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(Instant(), index=index, nullable=nullable))


def _blob(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(LargeBinary(), nullable=nullable))


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


def _document() -> Any:
    return Field(default=None, sa_column=Column(Document, nullable=False))


class Deployment(SQLModel, table=True):
    """This hub: one row."""

    id: int = Field(primary_key=True)
    uid: str
    identity: str  # STIX id of the hub, created_by_ref of all it publishes
    name: str
    created_at: datetime = _instant()


class Epoch(SQLModel, table=True):
    """A key generation; its secrets lie here under the root key."""

    number: int = Field(primary_key=True)
    public_key: bytes = _blob()
    private_key: bytes = _blob()
    kek: bytes = _blob()
    created_at: datetime = _instant()


class Organisation(SQLModel, table=True):
    """A producer, a member, or both; or a public source."""

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    is_source: bool = False
    approved_at: datetime | None = _instant(nullable=True)
    created_at: datetime = _instant()


class AudienceGrant(SQLModel, table=True):
    """The right of an organisation to read one audience's feed, until it expires."""

    __tablename__: ClassVar[str] = "audience_grant"
    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id")
    audience: str = Field(primary_key=True)
    expires_at: datetime = _instant()
    granted_at: datetime = _instant()


class StandingAcceptance(SQLModel, table=True):
    """All reports of an organisation are accepted for an audience."""

    __tablename__: ClassVar[str] = "standing_acceptance"
    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id")
    audience: str = Field(primary_key=True)
    accepted_by: str
    accepted_at: datetime = _instant()


class Token(SQLModel, table=True):
    """A bearer token, as its SHA-256."""

    id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    roles: str  # comma-separated
    label: str
    sha256: bytes = _blob()
    is_demo: bool = False
    created_at: datetime = _instant()
    expires_at: datetime = _instant()
    revoked_at: datetime | None = _instant(nullable=True)


class Report(SQLModel, table=True):
    """A report: what its current revision says in clear, as far as gates and lists need it."""

    __table_args__ = (UniqueConstraint("organisation_id", "client_ref"),)
    id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    ref: str = Field(unique=True)
    client_ref: str | None = None
    revision: int
    report_type: str
    severity: str
    tlp: str
    shared_with: list[str] = _document()
    is_import: bool = False
    is_urgent: bool = False
    embargo_until: datetime | None = _instant(nullable=True)
    held_until: datetime | None = _instant(nullable=True)
    filed_at: datetime = _instant(index=True)
    withdrawn_at: datetime | None = _instant(nullable=True)
    filed_code: bytes = _blob()  # keyed hash of the body as filed
    upserted_code: bytes = _blob()  # and as last upserted
    stamp: int = 0  # grows with every change that may matter to a gate; a release rechecks it


class Revision(SQLModel, table=True):
    """One revision of a report: its clear fields, its ciphertexts, and the manifest that binds them."""

    __table_args__ = (_partial("ix_revision_unadmitted", "filed_at", where="admitted_at IS NULL AND fault IS NULL"),)
    report_id: str = Field(primary_key=True, foreign_key="report.id")
    revision: int = Field(primary_key=True)
    filed_at: datetime = _instant()
    filed_by: str
    clear: dict[str, Any] = _document()
    sealed: bytes = _blob()
    sealed_pointers: list[str] = _document()
    origins: dict[str, int] = _document()  # schema path → the revision that sealed it
    completeness: dict[str, Any] = _document()
    manifest: bytes = _blob()
    signature: bytes = _blob()
    admitted_at: datetime | None = _instant(nullable=True)
    fault: str | None = None  # why admission refused it


class DataKey(SQLModel, table=True):
    """The wrapped data key of one revision. Without this row its ciphertexts are noise."""

    __tablename__: ClassVar[str] = "data_key"
    report_id: str = Field(primary_key=True, foreign_key="report.id")
    revision: int = Field(primary_key=True)
    purpose: str = Field(primary_key=True)  # report, or identity: purged alone
    epoch: int = Field(foreign_key="epoch.number")
    is_admitted: bool = False  # False: wrapped by intake with HPKE; True: under the epoch's symmetric key
    wrapped: bytes = _blob()


class Receipt(SQLModel, table=True):
    """The salted commitment to a revision's manifest, and its salt, shown to the producer alone."""

    report_id: str = Field(primary_key=True, foreign_key="report.id")
    revision: int = Field(primary_key=True)
    salt: bytes = _blob()
    commitment: bytes = _blob()


class Replay(SQLModel, table=True):
    """An Idempotency-Key and the answer it got: no sealed value in it."""

    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id")
    key: str = Field(primary_key=True)
    code: bytes = _blob()
    report_id: str = Field(foreign_key="report.id")
    answer: dict[str, Any] = _document()
    created_at: datetime = _instant(index=True)


class Acceptance(SQLModel, table=True):
    """An analyst's word that a report may leave as written, or that its text for release may, to an audience."""

    report_id: str = Field(primary_key=True, foreign_key="report.id")
    audience: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)  # written, or for_release
    text_digest: str  # of the approved text; another text is not approved
    accepted_by: str
    accepted_at: datetime = _instant()


class AuditEntry(SQLModel, table=True):
    """What was done, by whom, to what. Only ever added: triggers refuse the rest."""

    __tablename__: ClassVar[str] = "audit_entry"
    seq: int | None = Field(default=None, sa_column=Column(Number, primary_key=True, autoincrement=True))
    at: datetime = _instant(index=True)
    actor: str
    action: str
    subject: str
    details: dict[str, Any] = _document()


class FeedPolicy(SQLModel, table=True):
    """One version of a feed's policy."""

    __tablename__: ClassVar[str] = "feed_policy"
    feed: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    policy: str
    digest: str
    applied_by: str
    applied_at: datetime = _instant()


class Feed(SQLModel, table=True):
    """A feed: its active policy, its collection, and where its releases stand."""

    name: str = Field(primary_key=True)
    collection_id: str = Field(unique=True)
    policy_version: int
    next_at: datetime | None = _instant(nullable=True)
    last_release: int = 0
    last_position: int = Field(default=0, sa_column=Column(Number, nullable=False))
    last_added_at: datetime | None = _instant(nullable=True)


class Due(SQLModel, table=True):
    """Work for a feed's next release: a report whose gates are to be asked again."""

    __table_args__ = (Index("ix_due_open", "feed", "not_before"),)
    feed: str = Field(primary_key=True, foreign_key="feed.name")
    report_id: str = Field(primary_key=True, foreign_key="report.id")
    queued_at: datetime = _instant()
    not_before: datetime | None = _instant(nullable=True)
    gate: str | None = None  # the closed gate that it was last found at
    is_parked: bool = False  # only a change of the report opens that gate
    fault: str | None = None  # what kept it from leaving although every gate was open


class Presence(SQLModel, table=True):
    """A report in a feed: the names it has there. A re-release after a recall is another generation."""

    __table_args__ = (
        Index("ix_presence_live", "feed", "report_id", sqlite_where=text("ended_at IS NULL"),
              postgresql_where=text("ended_at IS NULL"), unique=True),
    )  # fmt: skip
    feed: str = Field(primary_key=True, foreign_key="feed.name")
    report_id: str = Field(primary_key=True, foreign_key="report.id")
    generation: int = Field(primary_key=True)
    namespace: bytes = _blob()
    ref: str = Field(unique=True)
    mode: str
    tlp: str
    revision: int
    began_at: datetime = _instant()
    ended_at: datetime | None = _instant(nullable=True)


class Release(SQLModel, table=True):
    """One edition of a feed."""

    feed: str = Field(primary_key=True, foreign_key="feed.name")
    number: int = Field(primary_key=True)
    released_at: datetime = _instant()
    policy_digest: str
    added: int
    changed: int
    revoked: int
    digest: str  # SHA-256 over its entries' bytes, in order


class Entry(SQLModel, table=True):
    """One object version in a release, as the bytes that are served. Its position never changes."""

    __table_args__ = (
        UniqueConstraint("feed", "added_at"),
        UniqueConstraint("feed", "stix_id", "version"),
        Index("ix_entry_report", "feed", "report_id"),
    )
    feed: str = Field(primary_key=True, foreign_key="feed.name")
    position: int = Field(sa_column=Column(Number, primary_key=True, autoincrement=False))
    release: int
    stix_id: str
    kind: str
    version: str
    added_at: datetime = _instant()
    report_id: str | None = None
    generation: int = 0
    content: bytes = _blob()
    is_first: bool = True
    is_last: bool = True
    is_revoked: bool = False


class Publisher(SQLModel, table=True):
    """Who publishes now: one row. A publisher that lost its lease finds another fence and stops."""

    id: int = Field(primary_key=True)
    owner: str | None = None
    until: datetime | None = _instant(nullable=True)
    fence: int = 0

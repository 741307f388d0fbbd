"""What is filed, by whom, and under which key."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from hub.store.tables.base import blob, document, instant, partial


class Deployment(SQLModel, table=True):
    """This hub: one row."""

    id: int = Field(primary_key=True)
    uid: str
    identity: str  # STIX id of the hub, created_by_ref of all it publishes
    name: str
    created_at: datetime = instant()


class Epoch(SQLModel, table=True):
    """A key generation. Its secrets lie in `secret`, until they are destroyed."""

    number: int = Field(primary_key=True)
    public_key: bytes = blob()
    created_at: datetime = instant()
    erasing_since: datetime | None = instant(nullable=True)  # an erasure epoch: those before it are to be destroyed
    settled_at: datetime | None = instant(nullable=True)  # when no data key lay under an earlier one any more
    destroyed_at: datetime | None = instant(nullable=True)


class Organisation(SQLModel, table=True):
    """A producer, a member, or both; or a public source."""

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    is_source: bool = False
    approved_at: datetime | None = instant(nullable=True)
    created_at: datetime = instant()


class AudienceGrant(SQLModel, table=True):
    """The right of an organisation to read one audience's feed, until it expires."""

    __tablename__: ClassVar[str] = "audience_grant"
    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id")
    audience: str = Field(primary_key=True)
    expires_at: datetime = instant()
    granted_at: datetime = instant()


class StandingAcceptance(SQLModel, table=True):
    """All reports of an organisation are accepted for an audience."""

    __tablename__: ClassVar[str] = "standing_acceptance"
    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id")
    audience: str = Field(primary_key=True)
    accepted_by: str
    accepted_at: datetime = instant()


class Token(SQLModel, table=True):
    """A bearer token, as its SHA-256."""

    id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    roles: str  # comma-separated
    label: str
    person: str = ""  # who holds it: two tokens of one person are one person
    sha256: bytes = blob()
    is_demo: bool = False
    created_at: datetime = instant()
    expires_at: datetime = instant()
    revoked_at: datetime | None = instant(nullable=True)


class Report(SQLModel, table=True):
    """A report: what its current revision says in clear, as far as gates and lists need it."""

    __table_args__ = (
        UniqueConstraint("organisation_id", "client_ref"),
        partial("ix_report_unindexed", "filed_at", where="indexed_stamp <> stamp"),
        partial("ix_report_withdrawn", "id", where="withdrawn_at IS NOT NULL"),
    )
    id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    ref: str = Field(unique=True)
    client_ref: str | None = None
    revision: int
    report_type: str
    severity: str
    tlp: str
    shared_with: list[str] = document()
    is_import: bool = False
    is_urgent: bool = False
    embargo_until: datetime | None = instant(nullable=True)
    held_until: datetime | None = instant(nullable=True)
    filed_at: datetime = instant(index=True)
    withdrawn_at: datetime | None = instant(nullable=True)
    filed_code: bytes = blob()  # keyed hash of the body as filed
    upserted_code: bytes = blob()  # and as last upserted
    stamp: int = 0  # grows with every change that may matter to a gate; a release rechecks it
    indexed_stamp: int = -1  # the stamp under which the search index last saw it; another one: it is looked at again
    triage: int = 0  # number of the current overlay; 0: never triaged
    staff_hold_until: datetime | None = instant(nullable=True)  # an analyst's hold, beside the producer's own
    erased_at: datetime | None = instant(nullable=True)  # this husk is all that is left of it


class Revision(SQLModel, table=True):
    """One revision of a report: its clear fields, its ciphertexts, and the manifest that binds them."""

    __table_args__ = (
        partial("ix_revision_unadmitted", "filed_at", where="admitted_at IS NULL AND fault IS NULL"),
        partial("ix_revision_quarantined", "report_id", where="fault IS NOT NULL"),
    )
    report_id: str = Field(primary_key=True, foreign_key="report.id")
    revision: int = Field(primary_key=True)
    filed_at: datetime = instant()
    filed_by: str
    clear: dict[str, Any] = document()
    sealed: bytes = blob()
    sealed_pointers: list[str] = document()
    origins: dict[str, int] = document()  # schema path → the revision that sealed it
    completeness: dict[str, Any] = document()
    manifest: bytes = blob()
    signature: bytes = blob()
    admitted_at: datetime | None = instant(nullable=True)
    fault: str | None = None  # why admission refused it


class DataKey(SQLModel, table=True):
    """The wrapped data key of one revision. Without this row its ciphertexts are noise."""

    __tablename__: ClassVar[str] = "data_key"
    report_id: str = Field(primary_key=True, foreign_key="report.id")
    revision: int = Field(primary_key=True)
    purpose: str = Field(primary_key=True)  # report; identity: purged alone; attachment/<id>/<chunk>
    epoch: int = Field(foreign_key="epoch.number", index=True)
    is_admitted: bool = False  # False: wrapped by intake with HPKE; True: under the epoch's symmetric key
    wrapped: bytes = blob()


class Receipt(SQLModel, table=True):
    """The salted commitment to a revision's manifest, and its salt, shown to the producer alone."""

    report_id: str = Field(primary_key=True, foreign_key="report.id")
    revision: int = Field(primary_key=True)
    salt: bytes = blob()
    commitment: bytes = blob()


class Replay(SQLModel, table=True):
    """An Idempotency-Key and the answer it got: no sealed value in it."""

    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id")
    key: str = Field(primary_key=True)
    code: bytes = blob()
    report_id: str = Field(foreign_key="report.id")
    answer: dict[str, Any] = document()
    created_at: datetime = instant(index=True)


class Acceptance(SQLModel, table=True):
    """An analyst's word that a report may leave as written, or that its text for release may, to an audience."""

    report_id: str = Field(primary_key=True, foreign_key="report.id")
    audience: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)  # written, or for_release
    text_digest: str  # of the approved text; another text is not approved
    accepted_by: str
    accepted_at: datetime = instant()

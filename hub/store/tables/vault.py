"""What protects reports: secrets under the root key, attachments, tags for equality, erasures, rules of retention."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from hub.store.tables.base import blob, document, instant, number, partial, sortable


class Secret(SQLModel, table=True):
    """A secret under the root key: an epoch's private key or symmetric key, or an index key. In no data backup."""

    name: str = Field(primary_key=True)  # private, kek (of the epoch of that number), index (of that version)
    number: int = Field(primary_key=True)
    provider: str  # which root provider wrapped it
    wrapped: bytes = blob()


class BlindTag(SQLModel, table=True):
    """A truncated keyed hash of one sealed value: says who may hold it. Only opening says who does."""

    __tablename__: ClassVar[str] = "blind_tag"
    __table_args__ = (Index("ix_blind_tag_report", "report_id"), {"sqlite_with_rowid": False})
    field: str = sortable(is_key=True)  # schema path
    version: int = Field(primary_key=True)  # of the index key
    tag: int = number(is_key=True)
    report_id: str = Field(primary_key=True, foreign_key="report.id")


class Attachment(SQLModel, table=True):
    """A file of a report: its sealed head (name, type, hash), and how far it has come.

    Its data keys are `attachment/<id>/head` and `attachment/<id>/<number>` in `data_key`.
    """

    id: str = Field(primary_key=True)
    report_id: str = Field(foreign_key="report.id", index=True)
    revision: int  # of the report when it was begun; its keys lie under this number
    code: bytes = blob()  # keyed hash of the body that began it
    state: str = Field(index=True)  # open, complete, verified, faulty, removed
    size: int = number()  # bytes, as declared
    chunks: int = 0  # taken so far
    head: bytes = blob()
    manifest: bytes = blob()  # what intake signed when it was begun, and then when it was complete
    signature: bytes = blob()
    filed_by: str
    begun_at: datetime = instant()
    completed_at: datetime | None = instant(nullable=True)
    verified_at: datetime | None = instant(nullable=True)
    fault: str | None = None


class AttachmentChunk(SQLModel, table=True):
    """One sealed chunk of an attachment, and what intake signed when it took it."""

    __tablename__: ClassVar[str] = "attachment_chunk"
    attachment_id: str = Field(primary_key=True, foreign_key="attachment.id")
    number: int = Field(primary_key=True)
    sealed: bytes = blob()
    slip: bytes = blob()
    signature: bytes = blob()


class RetentionRule(SQLModel, table=True):
    """What is erased by itself: reports, or who reported them, of a type and state, so many days after a moment."""

    __tablename__: ClassVar[str] = "retention_rule"
    name: str = Field(primary_key=True)
    erases: str  # report, or identity
    report_type: str | None = None  # None: every type
    state: str | None = None  # None: every state
    days: int
    why: str
    set_by: str
    set_at: datetime = instant()


class Erasure(SQLModel, table=True):
    """An erasure, begun or carried out, and its signed record; of the report itself it says nothing."""

    __table_args__ = (partial("ix_erasure_open", "begun_at", where="settled_at IS NULL"),)
    report_id: str = Field(primary_key=True, foreign_key="report.id")
    erases: str = Field(primary_key=True)  # report, or identity: who reported, alone
    begun_at: datetime = instant()
    actor: str
    why: str
    rule: str | None = None  # of retention; None: by hand
    at: datetime | None = instant(nullable=True)  # None: it waits until no feed shows the report
    record: bytes | None = blob(nullable=True)
    signature: bytes | None = blob(nullable=True)
    lapses_at: datetime | None = instant(nullable=True)  # when no backup made by `hub backup` opens it; None: never
    settled_at: datetime | None = instant(nullable=True)  # when late writers were gone over, and the journal emptied


class Recovery(SQLModel, table=True):
    """A hub that came out of a backup: nothing is published before its second place was replayed. One row at most."""

    id: int = Field(primary_key=True)
    restored_at: datetime = instant()
    digest: str  # of the backup
    replayed_at: datetime | None = instant(nullable=True)
    replayed: dict[str, Any] = document()

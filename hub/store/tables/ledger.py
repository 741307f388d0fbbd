"""What was done, and the log that shows it: entries, their leaves, the tree over them, checkpoints, refusals."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from hub.store.columns import Number
from hub.store.tables.base import blob, document, instant, number


class AuditEntry(SQLModel, table=True):
    """What was done, by whom, to what. Only ever added: triggers refuse the rest, but for what an erasure names."""

    __tablename__: ClassVar[str] = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject", "seq"),)
    seq: int | None = Field(default=None, sa_column=Column(Number, primary_key=True, autoincrement=True))
    at: datetime = instant(index=True)
    actor: str
    action: str
    subject: str
    details: dict[str, Any] = document()
    salt: bytes = blob()  # of its leaf's commitment: once it is gone, nobody can try out what was said


class AuditLeaf(SQLModel, table=True):
    """The place of an entry in the log: a salted commitment to it, which outlives it."""

    __tablename__: ClassVar[str] = "audit_leaf"
    position: int = number(is_key=True)  # from 0, without gaps
    seq: int = Field(sa_column=Column(Number, unique=True, nullable=False))
    commitment: bytes = blob()


class AuditTile(SQLModel, table=True):
    """256 hashes of one level of the tree, once all are known, so that no proof reads every leaf (C2SP tlog-tiles)."""

    __tablename__: ClassVar[str] = "audit_tile"
    level: int = Field(primary_key=True)
    number: int = number(is_key=True)
    hashes: bytes = blob()


class AuditTree(SQLModel, table=True):
    """How far the log has come: one row. Whoever gives entries their places holds it locked."""

    __tablename__: ClassVar[str] = "audit_tree"
    id: int = Field(primary_key=True)
    size: int = number()
    last_seq: int = number()
    gaps: dict[str, Any] = document()  # numbers below last_seq not seen yet → since when: a commit may come late


class Checkpoint(SQLModel, table=True):
    """The signed state of the log at a size (C2SP tlog-checkpoint)."""

    size: int = number(is_key=True)
    at: datetime = instant()
    root: bytes = blob()
    note: str


class AuditErased(SQLModel, table=True):
    """An entry whose payload may go: the triggers let only these be deleted."""

    __tablename__: ClassVar[str] = "audit_erased"
    seq: int = number(is_key=True)
    at: datetime = instant()


class Refusal(SQLModel, table=True):
    """Refused authorisations of one identity on one route in one minute, until they are one audit entry."""

    minute: datetime = Field(default=None, sa_column=Column("minute", instant().sa_column.type, primary_key=True))
    identity: str = Field(primary_key=True)  # a token's id, or `unknown`
    route: str = Field(primary_key=True)  # method and rule, never a path
    times: int

"""What one person should not do alone, and what analysts open sealed fields in."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from hub.store.tables.base import document, instant


class Proposal(SQLModel, table=True):
    """Something that takes two people: proposed by one, approved by another, then done once."""

    id: str = Field(primary_key=True)
    action: str = Field(index=True)
    subject: str
    details: dict[str, Any] = document()
    why: str
    person: str  # who proposed it
    actor: str
    proposed_at: datetime = instant()
    expires_at: datetime = instant()
    cools_until: datetime | None = instant(nullable=True)  # nobody else is eligible: it may be done alone from then on
    approver: str | None = None  # the other person
    approved_by: str | None = None
    approved_at: datetime | None = instant(nullable=True)
    refused_at: datetime | None = instant(nullable=True)
    done_at: datetime | None = instant(nullable=True)


class WorkSession(SQLModel, table=True):
    """An analyst's work with sealed fields: one purpose, one scope, a time limit."""

    __tablename__: ClassVar[str] = "work_session"
    id: str = Field(primary_key=True)
    token_id: str = Field(foreign_key="token.id", index=True)
    purpose: str
    scope: dict[str, Any] = document()  # reports by id, or a filter
    begun_at: datetime = instant()
    until: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)

"""What one person should not do alone, and what analysts open sealed fields in."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from hub.store.tables.base import document, instant


class Proposal(SQLModel, table=True):
    """Something that takes two people: proposed by one, agreed to by another, then done once."""

    __table_args__ = (Index("ix_proposal_action_subject", "action", "subject"),)
    id: str = Field(primary_key=True)
    action: str
    subject: str
    details: dict[str, Any] = document()
    why: str
    person: str  # who proposed it; empty: somebody at the shell, where only time can agree
    actor: str
    proposed_at: datetime = instant()
    expires_at: datetime = instant()
    cools_until: datetime | None = instant(nullable=True)  # fewer than two are eligible: from then on one may do it
    approver: str | None = None  # the other person
    approved_by: str | None = None
    approved_at: datetime | None = instant(nullable=True)
    refused_at: datetime | None = instant(nullable=True)
    done_at: datetime | None = instant(nullable=True)


class WorkSession(SQLModel, table=True):
    """An analyst's work with sealed fields: one purpose, one scope, a time limit."""

    __tablename__: ClassVar[str] = "work_session"
    __table_args__ = (Index("ix_work_session_person_opened_at", "person", "opened_at"),)
    id: str = Field(primary_key=True)
    token_id: str = Field(foreign_key="token.id")
    person: str  # who holds the token; its id, if nobody said who
    purpose: str
    scope: dict[str, Any] = document()  # reports: their ids; or filter
    most: int  # reports that may be opened in it
    opened: int = 0
    is_agreed: bool = False  # a second person agreed to so many
    begun_at: datetime = instant()
    until: datetime = instant()
    opened_at: datetime | None = instant(nullable=True)  # when reports were last opened in it
    ended_at: datetime | None = instant(nullable=True)

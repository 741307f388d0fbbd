"""What the guard found of reports on their way out, and what analysts decided about it. No value lies in either."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from hub.store.tables.base import document, instant, partial


class GuardVerdict(SQLModel, table=True):
    """What the guard last said of a report before a feed: as of which revision and overlay, by field and rule."""

    __tablename__: ClassVar[str] = "guard_verdict"
    __table_args__ = (partial("ix_guard_verdict_waiting", "feed", "since", where="state <> 'passed'"),)
    feed: str = Field(primary_key=True, foreign_key="feed.name")
    report_id: str = Field(primary_key=True, foreign_key="report.id", index=True)
    revision: int
    triage: int
    digest: str  # keyed hash of the words that it examined; empty if there were none
    state: str  # passed, held, kept, crowded
    hits: list[list[str]] = document()  # [field, rule, whose value, keyed hash of what was found]
    warnings: list[list[str]] = document()
    at: datetime = instant()
    since: datetime = instant()  # in this state, for these hits


class GuardDecision(SQLModel, table=True):
    """An analyst's word on hits: they may leave, or stay. Valid for the same hits of later revisions."""

    __tablename__: ClassVar[str] = "guard_decision"
    report_id: str = Field(primary_key=True, foreign_key="report.id")
    number: int = Field(primary_key=True)
    audience: str
    decision: str  # release, keep
    hits: list[list[Any]] = document()  # [field, rule, keyed hash]
    why: str
    person: str
    actor: str
    at: datetime = instant()
    second_why: str | None = None
    second_person: str | None = None
    second_actor: str | None = None
    settled_at: datetime | None = instant(nullable=True)  # None: a second person has to say the same

"""What analysts say beside a producer's words: the overlay, holds, text for release, cases."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from hub.store.tables.base import document, instant


class Triage(SQLModel, table=True):
    """One revision of a report's overlay: all that analysts assert of it from then on, with who, when and why."""

    report_id: str = Field(primary_key=True, foreign_key="report.id")
    number: int = Field(primary_key=True)
    at: datetime = instant()
    actor: str
    why: str
    asserted: dict[str, Any] = document()


class Hold(SQLModel, table=True):
    """An analyst's hold: nothing of the report leaves before it expires or is lifted."""

    report_id: str = Field(primary_key=True, foreign_key="report.id")
    reason: str
    placed_by: str
    placed_at: datetime = instant()
    expires_at: datetime = instant()


class ReleaseText(SQLModel, table=True):
    """Text for release as an analyst wrote or edited it, over one text of the producer's."""

    __tablename__: ClassVar[str] = "release_text"
    report_id: str = Field(primary_key=True, foreign_key="report.id")
    number: int = Field(primary_key=True)
    at: datetime = instant()
    actor: str
    why: str
    text: dict[str, str] = document()
    base_digest: str  # of the producer's own text; once that is another, the producer's stands again


class Case(SQLModel, table=True):
    """Several reports on one event. The originals stay as they are."""

    __tablename__: ClassVar[str] = "case_file"  # `case` is a word of SQL
    id: str = Field(primary_key=True)
    ref: str = Field(unique=True)
    title: str
    opened_by: str
    opened_at: datetime = instant(index=True)
    closed_at: datetime | None = instant(nullable=True)


class CaseReport(SQLModel, table=True):
    """A report in a case; it is in one at most."""

    __tablename__: ClassVar[str] = "case_report"
    report_id: str = Field(primary_key=True, foreign_key="report.id")
    case_id: str = Field(foreign_key="case_file.id", index=True)
    added_by: str
    added_at: datetime = instant()
    why: str

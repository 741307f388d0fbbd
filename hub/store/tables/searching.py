"""The search index: what may be searched of each report, derived from what is clear, cleared or asserted.

All of it can be built again from the other tables. Beside these two stands `search_text`, made by the migration in each
engine's own way: FTS5 on SQLite, tsvector on PostgreSQL; its key is `number`.
"""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from hub.store.tables.base import instant, number, sortable


class SearchRow(SQLModel, table=True):
    """A report in the index: its number there, which only grows, and what lists are sorted by."""

    __tablename__: ClassVar[str] = "search_row"
    __table_args__ = (
        Index("ix_search_row_organisation", "organisation_id", "number"),
        Index("ix_search_row_filed", "filed_at", "number"),
        Index("ix_search_row_revised", "revised_at", "number"),
        Index("ix_search_row_aware", "aware_at", "number"),
        Index("ix_search_row_severity", "severity", "number"),
    )
    number: int = number(is_key=True)
    report_id: str = Field(foreign_key="report.id", unique=True)
    organisation_id: str = Field(foreign_key="organisation.id")
    filed_at: datetime = instant()
    revised_at: datetime = instant()
    aware_at: datetime = instant()
    severity: int  # rank, 0 unknown … 5 critical, of the overlay where it asserts one


class SearchTerm(SQLModel, table=True):
    """One value of one field of a report, written so that its text sorts as the value does."""

    __tablename__: ClassVar[str] = "search_term"
    __table_args__ = (Index("ix_search_term_number", "number", "field", "value"), {"sqlite_with_rowid": False})
    field: str = sortable(is_key=True)
    value: str = sortable(is_key=True)
    number: int = number(is_key=True)
    upto: str = sortable()  # end of an instant whose precision is a span: 2026-11 goes up to 2026-12-01; else empty


class SearchSweep(SQLModel, table=True):
    """How far SQLite's text index is rid of words that were taken out of it: one row, once there were any.

    FTS5 marks them as gone and keeps them, until all parts of the index are merged into one.
    """

    __tablename__: ClassVar[str] = "search_sweep"
    id: int = Field(primary_key=True)
    asked: int = 0  # grows whenever text is taken out
    begun: int = 0  # what was asked when the last merge began
    begun_at: datetime | None = instant(nullable=True)
    done: int = 0  # and when the last one that came to its end did


class SearchCount(SQLModel, table=True):
    """How many reports hold a value: decides which condition a search starts from, and answers facets of everything."""

    __tablename__: ClassVar[str] = "search_count"
    __table_args__ = ({"sqlite_with_rowid": False},)
    field: str = sortable(is_key=True)
    value: str = sortable(is_key=True)
    reports: int

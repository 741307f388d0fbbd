"""What leaves: feeds, what is due for them, their releases and entries."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from hub.store.tables.base import blob, document, instant, number, partial


class FeedPolicy(SQLModel, table=True):
    """One version of a feed's policy."""

    __tablename__: ClassVar[str] = "feed_policy"
    feed: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    policy: str
    digest: str
    applied_by: str
    applied_at: datetime = instant()


class Feed(SQLModel, table=True):
    """A feed: its active policy, its collection, and where its releases stand."""

    name: str = Field(primary_key=True)
    collection_id: str = Field(unique=True)
    policy_version: int
    next_at: datetime | None = instant(nullable=True)
    last_release: int = 0
    last_position: int = number()
    last_added_at: datetime | None = instant(nullable=True)


class Due(SQLModel, table=True):
    """Work for a feed's next release: a report whose gates are to be asked again."""

    __table_args__ = (
        Index("ix_due_open", "feed", "not_before"),
        partial("ix_due_waiting", "feed", "gate", where="NOT is_parked"),
        partial("ix_due_faulty", "feed", where="fault IS NOT NULL"),
    )
    feed: str = Field(primary_key=True, foreign_key="feed.name")
    report_id: str = Field(primary_key=True, foreign_key="report.id")
    queued_at: datetime = instant()
    not_before: datetime | None = instant(nullable=True)
    gate: str | None = None  # the closed gate that it was last found at
    is_parked: bool = False  # only a change of the report opens that gate
    fault: str | None = None  # what kept it from leaving although every gate was open


class Presence(SQLModel, table=True):
    """A report in a feed: the names it has there. A re-release after a recall is another generation."""

    __table_args__ = (partial("ix_presence_live", "feed", "report_id", where="ended_at IS NULL", unique=True),)
    feed: str = Field(primary_key=True, foreign_key="feed.name")
    report_id: str = Field(primary_key=True, foreign_key="report.id")
    generation: int = Field(primary_key=True)
    namespace: bytes = blob()
    ref: str = Field(unique=True)
    mode: str
    tlp: str
    revision: int
    began_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)


class Release(SQLModel, table=True):
    """One edition of a feed."""

    feed: str = Field(primary_key=True, foreign_key="feed.name")
    number: int = Field(primary_key=True)
    released_at: datetime = instant()
    policy_digest: str
    added: int
    changed: int
    revoked: int
    digest: str  # SHA-256 over its entries' bytes, in order
    eligible: int | None = None  # reports that the gates let through; None: released before this was kept
    reports: int | None = None  # of them, those that it brings
    held: dict[str, int] | None = document(nullable=True)  # reports that it left behind, by reason


class Entry(SQLModel, table=True):
    """One object version in a release, as the bytes that are served. Its position never changes."""

    __table_args__ = (
        UniqueConstraint("feed", "added_at"),
        UniqueConstraint("feed", "stix_id", "version"),
        Index("ix_entry_report", "feed", "report_id"),
        Index("ix_entry_kind", "feed", "kind", "is_last", "position"),
    )
    feed: str = Field(primary_key=True, foreign_key="feed.name")
    position: int = number(is_key=True)
    release: int
    stix_id: str
    kind: str
    version: str
    added_at: datetime = instant()
    report_id: str | None = None
    generation: int = 0
    content: bytes = blob()
    is_first: bool = True
    is_last: bool = True
    is_revoked: bool = False


class Page(SQLModel, table=True):
    """A stretch of a feed's positions in which something shows (`hub.store.pages`), and which state of it stands.

    The tag is drawn anew in the transaction that adds to the stretch or takes from it, so that one tag names the same
    bytes for ever, after a restore too. Where nothing shows any more there is no page.
    """

    __table_args__ = (UniqueConstraint("feed", "last_at"),)
    feed: str = Field(primary_key=True, foreign_key="feed.name")
    number: int = number(is_key=True)
    tag: str
    first_at: datetime = instant()  # when the first and the last that it shows were added
    last_at: datetime = instant()


class Selection(SQLModel, table=True):
    """A part of a feed as a collection of its own: its objects of some types, which the feed's policy names."""

    name: str = Field(primary_key=True)
    feed: str = Field(foreign_key="feed.name")
    collection_id: str = Field(unique=True)


class Publisher(SQLModel, table=True):
    """Who publishes now: one row. A publisher that lost its lease finds another fence and stops."""

    id: int = Field(primary_key=True)
    owner: str | None = None
    until: datetime | None = instant(nullable=True)
    fence: int = 0


class Tally(SQLModel, table=True):
    """How many live entries of a feed show a value, by the month of awareness that they show: all of statistics."""

    feed: str = Field(primary_key=True, foreign_key="feed.name")
    field: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    month: str = Field(primary_key=True)  # 2026-11, or empty where the entry shows none
    entries: int

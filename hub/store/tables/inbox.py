"""What members send: their inboxes, what they posted, and what they said of the entries that they read."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from hub.store.tables.base import blob, document, instant, number


class Inbox(SQLModel, table=True):
    """The one collection that an organisation may write, and where its posts stand."""

    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id")
    collection_id: str = Field(unique=True)
    last_position: int = number()
    last_added_at: datetime | None = instant(nullable=True)
    posts: int = number()  # object versions that it holds
    size: int = number()  # and their bytes


class Post(SQLModel, table=True):
    """One object version in an inbox, as the bytes that are served. Its position never changes.

    Not sealed: what an organisation posts, but for the text of what became a report of its own.
    """

    __table_args__ = (
        UniqueConstraint("organisation_id", "added_at"),
        UniqueConstraint("organisation_id", "stix_id", "version"),
        Index("ix_post_kind", "organisation_id", "kind", "position"),
    )
    organisation_id: str = Field(primary_key=True, foreign_key="inbox.organisation_id")
    position: int = number(is_key=True)
    stix_id: str
    kind: str
    version: str
    added_at: datetime = instant()
    content: bytes = blob()
    is_first: bool = True
    is_last: bool = True
    posted_by: str  # the actor, as the audit names it
    report_id: str | None = Field(default=None, foreign_key="report.id")  # what it became


class PostStatus(SQLModel, table=True):
    """What became of one envelope (TAXII 2.1, 4.3), as the bytes that are served; deleted a week later."""

    __tablename__: ClassVar[str] = "post_status"
    id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="inbox.organisation_id")
    requested_at: datetime = instant(index=True)
    content: bytes = blob()


class Remark(SQLModel, table=True):
    """A sighting or an opinion that a member posted of an entry, attached to the report behind the entry."""

    organisation_id: str = Field(primary_key=True, foreign_key="inbox.organisation_id")
    stix_id: str = Field(primary_key=True)  # of the sighting or opinion
    kind: str
    feed: str = Field(foreign_key="feed.name")
    about: str  # STIX id of the object in the feed
    report_id: str = Field(primary_key=True, foreign_key="report.id", index=True)
    said: dict[str, object] = document()  # its codes and numbers: count, first_seen, last_seen, opinion
    at: datetime = instant()

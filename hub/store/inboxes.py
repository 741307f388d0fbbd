"""Inboxes: the one collection that an organisation may write, what lies in it, and what became of each envelope."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import delete, insert
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select, update

from hub.store.tables import Inbox, Post, PostStatus, Report

SOME = 500  # values of one list in a statement


class Held(NamedTuple):
    """One version of an object that an inbox holds."""

    position: int
    stix_id: str
    version: str
    is_first: bool
    is_last: bool
    report_id: str | None
    content: bytes


def open_for(session: Session, organisation_id: str) -> None:
    """Give an organisation its inbox."""
    session.add(Inbox(organisation_id=organisation_id, collection_id=str(uuid4())))
    session.flush()


def of(session: Session, organisation_id: str) -> Inbox | None:
    """An organisation's inbox; a public source has none."""
    return session.exec(select(Inbox).where(col(Inbox.organisation_id) == organisation_id)).first()


def lock(session: Session, organisation_id: str) -> Inbox | None:
    """An organisation's inbox, nobody else's to write until the end of the transaction."""
    asked = select(Inbox).where(col(Inbox.organisation_id) == organisation_id).with_for_update()
    return session.exec(asked.execution_options(populate_existing=True)).first()


def held(session: Session, organisation_id: str, stix_ids: Collection[str]) -> list[Held]:
    """Every version of some objects, in the order in which they came."""
    ids, found = sorted(stix_ids), []
    columns = [getattr(Post, name) for name in Held._fields]
    for start in range(0, len(ids), SOME):
        asked = sa_select(*columns).where(
            col(Post.organisation_id) == organisation_id, col(Post.stix_id).in_(ids[start : start + SOME])
        )
        found += [Held._make(row) for row in session.connection().execute(asked)]
    return sorted(found)


def add(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write posts: rows of `Post`."""
    if rows:
        session.connection().execute(insert(Post), rows)


def place(session: Session, organisation_id: str, position: int, *, is_first: bool, is_last: bool) -> None:
    """Say whether a version is the first or the last of its object."""
    asked = update(Post).where(col(Post.organisation_id) == organisation_id, col(Post.position) == position)
    session.exec(asked.values(is_first=is_first, is_last=is_last))


def remove(session: Session, organisation_id: str, positions: Iterable[int]) -> None:
    """Delete posts; their positions are never used again."""
    gone = sorted(positions)
    for start in range(0, len(gone), SOME):
        some = col(Post.position).in_(gone[start : start + SOME])
        session.exec(delete(Post).where(col(Post.organisation_id) == organisation_id, some))


def stand(session: Session, box: Inbox, **after: Any) -> None:
    """Say where an inbox stands."""
    session.exec(update(Inbox).where(col(Inbox.organisation_id) == box.organisation_id).values(**after))


def report_of(session: Session, organisation_id: str, stix_id: str) -> str | None:
    """The report that an organisation's object became, by the id that both go by."""
    asked = select(Report.id).where(col(Report.organisation_id) == organisation_id, col(Report.client_ref) == stix_id)
    return session.exec(asked).first()


def keep_status(session: Session, status: PostStatus) -> None:
    """Keep what became of an envelope."""
    session.connection().execute(insert(PostStatus), [status.model_dump()])


def status(session: Session, organisation_id: str, status_id: str) -> bytes | None:
    """What became of an envelope, for the organisation that posted it."""
    asked = select(PostStatus.content).where(
        col(PostStatus.id) == status_id, col(PostStatus.organisation_id) == organisation_id
    )
    return session.exec(asked).first()


def has_statuses(session: Session, before: datetime) -> bool:
    """Whether statuses are kept that are no longer owed."""
    return session.exec(select(PostStatus.id).where(col(PostStatus.requested_at) < before).limit(1)).first() is not None


def forget_statuses(session: Session, before: datetime) -> None:
    """Delete the statuses that are no longer owed."""
    session.exec(delete(PostStatus).where(col(PostStatus.requested_at) < before))

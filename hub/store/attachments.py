"""Attachments: files of a report, chunk by chunk. No query reads the bytes of more than one chunk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlmodel import Session, col

from hub.attachment_sealing import HEAD, Sealed, purpose
from hub.store.tables import Attachment, AttachmentChunk, DataKey, Report

REMOVED = "removed"  # taken back: the clock deletes it, for intake may delete no key
THERE = col(Attachment.state) != REMOVED


@dataclass(frozen=True)
class Part:
    """A head or a chunk as it is stored, with its data key, if it has one."""

    name: int | str  # the number of the chunk, or head
    sealed: bytes
    key: DataKey | None


def find(session: Session, report_id: str, attachment_id: str) -> Attachment | None:
    """An attachment of a report."""
    asked = select(Attachment).where(col(Attachment.id) == attachment_id, col(Attachment.report_id) == report_id, THERE)
    return session.execute(asked).scalars().first()


def lock(session: Session, attachment_id: str) -> Attachment | None:
    """An attachment, nobody else's to change until the end of the transaction."""
    asked = select(Attachment).where(col(Attachment.id) == attachment_id).with_for_update()
    return session.execute(asked.execution_options(populate_existing=True)).scalars().first()


def of_report(session: Session, report_id: str) -> Sequence[Attachment]:
    """All attachments of a report, the oldest first."""
    asked = select(Attachment).where(col(Attachment.report_id) == report_id, THERE)
    return session.execute(asked.order_by(col(Attachment.begun_at), col(Attachment.id))).scalars().all()


def open_uploads(session: Session, organisation_id: str) -> int:
    """How many uploads of an organisation are under way."""
    joined = select(func.count()).select_from(Attachment).join(Report, col(Report.id) == col(Attachment.report_id))
    asked = joined.where(col(Attachment.state) == "open", col(Report.organisation_id) == organisation_id)
    return int(session.execute(asked).scalar_one())


def add(session: Session, row: Attachment, head: Sealed) -> None:
    """Begin an attachment."""
    session.add(row)
    session.flush()
    _add_key(session, row, head)


def add_chunk(session: Session, row: Attachment, chunk: Sealed) -> None:
    """Add the next chunk of an attachment."""
    values = {"attachment_id": row.id, "number": row.chunks, "sealed": chunk.content}
    session.execute(insert(AttachmentChunk), [{**values, "slip": chunk.said, "signature": chunk.signature}])
    _add_key(session, row, chunk)
    row.chunks += 1
    session.flush()


def _add_key(session: Session, row: Attachment, sealed: Sealed) -> None:
    of = {"report_id": row.report_id, "revision": row.revision, "purpose": sealed.purpose}
    key = {"epoch": sealed.epoch, "wrapped": sealed.wrapped, "is_admitted": False}
    session.execute(insert(DataKey), [{**of, **key}])


def slips(session: Session, attachment_id: str) -> list[tuple[bytes, bytes]]:
    """What intake signed of each chunk, in order."""
    asked = select(col(AttachmentChunk.slip), col(AttachmentChunk.signature))
    mine = asked.where(col(AttachmentChunk.attachment_id) == attachment_id).order_by(col(AttachmentChunk.number))
    return [(row[0], row[1]) for row in session.execute(mine)]


def slip(session: Session, attachment_id: str, number: int) -> tuple[bytes, bytes] | None:
    """What intake signed of one chunk."""
    asked = select(col(AttachmentChunk.slip), col(AttachmentChunk.signature))
    one = (col(AttachmentChunk.attachment_id) == attachment_id, col(AttachmentChunk.number) == number)
    found = session.execute(asked.where(*one)).first()
    return (found[0], found[1]) if found else None


def head(session: Session, row: Attachment) -> Part:
    """The sealed head of an attachment."""
    return Part(HEAD, row.head, _key(session, row, HEAD))


def chunk(session: Session, row: Attachment, number: int) -> Part | None:
    """One chunk of an attachment, if it is there."""
    one = (col(AttachmentChunk.attachment_id) == row.id, col(AttachmentChunk.number) == number)
    found = session.execute(select(col(AttachmentChunk.sealed)).where(*one)).scalar_one_or_none()
    return None if found is None else Part(number, found, _key(session, row, number))


def _key(session: Session, row: Attachment, part: int | str) -> DataKey | None:
    return session.get(DataKey, (row.report_id, row.revision, purpose(row.id, part)))


def remove(session: Session, row: Attachment) -> None:
    """Delete an attachment, its chunks and its keys."""
    keys = [purpose(row.id, part) for part in (HEAD, *range(row.chunks))]
    of = (col(DataKey.report_id) == row.report_id, col(DataKey.revision) == row.revision)
    session.execute(delete(DataKey).where(*of, col(DataKey.purpose).in_(keys)))
    session.execute(delete(AttachmentChunk).where(col(AttachmentChunk.attachment_id) == row.id))
    session.execute(delete(Attachment).where(col(Attachment.id) == row.id))


def waiting(session: Session) -> Attachment | None:
    """The attachment that has waited longest for admission."""
    asked = select(Attachment).where(col(Attachment.state) == "complete")
    return session.execute(asked.order_by(col(Attachment.completed_at)).limit(1)).scalars().first()


def refused(session: Session, most: int) -> list[str]:
    """References of reports that have an attachment which was refused at admission."""
    joined = select(col(Report.ref)).join(Attachment, col(Attachment.report_id) == col(Report.id)).distinct()
    return list(session.execute(joined.where(col(Attachment.state) == "faulty").limit(most)).scalars())


def to_go(session: Session, before: datetime, most: int) -> list[str]:
    """What was taken back, and uploads that were begun before an instant and never ended."""
    is_abandoned = (col(Attachment.state) == "open") & (col(Attachment.begun_at) < before)
    asked = select(col(Attachment.id)).where(is_abandoned | (col(Attachment.state) == REMOVED))
    return list(session.execute(asked.order_by(col(Attachment.begun_at)).limit(most)).scalars())

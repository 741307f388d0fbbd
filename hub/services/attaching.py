"""The developer: attach files to a report, chunk by chunk, see how far each has come, and take back what is not whole.

1. Seals and never opens: of an attachment its producer reads size, state and instants, never its name or hash again.
2. An upload is begun once: the same file begun again in the same report is the upload that there is, however far it is.
3. Chunks come in order. One that is sent again with the same bytes is harmless, with other bytes refused.
4. The last chunk completes the upload in its own transaction: intake signs the manifest, and admission may see it. A
   crash before leaves an upload that goes on where it stands.
5. What is under way for a day is taken away by the clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from hub.attachment_sealing import (
    CHUNK,
    Sealed,
    Site,
    begun,
    chunk_code,
    chunks_of,
    manifest,
    receipt,
    seal_head,
    seal_part,
    slip,
    whole_code,
)
from hub.errors import BadRequest, Conflict, NotFound
from hub.roles import CLOCK, Act, Caller
from hub.seal import Place, digest
from hub.sealing import Sealer
from hub.store import Session, attachments, audit, inboxes, reports
from hub.store.tables import Attachment, Report
from hub.visibility import own, visible

PER_REPORT, UNDER_WAY = 20, 10  # attachments of a report; uploads of an organisation that are not complete
LIFE = timedelta(days=1)  # of an upload that is not complete
MOST = 50  # that are taken away in a transaction
OPEN, COMPLETE = "open", "complete"
WITHDRAWN = "the report is withdrawn and takes no more attachments; file a new one"
FULL = f"the report has {PER_REPORT} attachments, which is the most; put several files into one archive"
BUSY = (
    f"your organisation has {UNDER_WAY} uploads under way, which is the most; complete one, or DELETE it, "
    "or wait: what was begun a day ago goes"
)
WHOLE = "an attachment that is complete is part of the report and goes only when the report is erased"
OTHER_BYTES = "was taken with other bytes; DELETE the attachment and attach the file anew if it has changed"
OTHER_WHOLE = "the file is not the one whose sha256 was declared; DELETE the attachment and attach the file anew"


@dataclass(frozen=True)
class Shown:
    """An attachment as its producer or an analyst sees it, unopened."""

    row: Attachment
    is_new: bool = False

    @property
    def next(self) -> int | None:
        """The offset of the next chunk; None once all are there."""
        return self.row.chunks * CHUNK if self.row.state == OPEN else None

    @property
    def received(self) -> int:
        """How many bytes are there."""
        return min(self.row.chunks * CHUNK, self.row.size)

    @property
    def commitment(self) -> str | None:
        """The receipt, once it is complete."""
        return receipt(self.row.manifest) if self.row.completed_at else None


@dataclass(frozen=True)
class Address:
    """Where a caller says that a chunk goes."""

    report: str
    attachment: str
    offset: int


@dataclass(frozen=True)
class Spot:
    """Where a chunk goes, as far as a first look tells; the transaction that writes it looks again."""

    row: Attachment
    site: Site
    number: int
    slip: tuple[bytes, bytes] | None  # what was signed for it, if it is there already


def begin(db: Session, sealer: Sealer, act: Act, name: str, head: Mapping[str, Any]) -> Shown:
    """Begin an attachment of an own report, or find the one that was begun with the same words."""
    report = own(db, act.caller, name)
    inboxes.lock(db, report.organisation_id)  # its uploads can be counted; intake may lock no other row of it
    if not reports.living(db, [report.id]):
        raise NotFound
    known, code = attachments.of_report(db, report.id), sealer.keys.replay_code([report.id, dict(head)])
    same = [row for row in known if row.code == code and row.state != "faulty"]
    if same:
        return Shown(same[0])
    if report.withdrawn_at is not None:
        raise Conflict(WITHDRAWN)
    if len(known) >= PER_REPORT:
        raise Conflict(FULL)
    if attachments.open_uploads(db, report.organisation_id) >= UNDER_WAY:
        raise Conflict(BUSY)
    place = Place(sealer.ground.deployment, report.organisation_id, report.id, report.revision)
    site = Site(place, str(uuid4()), head["size"])
    sealed = seal_head(sealer, site, {one: head[one] for one in ("name", "media_type", "sha256")})
    row = Attachment(
        id=site.attachment,
        report_id=report.id,
        revision=report.revision,
        code=code,
        state=OPEN,
        size=site.size,
        head=sealed.content,
        manifest=sealed.said,
        signature=sealed.signature,
        filed_by=act.caller.actor,
        begun_at=act.at,
    )
    attachments.add(db, row, sealed)
    audit.append(db, act.at, act.caller.actor, "attachment.begin", report.id, attachment=row.id, size=row.size)
    return Shown(row, is_new=True)


def spot(db: Session, sealer: Sealer, caller: Caller, to: Address) -> Spot:
    """Where the chunk at an offset goes; raises Conflict if it is not its turn, BadRequest for no chunk's offset."""
    report = own(db, caller, to.report)
    row = _found(db, report, to.attachment)
    if to.offset % CHUNK or to.offset >= row.size:
        message = f"offset: chunks begin at multiples of {CHUNK}, below the size of {row.size}"
        raise BadRequest(message)
    number = to.offset // CHUNK
    if number > row.chunks:
        message = f"the upload stands at {row.chunks * CHUNK} bytes; go on with the chunk at that offset"
        raise Conflict(message)
    return Spot(row, _site(sealer.ground.deployment, report, row), number, attachments.slip(db, row.id, number))


def seal(sealer: Sealer, at: Spot, content: bytes) -> Sealed | None:
    """Seal a chunk before its transaction begins; None if the same bytes are there already.

    Raises BadRequest for a chunk of another length, Conflict if other bytes were taken or the file is another.
    """
    if len(content) != (length := at.site.length(at.number)):
        message = f"the chunk at this offset has {length} bytes, and {len(content)} came; send it whole"
        raise BadRequest(message)
    own = sealer.keys.signer.public_key
    if at.slip is not None:
        if slip(own, at.site, at.number, at.slip)["code"] != chunk_code(sealer, at.site, at.number, content):
            message = f"the chunk at offset {at.number * CHUNK} {OTHER_BYTES}"
            raise Conflict(message)
        return None
    if chunks_of(at.site.size) == 1:
        declared = begun(own, at.site, at.row)["whole"]
        if declared != whole_code(sealer, at.site, digest(content)):
            raise Conflict(OTHER_WHOLE)
    return seal_part(sealer, at.site, at.number, content)


def take(db: Session, sealer: Sealer, act: Act, at: Spot, sealed: Sealed | None) -> Shown | None:
    """Write a chunk, and complete the upload with the last one; None if another call wrote it meanwhile: look again."""
    reports.living(db, [at.row.report_id])  # its erasure waits for us, or we find nothing
    row = attachments.lock(db, at.row.id)
    if row is None:
        raise NotFound
    if sealed is None:
        return Shown(row)
    if row.state != OPEN or row.chunks != at.number:
        return None
    attachments.add_chunk(db, row, sealed)
    if row.chunks == chunks_of(row.size):
        row.manifest, row.signature = manifest(sealer, at.site, row, attachments.slips(db, row.id))
        row.state, row.completed_at = COMPLETE, act.at
        said = {"attachment": row.id, "commitment": receipt(row.manifest)}
        audit.append(db, act.at, act.caller.actor, "attachment.complete", row.report_id, **said)
        db.flush()
    return Shown(row)


def read(db: Session, caller: Caller, name: str, attachment_id: str) -> Shown:
    """One attachment, unopened."""
    return Shown(_found(db, visible(db, caller, name), attachment_id))


def listed(db: Session, caller: Caller, name: str) -> Sequence[Shown]:
    """The attachments of a report, the oldest first."""
    return [Shown(row) for row in attachments.of_report(db, visible(db, caller, name).id)]


def remove(db: Session, act: Act, name: str, attachment_id: str) -> Shown:
    """Take back an upload that is not complete, or one that admission refused; raises Conflict for any other.

    It is gone for everybody at once; the clock deletes its bytes and keys, which intake must not be able to.
    """
    report = own(db, act.caller, name)
    reports.living(db, [report.id])
    row = attachments.lock(db, _found(db, report, attachment_id).id)
    if row is None:
        raise NotFound
    if row.state not in {OPEN, "faulty"}:
        raise Conflict(WHOLE)
    row.state = attachments.REMOVED
    audit.append(db, act.at, act.caller.actor, "attachment.remove", report.id, attachment=row.id)
    return Shown(row)


def has_leftovers(db: Session, now: datetime) -> bool:
    """Whether something was taken back, or uploads are under way for longer than the hub keeps them."""
    return bool(attachments.to_go(db, now - LIFE, 1))


def forget(db: Session, now: datetime) -> None:
    """Delete what was taken back, and uploads that are under way for longer than the hub keeps them."""
    for attachment_id in attachments.to_go(db, now - LIFE, MOST):
        row = attachments.lock(db, attachment_id)
        if row is None or row.state not in {OPEN, attachments.REMOVED}:
            continue
        if row.state == OPEN:
            audit.append(db, now, CLOCK, "attachment.remove", row.report_id, attachment=row.id)
        attachments.remove(db, row)


def _site(deployment: str, report: Report, row: Attachment) -> Site:
    return Site(Place(deployment, report.organisation_id, report.id, row.revision), row.id, row.size)


def _found(db: Session, report: Report, attachment_id: str) -> Attachment:
    row = attachments.find(db, report.id, attachment_id)
    if row is None:
        raise NotFound
    return row

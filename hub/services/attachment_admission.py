"""Admission of attachments: the first look, by a process that may open, at a file that intake took chunk by chunk.

1. One transaction writes the intent to open the attachment; its commit arms the warrant.
2. The manifest's signature is verified, then every part is opened in turn, in memory, one chunk at a time: each must be
   the ciphertext and the key that the manifest names, and the bytes of all must have the declared SHA-256 and size.
3. Data keys are re-wrapped under the epoch's symmetric key, and the attachment is verified: in one transaction.

What does not verify is set aside with its fault, and nothing of it opens for anybody. A crash between 1 and 3 leaves an
intent without an outcome; the next round starts over.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.attachment_opening import open_received
from hub.attachment_sealing import Site, chunks_of, verify
from hub.errors import NotSealed, Tampered
from hub.keys import Keyring
from hub.roles import CLOCK
from hub.seal import Place
from hub.store import Session, attachments, audit, reports
from hub.store.tables import Attachment, DataKey, Report
from hub.warrant import FileWarrant

PURPOSE = "admission: verify the file, re-wrap its data keys"
COMPLETE = "complete"
OTHER = "the file is not the one whose sha256 was declared; DELETE the attachment and attach the file anew"


@dataclass(frozen=True)
class Candidate:
    """An attachment that waits, with its warrant."""

    row: Attachment
    report: Report
    warrant: FileWarrant


@dataclass(frozen=True)
class Checked:
    """An attachment that was looked at: its keys wrapped anew, or why it was set aside."""

    candidate: Candidate
    rewrapped: Sequence[tuple[DataKey, bytes]]
    fault: str | None = None


def is_needed(db: Session) -> bool:
    """Whether any attachment waits."""
    return attachments.waiting(db) is not None


def ask(db: Session, now: datetime) -> Candidate | None:
    """Take the attachment that waits longest, and write the intent to open it; None if none waits."""
    row = attachments.waiting(db)
    report = reports.find(db, row.report_id) if row else None
    if row is None or report is None:
        return None
    warrant = FileWarrant(report.id, row.id, frozenset({"head", "content"}), PURPOSE)
    audit.intend_file(db, now, CLOCK, warrant)
    return Candidate(row, report, warrant)


def look_through(db: Session, keyring: Keyring, deployment: str, candidate: Candidate) -> Checked:
    """Verify an attachment from its first byte to its last, and wrap its keys anew."""
    row, warrant = candidate.row, candidate.warrant
    site = Site(Place(deployment, candidate.report.organisation_id, row.report_id, row.revision), row.id, row.size)
    try:
        said = verify(keyring.receipts, site, row)
        head = open_received(keyring, warrant, site, said, attachments.head(db, row))
        rewrapped, whole = [(head.key, head.wrapped)], hashlib.sha256()
        for number in range(chunks_of(row.size)):
            part = open_received(keyring, warrant, site, said, attachments.chunk(db, row, number))
            whole.update(part.content)
            rewrapped.append((part.key, part.wrapped))
    except (Tampered, NotSealed) as wrong:
        return Checked(candidate, [], str(wrong))
    is_same = whole.hexdigest() == head.content["sha256"]
    return Checked(candidate, rewrapped, None) if is_same else Checked(candidate, [], OTHER)


def admit(db: Session, checked: Checked, now: datetime) -> bool:
    """Record what came of it; whether the attachment was admitted. One that was erased meanwhile stays so.

    Raises Busy if a key was wrapped anew meanwhile: the rotation came first, and the next round looks again.
    """
    row = attachments.lock(db, checked.candidate.row.id) if reports.living(db, [checked.candidate.report.id]) else None
    if row is None or row.state != COMPLETE:
        return False
    for key, wrapped in checked.rewrapped:
        reports.rewrap(db, key, key.epoch, wrapped)
    row.state = "verified" if checked.fault is None else "faulty"
    row.verified_at, row.fault = (now if checked.fault is None else None), checked.fault
    said = {"attachment": row.id, "outcome": checked.fault or "verified"}
    audit.append(db, now, CLOCK, "attachment.admit", row.report_id, **said)
    db.flush()
    return checked.fault is None

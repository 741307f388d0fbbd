"""The analyst opens an attachment, for a stated purpose: what it is called, or its bytes.

1. `intend` writes the intent, naming report, attachment, parts and purpose; its commit arms the warrant.
2. `open_head` opens the head. `open_next` opens one chunk after the other, so that a file of any size takes the memory
   of one: each is verified before its bytes are given out, and the last only if the SHA-256 of all is that of the head.
3. `record` writes what came of it: whole, broken off after so many bytes, or the fault.

So a file that does not verify never looks whole: it is refused before its first byte, or ends before its last.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.attachment_opening import open_part
from hub.attachment_sealing import CHUNK, Site, chunks_of, verify
from hub.errors import Conflict, NotFound, Tampered
from hub.keys import Keyring
from hub.roles import Act
from hub.seal import Place
from hub.store import Session, attachments, audit, reports
from hub.store.tables import Attachment, Report
from hub.warrant import FileWarrant

HEAD, WHOLE = frozenset({"head"}), frozenset({"head", "content"})
OPEN = "the upload is not complete; its producer has to send the rest"
UNADMITTED = "the attachment is not admitted yet; `hub schedule` admits it within seconds, then try again"
FAULTY = "the attachment did not verify at admission, and nothing of it opens; ask its producer to attach it anew"
REFUSALS = {"open": OPEN, "complete": UNADMITTED, "faulty": FAULTY}
OTHER = "the bytes are not those of the sha256 that was declared: they were changed"


@dataclass
class Download:
    """An attachment that is to be opened, with its armed warrant; and how far its bytes were given out."""

    report: Report
    row: Attachment
    site: Site
    warrant: FileWarrant
    sha256: str = ""  # as its head says; known once it is described
    given: int = 0  # chunks
    hash: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    @property
    def is_whole(self) -> bool:
        """Whether every chunk was opened, and all of them verified."""
        return self.given == chunks_of(self.row.size)

    @property
    def bytes_given(self) -> int:
        """How many bytes were opened."""
        return min(self.given * CHUNK, self.row.size)


@dataclass(frozen=True)
class Wish:
    """What is opened, and why."""

    attachment: str
    purpose: str
    parts: frozenset[str]


def intend(db: Session, act: Act, deployment: str, name: str, wish: Wish) -> Download:
    """Write the intent to open an attachment of a report, by id or reference; raises Conflict if it cannot be."""
    report = reports.by_name(db, name)
    row = attachments.find(db, report.id, wish.attachment) if report else None
    if report is None or row is None:
        raise NotFound
    if row.state in REFUSALS:
        raise Conflict(REFUSALS[row.state])
    site = Site(Place(deployment, report.organisation_id, report.id, row.revision), row.id, row.size)
    warrant = FileWarrant(report.id, row.id, wish.parts, wish.purpose)
    audit.intend_file(db, act.at, act.caller.actor, warrant)
    return Download(report, row, site, warrant)


def open_head(db: Session, keyring: Keyring, download: Download) -> Mapping[str, Any]:
    """What the file is called, its media type and SHA-256; raises Unarmed, NotSealed, Tampered."""
    said = verify(keyring.receipts, download.site, download.row)
    head: Mapping[str, Any] = open_part(
        keyring, download.warrant, download.site, said, attachments.head(db, download.row)
    )
    download.sha256 = head["sha256"]
    return head


def open_next(db: Session, keyring: Keyring, download: Download) -> bytes:
    """The next bytes of a file that was described; raises Unarmed, NotSealed, Tampered."""
    said = verify(keyring.receipts, download.site, download.row)
    part = attachments.chunk(db, download.row, download.given)
    content: bytes = open_part(keyring, download.warrant, download.site, said, part)
    download.hash.update(content)
    is_last = download.given + 1 == chunks_of(download.row.size)
    if is_last and not hmac.compare_digest(download.hash.hexdigest(), download.sha256):
        raise Tampered(OTHER)
    download.given += 1
    return content


def record(db: Session, act: Act, download: Download, fault: str | None = None) -> None:
    """Write what came of an opening; never what was in it."""
    said: dict[str, Any] = {"attachment": download.row.id, "opened": sorted(download.warrant.parts)}
    if "content" in download.warrant.parts:
        said["bytes"] = download.bytes_given
    if fault is not None:
        said |= {"fault": fault, "opened": []}
    audit.append(db, act.at, act.caller.actor, "open.outcome", download.report.id, **said)

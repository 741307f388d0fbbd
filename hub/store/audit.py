"""The audit table: entries are only ever added, in the transaction of what they tell."""

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, col, select

from hub.store.engine import pledge
from hub.store.tables import AuditEntry
from hub.warrant import FileWarrant, Sweep, Warrant

SALT = 32  # bytes


def entry(at: datetime, actor: str, action: str, subject: str, **details: Any) -> dict[str, Any]:
    """One entry, to be added with other rows of its transaction."""
    salt = os.urandom(SALT)
    return {"at": at, "actor": actor, "action": action, "subject": subject, "details": details, "salt": salt}


def append(session: Session, at: datetime, actor: str, action: str, subject: str, **details: Any) -> None:
    """Add one entry."""
    session.connection().execute(insert(AuditEntry), [entry(at, actor, action, subject, **details)])


def intend(session: Session, at: datetime, actor: str, warrants: Iterable[Warrant]) -> None:
    """Record the intents to open, and pledge their warrants: the commit of this transaction arms them."""
    rows = []
    for warrant in (pledge(session, one) for one in warrants):
        said = {"revision": warrant.revision, "fields": sorted(warrant.paths), "purpose": warrant.purpose}
        rows.append(entry(at, actor, "open.intent", warrant.report_id, **said))
    if rows:
        session.connection().execute(insert(AuditEntry), rows)


def intend_file(session: Session, at: datetime, actor: str, warrant: FileWarrant) -> None:
    """Record the intent to open an attachment, and pledge its warrant: the commit of this transaction arms it."""
    pledge(session, warrant)
    said = {"attachment": warrant.attachment_id, "fields": sorted(warrant.parts), "purpose": warrant.purpose}
    append(session, at, actor, "open.intent", warrant.report_id, **said)


def intend_sweep(session: Session, at: datetime, actor: str, subject: str, sweep: Sweep) -> None:
    """Record the intent to scan, in one entry, and pledge its warrant: the commit of this transaction arms it."""
    pledge(session, sweep)
    said = {"fields": sorted(sweep.paths), "purpose": sweep.purpose, "predicate": sweep.predicate}
    append(session, at, actor, "scan.intent", subject, revisions=dict(sweep.revisions), **said)


def entries(session: Session, after: int = 0, most: int = 1000) -> list[Mapping[str, Any]]:
    """Entries in order."""
    asked = select(AuditEntry).where(col(AuditEntry.seq) > after).order_by(col(AuditEntry.seq)).limit(most)
    return [entry.model_dump() for entry in session.exec(asked)]

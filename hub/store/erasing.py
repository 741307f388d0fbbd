"""What an erasure takes: every row that says something of a report, on either engine; and the rules of retention.

1. The report's own row stays as a husk: its id, reference, organisation and dates. Revocations stay too: they say
   nothing, and members must find them.
2. Whatever is deleted here is overwritten or not as the engine does it: see `hub.store.residue`.
3. A writer that began before may commit after: everything here can be done again, and is (`settle`).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from hub.store.tables import (
    Acceptance,
    Attachment,
    AttachmentChunk,
    AuditEntry,
    BlindTag,
    Case,
    CaseReport,
    DataKey,
    Due,
    Entry,
    Erasure,
    GuardDecision,
    GuardVerdict,
    Hold,
    Inbox,
    Post,
    PostStatus,
    Presence,
    Receipt,
    ReleaseText,
    Remark,
    Replay,
    Report,
    RetentionRule,
    Revision,
    SearchRow,
    Triage,
)

OWN: Mapping[str, Any] = {  # in this order; what the record counts them as → the table
    "keys": DataKey,
    "receipts": Receipt,
    "answers": Replay,
    "acceptances": Acceptance,
    "overlays": Triage,
    "holds": Hold,
    "verdicts of the guard": GuardVerdict,
    "decisions on them": GuardDecision,
    "texts": ReleaseText,
    "places in cases": CaseReport,
    "tags": BlindTag,
    "remarks": Remark,
    "due": Due,
    "revisions": Revision,
}
HUSK: Mapping[str, Any] = {
    "client_ref": None,
    "revision": 0,  # an amendment that names the revision it saw finds another
    "report_type": "",
    "severity": "",
    "tlp": "",
    "shared_with": [],
    "is_import": False,
    "is_urgent": False,
    "embargo_until": None,
    "held_until": None,
    "staff_hold_until": None,
    "filed_code": b"",
    "upserted_code": b"",
    "triage": 0,
}


def lock(session: Session, report_id: str) -> Report | None:
    """A report, husk or not, nobody else's to change until the end of the transaction."""
    asked = select(Report).where(col(Report.id) == report_id).with_for_update()
    return session.execute(asked.execution_options(populate_existing=True)).scalars().first()


def find(session: Session, report_id: str, erases: str = "report") -> Erasure | None:
    """The erasure of a report, begun or carried out."""
    return session.get(Erasure, (report_id, erases))


def add(session: Session, made: Erasure) -> None:
    """Write an erasure."""
    session.add(made)
    session.flush()


def listed(session: Session, most: int) -> Sequence[Erasure]:
    """Erasures, the newest first."""
    return session.execute(select(Erasure).order_by(col(Erasure.begun_at).desc()).limit(most)).scalars().all()


def waiting(session: Session, most: int) -> list[str]:
    """Reports whose erasure was begun, and that no feed shows any more."""
    shown = exists().where(col(Presence.report_id) == col(Erasure.report_id), col(Presence.ended_at).is_(None))
    asked = select(col(Erasure.report_id)).where(
        col(Erasure.settled_at).is_(None), col(Erasure.at).is_(None), col(Erasure.erases) == "report", ~shown
    )
    return list(session.execute(asked.order_by(col(Erasure.begun_at)).limit(most)).scalars())


def unsettled(session: Session, before: datetime, most: int) -> list[tuple[str, str]]:
    """Erasures carried out by then and not gone over yet: report and what was erased."""
    asked = select(col(Erasure.report_id), col(Erasure.erases)).where(
        col(Erasure.settled_at).is_(None), col(Erasure.at) <= before
    )
    return [(row[0], row[1]) for row in session.execute(asked.order_by(col(Erasure.begun_at)).limit(most))]


def is_shown(session: Session, report_id: str) -> bool:
    """Whether a feed still shows a report."""
    asked = select(col(Presence.feed)).where(col(Presence.report_id) == report_id, col(Presence.ended_at).is_(None))
    return session.execute(asked.limit(1)).first() is not None


def destroy(session: Session, report: Report) -> dict[str, int]:
    """Delete all that is held of a report, but for its own row; how many rows of what."""
    own = _files(session, report.id)
    own["posts"] = _posts(session, report)
    emptied = _cases(session, report.id)
    for name, table in OWN.items():
        gone: Any = session.execute(delete(table).where(table.report_id == report.id))
        own[name] = gone.rowcount
    entries: Any = session.execute(
        delete(Entry).where(col(Entry.report_id) == report.id, col(Entry.is_revoked).is_(False))
    )
    own["entries"] = entries.rowcount
    for case_id in emptied:
        session.execute(update(Case).where(col(Case.id) == case_id).values(title=""))
    return {name: number for name, number in own.items() if number}


def _files(session: Session, report_id: str) -> dict[str, int]:
    mine = select(col(Attachment.id)).where(col(Attachment.report_id) == report_id)
    chunks: Any = session.execute(delete(AttachmentChunk).where(col(AttachmentChunk.attachment_id).in_(mine)))
    files: Any = session.execute(delete(Attachment).where(col(Attachment.report_id) == report_id))
    return {"attachment chunks": chunks.rowcount, "attachments": files.rowcount}


def _posts(session: Session, report: Report) -> int:
    """The object in its organisation's inbox that it was filed as, all versions; and what was answered of it."""
    named = {report.client_ref} if report.client_ref else set()
    asked = select(col(Post.stix_id)).where(col(Post.report_id) == report.id).distinct()
    ids = {*session.execute(asked).scalars(), *(one for one in named if one)}
    of = (col(Post.organisation_id) == report.organisation_id, col(Post.stix_id).in_(sorted(ids)))
    count, size = session.execute(select(func.count(), func.sum(func.length(col(Post.content)))).where(*of)).one()
    if not count:
        return 0
    session.execute(delete(Post).where(*of))
    box = update(Inbox).where(col(Inbox.organisation_id) == report.organisation_id)
    session.execute(box.values(posts=col(Inbox.posts) - count, size=col(Inbox.size) - size))
    _forget_statuses(session, report.organisation_id, ids)
    return int(count)


def _forget_statuses(session: Session, organisation_id: str, ids: Collection[str]) -> None:
    """What became of an envelope names the objects in it."""
    said = select(col(PostStatus.id), col(PostStatus.content)).where(col(PostStatus.organisation_id) == organisation_id)
    names = [one.encode() for one in ids]
    gone = [row[0] for row in session.execute(said) if any(name in row[1] for name in names)]
    for start in range(0, len(gone), 500):
        session.execute(delete(PostStatus).where(col(PostStatus.id).in_(gone[start : start + 500])))


def _cases(session: Session, report_id: str) -> list[str]:
    """The case that holds this report and no other: its title was about it alone."""
    mine = select(col(CaseReport.case_id)).where(col(CaseReport.report_id) == report_id)
    sizes = select(col(CaseReport.case_id)).where(col(CaseReport.case_id).in_(mine)).group_by(col(CaseReport.case_id))
    return list(session.execute(sizes.having(func.count() == 1)).scalars())


def hollow(session: Session, report_id: str, at: datetime) -> None:
    """Leave the husk of a report."""
    stamp = col(Report.stamp) + 1
    asked = update(Report).where(col(Report.id) == report_id)
    session.execute(asked.values(**HUSK, erased_at=at, stamp=stamp, indexed_stamp=stamp))


def touch(session: Session, report_id: str, **values: Any) -> None:
    """Change a report, so that a release planned before does not carry it."""
    asked = update(Report).where(col(Report.id) == report_id)
    session.execute(asked.values(**values, stamp=col(Report.stamp) + 1))


def settle(session: Session, made: Erasure, at: datetime) -> None:
    """Note that nothing is left for later."""
    made.settled_at = at
    session.flush()


def is_indexed(session: Session, report_id: str) -> bool:
    """Whether the search index holds a report."""
    return session.execute(select(SearchRow.number).where(col(SearchRow.report_id) == report_id)).first() is not None  # type: ignore[call-overload]


def entries_about(session: Session, report: Report, words: Collection[str], names: Collection[str]) -> list[int]:
    """Audit entries that hold what people typed about a report, or the ids under which it was posted."""
    asked = select(col(AuditEntry.seq), col(AuditEntry.details)).where(col(AuditEntry.subject) == report.id)
    found = [seq for seq, said in session.execute(asked) if words & said.keys()]
    if names:
        posts = select(col(AuditEntry.seq), col(AuditEntry.details)).where(
            col(AuditEntry.subject) == report.organisation_id,
            col(AuditEntry.action).in_(("inbox.post", "inbox.delete")),
        )
        of = set(names)
        found += [seq for seq, said in session.execute(posts) if of & {*said.get("added", ()), said.get("object")}]
    return found


def post_names(session: Session, report: Report) -> list[str]:
    """The ids under which a report was posted to its organisation's inbox."""
    asked = select(col(Post.stix_id)).where(col(Post.report_id) == report.id).distinct()
    return list(session.execute(asked).scalars())


def purge_identity(session: Session, report_id: str, sealed: Mapping[int, bytes], paths: Collection[str]) -> int:
    """Delete the keys, tags and ciphertexts of who reported; `sealed`: what stays of each revision's; how many keys."""
    of = (col(DataKey.report_id) == report_id, col(DataKey.purpose) == "identity")
    gone: Any = session.execute(delete(DataKey).where(*of))
    session.execute(delete(BlindTag).where(col(BlindTag.report_id) == report_id, col(BlindTag.field).in_(list(paths))))
    for number, content in sealed.items():
        row = update(Revision).where(col(Revision.report_id) == report_id, col(Revision.revision) == number)
        session.execute(row.values(sealed=content))
    return int(gone.rowcount)


def sealed_of(session: Session, report_id: str) -> dict[int, bytes]:
    """The ciphertexts of every revision of a report."""
    asked = select(col(Revision.revision), col(Revision.sealed)).where(col(Revision.report_id) == report_id)
    return {row[0]: row[1] for row in session.execute(asked)}


def rules(session: Session) -> Sequence[RetentionRule]:
    """The rules of retention, by name."""
    return session.execute(select(RetentionRule).order_by(col(RetentionRule.name))).scalars().all()


def put_rule(session: Session, rule: RetentionRule) -> None:
    """Set a rule, in the place of one of its name."""
    session.merge(rule)
    session.flush()


def remove_rule(session: Session, name: str) -> bool:
    """Remove a rule; whether there was one."""
    gone: Any = session.execute(delete(RetentionRule).where(col(RetentionRule.name) == name))
    return bool(gone.rowcount)


def ripe(session: Session, rule: RetentionRule, now: datetime, most: int, report_id: str | None = None) -> list[str]:
    """The reports whose time under a rule has come, the oldest first; or whether that of one has.

    Who reported may be filed again by an amendment after it was erased, and is erased again.
    """
    moment: Any = col(Report.filed_at)
    asked = select(col(Report.id)).where(col(Report.erased_at).is_(None))
    asked = asked.where(~exists().where(col(Erasure.report_id) == col(Report.id), col(Erasure.erases) == "report"))
    if report_id is not None:
        asked = asked.where(col(Report.id) == report_id)
    current = (col(Revision.report_id) == col(Report.id)) & (col(Revision.revision) == col(Report.revision))
    if rule.report_type:
        asked = asked.where(col(Report.report_type) == rule.report_type)
    if rule.state == "withdrawn":
        moment = col(Report.withdrawn_at)
    elif rule.state == "closed":
        asked = asked.join(CaseReport, col(CaseReport.report_id) == col(Report.id))
        asked, moment = asked.join(Case, col(Case.id) == col(CaseReport.case_id)), col(Case.closed_at)
    elif rule.state == "quarantined":
        asked = asked.join(Revision, current & col(Revision.fault).is_not(None))
    elif rule.state == "admitted" or rule.erases == "identity":
        asked = asked.join(Revision, current & col(Revision.admitted_at).is_not(None))
    if rule.state in {"admitted", "quarantined"}:
        asked = asked.where(col(Report.withdrawn_at).is_(None))
    if rule.erases == "identity":
        held = (col(DataKey.report_id) == col(Report.id), col(DataKey.purpose) == "identity")
        other = aliased(Revision)
        unadmitted = (col(other.report_id) == col(Report.id), col(other.admitted_at).is_(None))
        asked = asked.where(exists().where(*held), ~exists().where(*unadmitted))
    return list(
        session.execute(asked.where(moment <= now - timedelta(days=rule.days)).order_by(moment).limit(most)).scalars()
    )

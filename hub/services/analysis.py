"""The analyst: accept a report for an audience, approve text for release, give an organisation standing acceptance.

1. Acceptance for `public` includes `members` and `trusted`, for `members` `trusted`; `researchers` is by itself.
2. The first acceptance also approves the organisation: from then on its codes-only projections need no person.
3. Text for release is approved as it stands; another text is not approved.
Every acceptance has the gates of what it touches asked again.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from hub.approval import text_digest
from hub.errors import Conflict, NotFound, PreconditionFailed
from hub.roles import Act
from hub.store import Session, audit, feeds, organisations, reports
from hub.store.tables import Acceptance, Report, StandingAcceptance

WRITTEN, FOR_RELEASE = "written", "for_release"


@dataclass(frozen=True)
class Word:
    """What an analyst says of a report: for which audience, and of what."""

    audience: str
    subject: str = WRITTEN
    revision: int | None = None  # that was read; None: whatever is current


def accept_report(db: Session, act: Act, name: str, word: Word, carrying: Collection[str]) -> Report:
    """Accept a report, by id or reference, as written or its text for release, for an audience."""
    report = reports.by_name(db, name)
    if report is None:
        raise NotFound
    if report.withdrawn_at is not None:
        message = "the report is withdrawn"
        raise Conflict(message)
    if word.revision not in {None, report.revision}:
        message = f"the report is at revision {report.revision}; read it again before you approve it"
        raise PreconditionFailed(message)
    revision = reports.revision(db, report.id, report.revision)
    clear = revision.clear if revision else {}
    if word.subject == FOR_RELEASE and not clear.get("for_release"):
        message = "the report holds no text for release to approve"
        raise Conflict(message)
    given = Acceptance(
        report_id=report.id,
        audience=word.audience,
        subject=word.subject,
        text_digest=text_digest(clear),
        accepted_by=act.caller.actor,
        accepted_at=act.at,
    )
    reports.accept(db, given)
    said = {"audience": word.audience, "accepted": word.subject, "revision": report.revision}
    audit.append(db, act.at, act.caller.actor, "report.accept", report.id, **said)
    reports.touch(db, [report.id])
    feeds.queue(db, [report.id], carrying, act.at)
    organisations.lock(db, report.organisation_id)
    if organisations.approve(db, report.organisation_id, act.at):
        audit.append(db, act.at, act.caller.actor, "member.approve", report.organisation_id)
        _queue_all(db, report.organisation_id, act.at, carrying)
    return report


def accept_organisation(db: Session, act: Act, id_or_name: str, audience: str, carrying: Collection[str]) -> str:
    """Accept all reports of an organisation, filed and to come, for an audience; its id."""
    organisation = organisations.find(db, id_or_name)
    if organisation is None:
        raise NotFound
    given = StandingAcceptance(
        organisation_id=organisation.id, audience=audience, accepted_by=act.caller.actor, accepted_at=act.at
    )
    organisations.lock(db, organisation.id)  # admission waits, or what it admits now would miss this
    organisations.accept_standing(db, given)
    audit.append(db, act.at, act.caller.actor, "member.accept", organisation.id, audience=audience)
    organisations.approve(db, organisation.id, act.at)
    _queue_all(db, organisation.id, act.at, carrying)
    return organisation.id


def _queue_all(db: Session, organisation_id: str, now: datetime, carrying: Collection[str]) -> None:
    ids = [report.id for report in reports.of_organisation(db, organisation_id)]
    reports.touch(db, ids)
    feeds.queue(db, ids, carrying, now)

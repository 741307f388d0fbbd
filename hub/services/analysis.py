"""The analyst: accept a report for an audience, approve text for release, give an organisation standing acceptance.

1. Acceptance for `public` includes `members` and `trusted`, for `members` `trusted`; `researchers` is by itself.
2. The first acceptance also approves the organisation: from then on its codes-only projections need no person.
3. Text for release is approved as it stands; another text is not approved.
Every acceptance has the gates of what it touches asked again.
"""

from collections.abc import Collection
from datetime import datetime

from hub.approval import text_digest
from hub.errors import Conflict, NotFound
from hub.roles import Caller
from hub.store import Session, audit, feeds, organisations, reports
from hub.store.tables import Acceptance, Report, StandingAcceptance

WRITTEN, FOR_RELEASE = "written", "for_release"


def accept_report(
    db: Session, caller: Caller, name: str, audience: str, subject: str, now: datetime, carrying: Collection[str]
) -> Report:
    """Accept a report as written, or its text for release, for an audience."""
    report = reports.by_name(db, name)
    if report is None:
        raise NotFound
    if report.withdrawn_at is not None:
        message = "the report is withdrawn"
        raise Conflict(message)
    revision = reports.revision(db, report.id, report.revision)
    clear = revision.clear if revision else {}
    if subject == FOR_RELEASE and not clear.get("for_release"):
        message = "the report holds no text for release to approve"
        raise Conflict(message)
    given = Acceptance(report_id=report.id, audience=audience, subject=subject, accepted_by=caller.actor)
    given.accepted_at, given.text_digest = now, text_digest(clear)
    reports.accept(db, given)
    audit.append(
        db, now, caller.actor, "report.accept", report.id,
        audience=audience, accepted=subject, revision=report.revision,
    )  # fmt: skip
    reports.touch(db, [report.id])
    feeds.queue(db, [report.id], carrying, now)
    _approve(db, caller, report.organisation_id, now, carrying)
    return report


def accept_organisation(
    db: Session, caller: Caller, id_or_name: str, audience: str, now: datetime, carrying: Collection[str]
) -> str:
    """Accept all reports of an organisation, filed and to come, for an audience; its id."""
    organisation = organisations.find(db, id_or_name)
    if organisation is None:
        raise NotFound
    given = StandingAcceptance(organisation_id=organisation.id, audience=audience, accepted_by=caller.actor)
    given.accepted_at = now
    organisations.accept_standing(db, given)
    audit.append(db, now, caller.actor, "member.accept", organisation.id, audience=audience)
    organisations.approve(db, organisation.id, now)
    _queue_all(db, organisation.id, now, carrying)
    return organisation.id


def _approve(db: Session, caller: Caller, organisation_id: str, now: datetime, carrying: Collection[str]) -> None:
    if organisations.approve(db, organisation_id, now):
        audit.append(db, now, caller.actor, "member.approve", organisation_id)
        _queue_all(db, organisation_id, now, carrying)


def _queue_all(db: Session, organisation_id: str, now: datetime, carrying: Collection[str]) -> None:
    ids = [report.id for report in reports.of_organisation(db, organisation_id)]
    reports.touch(db, ids)
    feeds.queue(db, ids, carrying, now)

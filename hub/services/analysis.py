"""The analyst: accept a report for an audience, approve text for release, give an organisation standing acceptance.

1. Acceptance for `public` includes `members` and `trusted`, for `members` `trusted`; `researchers` is by itself.
2. The first acceptance also approves the organisation: from then on its codes-only projections need no person.
3. Text for release, the producer's or an analyst's, is approved as it stands; another text is not approved.
4. A standing acceptance may end: what leaves by it alone is recalled, what was accepted by itself stays.
Every acceptance has the gates of what it touches asked again.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from hub.approval import Effective, effective
from hub.errors import Conflict, NotFound, PreconditionFailed
from hub.roles import Act
from hub.store import Session, audit, desk, feeds, organisations, reports
from hub.store.tables import Acceptance, Report, StandingAcceptance

WRITTEN, FOR_RELEASE = "written", "for_release"


@dataclass(frozen=True)
class Word:
    """What an analyst says of a report: for which audience, and of what."""

    audience: str
    subject: str = WRITTEN
    revision: int | None = None  # that was read; None: whatever is current
    text: int = 0  # number of the hub's text for release that was read; 0: there was none


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
    reports.touch(db, [report.id])  # locks it: whoever writes a text meanwhile ends this approval, or is seen by it
    revision = reports.revision(db, report.id, report.revision)
    text = effective(revision.clear if revision else {}, desk.written(db, report.id))
    if word.subject == FOR_RELEASE:
        _demand_as_read(word, text)
    given = Acceptance(
        report_id=report.id,
        audience=word.audience,
        subject=word.subject,
        text_digest=text.digest,
        accepted_by=act.caller.actor,
        accepted_at=act.at,
    )
    reports.accept(db, given)
    said = {"audience": word.audience, "accepted": word.subject, "revision": report.revision}
    if word.subject == FOR_RELEASE:
        said["text"] = text.digest
    audit.append(db, act.at, act.caller.actor, "report.accept", report.id, **said)
    feeds.queue(db, [report.id], carrying, act.at)
    organisations.lock(db, report.organisation_id)
    if organisations.approve(db, report.organisation_id, act.at):
        audit.append(db, act.at, act.caller.actor, "member.approve", report.organisation_id)
        _queue_all(db, report.organisation_id, act.at, carrying)
    return report


def _demand_as_read(word: Word, text: Effective) -> None:
    if word.text != text.number:
        message = "the text for release was written anew; read it at /release-text, and send the ETag from there"
        raise PreconditionFailed(message)
    if not text.text:
        message = "the report holds no text for release to approve"
        raise Conflict(message)


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


def end_standing(db: Session, act: Act, id_or_name: str, audience: str, carrying: Collection[str]) -> str:
    """End a standing acceptance; the organisation stays approved. Its id; raises NotFound if there is none."""
    organisation = organisations.find(db, id_or_name)
    if organisation is None:
        raise NotFound
    organisations.lock(db, organisation.id)
    if not organisations.end_standing(db, organisation.id, audience):
        raise NotFound
    audit.append(db, act.at, act.caller.actor, "member.end_acceptance", organisation.id, audience=audience)
    _queue_all(db, organisation.id, act.at, carrying)
    return organisation.id


def _queue_all(db: Session, organisation_id: str, now: datetime, carrying: Collection[str]) -> None:
    ids = [report.id for report in reports.of_organisation(db, organisation_id)]
    reports.touch(db, ids)
    feeds.queue(db, ids, carrying, now)

"""The analyst's desk: the overlay, a hold, text for release. What a producer filed is never changed.

1. An overlay is revisioned: each revision says all that is asserted from then on, with who, when and why.
2. A hold delays as the producer's own does, and takes back what feeds show. It expires within a year or is lifted.
3. An analyst's text for release stands over one text of the producer's (`hub.approval`); like the producer's it leaves
   once it is approved. Taking it back, or writing another, ends its approvals: the same words need
   new ones.
Each change is audited in its transaction and has the gates of the report asked again. The audit holds no reason and no
text: it is never erased.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from feeds.feed import IMPORTS, REPORTS, Feed
from hub.approval import Effective, effective, text_digest
from hub.errors import Conflict, NotFound, PreconditionFailed
from hub.roles import Act, Caller, Capability
from hub.store import Session, audit, desk, feeds, reports
from hub.store.tables import Hold, ReleaseText, Report, Triage
from schemas.errors import Invalid
from schemas.triage import patched

LONGEST_HOLD = timedelta(days=366)


@dataclass(frozen=True)
class Overlay:
    """A report's overlay as it stands."""

    report: Report
    number: int  # 0: never triaged
    asserted: Mapping[str, Any]
    hold: Hold | None


@dataclass(frozen=True)
class Change:
    """A merge patch of an overlay, why, and the revision that it changes."""

    patch: Mapping[str, Any]
    why: str
    was: int | None  # None: whatever is current


def read(db: Session, name: str) -> Overlay:
    """The overlay of a report, by id or reference."""
    report = _known(db, name)
    row = desk.overlay(db, report)
    return Overlay(report, report.triage, row.asserted if row else {}, desk.hold(db, report.id))


def history(db: Session, overlay: Overlay, before: int | None, most: int) -> list[tuple[Triage, dict[str, Any]]]:
    """The revisions of an overlay, the newest first, each with the patch that it made."""
    rows: Sequence[Triage] = desk.history(db, overlay.report.id, before, most + 1)
    earlier = [row.asserted for row in rows[1:]] + [{}]
    told = [(row, _difference(was, row.asserted)) for row, was in zip(rows, earlier, strict=False)]
    return told[:most]


def _difference(was: Mapping[str, Any], asserted: Mapping[str, Any]) -> dict[str, Any]:
    names = sorted({*was, *asserted})
    return {name: asserted.get(name) for name in names if was.get(name) != asserted.get(name)}


def assert_overlay(db: Session, act: Act, name: str, change: Change, known: Iterable[Feed]) -> Overlay:
    """Make the next revision of an overlay; raises PreconditionFailed if another one is current."""
    overlay = read(db, name)
    report = overlay.report
    asserted = patched(overlay.asserted, change.patch)
    made = Triage(
        report_id=report.id,
        number=report.triage + 1,
        at=act.at,
        actor=act.caller.actor,
        why=change.why,
        asserted=asserted,
    )
    if change.was not in {None, report.triage} or not desk.assert_overlay(db, made):
        message = f"the overlay is at revision {report.triage} or later; read it again and change that"
        raise PreconditionFailed(message)
    changed = sorted(_difference(overlay.asserted, asserted))
    audit.append(db, act.at, act.caller.actor, "report.triage", report.id, number=made.number, changed=changed)
    _ask_again(db, report, known, act.at)
    return Overlay(report, made.number, asserted, overlay.hold)


def hold(db: Session, act: Act, name: str, placed: tuple[str, datetime], known: Iterable[Feed]) -> Hold:
    """Hold a report, for a reason, until an instant; in the place of an earlier hold."""
    reason, until = placed
    report = _open(db, name)
    if not act.at < until <= act.at + LONGEST_HOLD:
        raise Invalid.at("/expires_at", "must lie ahead, and within a year")
    row = Hold(report_id=report.id, reason=reason, placed_by=act.caller.actor, placed_at=act.at, expires_at=until)
    desk.place_hold(db, row)
    audit.append(db, act.at, act.caller.actor, "report.hold", report.id, until=until.isoformat())
    _ask_again(db, report, known, act.at)
    return row


def lift(db: Session, act: Act, name: str, known: Iterable[Feed]) -> Report:
    """Lift a hold before it expires; raises NotFound if there is none."""
    report = _known(db, name)
    if not desk.lift_hold(db, report.id):
        raise NotFound
    audit.append(db, act.at, act.caller.actor, "report.lift_hold", report.id)
    _ask_again(db, report, known, act.at)
    return report


@dataclass(frozen=True)
class Wording:
    """A text for release as an analyst wrote it, why, and what was read before: revision of the report, and text."""

    text: Mapping[str, str]  # empty: the analyst's earlier text is taken back
    why: str
    read: tuple[int, ...] | None  # None: whatever is current


@dataclass(frozen=True)
class ReleaseWords:
    """The text for release of a report as it stands."""

    report: Report
    effective: Effective
    approved_for: Sequence[str]
    written: ReleaseText | None  # by an analyst, whether it stands or not; shown to analysts alone


def read_text(db: Session, caller: Caller, name: str) -> ReleaseWords:
    """The text for release of a report; a producer reads its own reports' only."""
    report = _known(db, name)
    is_own = report.organisation_id == caller.organisation_id and caller.may(Capability.REPORT_WRITE)
    if not caller.may(Capability.REPORT_READ) and not is_own:
        raise NotFound
    return _words(db, report, is_staff=caller.may(Capability.REPORT_READ))


def write_text(db: Session, act: Act, name: str, wording: Wording, known: Iterable[Feed]) -> ReleaseWords:
    """Write text for release over the producer's; raises PreconditionFailed if either is another by now."""
    report = _open(db, name)
    reports.touch(db, [report.id])  # locks it: an approval that is under way is seen below, or sees this text
    was = _words(db, report, is_staff=True).effective
    if wording.read not in {None, (report.revision, was.number)}:
        message = "the report or its text for release has changed; read it again and write over that"
        raise PreconditionFailed(message)
    row = ReleaseText(
        report_id=report.id,
        number=was.number + 1,
        at=act.at,
        actor=act.caller.actor,
        why=wording.why,
        text=dict(wording.text),
        base_digest=text_digest(was.own),
    )
    desk.write_text(db, row)
    said: dict[str, Any] = {"number": row.number, "revision": report.revision, "text": text_digest(row.text)}
    if ended := desk.end_approvals(db, report.id, but=text_digest(was.own)):
        said["ended"] = ended
    audit.append(db, act.at, act.caller.actor, "report.write_text", report.id, **said)
    _ask_again(db, report, known, act.at)
    return _words(db, report, is_staff=True)


def _words(db: Session, report: Report, *, is_staff: bool) -> ReleaseWords:
    revision, row = reports.revision(db, report.id, report.revision), desk.written(db, report.id)
    found = effective(revision.clear if revision else {}, row)
    return ReleaseWords(report, found, desk.approved_for(db, report.id, found.digest), row if is_staff else None)


def _known(db: Session, name: str) -> Report:
    report = reports.by_name(db, name)
    if report is None:
        raise NotFound
    return report


def _open(db: Session, name: str) -> Report:
    report = _known(db, name)
    if report.withdrawn_at is not None:
        message = "the report is withdrawn"
        raise Conflict(message)
    return report


def _ask_again(db: Session, report: Report, known: Iterable[Feed], at: datetime) -> None:
    """Have every feed look at the report anew; a release that is under way drops it."""
    kind = IMPORTS if report.is_import else REPORTS
    reports.touch(db, [report.id])
    feeds.queue(db, [report.id], [feed.name for feed in known if kind in feed.carries], at)

"""What analysts say beside a producer's words: overlays, holds, text for release."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, func, select, update

from hub.store.tables import Acceptance, Hold, ReleaseText, Report, Triage

BATCH = 500  # reports asked about in one statement


def overlay(session: Session, report: Report) -> Triage | None:
    """The current revision of a report's overlay."""
    return session.get(Triage, (report.id, report.triage)) if report.triage else None


def overlays(session: Session, reports: Collection[Report]) -> dict[str, Triage]:
    """The current overlays of reports, by report."""
    ids = [report.id for report in reports if report.triage]
    found: dict[str, Triage] = {}
    for start in range(0, len(ids), BATCH):
        joined = (col(Report.id) == Triage.report_id) & (col(Report.triage) == Triage.number)
        asked = select(Triage).join(Report, joined).where(col(Triage.report_id).in_(ids[start : start + BATCH]))
        found.update({row.report_id: row for row in session.exec(asked)})
    return found


def history(session: Session, report_id: str, before: int | None, most: int) -> Sequence[Triage]:
    """The revisions of an overlay, the newest first, those before a number."""
    asked = select(Triage).where(col(Triage.report_id) == report_id)
    if before is not None:
        asked = asked.where(col(Triage.number) < before)
    return session.exec(asked.order_by(col(Triage.number).desc()).limit(most)).all()


def assert_overlay(session: Session, made: Triage) -> bool:
    """Add the next revision of an overlay, if the one before it is still current; whether it was."""
    was = made.number - 1
    current = update(Report).where(col(Report.id) == made.report_id, col(Report.triage) == was)
    if not session.exec(current.values(triage=made.number)).rowcount:
        return False
    session.add(made)
    session.flush()
    return True


def hold(session: Session, report_id: str) -> Hold | None:
    """The analyst's hold on a report."""
    return session.get(Hold, report_id)


def place_hold(session: Session, placed: Hold) -> None:
    """Place a hold, in the place of an earlier one."""
    session.merge(placed)
    session.flush()
    _until(session, placed.report_id, placed.expires_at)


def lift_hold(session: Session, report_id: str) -> bool:
    """Lift a hold; whether there was one."""
    lifted = session.exec(delete(Hold).where(col(Hold.report_id) == report_id)).rowcount > 0
    _until(session, report_id, None)
    return lifted


def _until(session: Session, report_id: str, until: datetime | None) -> None:
    session.exec(update(Report).where(col(Report.id) == report_id).values(staff_hold_until=until))


def written(session: Session, report_id: str) -> ReleaseText | None:
    """The last text for release that an analyst wrote."""
    asked = select(ReleaseText).where(col(ReleaseText.report_id) == report_id)
    return session.exec(asked.order_by(col(ReleaseText.number).desc()).limit(1)).first()


def texts(session: Session, report_ids: Sequence[str]) -> dict[str, ReleaseText]:
    """The last texts for release that analysts wrote, by report."""
    found: dict[str, ReleaseText] = {}
    for start in range(0, len(report_ids), BATCH):
        some = col(ReleaseText.report_id).in_(report_ids[start : start + BATCH])
        last = select(col(ReleaseText.report_id), func.max(ReleaseText.number).label("number")).where(some)
        latest = last.group_by(col(ReleaseText.report_id)).subquery()
        joined = (latest.c.report_id == ReleaseText.report_id) & (latest.c.number == ReleaseText.number)
        found.update({row.report_id: row for row in session.exec(select(ReleaseText).join(latest, joined))})
    return found


def write_text(session: Session, made: ReleaseText) -> None:
    """Add what an analyst wrote."""
    session.add(made)
    session.flush()


def approved_for(session: Session, report_id: str, digest: str) -> Sequence[str]:
    """The audiences for which a text for release is approved as it stands."""
    asked = select(Acceptance.audience).where(
        col(Acceptance.report_id) == report_id,
        col(Acceptance.subject) == "for_release",
        col(Acceptance.text_digest) == digest,
    )
    return sorted(session.exec(asked))


def end_approvals(session: Session, report_id: str, *, but: str) -> Sequence[str]:
    """End the approvals of texts for release, but those of the text with this digest; for which audiences they were."""
    of_texts = (col(Acceptance.report_id) == report_id, col(Acceptance.subject) == "for_release")
    others = (*of_texts, col(Acceptance.text_digest) != but)
    ended = sorted(session.exec(select(Acceptance.audience).where(*others)))
    session.exec(delete(Acceptance).where(*others))
    return ended

"""Reports, their revisions, keys, receipts and acceptances."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import delete
from sqlmodel import Session, SQLModel, col, select, update

from feeds.names import is_reference
from hub.errors import Busy
from hub.store.tables import (
    Acceptance,
    DataKey,
    Hold,
    Organisation,
    Receipt,
    Replay,
    Report,
    Revision,
    StandingAcceptance,
)


def find(session: Session, report_id: str) -> Report | None:
    """A report by its id."""
    return session.get(Report, report_id)


def by_name(session: Session, name: str) -> Report | None:
    """A report by its id or its reference; an erased one is not there."""
    ref = name.upper() if is_reference(name) else name
    asked = select(Report).where((col(Report.id) == name) | (col(Report.ref) == ref))
    return session.exec(asked.where(col(Report.erased_at).is_(None))).first()


def husk(session: Session, name: str) -> Report | None:
    """What is left of an erased report, by its id or its reference. Nothing but reading it and its record is done."""
    ref = name.upper() if is_reference(name) else name
    asked = select(Report).where((col(Report.id) == name) | (col(Report.ref) == ref))
    return session.exec(asked.where(col(Report.erased_at).is_not(None))).first()


def living(session: Session, report_ids: Collection[str]) -> set[str]:
    """Which reports are not erased, their rows locked: none is before this transaction ends."""
    asked = select(Report.id).where(col(Report.id).in_(sorted(report_ids)), col(Report.erased_at).is_(None))
    return set(session.exec(asked.order_by(col(Report.id)).with_for_update()))


_IS_KNOWN = sqlalchemy.select(col(Report.id)).where(
    col(Report.organisation_id) == sqlalchemy.bindparam("organisation"),
    col(Report.client_ref) == sqlalchemy.bindparam("client_ref"),
)


def by_client_ref(session: Session, organisation_id: str, client_ref: str) -> Report | None:
    """A report by its filer's own tracker id."""
    named = {"organisation": organisation_id, "client_ref": client_ref}
    if session.connection().execute(_IS_KNOWN, named).first() is None:
        return None  # most filings are new: asked without making a row of it
    asked = select(Report).where(col(Report.organisation_id) == organisation_id, col(Report.client_ref) == client_ref)
    return session.exec(asked.with_for_update()).first()  # two upserts at once: the second sees what the first made


def replay(session: Session, organisation_id: str, key: str) -> Replay | None:
    """What an Idempotency-Key was answered."""
    return session.get(Replay, (organisation_id, key))


def unused(session: Session, organisation_id: str, keys: Sequence[str], client_refs: Sequence[str]) -> bool:
    """Whether an organisation has used none of these Idempotency-Keys and client_refs yet."""
    connection = session.connection()
    for table, name, values in ((Replay, Replay.key, keys), (Report, Report.client_ref, client_refs)):
        for start in range(0, len(values), 500):
            some = col(name).in_(values[start : start + 500])
            asked = sqlalchemy.select(col(name)).where(col(table.organisation_id) == organisation_id, some).limit(1)
            if connection.execute(asked).first() is not None:
                return False
    return True


def has_replays(session: Session, before: datetime) -> bool:
    """Whether answers are kept that are no longer owed."""
    return session.exec(select(Replay.key).where(col(Replay.created_at) < before).limit(1)).first() is not None


def forget_replays(session: Session, before: datetime) -> None:
    """Delete the answers that are no longer owed."""
    session.exec(delete(Replay).where(col(Replay.created_at) < before))


def revision(session: Session, report_id: str, number: int) -> Revision | None:
    """One revision."""
    return session.get(Revision, (report_id, number))


def receipt(session: Session, report_id: str, number: int) -> Receipt | None:
    """The receipt of one revision."""
    return session.get(Receipt, (report_id, number))


def revisions(session: Session, pairs: Collection[tuple[str, int]]) -> dict[tuple[str, int], Revision]:
    """Revisions by (report, number)."""
    ids = sorted({report_id for report_id, _ in pairs})
    wanted, found = set(pairs), {}
    for start in range(0, len(ids), 500):
        asked = select(Revision).where(col(Revision.report_id).in_(ids[start : start + 500]))
        found.update({(row.report_id, row.revision): row for row in session.exec(asked)})
    return {pair: row for pair, row in found.items() if pair in wanted}


def keys(session: Session, report_ids: Sequence[str]) -> dict[tuple[str, int, str], DataKey]:
    """The data keys of reports' own fields, by (report, revision, purpose); attachments have theirs beside them."""
    found = {}
    for start in range(0, len(report_ids), 500):
        some = col(DataKey.report_id).in_(report_ids[start : start + 500])
        asked = select(DataKey).where(some, col(DataKey.purpose).in_(("report", "identity")))
        found.update({(row.report_id, row.revision, row.purpose): row for row in session.exec(asked)})
    return found


def listed(
    session: Session, *, organisation_id: str | None, before: tuple[datetime, str] | None, most: int
) -> Sequence[tuple[Report, Revision]]:
    """Reports with their current revision, the newest first; of one organisation, or of all."""
    asked = select(Report, Revision).join(
        Revision, (col(Revision.report_id) == Report.id) & (col(Revision.revision) == Report.revision)
    )
    if organisation_id:
        asked = asked.where(col(Report.organisation_id) == organisation_id)
    if before:
        at, report_id = before
        later = (col(Report.filed_at) < at) | ((col(Report.filed_at) == at) & (col(Report.id) < report_id))
        asked = asked.where(later)
    return session.exec(asked.order_by(col(Report.filed_at).desc(), col(Report.id).desc()).limit(most)).all()


def current(session: Session, report_ids: Sequence[str]) -> Sequence[tuple[Report, Revision]]:
    """Reports with their current revision, in no order."""
    asked = select(Report, Revision).join(
        Revision, (col(Revision.report_id) == Report.id) & (col(Revision.revision) == Report.revision)
    )
    return session.exec(asked.where(col(Report.id).in_(report_ids))).all()


def change(session: Session, report_id: str, was: int, **values: Any) -> bool:
    """Change a report whose revision is still the expected one; whether it was."""
    asked = (
        update(Report)
        .where(col(Report.id) == report_id, col(Report.revision) == was)
        .values(**values, stamp=col(Report.stamp) + 1)
    )
    return session.exec(asked).rowcount == 1


def touch(session: Session, report_ids: Collection[str]) -> None:
    """Let a release that is under way know that these reports changed."""
    ids = list(report_ids)
    for start in range(0, len(ids), 500):
        some = col(Report.id).in_(ids[start : start + 500])
        session.exec(update(Report).where(some).values(stamp=col(Report.stamp) + 1))


def unadmitted(session: Session, most: int) -> Sequence[Revision]:
    """Revisions that wait for admission, the oldest first."""
    waiting = (col(Revision.admitted_at).is_(None), col(Revision.fault).is_(None))
    return session.exec(select(Revision).where(*waiting).order_by(col(Revision.filed_at)).limit(most)).all()


def taken_back(session: Session, report_ids: Sequence[str], at: datetime) -> set[str]:
    """Which reports are withdrawn, held or under an embargo; told by the database, whatever else their rows hold."""
    delays = (Report.embargo_until, Report.held_until, Report.staff_hold_until)
    is_back = sqlalchemy.or_(col(Report.withdrawn_at).is_not(None), *(col(until) > at for until in delays))
    found: set[str] = set()
    for start in range(0, len(report_ids), 500):
        some = col(Report.id).in_(report_ids[start : start + 500])
        found.update(session.exec(select(Report.id).where(some, is_back)))
    return found


def waiting(session: Session, report_ids: Collection[str]) -> set[tuple[str, int]]:
    """Which revisions of reports wait for admission, by report and number."""
    found: set[tuple[str, int]] = set()
    ids = sorted(report_ids)
    for start in range(0, len(ids), 500):
        asked = sqlalchemy.select(col(Revision.report_id), col(Revision.revision)).where(
            col(Revision.report_id).in_(ids[start : start + 500]),
            col(Revision.admitted_at).is_(None),
            col(Revision.fault).is_(None),
        )
        found |= {(row[0], row[1]) for row in session.connection().execute(asked)}
    return found


def mark_admitted(session: Session, admitted: Sequence[tuple[str, int]], at: datetime) -> None:
    """Record that revisions were verified and their keys re-wrapped."""
    for report_id, number in admitted:
        session.exec(_of(report_id, number).values(admitted_at=at))


def mark_faulty(session: Session, report_id: str, number: int, fault: str) -> None:
    """Record why a revision was not admitted."""
    session.exec(_of(report_id, number).values(fault=fault))


def _of(report_id: str, number: int) -> Any:
    return update(Revision).where(col(Revision.report_id) == report_id, col(Revision.revision) == number)


def rewrap(session: Session, key: DataKey, epoch: int, wrapped: bytes) -> None:
    """Replace a wrapped data key by another wrapping of the same key.

    Raises Busy if it is not what was read: the rotation of epochs wrapped it anew meanwhile, and what we have made may
    lie under an epoch that is about to be destroyed.
    """
    asked = update(DataKey).where(
        col(DataKey.report_id) == key.report_id,
        col(DataKey.revision) == key.revision,
        col(DataKey.purpose) == key.purpose,
        col(DataKey.epoch) == key.epoch,
        col(DataKey.wrapped) == key.wrapped,
    )
    if session.exec(asked.values(epoch=epoch, wrapped=wrapped, is_admitted=True)).rowcount != 1:
        message = f"a data key of report {key.report_id} changed meanwhile; try again"
        raise Busy(message)


def accept(session: Session, given: Acceptance) -> None:
    """Record an acceptance."""
    session.merge(given)


def of_organisation(session: Session, organisation_id: str) -> Sequence[Report]:
    """All reports of an organisation that are not withdrawn."""
    asked = select(Report).where(col(Report.organisation_id) == organisation_id, col(Report.withdrawn_at).is_(None))
    return session.exec(asked).all()


class Facts(SQLModel):
    """What the gates ask about one report."""

    report: Any
    admitted_at: datetime | None
    approved_at: datetime | None
    revised_at: datetime | None = None  # when its current revision was filed
    held_at: datetime | None = None  # when an analyst placed a hold
    accepted: set[str] = set()
    accepted_at: dict[str, datetime] = {}  # audience → since when, by whichever acceptance came first
    approved_text: dict[str, str] = {}  # audience → digest of the text approved for it


def facts(session: Session, report_ids: Sequence[str]) -> dict[str, Facts]:
    """What the gates ask, for many reports, in a fixed number of queries a batch."""
    found: dict[str, Facts] = {}
    for start in range(0, len(report_ids), 500):
        some = report_ids[start : start + 500]
        asked = (
            sqlalchemy.select(Report, Revision.admitted_at, Organisation.approved_at, Revision.filed_at, Hold.placed_at)  # type: ignore[call-overload]
            .join(Revision, (col(Revision.report_id) == Report.id) & (col(Revision.revision) == Report.revision))
            .join(Organisation, col(Organisation.id) == Report.organisation_id)
            .outerjoin(Hold, col(Hold.report_id) == Report.id)
            .where(col(Report.id).in_(some))
        )
        for report, admitted_at, approved_at, revised_at, held_at in session.exec(asked):
            found[report.id] = Facts(
                report=report,
                admitted_at=admitted_at,
                approved_at=approved_at,
                revised_at=revised_at,
                held_at=held_at,
            )
        _add_acceptances(session, some, found)
    return found


def _add_acceptances(session: Session, report_ids: Sequence[str], found: dict[str, Facts]) -> None:
    for given in session.exec(select(Acceptance).where(col(Acceptance.report_id).in_(report_ids))):
        if given.subject == "written":
            found[given.report_id].accepted.add(given.audience)
            found[given.report_id].accepted_at[given.audience] = given.accepted_at
        else:
            found[given.report_id].approved_text[given.audience] = given.text_digest
    organisations = {known.report.organisation_id for known in found.values()}
    standing: dict[str, dict[str, datetime]] = {}
    for rule in session.exec(
        select(StandingAcceptance).where(col(StandingAcceptance.organisation_id).in_(organisations))
    ):
        standing.setdefault(rule.organisation_id, {})[rule.audience] = rule.accepted_at
    for known in found.values():
        by_rule = standing.get(known.report.organisation_id, {})
        known.accepted |= by_rule.keys()
        known.accepted_at = {**by_rule, **known.accepted_at}

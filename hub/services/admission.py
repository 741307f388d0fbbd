"""Admission: the first look, by a process that may open, at what intake sealed.

1. One transaction writes an intent per revision; its commit arms one warrant each.
2. The manifest's signature, its hashes and its key commitments are verified. What does not verify is set aside, and
   nothing of it is opened, released or overwritten.
3. Data keys are re-wrapped under the epoch's symmetric key, so that nothing at rest hangs on elliptic curves.
4. The report is queued for the feeds that it may enter.

A crash between the two transactions leaves intents without an outcome; the next admission starts over.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from feeds.feed import IMPORTS, REPORTS, Feed
from hub.errors import Tampered
from hub.keys import Keyring
from hub.roles import CLOCK
from hub.seal import Place, commitment, digest, unframe, unwrap_from_intake, wrap_under
from hub.sealing import verify
from hub.store import Session, audit, feeds, organisations, reports
from hub.store.tables import DataKey, Report, Revision
from hub.warrant import Warrant

BATCH = 200


@dataclass(frozen=True)
class Candidate:
    """A revision that waits, with its warrant."""

    revision: Revision
    report: Report
    keys: Sequence[DataKey]
    warrant: Warrant


@dataclass(frozen=True)
class Checked:
    """A revision that was looked at: its keys wrapped anew, or why it was set aside."""

    candidate: Candidate
    rewrapped: Sequence[tuple[DataKey, bytes]]
    fault: str | None = None


def is_needed(db: Session) -> bool:
    """Whether any revision waits."""
    return bool(reports.unadmitted(db, 1))


def ask(db: Session, now: datetime) -> list[Candidate]:
    """Take the oldest revisions that wait, and write the intent to open their keys."""
    waiting = reports.unadmitted(db, BATCH)
    keys = reports.keys(db, [row.report_id for row in waiting])
    found = []
    for row in waiting:
        report = reports.find(db, row.report_id)
        if report is None:
            continue
        own = [key for (owner, number, _), key in keys.items() if (owner, number) == (row.report_id, row.revision)]
        warrant = Warrant(row.report_id, row.revision, frozenset(), "admission: verify and re-wrap the data key")
        found.append(Candidate(row, report, own, warrant))
    audit.intend(db, now, CLOCK, [candidate.warrant for candidate in found])
    return found


def check(keyring: Keyring, deployment: str, candidates: Iterable[Candidate]) -> list[Checked]:
    """Verify each candidate and wrap its keys anew."""
    return [_check(keyring, deployment, candidate) for candidate in candidates]


def _check(keyring: Keyring, deployment: str, candidate: Candidate) -> Checked:
    candidate.warrant.demand()
    row = candidate.revision
    place = Place(deployment, candidate.report.organisation_id, row.report_id, row.revision)
    try:
        commitments = _verify(keyring, place, candidate)
        return Checked(candidate, [(key, _rewrap(keyring, place, key, commitments)) for key in candidate.keys])
    except Tampered as wrong:
        return Checked(candidate, [], str(wrong))


def _verify(keyring: Keyring, place: Place, candidate: Candidate) -> Mapping[str, str]:
    row = candidate.revision
    said = verify(keyring.receipts, place, row)
    sealed = {path: digest(blob) for path, blob in unframe(row.sealed).items()}
    promised = {path: entry["sha256"] for path, entry in said["fields"].items() if entry["revision"] == row.revision}
    commitments: dict[str, str] = said["keys"]
    if sealed != promised or {key.purpose for key in candidate.keys} != set(commitments):
        message = "what is stored differs from what the manifest says"
        raise Tampered(message)
    return commitments


def _rewrap(keyring: Keyring, place: Place, key: DataKey, commitments: Mapping[str, str]) -> bytes:
    epoch = keyring.epochs[key.epoch]
    dek = unwrap_from_intake(epoch.private_key, key.wrapped, place, key.purpose)
    # Whoever has the public key could wrap a key of their own; the signed commitment says which one intake used.
    if not hmac.compare_digest(commitment(dek).hex(), commitments.get(key.purpose, "")):
        message = "the wrapped key is not the one that intake committed to"
        raise Tampered(message)
    return wrap_under(epoch.kek, dek, place, key.purpose)


def admit(db: Session, checked: Iterable[Checked], known: Iterable[Feed], now: datetime) -> int:
    """Record what was checked and queue what was admitted; how many revisions were admitted."""
    good = [one for one in checked if one.fault is None]
    for one in checked:
        row = one.candidate.revision
        if one.fault is not None:
            reports.mark_faulty(db, row.report_id, row.revision, one.fault)
        audit.append(
            db, now, CLOCK, "report.admit", row.report_id,
            revision=row.revision, outcome=one.fault or "admitted",
        )  # fmt: skip
        for key, wrapped in one.rewrapped:
            reports.rewrap(db, key, key.epoch, wrapped)
    for organisation_id in sorted({one.candidate.report.organisation_id for one in good}):
        organisations.lock(db, organisation_id)  # an acceptance under way is waited for, and seen by the gates
    reports.mark_admitted(
        db, [(one.candidate.revision.report_id, one.candidate.revision.revision) for one in good], now
    )
    reports.touch(db, [one.candidate.report.id for one in good])
    for is_import in (True, False):
        carrying = [feed.name for feed in known if (IMPORTS if is_import else REPORTS) in feed.carries]
        some = {one.candidate.report.id for one in good if one.candidate.report.is_import is is_import}
        feeds.queue(db, some, carrying, now)
    return len(good)

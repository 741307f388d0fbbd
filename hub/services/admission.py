"""Admission: the first look, by a process that may open, at what intake sealed.

1. One transaction writes an intent per revision; its commit arms one warrant each.
2. The manifest's signature, its hashes and its key commitments are verified. What does not verify is set aside, and
   nothing of it is opened, released or overwritten.
3. Data keys are re-wrapped under the epoch's symmetric key, so that nothing at rest hangs on elliptic curves.
4. The values that may be found by equality are opened, and their tags written (`hub.equality`).
5. The report is queued for the feeds that it may enter.

A crash between the two transactions leaves intents without an outcome; the next admission starts over.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from feeds.feed import IMPORTS, REPORTS, Feed
from hub.equality import PATHS, IndexKeys, Tag
from hub.errors import Tampered
from hub.keys import Epoch, Keyring
from hub.roles import CLOCK
from hub.seal import Place, commitment, digest, open_field, unframe, unwrap_from_intake, wrap_under
from hub.sealing import sealed_paths, verify
from hub.store import Session, audit, feeds, organisations, reports, tags
from hub.store.tables import DataKey, Report, Revision
from hub.warrant import Warrant

BATCH = 200
PURPOSE = "admission: verify, re-wrap the data key, tag what is found by equality"


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
    tags: AbstractSet[Tag] = frozenset()  # of the values that this revision sealed


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
        warrant = Warrant(row.report_id, row.revision, _tagged_here(row), PURPOSE)
        found.append(Candidate(row, report, own, warrant))
    audit.intend(db, now, CLOCK, [candidate.warrant for candidate in found])
    return found


def _tagged_here(row: Revision) -> frozenset[str]:
    """The schema paths of the values that a revision sealed and that are found by equality."""
    return frozenset(path for path in PATHS & sealed_paths(row) if row.origins[path] == row.revision)


def prove_all(keyring: Keyring, index: IndexKeys, deployment: str, candidates: Iterable[Candidate]) -> list[Checked]:
    """Verify each candidate, wrap its keys anew, and make the tags of its values."""
    return [_prove(keyring, index, deployment, candidate) for candidate in candidates]


def _prove(keyring: Keyring, index: IndexKeys, deployment: str, candidate: Candidate) -> Checked:
    candidate.warrant.demand()
    row = candidate.revision
    place = Place(deployment, candidate.report.organisation_id, row.report_id, row.revision)
    try:
        commitments = _verify(keyring, place, candidate)
        deks = {key.purpose: _unwrap(keyring, place, key, commitments) for key in candidate.keys}
        kek = {key.purpose: _epoch(keyring, key).kek for key in candidate.keys}
        rewrapped = [
            (key, wrap_under(kek[key.purpose], deks[key.purpose], place, key.purpose)) for key in candidate.keys
        ]
        # Opened here and forgotten here: only their tags are kept.
        blobs = unframe(row.sealed)
        values = {path: open_field(deks["report"], place, path, blobs[path]) for path in candidate.warrant.paths}
        return Checked(candidate, rewrapped, tags=index.tags(values))
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


def _unwrap(keyring: Keyring, place: Place, key: DataKey, commitments: Mapping[str, str]) -> bytes:
    epoch = _epoch(keyring, key)
    dek = unwrap_from_intake(epoch.private_key, key.wrapped, place, key.purpose)
    # Whoever has the public key could wrap a key of their own; the signed commitment says which one intake used.
    if not hmac.compare_digest(commitment(dek).hex(), commitments.get(key.purpose, "")):
        message = "the wrapped key is not the one that intake committed to"
        raise Tampered(message)
    return dek


def _epoch(keyring: Keyring, key: DataKey) -> Epoch:
    # A row can be made to name an epoch that never was: it must not hold up all others.
    if (found := keyring.epochs.get(key.epoch)) is None:
        message = "the data key names an epoch that is destroyed, or that the hub has no secrets of"
        raise Tampered(message)
    return found


def admit(db: Session, checked: Iterable[Checked], known: Iterable[Feed], now: datetime) -> int:
    """Record what was checked and queue what was admitted; how many revisions were admitted."""
    living = _lock(db, checked := list(checked))
    # What is not there any more was erased meanwhile; what waits no more, another admission took in: what this one
    # found of it, it may have read half before the commit of the other and half after.
    waiting = reports.waiting(db, living)
    checked = [one for one in checked if (one.candidate.report.id, one.candidate.revision.revision) in waiting]
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
        _write_tags(db, one)
    reports.mark_admitted(
        db, [(one.candidate.revision.report_id, one.candidate.revision.revision) for one in good], now
    )
    reports.touch(db, [one.candidate.report.id for one in good])
    for is_import in (True, False):
        carrying = [feed.name for feed in known if (IMPORTS if is_import else REPORTS) in feed.carries]
        some = {one.candidate.report.id for one in good if one.candidate.report.is_import is is_import}
        feeds.queue(db, some, carrying, now)
    return len(good)


def _lock(db: Session, checked: Sequence[Checked]) -> set[str]:
    """Lock what is admitted: an acceptance under way is waited for, and seen by the gates. Which is not erased."""
    for organisation_id in sorted({one.candidate.report.organisation_id for one in checked}):
        organisations.lock(db, organisation_id)
    return reports.living(db, {one.candidate.report.id for one in checked})


def _write_tags(db: Session, one: Checked) -> None:
    """Write the tags of an admitted revision; those of values that it took over from an earlier one stay."""
    row = one.candidate.revision
    if one.fault is None and (one.tags or row.revision > 1):
        kept = {path for path, origin in row.origins.items() if origin != row.revision}
        tags.put(db, row.report_id, one.tags, PATHS - kept)

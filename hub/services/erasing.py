"""Erasing: a report, or who reported it, is destroyed, and a signed record says what was.

1. A report is withdrawn first. While a feed shows it the erasure waits (`erasing`); the clock goes on with it
   once the recall has been released. A crash leaves it begun, and the clock finishes it, or not begun.
2. What goes and the record of it share one transaction: there is no record of what is still there.
3. Two people erase by hand. A rule of retention takes two to set, and runs by itself.
4. The record speaks for backups made by `hub backup`, and says so.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub.agreement import Deed, demand
from hub.errors import NotFound
from hub.filters import catalogue
from hub.roles import CLOCK, Act, Caller, Capability
from hub.seal import frame, unframe
from hub.signing import Signer
from hub.store import Session, audit, erasing, feeds, index, reports, texts
from hub.store.tables import Erasure, Report, RetentionRule
from schemas.anatomy import LEAVES
from schemas.errors import Invalid
from schemas.marks import Kept

ERASE = "report.erase"
SET_RULE, REMOVE_RULE = "retention.set", "retention.remove"
WHATS = ("report", "identity")
STATES = ("admitted", "quarantined", "withdrawn", "closed")
FORMAT = "hub.erasure.v1"
SPEAKS_FOR = "backups made by `hub backup`; of other copies of the database or its disk it says nothing"
TYPED = frozenset({"why", "reason", "title", "text"})  # details of audit entries that people typed
COUNTED = frozenset(name for name, one in catalogue(is_staff=True).items() if one.is_counted)
IDENTITY = frozenset(path for path, leaf in LEAVES.items() if leaf.mark.kept is Kept.IDENTITY)
LATE = timedelta(minutes=5)  # after which no transaction that began before an erasure is still open
LONGEST_DAYS = 36_500


@dataclass(frozen=True)
class Notary:
    """What a record is made with: the key that signs it, the hub's id, and the erasure window in days (0: none)."""

    signer: Signer
    deployment: str
    window: int

    def lapse(self, at: datetime) -> datetime | None:
        """When no backup made before can be opened any more.

        The next erasure epoch comes at most one window later; a key backup made just before it lives one more.
        """
        return at + timedelta(days=2 * self.window) if self.window else None


@dataclass(frozen=True)
class Cause:
    """Who erases, and why: a person, or a rule of retention."""

    actor: str
    why: str
    rule: str | None = None


@dataclass(frozen=True)
class Erased:
    """What an erasure came to: its row, and the audit entries whose payloads go with it."""

    row: Erasure
    entries: tuple[int, ...] = ()


def erase(db: Session, act: Act, name: str, why: str) -> Erasure:
    """Begin to erase a report by hand; raises NotAgreed unless a second person agreed, NotFound."""
    report = _report(db, name)
    if erasing.find(db, report.id) is None:
        demand(db, act, Deed(ERASE, report.id))
    return begin(db, act.at, report.id, Cause(act.caller.actor, why))


def begin(db: Session, at: datetime, report_id: str, cause: Cause) -> Erasure:
    """Withdraw a report and write down that it is to be erased; harmless to repeat."""
    report = erasing.lock(db, report_id)
    if report is None:
        raise NotFound
    if (known := erasing.find(db, report_id)) is not None:
        return known
    erasing.touch(db, report_id, withdrawn_at=report.withdrawn_at or at)
    feeds.queue(db, [report_id], feeds.feeds_holding(db, report_id), at)
    if report.withdrawn_at is None:
        audit.append(db, at, cause.actor, "report.withdraw", report_id)
    made = Erasure(report_id=report_id, erases="report", begun_at=at, **vars(cause))
    erasing.add(db, made)
    audit.append(db, at, cause.actor, "report.erase.begin", report_id, rule=cause.rule)
    return made


def waiting(db: Session, most: int) -> list[str]:
    """Reports whose erasure was begun and can be carried out now."""
    return erasing.waiting(db, most)


def finish(db: Session, notary: Notary, report_id: str, at: datetime) -> Erased | None:
    """Carry an erasure out; None if a feed shows the report (again), or it was carried out meanwhile.

    The caller erases the payloads of the audit entries named in the answer in the same transaction.
    """
    report, row = erasing.lock(db, report_id), erasing.find(db, report_id)
    if report is None or row is None or row.at is not None or erasing.is_shown(db, report_id):
        return None
    entries = erasing.entries_about(db, report, TYPED, erasing.post_names(db, report))
    destroyed = _destroy(db, report)
    erasing.hollow(db, report_id, at)
    row.at = at
    _record(db, notary, report.ref, row, {**destroyed, "audit payloads": len(entries)})
    return Erased(row, tuple(entries))


def _destroy(db: Session, report: Report) -> dict[str, int]:
    is_indexed = erasing.is_indexed(db, report.id)
    if is_indexed:
        index.take_out(db, [report.id], COUNTED)
    return {**erasing.destroy(db, report), **({"index rows": 1} if is_indexed else {})}


def _record(db: Session, notary: Notary, ref: str, row: Erasure, destroyed: Mapping[str, int]) -> None:
    at = row.at or row.begun_at
    lapses_at = notary.lapse(at)
    said = {
        "format": FORMAT,
        "deployment": notary.deployment,
        "report": row.report_id,
        "ref": ref,
        "erased": row.erases,
        "begun_at": row.begun_at.isoformat(),
        "erased_at": at.isoformat(),
        "by": f"rule {row.rule}" if row.rule else "hand",
        "why": row.why,
        "destroyed": {name: number for name, number in destroyed.items() if number},
        "backups_lapse_at": lapses_at.isoformat() if lapses_at else None,
        "speaks_for": SPEAKS_FOR,
    }
    record = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    row.record, row.signature, row.lapses_at = record, notary.signer.sign(record), lapses_at
    erasing.add(db, row)
    told = {"erased": row.erases, "rule": row.rule, "destroyed": said["destroyed"]}
    audit.append(db, at, row.actor, ERASE, row.report_id, **told)


def unsettled(db: Session, at: datetime, most: int, late: timedelta = LATE) -> list[tuple[str, str]]:
    """Erasures that are to be gone over: whoever began to write before them has ended."""
    return erasing.unsettled(db, at - late, most)


def settle(db: Session, report_id: str, erases: str, at: datetime) -> int:
    """Go over an erasure: destroy what a writer that began before it brought after it; how many rows that were."""
    report, row = erasing.lock(db, report_id), erasing.find(db, report_id, erases)
    if report is None or row is None or row.at is None:
        return 0
    left = 0
    if erases == "report":
        left = sum(_destroy(db, report).values())
        erasing.hollow(db, report_id, row.at)
    if left:
        audit.append(db, at, CLOCK, "report.erase.again", report_id, rows=left)
    elif texts.is_swept(db):  # or the words are still in the file: the next round asks again
        erasing.settle(db, row, at)
    return left


def apply_rule(db: Session, notary: Notary, name: str, report_id: str, at: datetime) -> Erasure | None:
    """Erase what a rule of retention asks for of a report: who reported at once, the report by beginning to.

    None if it does not ask for it any more. The rule is read and asked again once the report's row is locked: it may be
    gone, and an amendment that came meanwhile waits for its admission.
    """
    report, rule = erasing.lock(db, report_id), next((one for one in erasing.rules(db) if one.name == name), None)
    if report is None or rule is None or not erasing.ripe(db, rule, at, 1, report_id):
        return None
    cause = Cause(CLOCK, rule.why, rule.name)
    return _purge(db, notary, report, cause, at) if rule.erases == "identity" else begin(db, at, report_id, cause)


def _purge(db: Session, notary: Notary, report: Report, cause: Cause, at: datetime) -> Erasure:
    """Erase who reported, and nothing else of the report; again, if an amendment said it since."""
    report_id, kept, lost = report.id, {}, 0
    for number, sealed in erasing.sealed_of(db, report_id).items():
        blobs = unframe(sealed)
        stays = {path: blob for path, blob in blobs.items() if path not in IDENTITY}
        if len(stays) < len(blobs):
            kept[number], lost = frame(stays), lost + len(blobs) - len(stays)
    keys = erasing.purge_identity(db, report_id, kept, IDENTITY)
    index.make_stale(db, [report_id])
    row = erasing.find(db, report_id, "identity")
    if row is None:
        row = Erasure(report_id=report_id, erases="identity", begun_at=at, **vars(cause))
    row.at, row.settled_at = at, None  # the record is of the last time; the audit has each
    _record(db, notary, report.ref, row, {"keys": keys, "ciphertexts": lost})
    return row


def ripe(db: Session, now: datetime, most: int) -> list[tuple[RetentionRule, str]]:
    """What the rules of retention erase now."""
    return [(rule, one) for rule in erasing.rules(db) for one in erasing.ripe(db, rule, now, most)][:most]


def rules(db: Session) -> list[RetentionRule]:
    """The rules of retention."""
    return list(erasing.rules(db))


def set_rule(db: Session, act: Act, rule: RetentionRule) -> None:
    """Set a rule of retention; raises Invalid, and NotAgreed unless a second person agreed."""
    if rule.erases not in WHATS:
        raise Invalid.at("/erases", f"must be one of {', '.join(WHATS)}")
    if rule.state is not None and rule.state not in STATES:
        raise Invalid.at("/state", f"must be one of {', '.join(STATES)}")
    if not 1 <= rule.days <= LONGEST_DAYS:
        raise Invalid.at("/days", f"must be from 1 to {LONGEST_DAYS}")
    said = {"erases": rule.erases, "type": rule.report_type, "state": rule.state, "days": rule.days, "why": rule.why}
    demand(db, act, Deed(SET_RULE, rule.name, said))
    erasing.put_rule(db, rule)
    audit.append(db, act.at, act.caller.actor, SET_RULE, rule.name, **said)


def remove_rule(db: Session, act: Act, name: str) -> None:
    """Remove a rule of retention: one person may, for nothing is destroyed by it. Raises NotFound."""
    if not erasing.remove_rule(db, name):
        raise NotFound
    audit.append(db, act.at, act.caller.actor, REMOVE_RULE, name)


def read(db: Session, caller: Caller, name: str) -> list[Erasure]:
    """The erasures of a report, for its producer and whoever reads all; raises NotFound."""
    report = _report(db, name)
    if not (caller.may(Capability.REPORT_READ) or report.organisation_id == caller.organisation_id):
        raise NotFound
    found = [erasing.find(db, report.id, what) for what in WHATS]
    return [one for one in found if one is not None]


def of(db: Session, name: str) -> tuple[Report, list[Erasure]]:
    """The same at the shell, with the report or its husk."""
    report = _report(db, name)
    return report, [one for what in WHATS if (one := erasing.find(db, report.id, what)) is not None]


def _report(db: Session, name: str) -> Report:
    report = reports.by_name(db, name) or reports.husk(db, name)
    if report is None:
        raise NotFound
    return report


def described(row: Erasure) -> dict[str, Any]:
    """An erasure as it is shown: where it stands, and its record with the signature once it was carried out."""
    state = "erasing" if row.at is None else "erased"
    shown: dict[str, Any] = {"state": state, "erases": row.erases, "begun_at": row.begun_at.isoformat()}
    if row.record is None or row.signature is None:
        return shown
    return {**shown, "record": row.record.decode(), "signature": row.signature.hex()}

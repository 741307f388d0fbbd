"""The audit log as people read it.

1. An auditor reads every entry.
2. A producer reads what was done to its own reports, to its tokens and to itself: of each action only what is listed
   here, so a new one is told to nobody until it is. Who did it is `own`, `staff` or `hub`; purposes, faults, reasons
   and other organisations are left out. Entries about several reports at once (scans, the outcomes of a release) name
   the reports of others and are not shown.
3. Nobody else reads any.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hub.errors import Conflict, NotFound
from hub.roles import Caller, Capability
from hub.store import Session, ledger, ledger_reading
from hub.store.ledger_reading import Wanted

__all__ = ["Shown", "Wanted", "demand_visible", "listed", "unproven"]

# What is told of each action: subject's kind → action → names of details.
TOLD: Mapping[str, Mapping[str, frozenset[str]]] = {
    "report": {
        "report.file": frozenset({"revision", "commitment"}),
        "report.amend": frozenset({"revision", "commitment"}),
        "report.withdraw": frozenset(),
        "report.admit": frozenset({"revision"}),
        "report.triage": frozenset({"number"}),
        "report.hold": frozenset({"until"}),
        "report.lift_hold": frozenset(),
        "report.write_text": frozenset({"number", "revision"}),
        "report.accept": frozenset({"audience", "accepted", "revision"}),
        "report.erase": frozenset(),
        "guard.hold": frozenset({"feed", "revision", "state", "hits"}),
        "guard.decide": frozenset({"audience", "decision", "settled", "hits"}),
        "attachment.begin": frozenset({"attachment", "size"}),
        "attachment.complete": frozenset({"attachment", "commitment"}),
        "attachment.admit": frozenset({"attachment"}),
        "attachment.remove": frozenset({"attachment"}),
        "open.intent": frozenset({"revision", "attachment", "fields"}),
        "open.outcome": frozenset({"revision", "attachment", "opened"}),
    },
    "token": {
        "token.issue": frozenset({"roles"}),
        "token.rotate": frozenset({"successor"}),
        "token.revoke": frozenset(),
    },
    "organisation": {
        "member.add": frozenset(),
        "member.approve": frozenset(),
        "member.grant": frozenset({"audience", "until"}),
        "member.accept": frozenset({"audience"}),
        "member.end_acceptance": frozenset({"audience"}),
        "inbox.post": frozenset({"taken", "refused", "added"}),
        "inbox.delete": frozenset({"object", "versions"}),
    },
}
NAMES = {action: names for by_action in TOLD.values() for action, names in by_action.items()}


@dataclass(frozen=True)
class Shown:
    """An entry as its reader may see it."""

    seq: int
    position: int | None
    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]


def listed(db: Session, caller: Caller, wanted: Wanted, before: int | None, most: int) -> Sequence[Shown]:
    """Entries, the newest first."""
    if caller.may(Capability.AUDIT_READ):
        found = ledger_reading.listed(db, wanted, before, most)
        return [_whole(row) for row in found]
    own = ledger_reading.own(caller.organisation_id, TOLD)
    # Who acts is told by kind only: to filter by name would be to guess names.
    found = ledger_reading.listed(db, replace(wanted, actor=None), before, most, own)
    theirs = ledger_reading.tokens_of(db, caller.organisation_id)
    return [_narrowed(row, theirs) for row in found]


def demand_visible(db: Session, caller: Caller, seq: int) -> bool:
    """Whether the caller may read an entry word by word; raises NotFound unless it may know of it."""
    row = ledger.entry(db, seq)
    if row is None:
        raise NotFound
    if caller.may(Capability.AUDIT_READ):
        return True
    own = ledger_reading.own(caller.organisation_id, TOLD)
    if not ledger_reading.listed(db, Wanted(), seq + 1, 1, own, ledger_reading.is_entry(seq)):
        raise NotFound
    return row.actor in ledger_reading.tokens_of(db, caller.organisation_id)


def unproven() -> Conflict:
    """The entry is not under a checkpoint yet."""
    return Conflict("the entry is not under a checkpoint yet; ask again in a minute")


def _whole(row: Any) -> Shown:
    return Shown(row.seq, row.position, row.at, row.actor, row.action, row.subject, row.details)


def _narrowed(row: Any, theirs: frozenset[str]) -> Shown:
    actor = "own" if row.actor in theirs else "staff" if row.actor.startswith("token:") else "hub"
    details = {name: said for name, said in row.details.items() if name in NAMES[row.action]}
    return replace(_whole(row), actor=actor, details=details)

"""A second person looks at what was proposed, and agrees or refuses; producers are told what one does alone.

1. Who may propose an action may agree to it or refuse it, if another person proposed it. What was refused is over.
2. A proposal is shown to those who may agree to it, and to auditors. It names a report by its id, never what is in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.agreement import DEEDS, EVERYWHERE, is_ready
from hub.errors import Conflict, NotFound
from hub.roles import Act, Caller, Capability
from hub.store import Session, audit, proposals
from hub.store.tables import Proposal

__all__ = ["Notice", "Proposal", "agree", "listed", "notices", "refuse", "state_of"]
TOLD_FOR = timedelta(days=30)
OVER = "it was refused, done, or has lapsed; look at `hub proposal list`"


@dataclass(frozen=True)
class Notice:
    """What a producer is told: that one person does something alone, and from when on."""

    proposal: str
    action: str
    subject: str | None  # one of its reports, or itself; None: it concerns everybody
    proposed_at: datetime
    not_before: datetime
    state: str


def state_of(one: Proposal, at: datetime) -> str:
    """waits, ready, done, refused or lapsed."""
    if one.done_at is not None:
        return "done"
    if one.refused_at is not None:
        return "refused"
    if one.expires_at <= at:
        return "lapsed"
    return "ready" if is_ready(one, at) else "waits"


def listed(db: Session, caller: Caller, at: datetime, *, is_open: bool) -> Sequence[Proposal]:
    """What was proposed, the newest first, as far as the caller may agree to it; an auditor sees all."""
    actions = None if caller.may(Capability.AUDIT_READ) else {one for one, held in DEEDS.items() if caller.may(held)}
    return proposals.listed(db, at, actions, is_open=is_open)


def agree(db: Session, act: Act, proposal_id: str) -> Proposal:
    """Agree to what another person proposed; harmless to repeat. Raises Conflict, and NotFound for whoever may not."""
    one = _of_another(db, act, proposal_id)
    if one.approved_at is None:
        one.approver, one.approved_by, one.approved_at = act.caller.person, act.caller.actor, act.at
        proposals.add(db, one)
        said = {"proposal": one.id, "done": one.action, "proposed_by": one.person or one.actor}
        audit.append(db, act.at, act.caller.actor, "agreement.agree", one.subject, **said)
    return one


def refuse(db: Session, act: Act, proposal_id: str) -> Proposal:
    """Refuse what was proposed; its proposer may take it back so. Raises Conflict, NotFound."""
    one = _open(db, act, proposal_id)
    one.refused_at = act.at
    proposals.add(db, one)
    audit.append(db, act.at, act.caller.actor, "agreement.refuse", one.subject, proposal=one.id, done=one.action)
    return one


def _open(db: Session, act: Act, proposal_id: str) -> Proposal:
    one = proposals.find(db, proposal_id)
    if one is None or one.action not in DEEDS or not act.caller.may(DEEDS[one.action]):
        raise NotFound
    if state_of(one, act.at) not in {"waits", "ready"}:
        raise Conflict(OVER)
    return one


def _of_another(db: Session, act: Act, proposal_id: str) -> Proposal:
    one = _open(db, act, proposal_id)
    if not act.caller.person:
        message = "this token names nobody: agree with one that was issued with --person"
        raise Conflict(message)
    if not one.person:
        message = "nobody can tell who proposed it, so nobody can be another: only time agrees; or propose it by name"
        raise Conflict(message)
    if act.caller.person == one.person:
        message = f"{one.person} proposed it: another person agrees"
        raise Conflict(message)
    return one


def notices(db: Session, caller: Caller, at: datetime) -> list[Notice]:
    """What one person did alone in the last thirty days, or is about to, as far as it concerns a producer."""
    found = proposals.told_of(db, caller.organisation_id, at - TOLD_FOR, EVERYWHERE)
    return [
        Notice(
            one.id,
            one.action,
            None if one.action in EVERYWHERE and one.subject != caller.organisation_id else one.subject,
            one.proposed_at,
            one.cools_until or one.proposed_at,
            state_of(one, at),
        )
        for one in found
    ]

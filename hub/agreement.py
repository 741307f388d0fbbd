"""Two people, for what one should not do alone.

1. What takes two is listed in `DEEDS`, with the capability that a person needs to propose it or to agree. A service
   *demands* agreement to exactly what it is about to do: action, subject and details. No other is good for it.
2. Somebody proposes, by doing it: the first try is refused and leaves a proposal. Another person agrees. Then it is
   done, once, by doing it again. A proposal that nobody used in seven days lapses.
3. A person is the name that a token was issued for (`hub token issue --person`): two tokens of one name are one person,
   and a token without a name is nobody. At the shell, HUB_TOKEN says who is there.
4. Where fewer than two are eligible a day of cooling-off stands in, and the producers that it concerns are told. That
   it was done alone is marked in the audit. Whoever comes to be eligible meanwhile may refuse it. Whose token was
   revoked in the last seven days still counts: nobody makes herself the only one.
5. A hub to which no report was filed yet is being set up: nothing takes two.

A crash between the proposal and the deed leaves the proposal; between agreement and deed, the agreement: both wait.
Who owns the host owns the database, and can write an agreement: docs/threat-model.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from feeds.names import RANDOM_BYTES, reference
from hub.errors import Conflict, NotAgreed
from hub.roles import ROLES, Act, Caller, Capability
from hub.seal import new_key
from hub.store import Session, audit, proposals
from hub.store.tables import Proposal

LASTING = timedelta(days=7)
COOLING = timedelta(hours=24)
LETTER = "A"  # of a proposal's reference
TWO = 2
MOST = 20  # proposals of one person that wait
DEEDS: Mapping[str, Capability] = {
    "token.issue": Capability.MEMBER_ADMIN,  # of a role that opens sealed fields or approves releases
    "feed.widen": Capability.FEED_ADMIN,
    "key.epoch": Capability.KEY_ADMIN,
    "report.erase": Capability.KEY_ADMIN,
    "retention.set": Capability.KEY_ADMIN,
    "hub.recover": Capability.KEY_ADMIN,
    "identity.show": Capability.SEALED_OPEN,
    "export.bulk": Capability.SEALED_OPEN,
}
EVERYWHERE = frozenset({"token.issue", "feed.widen", "key.epoch", "retention.set", "hub.recover", "export.bulk"})


@dataclass(frozen=True)
class Deed:
    """What is about to be done, as exactly as it has to be agreed to."""

    action: str
    subject: str
    details: Mapping[str, Any] = field(default_factory=dict)


def demand(db: Session, act: Act, deed: Deed) -> bool:
    """Go on only if it was agreed to, and use the agreement up; whether a second person did, and not only time.

    Raises NotAgreed. The agreement is used in the transaction of what it is for: if that fails, it is still there.
    """
    if not is_demanded(db):
        return False
    for one in proposals.open_ones(db, deed.action, deed.subject, deed.details, act.at):
        if is_ready(one, act.at) and proposals.use(db, one.id, act.at):
            is_alone = one.approved_at is None
            said = {"proposal": one.id, "done": deed.action, "alone": is_alone, "approver": one.approver}
            audit.append(db, act.at, act.caller.actor, "agreement.use", deed.subject, **said)
            return not is_alone
    message = "this takes two people, and no second one has agreed"
    raise NotAgreed(message, deed)


def is_demanded(db: Session) -> bool:
    """Whether anything takes two yet: a hub without reports is being set up."""
    return proposals.is_in_use(db)


def is_ready(one: Proposal, at: datetime) -> bool:
    """Whether what was proposed may be done now."""
    return one.approved_at is not None or (one.cools_until is not None and one.cools_until <= at)


def eligible(db: Session, action: str, at: datetime) -> set[str]:
    """Who may propose an action or agree to it."""
    return holders(db, DEEDS[action], at)


def holders(db: Session, capability: Capability, at: datetime, gone_since: datetime | None = None) -> set[str]:
    """Who, by name, holds a token that may do something; with `gone_since`, or held one that was revoked since."""
    return proposals.people(db, {role for role, held in ROLES.items() if capability in held}, at, gone_since)


def propose(db: Session, act: Act, deed: Deed, why: str) -> Proposal:
    """Propose a deed, or find it proposed already; raises NotAgreed if who asks is nobody that could be counted."""
    for one in proposals.open_ones(db, deed.action, deed.subject, deed.details, act.at):
        return one
    able = eligible(db, deed.action, act.at)
    if proposals.count_open(db, act.caller.actor, act.caller.person, act.at) >= MOST:
        message = f"{MOST} proposals of yours wait already; refuse some of them first (hub proposal list)"
        raise Conflict(message)
    # Nobody comes to be alone by revoking another's token.
    is_alone = len(holders(db, DEEDS[deed.action], act.at, gone_since=act.at - LASTING)) < TWO
    if not is_alone and act.caller.person not in able:
        raise NotAgreed(_nobody(act.caller, deed.action), deed)
    made = Proposal(
        id=reference(LETTER, new_key()[:RANDOM_BYTES]),
        action=deed.action,
        subject=deed.subject,
        details=dict(deed.details),
        why=why,
        person=act.caller.person,
        actor=act.caller.actor,
        proposed_at=act.at,
        expires_at=act.at + LASTING,
        cools_until=act.at + COOLING if is_alone else None,
    )
    proposals.add(db, made)
    cools = {"not_before": made.cools_until.isoformat()} if made.cools_until else {}
    said = {"proposal": made.id, "done": deed.action, "why": why, **cools}
    audit.append(db, act.at, act.caller.actor, "agreement.propose", deed.subject, **said)
    return made


def _nobody(caller: Caller, action: str) -> str:
    held = f"a token of yours with {DEEDS[action]}, issued with --person"
    if caller.person:
        return f"this takes two people; {caller.person} has no {held}"
    return f"this takes two people, and who you are nobody can tell: set HUB_TOKEN to {held}"


def told(one: Proposal, at: datetime) -> str:
    """What the proposer is told: what is missing, and what to do then."""
    again = "then do the same again"
    if is_ready(one, at):
        return f"{one.id}: it may be done now; do the same again"
    if one.cools_until is not None:
        return (
            f"this takes two people, and fewer than two are eligible: {one.id} may be done alone from "
            f"{one.cools_until:%Y-%m-%d %H:%M} UTC, and who it concerns is told; {again}"
        )
    return f"this takes two people: {one.id} waits for another one (hub proposal agree {one.id}); {again}"

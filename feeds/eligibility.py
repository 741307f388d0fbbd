"""Eligibility: may this report enter this feed now, and in which mode?

1. It was admitted, and not withdrawn.
2. It is of the kind that the feed carries: filed, or imported from a public source.
3. As written, if its TLP is at or below the feed's ceiling and it was accepted for this audience or its source is
   public. Otherwise redacted, if its producer named the audience. Otherwise not at all.
4. No embargo after now, no hold.
5. Its organisation is approved, or its source is public.
6. Redacted for a de-identified audience, it waits for a batch of enough approved organisations.
7. Then the guard examines its words (`feeds.guard`); what it holds waits for a change or a decision.

Gates are asked in this order and all of them are answered: the path shows the producer every one.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from feeds.feed import IMPORTS, REPORTS, Feed
from schemas.audience import Audience, Mode
from schemas.tlp import TLP


@dataclass(frozen=True)
class Since:
    """Since when things are as a standing says. Decides nothing: the path tells it."""

    filed: datetime | None = None
    revised: datetime | None = None
    admitted: datetime | None = None
    withdrawn: datetime | None = None
    held: datetime | None = None
    approved: datetime | None = None
    accepted: Mapping[Audience, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """Where a report stands: all that decides whether it may leave, and nothing of what it says."""

    tlp: TLP
    is_admitted: bool
    is_withdrawn: bool
    is_import: bool
    is_organisation_approved: bool
    named: frozenset[Audience] = field(default_factory=frozenset)  # by the producer, with what they include
    accepted: frozenset[Audience] = field(default_factory=frozenset)  # by an analyst, with what they include
    embargo_until: datetime | None = None
    held_until: datetime | None = None
    since: Since = Since()


class Action(StrEnum):
    """What clears a gate, each by one call or by itself."""

    WAIT = "wait"
    SHARE = "share"  # the producer names the audience in share_redacted_with
    LOWER = "lower"  # the producer lowers tlp to the ceiling
    ACCEPT = "accept"  # an analyst accepts the report for the audience
    LIFT_EMBARGO = "lift_embargo"
    LIFT_HOLD = "lift_hold"
    DECIDE = "decide"  # an analyst decides about what the guard holds
    PUBLISH = "publish"  # an operator does not wait for the schedule
    NOTHING = "nothing"


@dataclass(frozen=True)
class Gate:
    """One thing a report must pass: whether it is, since when, when it opens by itself, and what opens it else."""

    name: str
    is_passed: bool
    opens_at: datetime | None = None
    remedy: str = ""
    since: datetime | None = None
    actions: tuple[Action, ...] = ()
    is_asked: bool = True  # False: the next release asks it; so far it has closed nothing


def opens_at(gates: Iterable[Gate]) -> datetime | None:
    """When time alone opens the last closed gate; None if a person has to act, or none is closed."""
    closed = [gate.opens_at for gate in gates if not gate.is_passed]
    return None if None in closed else max((at for at in closed if at is not None), default=None)


@dataclass(frozen=True)
class Verdict:
    """In which mode the report would leave, and the gates it has to pass."""

    mode: Mode | None
    gates: tuple[Gate, ...]

    @property
    def is_open(self) -> bool:
        """Whether every gate is passed."""
        return self.mode is not None and all(gate.is_passed for gate in self.gates)

    @property
    def opens_at(self) -> datetime | None:
        """When time alone opens the last closed gate; None if a person or the producer has to act."""
        return opens_at(self.gates)


def judge(standing: Standing, feed: Feed, now: datetime) -> Verdict:
    """Ask every gate between a report and a feed."""
    mode, since = mode_for(standing, feed), standing.since
    return Verdict(
        mode,
        (
            _admitted(standing),
            _not_withdrawn(standing),
            _carried(standing, feed),
            _reach(standing, feed, mode),
            _clock("embargo", standing.embargo_until, now, since.revised, Action.LIFT_EMBARGO),
            _clock("hold", standing.held_until, now, since.held or since.revised, Action.LIFT_HOLD),
            _approved(standing),
        ),
    )


def _admitted(standing: Standing) -> Gate:
    since = standing.since.admitted if standing.is_admitted else standing.since.revised
    remedy = "admission follows filing within seconds"
    return Gate("admitted", standing.is_admitted, remedy=remedy, since=since, actions=(Action.WAIT,))


def _not_withdrawn(standing: Standing) -> Gate:
    since = standing.since.withdrawn or standing.since.filed
    remedy = "a withdrawn report stays in; file it anew"
    return Gate("not_withdrawn", not standing.is_withdrawn, remedy=remedy, since=since, actions=(Action.NOTHING,))


def _carried(standing: Standing, feed: Feed) -> Gate:
    is_carried = (IMPORTS if standing.is_import else REPORTS) in feed.carries
    remedy = f"{feed.name} carries {' and '.join(sorted(feed.carries))}"
    return Gate("carried", is_carried, remedy=remedy, since=standing.since.filed, actions=(Action.NOTHING,))


def _approved(standing: Standing) -> Gate:
    remedy = "an analyst accepts one report of the organisation, or gives it standing acceptance"
    since = standing.since.approved or standing.since.filed
    is_approved = standing.is_import or standing.is_organisation_approved
    return Gate("organisation_approved", is_approved, remedy=remedy, since=since, actions=(Action.ACCEPT,))


def batch_gate(organisations: Collection[str], least: int, since: datetime | None = None) -> Gate:
    """The gate before a batch of redacted projections, given the organisations that are in it."""
    return Gate(
        "batch",
        len(set(organisations)) >= least,
        remedy=f"waits for reports of at least {least} approved organisations",
        since=since,
        actions=(Action.WAIT,),
    )


def mode_for(standing: Standing, feed: Feed) -> Mode | None:
    """The mode in which a report may reach a feed's audience, if any."""
    audience = feed.marks_of
    if standing.tlp.is_within(feed.ceiling) and (standing.is_import or audience in standing.accepted):
        return Mode.WRITTEN
    if audience in standing.named:
        return Mode.REDACTED
    return None


def _reach(standing: Standing, feed: Feed, mode: Mode | None) -> Gate:
    since, audience, within = standing.since, feed.marks_of, standing.tlp.is_within(feed.ceiling)
    began = since.revised or since.filed
    if mode is Mode.WRITTEN and audience in since.accepted:
        accepted = since.accepted[audience]
        began = max(accepted, since.filed) if since.filed else accepted  # a standing acceptance may be the older one
    if within:
        remedy = f"an analyst accepts the report for {audience}, or its producer names {audience}"
    else:
        remedy = f"the producer names {audience} in share_redacted_with, or lowers tlp to {feed.ceiling}"
    actions = (Action.ACCEPT, Action.SHARE) if within else (Action.SHARE, Action.LOWER)
    return Gate("reach", mode is not None, remedy=remedy, since=began, actions=actions)


def _clock(name: str, until: datetime | None, now: datetime, since: datetime | None, action: Action) -> Gate:
    remedy = f"opens by itself at {until:%Y-%m-%dT%H:%M:%SZ}" if until else ""
    is_passed = until is None or until <= now
    actions = (Action.WAIT, action)
    return Gate(name, is_passed, opens_at=until, remedy=remedy, since=since, actions=actions)

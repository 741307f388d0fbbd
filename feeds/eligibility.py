"""Eligibility: may this report enter this feed now, and in which mode?

1. It was admitted, and not withdrawn.
2. It is of the kind that the feed carries: filed, or imported from a public source.
3. As written, if its TLP is at or below the feed's ceiling and it was accepted for this audience or its source is
   public. Otherwise redacted, if its producer named the audience. Otherwise not at all.
4. No embargo after now, no hold.
5. Its organisation is approved, or its source is public.
6. Redacted for a de-identified audience, it waits for a batch of enough approved organisations (`feeds.edition`).

Gates are asked in this order and all of them are answered: the path shows the producer every one.
"""

from dataclasses import dataclass, field
from datetime import datetime

from feeds.feed import IMPORTS, REPORTS, Feed
from schemas.audience import Audience, Mode
from schemas.tlp import TLP


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


@dataclass(frozen=True)
class Gate:
    """One thing a report must pass: its name, whether it is passed, when it opens by itself, and who opens it else."""

    name: str
    is_passed: bool
    opens_at: datetime | None = None
    remedy: str = ""


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
        closed = [gate for gate in self.gates if not gate.is_passed]
        if not closed or any(gate.opens_at is None for gate in closed):
            return None
        return max(gate.opens_at for gate in closed if gate.opens_at)


def judge(standing: Standing, feed: Feed, now: datetime) -> Verdict:
    """Ask every gate between a report and a feed."""
    mode = mode_for(standing, feed)
    return Verdict(
        mode,
        (
            Gate("admitted", standing.is_admitted, remedy="admission follows filing within seconds"),
            Gate("not_withdrawn", not standing.is_withdrawn),
            Gate(
                "carried", _is_carried(standing, feed), remedy=f"{feed.name} carries {', '.join(sorted(feed.carries))}"
            ),
            Gate("reach", mode is not None, remedy=_how_to_reach(standing, feed)),
            _clock("embargo", standing.embargo_until, now),
            _clock("hold", standing.held_until, now),
            Gate(
                "organisation_approved",
                standing.is_import or standing.is_organisation_approved,
                remedy="an analyst accepts one report of the organisation, or gives it standing acceptance",
            ),
        ),
    )


def mode_for(standing: Standing, feed: Feed) -> Mode | None:
    """The mode in which a report may reach a feed's audience, if any."""
    audience = feed.marks_of
    if standing.tlp.is_within(feed.ceiling) and (standing.is_import or audience in standing.accepted):
        return Mode.WRITTEN
    if audience in standing.named:
        return Mode.REDACTED
    return None


def _is_carried(standing: Standing, feed: Feed) -> bool:
    return (IMPORTS if standing.is_import else REPORTS) in feed.carries


def _how_to_reach(standing: Standing, feed: Feed) -> str:
    if standing.tlp.is_within(feed.ceiling):
        return f"an analyst accepts the report for {feed.marks_of}, or its producer names {feed.marks_of}"
    return f"the producer names {feed.marks_of} in share_redacted_with, or lowers tlp to {feed.ceiling}"


def _clock(name: str, until: datetime | None, now: datetime) -> Gate:
    return Gate(name, until is None or until <= now, opens_at=until)

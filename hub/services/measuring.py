"""The operator's numbers: how much waits, where, and since when. No organisation, report or address in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hub.store import Session, measures
from hub.store.measures import Stand


@dataclass(frozen=True)
class Number:
    """One value of one metric."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Metric:
    """A metric with all its values."""

    name: str
    kind: str  # gauge or counter
    what: str
    numbers: tuple[Number, ...]


def count(db: Session) -> int:
    """How many reports there are: the one number that takes a walk through an index."""
    return measures.reports(db)


def measure(db: Session, reports: int, now: datetime) -> Iterator[Metric]:
    """Every metric that the database tells: each process of a hub tells the same."""
    stand = measures.stand(db)
    states = {"withdrawn": stand.withdrawn, "standing": reports - stand.withdrawn}
    yield Metric("hub_reports", "gauge", "Reports by state; counted once a minute", _by("state", states))
    yield from _queues(stand, now)
    yield from _feeds(stand, now)
    yield Metric("hub_audit_entries", "gauge", "Number of the newest audit entry", (Number(stand.audit),))


def _by(label: str, numbers: Mapping[str, float]) -> tuple[Number, ...]:
    return tuple(Number(value, {label: name}) for name, value in sorted(numbers.items()))


def _queues(stand: Stand, now: datetime) -> Iterator[Metric]:
    age = (now - stand.oldest).total_seconds() if stand.oldest else 0.0
    yield Metric("hub_unadmitted_revisions", "gauge", "Revisions that wait for admission", (Number(stand.waiting),))
    yield Metric("hub_unadmitted_oldest_seconds", "gauge", "How long the first of them has waited", (Number(age),))
    yield Metric("hub_quarantined_revisions", "gauge", "Revisions that admission refused", (Number(stand.quarantined),))
    due = tuple(Number(number, {"feed": feed, "gate": gate}) for (feed, gate), number in sorted(stand.due.items()))
    yield Metric("hub_due", "gauge", "Reports that wait for time or the next release, by gate", due)
    faults = {one.name: stand.faults.get(one.name, 0) for one in stand.feeds}
    yield Metric("hub_faults", "gauge", "Reports set aside although every gate was open", _by("feed", faults))


def _feeds(stand: Stand, now: datetime) -> Iterator[Metric]:
    numbers = {one.name: one.release for one in stand.feeds}
    yield Metric("hub_release_number", "gauge", "The newest release", _by("feed", numbers))
    ages = {one.name: (now - one.released_at).total_seconds() for one in stand.feeds if one.released_at}
    yield Metric("hub_release_age_seconds", "gauge", "Since the newest release", _by("feed", ages))
    late = {one.name: max(0.0, (now - one.next_at).total_seconds()) for one in stand.feeds if one.next_at}
    yield Metric("hub_feed_late_seconds", "gauge", "Since a feed was due and not turned", _by("feed", late))
    entries = {one.name: one.entries for one in stand.feeds}
    yield Metric("hub_entries", "gauge", "Entries released", _by("feed", entries))

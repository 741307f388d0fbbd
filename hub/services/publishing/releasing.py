"""Writing a release: entries, names, numbers and the end of the due work, in one transaction."""

import hashlib
import random
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from feeds.edition import Version, batch, preamble
from feeds.feed import Feed as Policy
from hub.errors import Busy
from hub.roles import CLOCK
from hub.services.publishing import guarding
from hub.services.publishing.composing import Composed, Composition
from hub.services.publishing.gathering import Leaving
from hub.services.publishing.planning import Plan
from hub.services.publishing.tallying import tally
from hub.store import Session, audit, feeds, guard, index, releases
from hub.store.feeds import Entering, Named
from hub.store.tables import Deployment, Feed, Release
from schemas.audience import Mode
from schemas.tlp import TLP

LEASE = timedelta(seconds=15)  # unless it is kept
MICROSECOND = timedelta(microseconds=1)
BEHIND_THE_GATES = ("batch", guard.GATE, "fault")  # what holds a report that every gate let through


@dataclass(frozen=True)
class Outcome:
    """What a release came to."""

    feed: str
    number: int | None  # of the release; None if nothing changed
    counts: Mapping[str, int]  # objects added, changed and revoked
    reports: int
    waiting: Mapping[str, int]  # closed gate → reports that wait at it
    faults: Mapping[str, str]  # report → what kept it from leaving
    fault: str | None = None  # what kept the whole feed from being released; what had to go went nevertheless


@dataclass
class _Edition:
    """One release as it gathers: the versions it will hold, and the reports that it shows."""

    db: Session
    composition: Composition
    versions: list[tuple[Version, Named | None]] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)  # reports that the feed shows as they are now

    @property
    def plan(self) -> Plan:
        """What was planned."""
        return self.composition.plan

    def take(self, found: Sequence[Version], presence: Named | None) -> None:
        """Add versions, each with the presence it belongs to."""
        self.versions.extend((version, presence) for version in found)

    def counts(self) -> dict[str, int]:
        """How many objects are added, changed and revoked."""
        kinds = [_kind(version) for version, _ in self.versions]
        return {kind: kinds.count(kind) for kind in ("added", "changed", "revoked")}


def _kind(version: Version) -> str:
    if version.is_revoked:
        return "revoked"
    return "added" if version.created == version.modified else "changed"


def take_turn(db: Session, owner: str, now: datetime) -> int:
    """Become the one publisher for a while: the fence to show later. Raises Busy while another one publishes."""
    fence = releases.take_lease(db, owner, now, now + LEASE)
    if fence is None:
        message = "another publisher is at work"
        raise Busy(message)
    return fence


def keep_turn(db: Session, fence: int, now: datetime) -> None:
    """Show a sign of life; without one for the length of a lease the turn is anybody's."""
    releases.keep_lease(db, fence, now + LEASE)


def give_back(db: Session, fence: int) -> None:
    """Let the next publisher begin at once."""
    releases.give_back_lease(db, fence)


def release(db: Session, hub: Deployment, fence: int, composition: Composition, now: datetime) -> Outcome:
    """Write the next release of a feed, if anything changed; raises Busy if the turn was lost."""
    plan = composition.plan
    feed = feeds.lock(db, plan.feed.name) if releases.holds_lease(db, fence) else None
    if feed is None:
        message = "another publisher took over"
        raise Busy(message)
    stamps = releases.stamps(db, plan.stamps)
    # What changed since it was planned stays due, and is looked at anew by the next release.
    unchanged = {report_id for report_id, stamp in plan.stamps.items() if stamps.get(report_id) == stamp}
    edition = _Edition(db, composition)
    _recall(edition, unchanged)
    _show(edition, unchanged)
    guarding.record(db, plan.feed, now, composition.examined, unchanged)
    _settle(edition, unchanged)
    if edition.versions:
        # Random order: the order of filing, of organisations or of severity must not show in the order of entries.
        random.SystemRandom().shuffle(edition.versions)
    if edition.versions and feed.last_release == 0:
        first = preamble(hub.identity, hub.name, hub.created_at, plan.feed.ceiling)
        edition.versions[:0] = [(version, None) for version in first]
    waiting = feeds.waiting(db, feed.name)
    number = _write(edition, feed, max(now, plan.at), waiting) if edition.versions else None
    tally(db, plan, edition.versions)
    recalled = {one.presence.report_id for one in composition.recalled}
    index.make_stale(db, edition.shown | recalled | plan.noted | composition.held | composition.faults.keys())
    _tell_openings(edition, number, now)
    counts = edition.counts() if number else {}
    return Outcome(feed.name, number, counts, len(edition.shown), waiting, composition.faults)


def _tell_openings(edition: _Edition, number: int | None, now: datetime) -> None:
    """What became of every opening that the plan announced, in one entry beside the release."""
    composition = edition.composition
    opened = {one.report_id: one.revision.revision for one in edition.plan.leaving}
    if opened or composition.faults:
        said = {"release": number, "opened": opened, "faults": dict(composition.faults)}
        audit.append(edition.db, now, CLOCK, "open.outcome", edition.plan.feed.name, **said)


def _recall(edition: _Edition, unchanged: AbstractSet[str]) -> None:
    for one in edition.composition.recalled:
        presence = one.presence
        if presence.report_id in unchanged:
            # The old bytes and their revocation change places in one transaction: no reader meets both, or neither.
            releases.forget(edition.db, presence.feed, presence.report_id, presence.generation)
            feeds.end(edition.db, presence, edition.plan.at)
            edition.take(one.versions, presence)


def _still_a_batch(feed: Policy, composed: Sequence[Composed]) -> list[Composed]:
    """Without the fresh redacted entries, if what changed meanwhile left those of too few organisations."""
    fresh = {
        one.presence.report_id: one.leaving.facts.report.organisation_id
        for one in composed
        if one.leaving is not None and one.is_new and one.leaving.mode is Mode.REDACTED
    }
    together = batch(fresh, feed.least_organisations)
    return [one for one in composed if one.presence.report_id not in fresh or one.presence.report_id in together]


def _show(edition: _Edition, unchanged: AbstractSet[str]) -> None:
    current = _still_a_batch(
        edition.plan.feed, [one for one in edition.composition.composed if one.presence.report_id in unchanged]
    )
    fresh = [one.presence for one in current if isinstance(one.presence, Entering)]
    before = feeds.generations(edition.db, edition.plan.feed.name, [presence.report_id for presence in fresh])
    for presence in fresh:
        presence.generation = before.get(presence.report_id, 0) + 1
    feeds.begin(edition.db, fresh)
    for one in current:
        if one.leaving is not None and not one.is_new:
            _revise(edition, one.presence, one.leaving)
        # An observable cannot be revoked: the observed data that held it is, in this very release.
        releases.drop(edition.db, one.presence.feed, one.dropped)
        edition.take(one.versions, one.presence)
    edition.shown = {one.presence.report_id for one in current}


def _revise(edition: _Edition, presence: Named, leaving: Leaving) -> None:
    tlp = TLP(leaving.facts.report.tlp)
    if leaving.mode is Mode.WRITTEN and not tlp.is_within(TLP(presence.tlp)):
        # Marked narrower than before: the versions under the wider marking go, and every object follows anew.
        releases.forget(edition.db, presence.feed, presence.report_id, presence.generation)
    feeds.revise(edition.db, presence, revision=leaving.revision.revision, mode=leaving.mode, tlp=tlp)


def _settle(edition: _Edition, unchanged: AbstractSet[str]) -> None:
    name, faults = edition.plan.feed.name, edition.composition.faults
    # What was recalled and may return (after an embargo, with a batch) is neither shown nor settled: it stays due.
    settled = {one: gate for one, gate in edition.plan.settled.items() if one in unchanged}
    gone = {one for one, gate in settled.items() if gate == "not_withdrawn"}
    feeds.done(edition.db, name, (edition.shown | gone) - faults.keys())
    for report_id in settled.keys() - gone:
        feeds.park(edition.db, name, report_id, settled[report_id])
    for report_id in edition.composition.held & unchanged:
        feeds.park(edition.db, name, report_id, guard.GATE)
    for report_id, fault in faults.items():
        if report_id in unchanged:
            feeds.set_aside(edition.db, name, report_id, fault)


def _dates(at: datetime, count: int) -> list[datetime]:
    """When each object of a release was added: a microsecond after the one before, the last on a whole millisecond.

    Clients that keep the last date in milliseconds, as OpenCTI's ingester does, would otherwise fetch the end of the
    release again with every poll.
    """
    dates = [at + place * MICROSECOND for place in range(1, count + 1)]
    dates[-1] += (-dates[-1].microsecond % 1000) * MICROSECOND
    return dates


def _account(edition: _Edition, feed: Feed, waiting: Mapping[str, int]) -> dict[str, Any]:
    """What the gates let through, what of it leaves, and what held the rest, by the closed gate or as a fault."""
    faults = feeds.count_faults(edition.db, feed.name)
    held = {**waiting, **({"fault": faults} if faults else {})}
    eligible = len(edition.shown) + sum(held.get(one, 0) for one in BEHIND_THE_GATES)
    brought = {presence.report_id for _, presence in edition.versions if presence} & edition.shown
    return {"eligible": eligible, "reports": len(brought), "held": held}


def _write(edition: _Edition, feed: Feed, at: datetime, waiting: Mapping[str, int]) -> int:
    number = feed.last_release + 1
    superseded = [version.stix_id for version, presence in edition.versions if presence is not None]
    known = releases.known(edition.db, feed.name, superseded)
    releases.supersede(edition.db, feed.name, known)
    dates = _dates(at, len(edition.versions))
    entries: list[dict[str, Any]] = [
        {
            "feed": feed.name,
            "position": feed.last_position + place,
            "release": number,
            "stix_id": version.stix_id,
            "kind": version.kind,
            "version": version.modified,
            "added_at": dates[place - 1],
            "report_id": presence.report_id if presence else None,
            "generation": presence.generation if presence else 0,
            "content": version.content,
            "is_first": version.stix_id not in known,
            "is_last": True,
            "is_revoked": version.is_revoked,
        }
        for place, (version, presence) in enumerate(edition.versions, start=1)
    ]
    whole, counts = hashlib.sha256(b"".join(row["content"] for row in entries)).hexdigest(), edition.counts()
    policy = edition.plan.feed.digest
    account: dict[str, Any] = {**counts, **_account(edition, feed, waiting)}
    releases.add(
        edition.db,
        Release(feed=feed.name, number=number, released_at=at, policy_digest=policy, digest=whole, **account),
        entries,
    )
    audit.append(edition.db, at, CLOCK, "feed.release", feed.name, number=number, digest=whole, **account)
    return number

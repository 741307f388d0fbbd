"""Writing a release: entries, names, numbers and the end of the due work, in one transaction."""

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from orjson import loads

from feeds.conformance import Malformed
from feeds.edition import Version, changes, preamble, revoked
from hub.errors import Busy
from hub.roles import CLOCK
from hub.services.publishing.composing import Composed, Composition
from hub.services.publishing.planning import Plan
from hub.store import Session, audit, feeds, releases
from hub.store.tables import Deployment, Entry, Feed, Presence, Release
from schemas.audience import Mode
from schemas.tlp import TLP

LEASE = timedelta(minutes=5)
MICROSECOND = timedelta(microseconds=1)
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Outcome:
    """What a release came to."""

    feed: str
    number: int | None  # of the release; None if nothing changed
    counts: Mapping[str, int]  # objects added, changed and revoked
    reports: int
    waiting: Mapping[str, int]  # closed gate → reports that wait at it
    faults: Mapping[str, str]  # report → what kept it from leaving


@dataclass
class _Edition:
    """One release as it gathers: what it was planned as, when, and the versions it will hold."""

    db: Session
    plan: Plan
    stamps: Mapping[str, int]  # of the reports it touches, their rows locked
    at: datetime
    versions: list[tuple[Version, Presence | None]] = field(default_factory=list)
    done: set[str] = field(default_factory=set)  # reports that need nothing more
    shown: int = 0
    faults: dict[str, str] = field(default_factory=dict)

    def take(self, found: Sequence[Version], presence: Presence | None) -> None:
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
    at = max(now, feed.last_added_at + MILLISECOND) if feed.last_added_at else now
    edition = _Edition(db, plan, releases.stamps(db, _touched(composition)), at, faults=dict(composition.faults))
    if feed.last_release == 0:
        edition.take(preamble(hub.identity, hub.name, hub.created_at, plan.feed.ceiling), None)
    _recall(edition)
    _show(edition, composition.composed)
    _settle(edition)
    number = _write(edition, feed) if edition.done else None
    counts = edition.counts() if number else {}
    return Outcome(feed.name, number, counts, edition.shown, plan.gates, edition.faults)


def _touched(composition: Composition) -> set[str]:
    leaving = {one.leaving.facts.report.id for one in composition.composed}
    recalled = {presence.report_id for presence, _ in composition.plan.recalled}
    return leaving | recalled | set(composition.plan.settled) | set(composition.faults)


def _recall(edition: _Edition) -> None:
    for presence, stamp in edition.plan.recalled:
        if edition.stamps.get(presence.report_id) != stamp:
            continue
        live = _live(edition, presence)
        # The old bytes and their revocation change places in one transaction: no reader meets both, or neither.
        releases.forget(edition.db, presence.feed, presence.report_id, presence.generation)
        edition.take([revoked(loads(content), edition.at) for content in live.values()], presence)
        feeds.end(edition.db, presence, edition.at)
        edition.done.add(presence.report_id)


def _live(edition: _Edition, presence: Presence) -> dict[str, bytes]:
    return releases.live(edition.db, presence.feed, presence.report_id, presence.generation)


def _show(edition: _Edition, composed: Sequence[Composed]) -> None:
    stamps = edition.stamps
    current = [one for one in composed if stamps.get(one.leaving.facts.report.id) == one.leaving.facts.report.stamp]
    ids = [one.leaving.facts.report.id for one in current if one.leaving.presence is None]
    generations = feeds.generations(edition.db, edition.plan.feed.name, ids)
    fresh = []
    for one in current:
        report_id, known = one.leaving.facts.report.id, one.leaving.presence
        try:
            versions = changes(one.bodies, _live(edition, known) if known else {}, edition.at)
        except Malformed as wrong:
            edition.faults[report_id] = str(wrong)
            continue
        if known is None:
            one.presence.generation, one.presence.began_at = generations.get(report_id, 0) + 1, edition.at
            fresh.append(one.presence)
        else:
            _revise(edition, one, known)
        edition.take(versions, one.presence)
        edition.done.add(report_id)
        edition.shown += 1
    feeds.begin(edition.db, fresh)


def _revise(edition: _Edition, one: Composed, known: Presence) -> None:
    report, mode = one.leaving.facts.report, one.leaving.mode
    if mode is Mode.WRITTEN and not TLP(report.tlp).is_within(TLP(known.tlp)):
        # Marked narrower than before: the versions under the wider marking go, and every object follows anew.
        releases.forget(edition.db, known.feed, known.report_id, known.generation)
    feeds.revise(edition.db, known, revision=one.leaving.revision.revision, mode=mode, tlp=report.tlp)


def _settle(edition: _Edition) -> None:
    settled = edition.plan.settled.items()
    unchanged = {report_id for report_id, stamp in settled if edition.stamps.get(report_id) == stamp}
    feeds.done(edition.db, edition.plan.feed.name, (edition.done | unchanged) - set(edition.faults))
    for report_id, fault in edition.faults.items():
        feeds.set_aside(edition.db, edition.plan.feed.name, report_id, fault)


def _write(edition: _Edition, feed: Feed) -> int | None:
    if not edition.versions:
        return None
    # Random order: the order of filing, of organisations or of severity must not show in the order of entries.
    random.SystemRandom().shuffle(edition.versions)
    number = feed.last_release + 1
    superseded = [version.stix_id for version, presence in edition.versions if presence is not None]
    known = releases.known(edition.db, feed.name, superseded)
    releases.supersede(edition.db, feed.name, known)
    entries = [
        Entry(
            feed=feed.name,
            position=feed.last_position + place,
            release=number,
            stix_id=version.stix_id,
            kind=version.kind,
            version=version.modified,
            added_at=edition.at + place * MICROSECOND,
            report_id=presence.report_id if presence else None,
            generation=presence.generation if presence else 0,
            content=version.content,
            is_first=version.stix_id not in known,
            is_revoked=version.is_revoked,
        )
        for place, (version, presence) in enumerate(edition.versions, start=1)
    ]
    whole, counts = hashlib.sha256(b"".join(entry.content for entry in entries)).hexdigest(), edition.counts()
    policy = edition.plan.feed.digest
    made = Release(feed=feed.name, number=number, released_at=edition.at, policy_digest=policy, digest=whole, **counts)
    releases.add(edition.db, made, entries, entries[-1].added_at)
    audit.append(edition.db, edition.at, CLOCK, "feed.release", feed.name, number=number, digest=whole, **counts)
    return number

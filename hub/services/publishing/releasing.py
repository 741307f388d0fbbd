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
from hub.services.publishing.composing import Composed
from hub.services.publishing.planning import Plan
from hub.store import Session, audit, feeds, releases
from hub.store.tables import Deployment, Entry, Feed, Presence, Release
from schemas.tlp import TLP

LEASE = timedelta(minutes=5)
MICROSECOND = timedelta(microseconds=1)
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Outcome:
    """What a release came to."""

    feed: str
    number: int | None = None
    added: int = 0
    changed: int = 0
    revoked: int = 0
    reports: int = 0
    waiting: Mapping[str, int] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Edition:
    """The versions of one release as they gather, each with the presence it belongs to."""

    versions: list[tuple[Version, Presence | None]] = field(default_factory=list)
    added: int = 0
    changed: int = 0
    revoked: int = 0

    def take(self, found: Sequence[Version], presence: Presence | None) -> None:
        """Add versions and count them."""
        for version in found:
            self.revoked += version.is_revoked
            self.added += not version.is_revoked and version.created == version.modified
            self.changed += not version.is_revoked and version.created != version.modified
        self.versions.extend((version, presence) for version in found)


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


def release(
    db: Session,
    hub: Deployment,
    fence: int,
    plan: Plan,
    composed: Sequence[Composed],
    faults: Mapping[str, str],
    now: datetime,
) -> Outcome:
    """Write the next release of a feed, if anything changed; raises Busy if the turn was lost."""
    if not releases.holds_lease(db, fence):
        message = "another publisher took over"
        raise Busy(message)
    feed = feeds.lock(db, plan.feed.name)
    if feed is None:
        message = f"the feed {plan.feed.name} is gone"
        raise Busy(message)
    at = max(now, feed.last_added_at + MILLISECOND) if feed.last_added_at else now
    stamps = releases.stamps(db, _touched(plan, composed, faults))
    edition = _Edition()
    if feed.last_release == 0:
        edition.take(preamble(hub.identity, hub.name, hub.created_at, plan.feed.ceiling), None)
    done = _recall(db, plan, stamps, edition, at)
    shown, failed = _show(db, plan, composed, stamps, edition, at)
    _settle(db, plan, stamps, {**faults, **failed}, done | shown)
    counts = {"waiting": plan.gates, "faults": {**faults, **failed}, "reports": len(shown)}
    if not shown and not done:
        return Outcome(feed.name, **counts)
    return _write(db, feed, plan, edition, at, counts)


def _touched(plan: Plan, composed: Sequence[Composed], faults: Mapping[str, str]) -> set[str]:
    leaving = {one.leaving.facts.report.id for one in composed}
    return leaving | {presence.report_id for presence, _ in plan.recalled} | set(plan.settled) | set(faults)


def _recall(db: Session, plan: Plan, stamps: Mapping[str, int], edition: _Edition, at: datetime) -> set[str]:
    done = set()
    for presence, stamp in plan.recalled:
        if stamps.get(presence.report_id) != stamp:
            continue
        live = releases.live(db, presence.feed, presence.report_id, presence.generation)
        # The old bytes and their revocation change places in one transaction: no reader meets both, or neither.
        releases.forget(db, presence.feed, presence.report_id, presence.generation)
        edition.take([revoked(loads(content), at) for content in live.values()], presence)
        feeds.end(db, presence, at)
        done.add(presence.report_id)
    return done


def _show(
    db: Session, plan: Plan, composed: Sequence[Composed], stamps: Mapping[str, int], edition: _Edition, at: datetime
) -> tuple[set[str], dict[str, str]]:
    shown, failed, fresh = set(), {}, []
    current = [one for one in composed if stamps.get(one.leaving.facts.report.id) == one.leaving.facts.report.stamp]
    ids = [one.leaving.facts.report.id for one in current if one.leaving.presence is None]
    generations = feeds.generations(db, plan.feed.name, ids)
    for one in current:
        report, presence = one.leaving.facts.report, one.presence
        try:
            versions = changes(one.bodies, _live(db, one), at)
        except Malformed as wrong:
            failed[report.id] = str(wrong)
            continue
        if one.leaving.presence is None:
            presence.generation, presence.began_at = generations.get(report.id, 0) + 1, at
            fresh.append(presence)
        else:
            if TLP(report.tlp).rank > TLP(presence.tlp).rank:
                releases.forget(db, presence.feed, presence.report_id, presence.generation)
            revision = one.leaving.revision.revision
            feeds.revise(db, presence, revision=revision, mode=one.leaving.mode, tlp=report.tlp)
        edition.take(versions, presence)
        shown.add(report.id)
    feeds.begin(db, fresh)
    return shown, failed


def _live(db: Session, one: Composed) -> dict[str, bytes]:
    presence = one.leaving.presence
    return releases.live(db, presence.feed, presence.report_id, presence.generation) if presence else {}


def _settle(db: Session, plan: Plan, stamps: Mapping[str, int], faults: Mapping[str, str], done: set[str]) -> None:
    unchanged = {report_id for report_id, stamp in plan.settled.items() if stamps.get(report_id) == stamp}
    feeds.done(db, plan.feed.name, (done | unchanged) - set(faults))
    for report_id, fault in faults.items():
        feeds.set_aside(db, plan.feed.name, report_id, fault)


def _write(
    db: Session, feed: Feed, plan: Plan, edition: _Edition, at: datetime, counts: Mapping[str, object]
) -> Outcome:
    # Random order: the order of filing, of organisations or of severity must not show in the order of entries.
    random.SystemRandom().shuffle(edition.versions)
    number, whole = feed.last_release + 1, hashlib.sha256()
    superseded = [version.stix_id for version, presence in edition.versions if presence is not None]
    releases.supersede(db, feed.name, superseded)
    known = releases.known(db, feed.name, superseded)
    entries = []
    for offset, (version, presence) in enumerate(edition.versions, start=1):
        entry = _entry(version, presence, feed.name, number)
        entry.position, entry.added_at = feed.last_position + offset, at + offset * MICROSECOND
        entry.is_first = version.stix_id not in known
        entries.append(entry)
        whole.update(version.content)
    made = Release(feed=feed.name, number=number, policy_digest=plan.feed.digest, digest=whole.hexdigest())
    made.released_at, made.added, made.changed, made.revoked = at, edition.added, edition.changed, edition.revoked
    if entries:
        releases.add(db, made, entries, entries[-1].added_at)
        audit.append(
            db, at, CLOCK, "feed.release", feed.name,
            number=number, added=made.added, changed=made.changed, revoked=made.revoked, digest=made.digest,
        )  # fmt: skip
    return Outcome(feed.name, number if entries else None, edition.added, edition.changed, edition.revoked, **counts)  # type: ignore[arg-type]


def _entry(version: Version, presence: Presence | None, feed: str, number: int) -> Entry:
    entry = Entry(feed=feed, position=0, release=number, stix_id=version.stix_id, kind=version.kind)
    entry.version, entry.content, entry.is_revoked = version.modified, version.content, version.is_revoked
    entry.report_id = presence.report_id if presence else None
    entry.generation = presence.generation if presence else 0
    return entry

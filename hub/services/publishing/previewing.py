"""Preview: what each audience would see of a report, side by side, by the code that releases.

1. A producer asks with a draft, which is stored nowhere; nobody has accepted it, so what needs acceptance says so. Its
   guard knows the draft and its own organisation, and nobody else's words.
2. An analyst asks of a filed report: the intent is on record before anything opens, who reported is opened for the
   guard alone and shown to nobody, and the outcome follows.
3. Every feed is asked, in both modes that the report may come to have there. Names in a preview are made for it and
   never used; pseudonyms too, where this process does not hold the publisher's key.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from feeds.edition import changes
from feeds.eligibility import Gate, Standing, judge
from feeds.feed import Feed
from feeds.guard import Behind, Hit, is_spoken
from feeds.hygiene import cleaned
from feeds.mapping import to_stix
from feeds.names import RANDOM_BYTES, Naming, reference
from feeds.overlay import Desk
from feeds.policy import policy_of
from hub.errors import Conflict, NotFound, NotSealed, Tampered
from hub.keys import Keyring
from hub.opening import open_values
from hub.report_view import columns
from hub.roles import Act
from hub.services.publishing import gathering, pressing
from hub.services.publishing.composing import Press
from hub.services.publishing.fates import Fate, fates
from hub.services.publishing.gathering import Leaving
from hub.services.publishing.pressing import Sheet
from hub.standing import standing_of
from hub.store import Session, audit, organisations, reports
from hub.store.tables import Report
from hub.warrant import Warrant
from schemas.anatomy import Values, divide, present
from schemas.audience import Mode, reached
from schemas.tlp import TLP

UNADMITTED = "the report is not admitted: it is previewed once `hub schedule` has admitted it"
TEXT = "for_release."


@dataclass(frozen=True)
class Way:
    """One feed and mode in which a report may come to be seen, and the gates that are closed before it."""

    feed: Feed
    mode: Mode
    closed: tuple[Gate, ...]

    @property
    def is_next(self) -> bool:
        """Whether the next release takes it, as far as its gates tell."""
        return not self.closed


@dataclass(frozen=True)
class Entry:
    """What an audience would see."""

    way: Way
    fates: Sequence[Fate]
    holds: Sequence[Hit]
    warnings: Sequence[Hit]
    objects: Sequence[bytes]  # STIX, as the bytes that would be served


@dataclass(frozen=True)
class Draft:
    """A checked report that is not filed; `has_text`: as if its text for release were approved."""

    document: Mapping[str, Any]
    has_text: bool = False


def of_draft(db: Session, press: Press, act: Act, draft: Draft, known: Iterable[Feed]) -> list[Entry]:
    """What audiences would see of a draft of the caller's."""
    divided, owner = divide(draft.document), act.caller.organisation_id
    opened: Values = {**divided.sealed, **divided.identity}
    names, said = organisations.names(db, [owner]), columns(divided.clear)
    sheet = Sheet(
        organisation_id=owner,
        tlp=TLP(said["tlp"]),
        is_import=False,
        clear=divided.clear,
        opened=opened,
        sealed=frozenset(opened),
        desk=Desk(),
        is_approved=draft.has_text,
        behind=Behind((names[owner],)),
    )
    standing = Standing(
        tlp=sheet.tlp,
        is_admitted=True,
        is_withdrawn=False,
        is_import=False,
        is_organisation_approved=True,
        named=reached(said["shared_with"]),
        embargo_until=said["embargo_until"],
        held_until=said["held_until"],
    )
    return [_entry(press, way, sheet, act.at) for way in _ways(standing, known, act.at)]


@dataclass(frozen=True)
class Previewed:
    """A filed report that is about to be previewed: its ways, each with what it takes, and one armed warrant."""

    report: Report
    warrant: Warrant
    ways: Sequence[tuple[Way, Leaving]]


@dataclass(frozen=True)
class Wish:
    """Which report is previewed, by id or reference, and why."""

    name: str
    purpose: str


def intend(db: Session, press: Press, act: Act, wish: Wish, known: Iterable[Feed]) -> Previewed:
    """Write the intent to open a report for a preview; raises NotFound, and Conflict for one that is not admitted."""
    report = reports.by_name(db, wish.name)
    facts = reports.facts(db, [report.id]).get(report.id) if report else None
    if report is None or facts is None:
        raise NotFound
    if facts.admitted_at is None:
        raise Conflict(UNADMITTED)
    ways = list(_ways(standing_of(facts), known, act.at))
    found = [
        (way, gathering.leaving(db, press.hub.uid, way.feed, {report.id: (facts, way.mode)}, {})[report.id])
        for way in ways
    ]
    paths = frozenset().union(*(leaving.warrant.paths for _, leaving in found))
    warrant = Warrant(report.id, report.revision, paths, wish.purpose)
    audit.intend(db, act.at, act.caller.actor, [warrant])
    return Previewed(report, warrant, found)


def of_filed(keyring: Keyring, press: Press, previewed: Previewed, at: datetime) -> list[Entry]:
    """What audiences would see; raises Unarmed, NotSealed, Tampered."""
    if not previewed.ways:
        return []
    opened = open_values(keyring, previewed.warrant, previewed.ways[0][1].bundle)
    found = []
    for way, leaving in previewed.ways:
        made = _entry(press, way, pressing.sheet_of(leaving, opened), at)
        watch = leaving.watch
        holds = [hit for hit in made.holds if watch is None or hit.key not in watch.decided.released]
        found.append(replace(made, holds=holds))
    return found


def record(db: Session, act: Act, previewed: Previewed, fault: NotSealed | Tampered | None = None) -> None:
    """Write what became of the intent."""
    said: dict[str, Any] = {"revision": previewed.report.revision, "opened": sorted(previewed.warrant.paths)}
    if fault is not None:
        said |= {"opened": [], "fault": str(fault)}
    audit.append(db, act.at, act.caller.actor, "open.outcome", previewed.report.id, preview=True, **said)


def _ways(standing: Standing, known: Iterable[Feed], now: datetime) -> Iterator[Way]:
    """Where a report may come to be seen: as written within a feed's ceiling, redacted where its producer said so."""
    for feed in known:
        verdict = judge(standing, feed, now)
        if any(gate.name == "carried" and not gate.is_passed for gate in verdict.gates):
            continue
        if standing.tlp.is_within(feed.ceiling):
            accepted = replace(standing, accepted=standing.accepted | {feed.marks_of})
            yield Way(feed, Mode.WRITTEN, _closed(standing, accepted, feed, now, Mode.WRITTEN))
        if feed.marks_of in standing.named:
            yield Way(feed, Mode.REDACTED, _closed(standing, standing, feed, now, Mode.REDACTED))


def _closed(standing: Standing, wished: Standing, feed: Feed, now: datetime, mode: Mode) -> tuple[Gate, ...]:
    """The gates that keep a report from leaving in a mode; `wished` is how it would stand if it could."""
    real, other = judge(standing, feed, now), judge(wished, feed, now)
    gates = [gate for gate in (real if real.mode == mode else other).gates if not gate.is_passed]
    if real.mode == mode:
        return tuple(gates)
    remedy = "an analyst accepts the report" if mode is Mode.WRITTEN else f"it leaves {real.mode} instead"
    return (Gate("accepted" if mode is Mode.WRITTEN else "mode", is_passed=False, remedy=remedy), *gates)


def _entry(press: Press, way: Way, sheet: Sheet, at: datetime) -> Entry:
    policy, feed = policy_of(way.feed, way.mode), way.feed
    held = frozenset(present(sheet.clear)) | frozenset(sheet.sealed) | _texts(sheet)
    speaks = is_spoken(policy, held, is_approved=sheet.is_approved)
    pressed = pressing.press(press.keys, feed, way.mode, sheet if speaks else replace(sheet, behind=None))
    marking = pressing.marking_of(feed, way.mode, sheet.tlp)
    ref = reference(feed.letter, os.urandom(RANDOM_BYTES))
    naming = Naming(os.urandom(32), ref, press.hub.identity, marking, frozenset())
    versions = changes(to_stix(pressed.projection, naming), {}, at)
    return Entry(
        way,
        fates(cleaned(pressed.projection), policy, held),
        pressed.found.holds,
        pressed.found.warnings,
        [one.content for one in versions],
    )


def _texts(sheet: Sheet) -> frozenset[str]:
    return frozenset(f"{TEXT}{name}" for name in sheet.desk.text or ())

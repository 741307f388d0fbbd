"""Gathering what leaves: all that it takes to open, project, examine and name each report that passed its gates.

A warrant names what the projection may show; where words leave, all that is sealed, so that the guard can compare.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feeds.feed import Feed
from feeds.guard import Behind, is_spoken
from feeds.overlay import Desk
from feeds.policy import policy_of
from hub.approval import Effective, effective
from hub.opening import Bundle, gather
from hub.sealing import sealed_paths
from hub.services.publishing import guarding
from hub.services.publishing.guarding import Decided
from hub.store import Session, desk, guard, organisations, releases, reports
from hub.store.reports import Facts
from hub.store.tables import GuardVerdict, Presence, Revision
from hub.warrant import Warrant
from schemas.anatomy import LEAVES
from schemas.anatomy import present as paths_in
from schemas.audience import INCLUDES, Audience, Mode
from schemas.marks import Kept

PURPOSE = "release to {}"


@dataclass(frozen=True)
class Shown:
    """What a feed shows of a report now: its names there, its live objects, and the STIX ids that were revoked."""

    presence: Presence
    live: Mapping[str, bytes]
    burnt: frozenset[str]


@dataclass(frozen=True)
class Watch:
    """What the guard knows of a report beside what it says: who is behind it, and what was found and decided before."""

    behind: Behind
    decided: Decided
    verdict: GuardVerdict | None


@dataclass(frozen=True)
class Leaving:
    """A report that passed every gate, on its way into a feed."""

    facts: Facts
    revision: Revision
    mode: Mode
    shown: Shown | None
    bundle: Bundle
    warrant: Warrant
    desk: Desk
    is_approved: bool  # whether its text for release is
    watch: Watch | None  # None: no words of anybody leave, and the guard has nothing to examine

    @property
    def report_id(self) -> str:
        """Which report."""
        return self.revision.report_id


def shown(db: Session, presences: Sequence[Presence]) -> dict[str, Shown]:
    """What a feed shows of reports, given by their presences in it."""
    if not presences:
        return {}
    live, revoked = releases.shown(db, presences[0].feed, [one.report_id for one in presences])
    names = {one.report_id: (one.report_id, one.generation) for one in presences}
    return {
        one.report_id: Shown(one, live.get(names[one.report_id], {}), frozenset(revoked.get(names[one.report_id], ())))
        for one in presences
    }


def leaving(
    db: Session,
    deployment: str,
    feed: Feed,
    passing: Mapping[str, tuple[Facts, Mode]],
    present: Mapping[str, Presence],
) -> dict[str, Leaving]:
    """What leaves for a feed, by report: those that passed every gate, each with its mode; `present`: what is there."""
    ids, facts_of = list(passing), [facts for facts, _ in passing.values()]
    rows = {
        row.report_id: row
        for row in reports.revisions(db, {(one.report.id, one.report.revision) for one in facts_of}).values()
    }
    bundles = gather(db, deployment, [(passing[one][0].report.organisation_id, row) for one, row in rows.items()])
    overlays, texts = desk.overlays(db, [one.report for one in facts_of]), desk.texts(db, ids)
    there = shown(db, [present[one] for one in ids if one in present])
    verdicts, decisions = guard.verdicts(db, feed.name, ids), guard.decisions(db, ids)
    names = organisations.names(db, sorted({one.report.organisation_id for one in facts_of}))
    found = {}
    for report_id, (facts, mode) in passing.items():
        row, overlay = rows[report_id], overlays.get(report_id)
        text = effective(row.clear, texts.get(report_id))
        watch = Watch(
            behind=Behind(() if facts.report.is_import else (names[facts.report.organisation_id],)),
            decided=guarding.decided(decisions.get(report_id, ()), feed),
            verdict=verdicts.get(report_id),
        )
        is_approved = _is_approved(facts, text, feed)
        speaks = is_spoken(policy_of(feed, mode), _paths(row, text), is_approved=is_approved)
        found[report_id] = Leaving(
            facts=facts,
            revision=row,
            mode=mode,
            shown=there.get(report_id),
            bundle=bundles[report_id],
            warrant=_warrant(feed, mode, row, bundles[report_id], is_all=speaks),
            desk=Desk(overlay.asserted if overlay else {}, text.text if text.is_hub else None),
            is_approved=is_approved,
            watch=watch if speaks else None,
        )
    return found


def _is_approved(facts: Facts, text: Effective, feed: Feed) -> bool:
    return any(
        digest == text.digest and feed.marks_of in INCLUDES[Audience(audience)]
        for audience, digest in facts.approved_text.items()
    )


def _paths(row: Revision, text: Effective) -> frozenset[str]:
    return frozenset(paths_in(row.clear)) | sealed_paths(row) | {f"for_release.{name}" for name in text.text}


def _warrant(feed: Feed, mode: Mode, row: Revision, bundle: Bundle, *, is_all: bool) -> Warrant:
    """What is opened of a report: what its projection may show, and all that is left of it if the guard compares."""
    sealed = sealed_paths(row)
    wanted = sealed - _purged(row, bundle) if is_all else policy_of(feed, mode).allows.keys() & sealed
    return Warrant(row.report_id, row.revision, frozenset(wanted), PURPOSE.format(feed.name))


def _purged(row: Revision, bundle: Bundle) -> set[str]:
    """Who reported, where a rule of retention erased that: nobody can be told from it any more."""
    is_gone = {number for number in set(row.origins.values()) if (number, "identity") not in bundle.keys}
    return {one for one, number in row.origins.items() if number in is_gone and LEAVES[one].mark.kept is Kept.IDENTITY}

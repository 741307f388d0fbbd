"""Pressing one entry: a report projected for a feed in a mode, and examined by the guard.

The same for a release and for a preview of it: what a preview shows leaves, but for names, pseudonyms and times.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from feeds.feed import Feed
from feeds.guard import Behind, Findings, Subject, examine
from feeds.overlay import Desk, project_overlaid
from feeds.policy import policy_of
from feeds.projection import Projection
from feeds.transforms import Scene
from hub.keys import PublisherKeys
from hub.services.publishing.gathering import Leaving
from schemas.anatomy import Values, join
from schemas.audience import Mode
from schemas.tlp import TLP


@dataclass(frozen=True)
class Sheet:
    """What an entry is pressed from: a report that was opened, and what analysts say beside it."""

    organisation_id: str
    tlp: TLP
    is_import: bool
    clear: Mapping[str, Any]
    opened: Values  # more than may leave: the guard compares with it
    sealed: Collection[str]  # the schema paths of all its sealed values, opened or not
    desk: Desk
    is_approved: bool  # its text for release
    behind: Behind | None  # None: no words of anybody leave, and the guard has nothing to examine


@dataclass(frozen=True)
class Pressed:
    """An entry as it would leave, and what the guard found in it."""

    projection: Projection
    found: Findings
    digest: str  # keyed, of what the guard examined; empty if there was nothing


def sheet_of(leaving: Leaving, opened: Values) -> Sheet:
    """The sheet of a filed report."""
    report = leaving.facts.report
    return Sheet(
        organisation_id=report.organisation_id,
        tlp=TLP(report.tlp),
        is_import=report.is_import,
        clear=leaving.revision.clear,
        opened=opened,
        sealed=leaving.revision.origins,
        desk=leaving.desk,
        is_approved=leaving.is_approved,
        behind=leaving.watch.behind if leaving.watch else None,
    )


def press(keys: PublisherKeys, feed: Feed, mode: Mode, sheet: Sheet) -> Pressed:
    """Project and examine."""
    policy, owner = policy_of(feed, mode), sheet.organisation_id

    def code(words: str) -> str:
        return keys.guard_code(owner, words)

    scene = Scene(pseudonym=lambda value: keys.pseudonym(feed.name, owner, value), is_approved=sheet.is_approved)
    # Opened for the guard is more than what may leave: the projection is given what its policy names, and no more.
    shown = join(sheet.clear, {path: sheet.opened[path] for path in sheet.opened.keys() & policy.allows.keys()})
    projection = project_overlaid(shown, sheet.desk, policy, scene, sheet.sealed)
    if sheet.behind is None:
        return Pressed(projection, Findings(), "")
    is_public = sheet.is_import or sheet.tlp == TLP.CLEAR
    found = examine(Subject(sheet.clear, sheet.opened, projection, policy, sheet.behind, is_public), code)
    return Pressed(projection, found, code(found.text) if found.text else "")


def marking_of(feed: Feed, mode: Mode, tlp: TLP) -> TLP:
    """What an entry is marked with: as written, its report's TLP; redacted, a work of the hub, the feed's ceiling."""
    return tlp if mode is Mode.WRITTEN else feed.ceiling

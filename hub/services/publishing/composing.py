"""Composing a release: what passed its gates is opened, projected and mapped, in memory, without a transaction."""

import os
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from feeds.conformance import Malformed
from feeds.edition import Version, changes, dropped, withdrawn
from feeds.feed import Feed
from feeds.mapping import to_stix
from feeds.names import RANDOM_BYTES, Naming, reference
from feeds.overlay import project_overlaid
from feeds.policy import policy_of
from feeds.transforms import Scene
from hub.errors import Tampered, told
from hub.keys import Keyring, PublisherKeys
from hub.opening import open_sealed
from hub.report_view import columns
from hub.services.publishing.planning import Leaving, Plan, Shown
from hub.store.feeds import Entering, Named
from hub.store.tables import Deployment
from schemas.audience import INCLUDES, Audience, Mode
from schemas.tlp import TLP


@dataclass(frozen=True)
class Composed:
    """What a release changes of one report: its presence in the feed, and the versions of its objects."""

    presence: Named
    versions: Sequence[Version]
    leaving: Leaving | None = None  # None: it is recalled
    dropped: AbstractSet[str] = frozenset()  # observables that left the entry: STIX ids whose bytes are deleted

    @property
    def is_new(self) -> bool:
        """Whether the report enters the feed with this release."""
        return isinstance(self.presence, Entering)


@dataclass(frozen=True)
class Composition:
    """A plan carried out in memory: what goes, what comes, and what could not, with its fault."""

    plan: Plan
    recalled: Sequence[Composed]
    composed: Sequence[Composed]
    faults: Mapping[str, str]


@dataclass(frozen=True)
class Press:
    """What every entry of a release is made with, but for the power to open."""

    keys: PublisherKeys
    hub: Deployment


def compose(keyring: Keyring, press: Press, plan: Plan) -> Composition:
    """Open, project, map and check what leaves; and take back what was recalled."""
    composed, faults = [], dict(plan.faults)
    for leaving in plan.leaving:
        try:
            composed.append(_compose(keyring, press, plan, leaving))
        except Malformed as wrong:
            faults[leaving.report_id] = str(wrong)
        except Exception as wrong:  # noqa: BLE001 - whatever a damaged record comes to: it is told, and the others leave
            faults[leaving.report_id] = told(wrong)
    return Composition(plan, [_taken_back(plan, one, faults) for one in plan.recalled], composed, faults)


def _taken_back(plan: Plan, one: Shown, faults: dict[str, str]) -> Composed:
    """What takes a report back. Its bytes go even if they cannot be read any more and no revocation be made of them."""
    versions: list[Version] = []
    for stix_id, content in one.live.items():
        try:
            versions += withdrawn({stix_id: content}, plan.at)
        except Exception as wrong:  # noqa: BLE001 - whatever damaged bytes come to: what must go goes
            faults[one.presence.report_id] = f"deleted without a revocation: {stix_id}: {told(wrong)}"
    return Composed(one.presence, versions)


def _compose(keyring: Keyring, press: Press, plan: Plan, leaving: Leaving) -> Composed:
    report, feed = leaving.facts.report, plan.feed
    _same_columns(leaving)
    opened = open_sealed(keyring, leaving.warrant, leaving.bundle)
    presence = leaving.shown.presence if leaving.shown else _entering(plan, leaving)
    scene = Scene(
        pseudonym=_pseudonyms(press, feed, report.organisation_id), is_approved=_is_text_approved(leaving, feed)
    )
    policy = policy_of(feed, leaving.mode)
    projection = project_overlaid(opened, leaving.desk, policy, scene, leaving.revision.origins)
    marking = TLP(report.tlp) if leaving.mode is Mode.WRITTEN else feed.ceiling
    burnt = leaving.shown.burnt if leaving.shown else frozenset()
    naming = Naming(presence.namespace, presence.ref, press.hub.identity, marking, burnt)
    live = leaving.shown.live if leaving.shown else {}
    bodies = to_stix(projection, naming)
    return Composed(presence, changes(bodies, live, plan.at), leaving, dropped(bodies, live))


def _same_columns(leaving: Leaving) -> None:
    """The gates asked the report's row; what it says must be what the signed revision says."""
    said = columns(leaving.revision.clear)
    if any(getattr(leaving.facts.report, name) != value for name, value in said.items()):
        message = "the report's row differs from its signed revision"
        raise Tampered(message)


def _pseudonyms(press: Press, feed: Feed, organisation: str) -> Callable[[str], str]:
    return lambda value: press.keys.pseudonym(feed.name, organisation, value)


def _is_text_approved(leaving: Leaving, feed: Feed) -> bool:
    return any(
        digest == leaving.text.digest and feed.marks_of in INCLUDES[Audience(audience)]
        for audience, digest in leaving.facts.approved_text.items()
    )


def _entering(plan: Plan, leaving: Leaving) -> Entering:
    report, feed = leaving.facts.report, plan.feed
    return Entering(
        feed=feed.name,
        report_id=report.id,
        namespace=os.urandom(32),
        ref=reference(feed.letter, os.urandom(RANDOM_BYTES)),
        mode=leaving.mode,
        tlp=report.tlp,
        revision=leaving.revision.revision,
        began_at=plan.at,
    )

"""Composing a release: what passed its gates is opened, projected and mapped, in memory, without a transaction."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feeds.conformance import Malformed
from feeds.feed import Feed
from feeds.mapping import to_stix
from feeds.names import RANDOM_BYTES, Naming, reference
from feeds.policy import policy_of
from feeds.projection import project
from feeds.transforms import Scene
from hub.approval import text_digest
from hub.errors import HubError
from hub.keys import Keyring, PublisherKeys
from hub.opening import open_sealed
from hub.services.publishing.planning import Leaving, Plan
from hub.store.tables import Deployment, Presence
from schemas.audience import INCLUDES, Audience, Mode
from schemas.tlp import TLP


@dataclass(frozen=True)
class Composed:
    """The objects of one report, named and ready; a presence of its own if it is new in the feed."""

    leaving: Leaving
    presence: Presence
    bodies: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Composition:
    """A plan carried out in memory: what leaves, and what could not, with its fault."""

    plan: Plan
    composed: Sequence[Composed]
    faults: Mapping[str, str]


def compose(keyring: Keyring, keys: PublisherKeys, hub: Deployment, plan: Plan) -> Composition:
    """Open, project and map what leaves."""
    composed, faults = [], {}
    for leaving in plan.leaving:
        try:
            composed.append(_compose(Press(keyring, keys, hub, plan.feed), leaving))
        except (Malformed, HubError) as wrong:
            # One report that cannot be opened or mapped is set aside with its reason; the others leave.
            faults[leaving.facts.report.id] = str(wrong)
    return Composition(plan, composed, faults)


@dataclass(frozen=True)
class Press:
    """What every entry of a feed is made with."""

    keyring: Keyring
    keys: PublisherKeys
    hub: Deployment
    feed: Feed


def _compose(press: Press, leaving: Leaving) -> Composed:
    report, feed = leaving.facts.report, press.feed
    opened = open_sealed(press.keyring, leaving.warrant, leaving.bundle)
    presence = leaving.presence or _new_presence(feed, leaving)
    scene = Scene(pseudonym=_pseudonyms(press), is_approved=_is_text_approved(leaving, feed))
    projection = project(opened, policy_of(feed, leaving.mode), scene)
    marking = TLP(report.tlp) if leaving.mode is Mode.WRITTEN else feed.ceiling
    naming = Naming(presence.namespace, presence.ref, press.hub.identity, marking, leaving.burnt)
    return Composed(leaving, presence, to_stix(projection, naming))


def _pseudonyms(press: Press) -> Callable[[str], str]:
    return lambda value: press.keys.pseudonym(press.feed.name, value)


def _is_text_approved(leaving: Leaving, feed: Feed) -> bool:
    current = text_digest(leaving.revision.clear)
    return any(
        digest == current and feed.marks_of in INCLUDES[Audience(audience)]
        for audience, digest in leaving.facts.approved_text.items()
    )


def _new_presence(feed: Feed, leaving: Leaving) -> Presence:
    report = leaving.facts.report
    return Presence(
        feed=feed.name,
        report_id=report.id,
        generation=0,  # numbered when it is written
        namespace=os.urandom(32),
        ref=reference(feed.letter, os.urandom(RANDOM_BYTES)),
        mode=leaving.mode,
        tlp=report.tlp,
        revision=leaving.revision.revision,
    )

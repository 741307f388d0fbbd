"""Composing a release: what passed its gates is opened, projected and mapped, in memory, without a transaction."""

import os
from collections.abc import Callable, Sequence
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


def compose(
    keyring: Keyring, keys: PublisherKeys, hub: Deployment, made: Plan
) -> tuple[list[Composed], dict[str, str]]:
    """Open, project and map what leaves; and what could not, with its fault."""
    composed, faults = [], {}
    for leaving in made.leaving:
        try:
            composed.append(_compose(keyring, keys, hub, made.feed, leaving))
        except (Malformed, HubError) as wrong:
            # One report that cannot be opened or mapped is set aside with its reason; the others leave.
            faults[leaving.facts.report.id] = str(wrong)
    return composed, faults


def _compose(keyring: Keyring, keys: PublisherKeys, hub: Deployment, feed: Feed, leaving: Leaving) -> Composed:
    report = leaving.facts.report
    opened = open_sealed(keyring, leaving.warrant, leaving.bundle)
    presence = leaving.presence or _new_presence(feed, leaving)
    scene = Scene(pseudonym=_pseudonyms(keys, feed), is_approved=_is_text_approved(leaving, feed))
    projection = project(opened, policy_of(feed, leaving.mode), scene)
    marking = TLP(report.tlp) if leaving.mode is Mode.WRITTEN else feed.ceiling
    naming = Naming(presence.namespace, presence.ref, hub.identity, marking, leaving.burnt)
    return Composed(leaving, presence, to_stix(projection, naming))


def _pseudonyms(keys: PublisherKeys, feed: Feed) -> Callable[[str], str]:
    return lambda value: keys.pseudonym(feed.name, value)


def _is_text_approved(leaving: Leaving, feed: Feed) -> bool:
    current = text_digest(leaving.revision.clear)
    return any(
        digest == current and feed.marks_of in INCLUDES[Audience(audience)]
        for audience, digest in leaving.facts.approved_text.items()
    )


def _new_presence(feed: Feed, leaving: Leaving) -> Presence:
    report = leaving.facts.report
    presence = Presence(feed=feed.name, report_id=report.id, generation=0, mode=leaving.mode, tlp=report.tlp)
    presence.namespace, presence.ref = os.urandom(32), reference(feed.letter, os.urandom(RANDOM_BYTES))
    presence.revision = leaving.revision.revision
    return presence

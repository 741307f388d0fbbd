"""Composing a release: what passed its gates is opened, projected and mapped, in memory, without a transaction."""

import logging
import os
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from feeds.conformance import Malformed
from feeds.edition import Version, changes, dropped, withdrawn
from feeds.entry import CARRIER
from feeds.excess import shows_more
from feeds.feed import Feed
from feeds.mapping import to_stix
from feeds.names import RANDOM_BYTES, Naming, reference
from feeds.policy import policy_of
from hub.errors import Tampered, told
from hub.keys import Keyring, PublisherKeys
from hub.opening import open_values
from hub.report_view import columns
from hub.services.publishing import pressing
from hub.services.publishing.gathering import Leaving, Shown
from hub.services.publishing.guarding import Examined, state_of
from hub.services.publishing.planning import Plan
from hub.services.publishing.pressing import Pressed
from hub.store.feeds import Entering, Named
from hub.store.tables import Deployment
from schemas.audience import Mode
from schemas.tlp import TLP

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Composed:
    """What a release changes of one report: its presence in the feed, and the versions of its objects."""

    presence: Named
    versions: Sequence[Version]
    leaving: Leaving | None = None  # None: it is recalled
    dropped: AbstractSet[str] = frozenset()  # objects whose earlier bytes are deleted, by STIX id

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
    examined: Sequence[Examined] = ()  # what the guard said of each

    @property
    def held(self) -> set[str]:
        """The reports that the guard keeps in."""
        return {one.report_id for one in self.examined if one.is_held}


@dataclass(frozen=True)
class Press:
    """What every entry of a release is made with, but for the power to open."""

    keys: PublisherKeys
    hub: Deployment


def compose(keyring: Keyring, press: Press, plan: Plan) -> Composition:
    """Open, project, examine, map and check what leaves; and take back what was recalled."""
    composed, examined, faults = [], [], dict(plan.faults)
    recalled = list(plan.recalled)
    for leaving in plan.leaving:
        goes = False
        try:
            made, verdict = _compose(keyring, press, plan, leaving)
            examined.append(verdict)
            if made is not None:
                composed.append(made)
                continue
            goes = leaving.shown is not None and _is_marked_too_low(leaving, leaving.shown)
        except Malformed as wrong:
            faults[leaving.report_id] = str(wrong)
        except Exception as wrong:  # noqa: BLE001 - whatever a damaged record comes to: it is told, and the others leave
            faults[leaving.report_id] = told(wrong)
        # Held or failed, nothing comes in its place: what shows more than its feed lets out by now goes all the same.
        if leaving.shown is not None and (goes or _is_excessive(plan.feed, leaving.mode, leaving.shown)):
            recalled.append(leaving.shown)
    return Composition(plan, [_taken_back(plan, one, faults) for one in recalled], composed, faults, examined)


def _is_marked_too_low(leaving: Leaving, shown: Shown) -> bool:
    """Whether what a feed shows is marked below the TLP that the report has by now: as written, it would stay so."""
    return leaving.mode is Mode.WRITTEN and not TLP(leaving.facts.report.tlp).is_within(TLP(shown.presence.tlp))


def _is_excessive(feed: Feed, mode: Mode, shown: Shown) -> bool:
    """Whether what a feed shows of a report says more than its policy lets out by now; if it cannot be read, it is."""
    carriers = [content for stix_id, content in shown.live.items() if stix_id.startswith(f"{CARRIER}--")]
    try:
        return any(shows_more(one, policy_of(feed, mode)) for one in carriers)
    except Exception as wrong:  # noqa: BLE001 - whatever damaged bytes come to: what nobody can judge does not stay
        log.error("what %s shows of %s cannot be read: %s", feed.name, shown.presence.report_id, told(wrong))  # noqa: TRY400
        return True


def _taken_back(plan: Plan, one: Shown, faults: dict[str, str]) -> Composed:
    """What takes a report back. Its bytes go even if they cannot be read any more and no revocation be made of them."""
    versions: list[Version] = []
    for stix_id, content in one.live.items():
        try:
            versions += withdrawn({stix_id: content}, plan.at)
        except Exception as wrong:  # noqa: BLE001 - whatever damaged bytes come to: what must go goes
            faults[one.presence.report_id] = f"deleted without a revocation: {stix_id}: {told(wrong)}"
    return Composed(one.presence, versions)


def _compose(keyring: Keyring, press: Press, plan: Plan, leaving: Leaving) -> tuple[Composed | None, Examined]:
    """What a release changes of a report, unless the guard holds it; and what the guard said."""
    report, feed = leaving.facts.report, plan.feed
    _same_columns(leaving)
    sheet = pressing.sheet_of(leaving, open_values(keyring, leaving.warrant, leaving.bundle))
    pressed = pressing.press(press.keys, feed, leaving.mode, sheet)
    verdict = _examined(leaving, pressed)
    if verdict.is_held:
        return None, verdict
    presence = leaving.shown.presence if leaving.shown else _entering(plan, leaving)
    marking = pressing.marking_of(feed, leaving.mode, TLP(report.tlp))
    burnt = leaving.shown.burnt if leaving.shown else frozenset()
    naming = Naming(presence.namespace, presence.ref, press.hub.identity, marking, burnt)
    live = leaving.shown.live if leaving.shown else {}
    bodies = to_stix(pressed.projection, naming)
    versions, gone = changes(bodies, live, plan.at), set(dropped(bodies, live))
    if leaving.shown is not None and _is_excessive(feed, leaving.mode, leaving.shown):
        gone |= {one.stix_id for one in versions}  # a correction leaves nobody what its feed lets out no more
    return Composed(presence, versions, leaving, gone), verdict


def _examined(leaving: Leaving, pressed: Pressed) -> Examined:
    report, watch = leaving.facts.report, leaving.watch
    holds = [hit for hit in pressed.found.holds if watch is None or hit.key not in watch.decided.released]
    return Examined(
        report_id=report.id,
        organisation_id=report.organisation_id,
        revision=leaving.revision.revision,
        triage=report.triage,
        digest=pressed.digest,
        holds=holds,
        state=state_of(holds, watch.decided.kept if watch else frozenset()),
        found=pressed.found,
        before=watch.verdict if watch else None,
    )


def _same_columns(leaving: Leaving) -> None:
    """The gates asked the report's row; what it says must be what the signed revision says."""
    said = columns(leaving.revision.clear)
    if any(getattr(leaving.facts.report, name) != value for name, value in said.items()):
        message = "the report's row differs from its signed revision"
        raise Tampered(message)


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

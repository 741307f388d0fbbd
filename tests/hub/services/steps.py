"""A release taken apart, for tests of what happens between its steps."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from feeds.feed import Feed
from hub import rounds
from hub.services import publishing
from hub.services.publishing import Outcome, Press
from hub.store.tables import Due, Entry, Presence, Release
from tests.conftest import World

PRODUCERS = ("producer", "producer:Second Ltd", "producer:Third Ltd")


@dataclass
class Steps:
    """One feed's next release, step by step."""

    world: World
    feed: str
    plan: Any = None
    composition: Any = None

    @property
    def policy(self) -> Feed:
        """The feed itself."""
        return next(one for one in self.world.hub.feeds() if one.name == self.feed)

    def prepare(self) -> "Steps":
        """Admit, plan and compose."""
        hub = self.world.hub
        rounds.admit_all(hub)
        with hub.store.writing() as db:
            self.plan = publishing.plan(db, hub.deployment.uid, self.policy, hub.clock())
        press = Press(hub.publisher_keys, hub.deployment)
        self.composition = publishing.compose(hub.keyring, press, self.plan)
        return self

    def release(self, fence: int) -> Outcome:
        """Write the release that was prepared."""
        hub = self.world.hub
        return hub.store.write(lambda db: publishing.release(db, hub.deployment, fence, self.composition, hub.clock()))

    def finish(self) -> Outcome:
        """Take a turn, write the release that was prepared, and give the turn back."""
        fence = turn(self.world, "the one publisher")
        try:
            return self.release(fence)
        finally:
            self.world.hub.store.write(lambda db: publishing.give_back(db, fence))


def turn(world: World, owner: str) -> int:
    """Become the publisher; the fence."""
    return world.hub.store.write(lambda db: publishing.take_turn(db, owner, world.clock()))


def enrol_three(world: World) -> None:
    """Three producers, and a reader for every feed."""
    for who in PRODUCERS[1:]:
        world.enrol("producer", who.split(":")[1])
    world.enrol("member", "Insider", audiences=("trusted",))
    world.tokens["insider"] = world.tokens["member:Insider"]


def approve(world: World, *who: str) -> None:
    """Approve producers' organisations, by a report of each that goes nowhere."""
    for one in who:
        filed = world.file(one, {**MUTE, "client_ref": f"approval of {one}".replace(" ", "-")})
        world.accept(filed["id"], "trusted")


MUTE = {
    "report_type": "hazard",
    "title": "Goes nowhere",
    "description": "Its TLP is above every ceiling.",
    "aware_at": "2026-11-20",
    "severity": "unknown",
    "systems": [{"name": "None"}],
    "tlp": "red",
}


def rows_of(world: World, feed: str) -> list[Entry]:
    """Every entry of a feed, in order."""
    with world.hub.store.reading() as db:
        return list(db.exec(select(Entry).where(Entry.feed == feed).order_by(col(Entry.position))))


def releases_of(world: World, feed: str) -> list[Release]:
    """Every release of a feed, in order."""
    with world.hub.store.reading() as db:
        return list(db.exec(select(Release).where(Release.feed == feed).order_by(col(Release.number))))


def due_in(world: World, feed: str) -> list[str]:
    """The reports that are due for a feed."""
    with world.hub.store.reading() as db:
        return list(db.exec(select(Due.report_id).where(Due.feed == feed)))


def presences(world: World, feed: str) -> list[Presence]:
    """Every presence in a feed, ended ones too."""
    with world.hub.store.reading() as db:
        return list(db.exec(select(Presence).where(Presence.feed == feed).order_by(col(Presence.generation))))

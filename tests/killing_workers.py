"""Killing a worker, the master or the database of a preloading gunicorn, at random moments, while clients file.

`kill -9` loses what a process had in memory, and nothing of what the kernel had taken from it: that a report survives
the loss of power is not shown here. It rests on synchronous=FULL and fsync, which `hub doctor` reads.
"""

import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tests.conftest import World
from tests.killing import Client, Ledger, Survival, damages, filing, listed_ids
from tests.preloading import Preloading

CLIENTS = 6
LONGEST = 0.25  # seconds between two deaths
PAUSE = 0.02  # seconds that a client waits after each report


class Database(Protocol):
    """What can be killed and started again."""

    def kill(self) -> None:
        """Kill it."""

    def start(self) -> None:
        """Start it and wait until it answers."""


@dataclass
class Scene:
    """What is killed: the server that listens now, those before it, and the database."""

    world: World
    database: Database | None
    server: Preloading
    earlier: list[Preloading] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the server listens now."""
        return self.server.url

    def kill(self, what: str, chance: random.Random) -> None:
        """One death, and what a supervisor does after it."""
        if what == "worker":
            self.server.kill_worker(chance.randrange(100))
        elif what == "master":
            self.server.kill_master()
            self.earlier.append(self.server)
            self.server = serve(self.world)
        else:
            assert self.database is not None
            self.database.kill()
            self.database.start()

    def end(self) -> None:
        """Leave nothing running."""
        for one in (self.server, *self.earlier):
            one.kill()


def serve(world: World) -> Preloading:
    """A preloading gunicorn for a world."""
    config = world.hub.config
    environ = {"HUB_HOME": str(config.home), "HUB_DATABASE_URL": config.database_url}
    server = Preloading(environ, config.home.with_name("serve.log"))
    try:
        return server.await_ready()
    except BaseException:
        server.kill()
        raise


def kill_while_forked(
    world: World, kills: Mapping[str, int], seed: int, database: Database | None = None, longest: float = LONGEST
) -> Survival:
    """Kill so many of each kind ("worker", "master", "database"), in a shuffled order, while clients file."""
    chance, ledger = random.Random(seed), Ledger()
    tokens = [world.enrol("producer", f"Producer {number}") for number in range(2)]
    world.hub.store.close()  # what the clock does not need while others are killed
    scene = Scene(world, database, serve(world))
    clients = [
        Client(f"client{number}", tokens[number % 2], lambda: scene.url, ledger, random.Random(seed + number), PAUSE)
        for number in range(CLIENTS)
    ]
    deaths = [what for what, count in kills.items() for _ in range(count)]
    chance.shuffle(deaths)
    try:
        with filing(clients):
            for what in deaths:
                time.sleep(chance.uniform(0, longest))  # the moment of death is the input here
                scene.kill(what, chance)
        listed = Counter(one for token in tokens for one in listed_ids(scene.server, token))
    finally:
        scene.end()
    lost, doubled = ledger.ids - listed, (listed - ledger.ids) + (ledger.ids - Counter(set(ledger.ids)))
    damaged = damages(world, set(ledger.ids))
    return Survival(
        len(deaths), len(ledger.told), ledger.cut_off, sorted(lost), sorted(doubled), damaged, dict(ledger.others)
    )

"""The run: publishers release and are killed, servers are killed, pollers poll; then everything is compared."""

import json
import random
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlmodel import col, func, select

from hub.store.tables import Feed
from hub.store.tables import Publisher as Lease
from tests.conftest import World
from tests.killing_publishers import expire_lease
from tests.pollers import HABITS, Poller
from tests.polling import disorder, history, judge, keep_journal
from tests.polling_publishers import FEEDS, PRODUCERS, Publisher, people
from tests.servers import Server, start

PUBLISHERS = 4
SERVERS = 6  # one death in so many is a server's
SELECTED = ("indicator", "observed-data", "identity", "marking-definition")


@dataclass
class Polled:
    """What came of it."""

    releases: int = 0
    entries: int = 0
    kills: int = 0
    in_turn: int = 0  # of them while that publisher held the right to publish
    server_kills: int = 0
    answers: int = 0
    cut_off: int = 0
    others: dict[int, int] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)


def poll_while_killing(world: World, releases: int, seed: int, pause: tuple[float, float]) -> Polled:
    """Poll until so many releases were made, something being killed after every pause (from, to, in seconds)."""
    tokens = _enrol(world)
    keep_journal(world)
    home, found, chance = world.hub.config.home, Polled(), random.Random(seed)
    log = home.with_name("serve.log")
    servers, publishers = [start(home, log)], [Publisher(home, seed + number) for number in range(PUBLISHERS)]
    pollers = _pollers(world, servers[0], tokens, seed)
    try:
        with _polling(pollers):
            while _released(world) < releases:
                time.sleep(chance.uniform(*pause))  # the moment of death is the input here
                if chance.randrange(SERVERS) == 0:
                    servers[0].group.kill()
                    servers[0] = start(home, log, port=int(servers[0].url.rpartition(":")[2]))
                    found.server_kills += 1
                else:
                    found.in_turn += _kill(world, chance.choice(publishers))
                    found.kills += 1
            for one in publishers:
                one.kill()
    finally:
        for one in publishers:
            one.process.kill()
            one.process.wait()
        servers[0].group.kill()
    found.releases = _released(world)
    _compare(world, pollers, found)
    return found


def _enrol(world: World) -> str:
    for who in PRODUCERS:
        world.enrol("producer", who.partition(":")[2])
    world.enrol("analyst", "Hub staff")
    for who in PRODUCERS:
        path = f"/api/v1/members/{world.ids[who.partition(':')[2]]}/accept"
        answer = world.send("analyst:Hub staff", "POST", path, {"audience": "public"})
        assert answer.status_code == 200, answer.get_data(as_text=True)
    people(world.hub.config.home).write_text(json.dumps({who: world.tokens[who] for who in PRODUCERS}), "utf-8")
    return world.enrol("member", "Reader", audiences=FEEDS)


def _pollers(world: World, server: Server, token: str, seed: int) -> list[Poller]:
    root = f"{server.url}/taxii2/hub/collections"
    return [
        Poller(alias, f"{root}/{world.collection(alias)}/", token, habit, random.Random(seed + number), filters)
        for number, (habit, alias, filters) in enumerate(HABITS)
    ]


@contextmanager
def _polling(pollers: Sequence[Poller]) -> Iterator[None]:
    is_over = threading.Event()
    with ThreadPoolExecutor(len(pollers)) as threads:
        running = [threads.submit(one.poll_until, is_over) for one in pollers]
        try:
            yield
        finally:
            is_over.set()
        for one in running:
            one.result(timeout=120)


def _kill(world: World, publisher: Publisher) -> bool:
    """Kill a publisher and start another in its place; whether it died while it held the right to publish."""
    dead = f"{socket.gethostname()}:{publisher.kill()}:"
    with world.hub.store.reading() as db:
        owner = db.exec(select(Lease.owner)).one() or ""
    if owner.startswith(dead):
        expire_lease(world)  # the time passes after which a dead publisher's turn ends
    publisher.start()
    return owner.startswith(dead)


def _released(world: World) -> int:
    with world.hub.store.reading() as db:
        return db.exec(select(func.sum(col(Feed.last_release)))).one() or 0


def _compare(world: World, pollers: Sequence[Poller], found: Polled) -> None:
    for feed in FEEDS:
        found.disordered += disorder(world, feed)
        found.entries += len(history(world, feed).rows)
    for poller in pollers:
        feed, _, part = poller.alias.partition("-")
        kinds = SELECTED if part else tuple(filter(None, poller.filters.get("match[type]", "").split(",")))
        kept, name = history(world, feed, kinds), f"{poller.alias} by {poller.habit.__name__}"
        for answers in poller.runs:
            verdict = judge(kept, answers, of_all_versions="match[version]" in poller.filters)
            found.missed += [f"{name}: {one}" for one in verdict.missed]
            found.doubled += [f"{name}: {one}" for one in verdict.doubled]
            found.disordered += [f"{name}: {one}" for one in verdict.disordered]
            found.answers += len(answers)
        found.cut_off += poller.cut_off
        for status, number in poller.others.items():
            found.others[status] = found.others.get(status, 0) + number

"""Killing publishers while reports arrive, are amended and withdrawn: what every feed holds afterwards.

A publisher is killed once it has begun to work, never while it only loads; one that was faster does not count.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from threading import Event, RLock
from typing import Any

from sqlmodel import col, func, select

from hub.roles import CLOCK
from hub.store.tables import AuditEntry, Due, Entry, Presence, Publisher, Release
from tests.conftest import World
from tests.killing import Client, Ledger, title_of
from tests.servers import Group, Server, serving

WRITTEN, REDACTED = ("trusted", "members"), ("researchers", "public")
PRODUCERS = ("Producer one", "Producer two", "Producer three")  # k = 3
NAMED = {"tlp": "green", "share_redacted_with": ["public", "researchers"]}
PAUSE = 0.6  # seconds between the reports of one producer
FIRST = 4  # reports of each producer before the first release


@dataclass
class Author(Client):
    """A client that also amends and withdraws what it filed."""

    turn: RLock = field(default_factory=RLock)  # one change at a time: a report that is withdrawn cannot be amended
    titles: dict[str, str] = field(default_factory=dict)  # report id → its title now
    gone: set[str] = field(default_factory=set)

    def file_until(self, stopped: Event, **changes: Any) -> None:
        """File, and now and then change something, until told to stop."""
        while not stopped.is_set():
            with self.turn:
                self.write()
                if self.chance.random() < 0.3:
                    self.amend(self.any())
                if self.chance.random() < 0.1:
                    self.withdraw(self.any())
            stopped.wait(self.pause)

    def any(self) -> str:
        """One of the reports that were not taken back."""
        return self.chance.choice(sorted(self.titles))

    def write(self) -> None:
        """File the next report."""
        key = f"{self.name}-{len(self.titles) + len(self.gone) + 1}"
        self.titles[self.file(key, **NAMED)] = title_of(key)

    def amend(self, report_id: str) -> None:
        """Give a report another title and severity."""
        path, token = f"{self.address()}/api/v1/reports/{report_id}", {"Authorization": f"Bearer {self.token}"}
        etag = self.http.get(path, headers=token, timeout=30).headers["ETag"]
        title = f"{self.titles[report_id].split(',')[0]}, amended to {etag[2:-1]}"
        patch = {"title": title, "severity": self.chance.choice(("low", "medium", "high"))}
        answer = self.http.patch(path, json=patch, headers={**token, "If-Match": etag}, timeout=30)
        assert answer.status_code == 200, answer.text
        self.titles[report_id] = title

    def withdraw(self, report_id: str) -> None:
        """Take a report back."""
        path, token = f"{self.address()}/api/v1/reports/{report_id}", {"Authorization": f"Bearer {self.token}"}
        answer = self.http.post(f"{path}/withdraw", headers=token, timeout=30)
        assert answer.status_code == 200, answer.text
        del self.titles[report_id]
        self.gone.add(report_id)


@dataclass(frozen=True)
class Standing:
    """What the feeds hold after so many kills, and what is wrong with them."""

    kills: int
    in_turn: int  # of them while it held the right to publish
    reports: int
    withdrawn: int
    releases: int
    entries: int
    missed: Sequence[str]
    doubled: Sequence[str]
    disorder: Sequence[str]


def kill_while_releasing(world: World, kills: int, seed: int) -> Standing:
    """Kill publishers at random moments of their work, `hub publish` and the ticker in turn, while reports arrive."""
    _enrol(world)
    with serving(world.hub.config.home) as server:
        authors = _authors(world, server, seed)
        for author in authors:
            for _ in range(FIRST):
                author.write()
        _approve(world)
        span = _release(world)
        with _writing(authors):
            in_turn = _kill(world, authors, kills, random.Random(seed), span)
        for author in authors:
            author.write()  # so that the last batch has three organisations again
        _release(world)
        return _standing(world, authors, kills, in_turn)


def _enrol(world: World) -> None:
    for name in PRODUCERS:
        world.enrol("producer", name)
    world.enrol("analyst", "Hub staff")
    world.enrol("member", "Reader", audiences=(*WRITTEN, *REDACTED))


def _authors(world: World, server: Server, seed: int) -> list[Author]:
    ledger = Ledger()
    return [
        Author(
            f"author{number}",
            world.tokens[f"producer:{name}"],
            lambda: server.url,
            ledger,
            random.Random(seed + number),
            PAUSE,
        )
        for number, name in enumerate(PRODUCERS)
    ]


def _approve(world: World) -> None:
    for name in PRODUCERS:
        path = f"/api/v1/members/{world.ids[name]}/accept"
        answer = world.send("analyst:Hub staff", "POST", path, {"audience": "members"})
        assert answer.status_code == 200, answer.get_data(as_text=True)


def _release(world: World) -> float:
    """Release everything undisturbed; how long the work took, in seconds."""
    expire_lease(world)
    publisher = _at_work(world, "publish")
    before = time.monotonic()
    assert publisher.leader.wait() == 0, publisher.log.read_text("utf-8")
    return time.monotonic() - before


@contextmanager
def _writing(authors: Sequence[Author]) -> Iterator[None]:
    stopped = Event()
    with ThreadPoolExecutor(len(authors)) as threads:
        running: list[Future[None]] = [threads.submit(one.file_until, stopped) for one in authors]
        try:
            yield
        finally:
            stopped.set()
    for one in running:
        one.result()


def _kill(world: World, authors: Sequence[Author], kills: int, chance: random.Random, span: float) -> int:
    killed = in_turn = 0
    while killed < kills or (not in_turn and killed < 5 * kills):  # a few kills may all miss the release itself
        expire_lease(world)
        is_ticker = killed % 4 == 3
        if is_ticker:  # a recall makes every feed due that holds the report, whatever its cadence
            with authors[0].turn:
                authors[0].withdraw(authors[0].any())
        publisher = _at_work(world, "schedule" if is_ticker else "publish")
        time.sleep(chance.uniform(0, span))  # the moment of death is the input here
        killed += publisher.is_alive
        publisher.kill()
        in_turn += is_publishing(world)
    return in_turn


def _at_work(world: World, command: str) -> Group:
    """A publisher that has just written its first intent."""
    before, home = _intents(world), world.hub.config.home
    publisher = Group((command, "--home", str(home)), home.with_name("publish.log"))
    while publisher.is_alive and _intents(world) == before:
        time.sleep(0.01)  # another process's progress has no clock that we could move
    return publisher


def _intents(world: World) -> int:
    with world.hub.store.reading() as db:
        asked = select(func.max(AuditEntry.seq)).where(
            col(AuditEntry.actor) == CLOCK, col(AuditEntry.action) == "open.intent"
        )
        return db.exec(asked).one() or 0


def is_publishing(world: World) -> bool:
    """Whether somebody has the right to publish now, dead or alive."""
    with world.hub.store.reading() as db:
        return db.exec(select(Publisher.owner)).one() is not None


def expire_lease(world: World) -> None:
    """Let the time pass after which a dead publisher's turn ends."""
    with world.hub.store.writing() as db:
        row = db.exec(select(Publisher)).one()
        if row.until is not None:
            row.until -= timedelta(minutes=5)
            db.add(row)


def _standing(world: World, authors: Sequence[Author], kills: int, in_turn: int) -> Standing:
    titles = {report_id: title for author in authors for report_id, title in author.titles.items()}
    gone = {report_id for author in authors for report_id in author.gone}
    found = [_in_feed(world, feed, titles) for feed in (*WRITTEN, *REDACTED)]
    with world.hub.store.reading() as db:
        releases, entries = len(db.exec(select(Release)).all()), len(db.exec(select(Entry.position)).all())
        left = [f"due in {row.feed}: {row.report_id} {row.fault}" for row in db.exec(select(Due))]
        stale = [
            f"bytes of a withdrawn report in {row.feed}"
            for row in db.exec(select(Entry).where(col(Entry.is_revoked).is_(False)))
            if row.report_id in gone
        ]
    return Standing(
        kills,
        in_turn,
        len(titles) + len(gone),
        len(gone),
        releases,
        entries,
        [one for missed, _, _ in found for one in missed],
        [one for _, doubled, _ in found for one in doubled],
        [one for _, _, disorder in found for one in disorder] + left + stale,
    )


def _in_feed(world: World, feed: str, titles: Mapping[str, str]) -> tuple[list[str], list[str], list[str]]:
    with world.hub.store.reading() as db:
        entries = db.exec(select(Entry).where(col(Entry.feed) == feed).order_by(col(Entry.position))).all()
        numbers = db.exec(select(Release.number).where(col(Release.feed) == feed).order_by(col(Release.number))).all()
        presences = db.exec(select(Presence).where(col(Presence.feed) == feed)).all()
    served = world.objects("member:Reader", feed)
    carriers = {one["id"] for one in served if one["type"] == "report" and not one.get("revoked")}
    live = Counter(one.report_id or one.stix_id for one in entries if one.stix_id in carriers and one.is_last)
    wanted = Counter(titles.keys())
    missed = [f"{feed}: {one}" for one in wanted - live]
    doubled = [f"{feed}: {one}" for one in live - wanted]
    doubled += [f"{feed}: {one.report_id} entered again" for one in presences if one.generation > 1]
    disorder = [f"{feed}: {fault}" for fault in _disorder(entries, list(numbers), served)]
    if feed in WRITTEN:
        names = Counter(one["name"] for one in served if one["id"] in carriers)
        disorder += [f"{feed}: not as last amended: {one}" for one in Counter(titles.values()) - names]
    return missed, doubled, disorder


def _disorder(entries: Sequence[Entry], numbers: list[int], served: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"release numbers have a gap: {numbers}"
    for before, after in pairwise(entries):
        if not (before.position < after.position and before.added_at < after.added_at):
            yield f"position {after.position} was not added after {before.position}"
        if before.release > after.release:
            yield f"position {after.position} is of an earlier release than {before.position}"
    versions = Counter((one.stix_id, one.version) for one in entries)
    yield from (f"{one} is there twice" for one, count in versions.items() if count > 1)
    ids = Counter(one["id"] for one in served)
    yield from (f"{one} is served twice" for one, count in ids.items() if count > 1)
    lasts = Counter(one.stix_id for one in entries if one.is_last)
    yield from (f"{one} has {lasts[one]} last versions" for one in {e.stix_id for e in entries} if lasts[one] != 1)

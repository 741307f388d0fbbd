"""Killing a hub while it files: what its clients were told, and what is found afterwards.

A client sends each report until it is acknowledged and never knows why an answer did not come. So the reports of a hub
that survived are exactly those that were acknowledged: one more is doubled, one less is lost.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol

import requests
from sqlalchemy import text
from sqlmodel import col, func, select

from hub import rounds
from hub.store.tables import AuditEntry, Receipt, Revision
from tests.conftest import World
from tests.factories import a_report
from tests.servers import start

CLIENTS = 6
LONGEST = 1.0  # seconds that a server files before it is killed
PAGE = 200
AGAIN = 0.05  # how often a client sends what was acknowledged once more, as one does that lost the answer
OK, CREATED = 200, 201


@dataclass
class Ledger:
    """What the clients were told, in the order of their reports: key → the ids that it was acknowledged with."""

    told: dict[str, set[str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    is_over: threading.Event = field(default_factory=threading.Event)  # nobody will answer any more
    cut_off: int = 0  # requests that reached the hub and got no answer
    others: Counter[int] = field(default_factory=Counter)  # answers that acknowledge nothing

    @property
    def ids(self) -> Counter[str]:
        """The acknowledged reports; a key that was told two ids counts both."""
        return Counter(one for ids in self.told.values() for one in ids)


class Unanswered(AssertionError):
    """The test ended before a report was acknowledged."""


@dataclass
class Client:
    """Files reports one after another, each until it is acknowledged."""

    name: str
    token: str
    address: Callable[[], str]
    ledger: Ledger
    chance: random.Random
    pause: float = 0.0
    http: requests.Session = field(default_factory=requests.Session)

    def file_until(self, stopped: threading.Event, **changes: Any) -> None:
        """File until told to stop; the last report is acknowledged too."""
        self.http.trust_env = False
        number = 0
        while not stopped.is_set():
            number += 1
            self.file(f"{self.name}-{number}", **changes)
            if self.chance.random() < AGAIN:
                self.file(f"{self.name}-{self.chance.randint(1, number)}", **changes)
            stopped.wait(self.pause)

    def file(self, key: str, **changes: Any) -> str:
        """File one report, under a client_ref or an Idempotency-Key in turn, until it is acknowledged; its id."""
        body, headers = a_report(title=title_of(key), **changes), {"Authorization": f"Bearer {self.token}"}
        if key[-1] in "02468":
            body["client_ref"] = key
        else:
            headers["Idempotency-Key"] = key
        while not self.ledger.is_over.is_set():
            if (found := self._sent(body, headers)) is not None:
                with self.ledger.lock:
                    self.ledger.told.setdefault(key, set()).add(found)
                return found
        raise Unanswered(key)

    def _sent(self, body: dict[str, Any], headers: dict[str, str]) -> str | None:
        try:
            answer = self.http.post(f"{self.address()}/api/v1/reports", json=body, headers=headers, timeout=30)
            if answer.status_code in {OK, CREATED}:
                found: str = answer.json()["id"]
                return found
        except requests.RequestException as lost:
            self.ledger.cut_off += "refused" not in str(lost)
            time.sleep(0.1)  # what a client does while nobody listens
        else:
            self.ledger.others[answer.status_code] += 1
            assert answer.status_code >= 500, answer.text
        return None


def title_of(key: str) -> str:
    """The title of a client's report: it does not name the tracker id, or the guard would hold it."""
    return f"Report {sha256(key.encode()).hexdigest()[:16]}"


@contextmanager
def filing(clients: Sequence[Client], **changes: Any) -> Iterator[None]:
    """Have clients file, all at once, as long as the block runs; whatever goes wrong with one is raised."""
    stopped = threading.Event()
    with ThreadPoolExecutor(len(clients)) as threads:
        try:
            running: list[Future[None]] = [threads.submit(one.file_until, stopped, **changes) for one in clients]
            yield
        except BaseException:
            clients[0].ledger.is_over.set()
            raise
        finally:
            stopped.set()
    for one in running:
        one.result()


@dataclass(frozen=True)
class Survival:
    """What is left after so many kills."""

    kills: int
    acknowledged: int
    cut_off: int
    lost: Sequence[str]
    doubled: Sequence[str]
    damaged: Sequence[str]
    others: dict[int, int]


def kill_while_filing(world: World, kills: int, seed: int) -> Survival:
    """Kill the hub at random moments, with all its processes, while clients file; start it again each time."""
    chance, ledger = random.Random(seed), Ledger()
    log = world.hub.config.home.with_name("serve.log")
    server = start(world.hub.config.home, log)

    def address() -> str:
        return server.url

    tokens = [world.enrol("producer", f"Producer {number % 3}") for number in range(2)]
    clients = [
        Client(f"client{number}", tokens[number % 2], address, ledger, random.Random(seed + number))
        for number in range(CLIENTS)
    ]
    try:
        with filing(clients):
            for _ in range(kills):
                time.sleep(chance.uniform(0, LONGEST))  # the moment of death is the input here
                server.group.kill()
                server = start(world.hub.config.home, log)
        listed = Counter(one for token in tokens for one in listed_ids(server, token))
    finally:
        server.group.kill()
    lost, doubled = ledger.ids - listed, (listed - ledger.ids) + (ledger.ids - Counter(set(ledger.ids)))
    damaged = damages(world, set(ledger.ids))
    return Survival(
        kills, len(ledger.told), ledger.cut_off, sorted(lost), sorted(doubled), damaged, dict(ledger.others)
    )


class Listening(Protocol):
    """A server."""

    @property
    def url(self) -> str:
        """Where it listens."""


def listed_ids(server: Listening, token: str) -> Iterator[str]:
    """The ids of all reports that a producer has, page by page."""
    cursor: dict[str, str] = {}
    while True:
        found = requests.get(
            f"{server.url}/api/v1/reports",
            params={"limit": str(PAGE), **cursor},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        ).json()
        yield from (one["id"] for one in found["items"])
        if not found["next"]:
            return
        cursor = {"next": found["next"]}


def damages(world: World, ids: set[str]) -> list[str]:
    """What is wrong with acknowledged reports as they are stored: none may be half there."""
    rounds.admit_all(world.hub)
    with world.hub.store.reading() as db:
        is_sqlite = db.connection().dialect.name == "sqlite"
        sound = db.connection().execute(text("PRAGMA integrity_check")).scalar_one() if is_sqlite else "ok"
        found = [] if sound == "ok" else [f"the database: {sound}"]
        admitted = set(db.exec(select(Revision.report_id).where(col(Revision.admitted_at).is_not(None))))
        receipts = set(db.exec(select(Receipt.report_id)))
        counted = select(AuditEntry.subject, func.count()).where(col(AuditEntry.action) == "report.file")
        audited = dict(db.exec(counted.group_by(AuditEntry.subject)).all())
    found += [f"{one} does not verify" for one in ids - admitted]
    found += [f"{one} has no receipt" for one in ids - receipts]
    return found + [f"{one} is audited {audited.get(one, 0)} times" for one in ids if audited.get(one, 0) != 1]

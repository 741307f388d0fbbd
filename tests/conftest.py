"""A hub to test on: a real database, real keys, a fixed clock; and people with tokens."""

import gc
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hub import agreement, recovering, rounds
from hub.app import create_app
from hub.config import UNLIMITED, Config
from hub.errors import NotAgreed
from hub.roles import Act, shell
from hub.services import membership
from hub.services.membership import Reading, Wanted
from hub.services.publishing import Outcome
from hub.wiring import Hub, connect, set_up
from tests.postgres import NoPostgres, fresh_database, postgres

# No limits, nothing takes two for its number alone, and every request looks its token up: tests move the clock and the
# database behind the hub's back.
EXACT = {**UNLIMITED.environment(), "HUB_CREDENTIAL_SECONDS": "0", "HUB_BULK_REPORTS": "0"}
AUDIENCES = ("trusted", "members", "researchers", "public", "reference")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files with slow tests go first: with several workers none is left alone with minutes of them at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """What was imported and collected stays: the collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


@dataclass
class Clock:
    """A clock that moves only when told to."""

    at: datetime = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The instant."""
        return self.at

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self.at += timedelta(**by)


@dataclass
class World:
    """A hub with people around it."""

    hub: Hub
    clock: Clock
    web: FlaskClient
    tokens: dict[str, str] = field(default_factory=dict)  # "role" or "role:organisation" → token
    ids: dict[str, str] = field(default_factory=dict)  # organisation → id

    def enrol(self, role: str, organisation: str = "", audiences: tuple[str, ...] = (), person: str = "") -> str:
        """Add an organisation, if it is new, and a token of a role for it, or for a person there; the token."""
        name, act = organisation or f"The {role}'s organisation", Act(shell("test"), self.clock())
        if name not in self.ids:
            self.ids[name] = self.hub.store.write(lambda db: membership.add(db, act, name)).id
        text = self.issue(act, self.ids[name], Wanted([role], person=person))
        with self.hub.store.writing() as db:
            for audience in audiences:
                reading = Reading(audience, self.clock() + timedelta(days=300))
                membership.grant(db, act, self.ids[name], reading, set(AUDIENCES))
        self.tokens[person or (f"{role}:{organisation}" if organisation else role)] = text
        return text

    def issue(self, act: Act, organisation: str, wanted: Wanted) -> str:
        """A token; where it takes two, a day that passed before this began stands in for the second."""
        try:
            return self.hub.store.write(lambda db: membership.issue(db, act, organisation, wanted)).text
        except NotAgreed as lacking:
            early, deed = Act(act.caller, act.at - agreement.COOLING), lacking.deed
        self.hub.store.write(lambda db: agreement.propose(db, early, deed, "a test needs another"))
        return self.hub.store.write(lambda db: membership.issue(db, act, organisation, wanted)).text

    def send(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send a request as somebody; `who` is a key of `tokens`, or "" for nobody."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if who:
            sent["Authorization"] = f"Bearer {self.tokens[who]}"
        return self.web.open(path, method=method, json=body, headers=sent)

    def file(self, who: str, body: dict[str, Any], key: str | None = None) -> dict[str, Any]:
        """File a report as somebody; the answer's body."""
        headers = (
            {}
            if "client_ref" in body
            else {"Idempotency_Key": key or sha256(repr(sorted(body.items())).encode()).hexdigest()}
        )
        answer = self.send(who, "POST", "/api/v1/reports", body, **headers)
        assert answer.status_code in {200, 201}, answer.get_data(as_text=True)
        found: dict[str, Any] = answer.get_json()
        return found

    def accept(self, report_id: str, *audiences: str) -> None:
        """Accept a report as written for audiences, as the analyst."""
        for audience in audiences:
            answer = self.send("analyst", "POST", f"/api/v1/reports/{report_id}/accept", {"audience": audience})
            assert answer.status_code == 200, answer.get_data(as_text=True)

    def release(self) -> dict[str, Outcome]:
        """Admit what waits and release what is due, in every feed, bring index and second place up to date: a tick."""
        rounds.admit_all(self.hub)
        outcomes = {outcome.feed: outcome for outcome in rounds.publish_all(self.hub, self.hub.feeds())}
        rounds.index_all(self.hub)
        recovering.keep(self.hub)
        return outcomes

    def collection(self, feed: str) -> str:
        """The id of a feed's collection."""
        return next(one.id for one in self.hub.collections() if one.name == feed)

    def objects(self, who: str, feed: str, query: str = "") -> list[dict[str, Any]]:
        """Every object of a feed, page by page, as somebody."""
        path = f"/taxii2/hub/collections/{self.collection(feed)}/objects/?limit=50{query}"
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            answer = self.send(who, "GET", f"{path}{cursor}")
            assert answer.status_code == 200, answer.get_data(as_text=True)
            body = answer.get_json(force=True)
            found += body.get("objects", [])
            if not body.get("more"):
                return found
            cursor = f"&next={body['next']}"

    def carriers(self, who: str, feed: str) -> list[dict[str, Any]]:
        """The live carriers of a feed."""
        return [one for one in self.objects(who, feed) if one["type"] == "report" and not one.get("revoked")]


def make_world(place: Path, database_url: str | None = None) -> World:
    """A hub on an empty home, with the people that most tests need."""
    environ = EXACT | ({"HUB_DATABASE_URL": database_url} if database_url else {})
    clock = Clock()
    hub = set_up(Config.read(environ, str(place / "home")), clock=clock)
    world = World(hub, clock, create_app(hub).test_client())
    world.enrol("producer")
    world.enrol("member", audiences=("members", "public", "reference"))
    world.enrol("researcher", audiences=("researchers", "public", "reference"))
    for role in ("analyst", "operator", "auditor"):
        world.enrol(role, "Hub staff")
        world.tokens[role] = world.tokens[f"{role}:Hub staff"]
    return world


@dataclass
class Mould:
    """A world made once, of which each test has a copy: the same hub with the same people, again and again."""

    place: Path  # of its home and its keys
    tokens: dict[str, str]
    ids: dict[str, str]
    database: str | None = None  # the URL of its database, if it is not in its home

    def cast(self, place: Path, database: str | None = None) -> World:
        """A copy of it, served by nobody else."""
        shutil.copytree(self.place, place, dirs_exist_ok=True)
        environ = EXACT | ({"HUB_DATABASE_URL": database} if database else {})
        hub, clock = connect(Config.read(environ, str(place / "home"))), Clock()
        hub.clock = clock
        return World(hub, clock, create_app(hub).test_client(), dict(self.tokens), dict(self.ids))


def _mould(place: Path, database: str | None = None) -> Mould:
    made = make_world(place, database)
    made.hub.store.close()
    return Mould(place, made.tokens, made.ids, database)


@pytest.fixture(scope="session")
def mould(tmp_path_factory: pytest.TempPathFactory) -> Mould:
    """What worlds on SQLite are copied from."""
    return _mould(tmp_path_factory.mktemp("mould"))


@pytest.fixture(scope="session")
def mould_on_postgres(cluster: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mould]:
    """What worlds on PostgreSQL are copied from."""
    with fresh_database(cluster) as url:
        yield _mould(tmp_path_factory.mktemp("mould"), url)


@pytest.fixture
def world(mould: Mould, tmp_path: Path) -> Iterator[World]:
    """A hub on SQLite."""
    made = mould.cast(tmp_path)
    yield made
    made.hub.store.close()


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """A real PostgreSQL."""
    try:
        with postgres() as url:
            yield url
    except NoPostgres as none:
        pytest.skip(str(none))


@pytest.fixture(params=["sqlite", "postgresql"])
def any_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A hub on each engine in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("world")
        return
    mould: Mould = request.getfixturevalue("mould_on_postgres")
    with fresh_database(request.getfixturevalue("cluster"), mould.database) as url:
        made = mould.cast(tmp_path, url)
        yield made
        made.hub.store.close()

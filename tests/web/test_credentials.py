"""Whose token it is, kept for a moment: fewer questions to the database, and nobody let in longer than is said."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from hub.app import create_app
from hub.roles import Act, shell
from hub.services import credentials, membership
from hub.services.membership import Reading, Wanted
from hub.store import Store
from hub.web.credentials import MOST_KEPT, Credentials
from hub.wiring import Hub
from tests.conftest import AUDIENCES, World
from tests.web.test_limits import get

REPORTS = "/api/v1/reports"
KEPT = 2  # seconds


@dataclass
class Process:
    """A process of the hub that keeps credentials, with a timer that moves only when told to."""

    web: FlaskClient
    seconds: float = 0.0
    asked: list[str] = field(default_factory=list)  # questions about tokens that reached the database

    @property
    def known(self) -> Credentials:
        """What it keeps."""
        found: Credentials = self.web.application.extensions["credentials"]
        return found


@pytest.fixture
def process(any_world: World) -> Iterator[Process]:
    config = replace(any_world.hub.config, credential_seconds=KEPT)
    hub = Hub(config, Store(config.database_url), any_world.clock)
    made = Process(create_app(hub).test_client())
    made.known.timer = lambda: made.seconds

    def note(_connection: object, _cursor: object, statement: str, *_: Any) -> None:
        if "token.sha256" in statement:
            made.asked.append(statement)

    event.listen(hub.store.engine, "before_cursor_execute", note)
    yield made
    hub.store.close()


def act(world: World) -> Act:
    return Act(shell("test"), world.clock())


def revoke_elsewhere(world: World, who: str) -> None:
    token_id = world.tokens[who].split("_")[2]
    world.hub.store.write(lambda db: membership.revoke(db, act(world), token_id))


def feeds_of(world: World, process: Process, **headers: str) -> list[str]:
    sent = {"Authorization": f"Bearer {world.tokens['member']}", **headers}
    answer = process.web.get("/taxii2/hub/collections/", headers=sent)
    return [one["title"] for one in answer.get_json(force=True)["collections"]]


@pytest.mark.parametrize(
    ("who", "path"),
    [("producer", REPORTS), ("member", "/taxii2/"), ("member", "/feeds/members/tombstones.json")],
)
def test_one_look_serves_two_seconds_of_requests(any_world: World, process: Process, who: str, path: str) -> None:
    any_world.release()
    for _ in range(5):
        assert get(any_world, process.web, path, who).status_code == 200
        process.seconds += 0.3
    assert len(process.asked) == 1
    process.seconds += KEPT
    assert get(any_world, process.web, path, who).status_code == 200
    assert len(process.asked) == 2


@pytest.mark.parametrize(
    ("who", "path"),
    [("producer", REPORTS), ("member", "/taxii2/"), ("member", "/feeds/members/tombstones.json")],
)
def test_what_another_process_revoked_is_refused_after_two_seconds(
    any_world: World, process: Process, who: str, path: str
) -> None:
    any_world.release()
    assert get(any_world, process.web, path, who).status_code == 200
    revoke_elsewhere(any_world, who)
    process.seconds = KEPT - 0.01
    assert get(any_world, process.web, path, who).status_code == 200, "believed: or nothing is kept at all"
    process.seconds = KEPT
    refused = get(any_world, process.web, path, who)
    assert refused.status_code == 401
    assert [one.split()[0] for one in refused.headers.getlist("WWW-Authenticate")] == ["Basic", "Bearer"]


def test_what_this_process_revokes_or_rotates_away_is_refused_at_once(any_world: World, process: Process) -> None:
    operator = {"Authorization": f"Bearer {any_world.tokens['operator']}"}
    for who, path in (("producer", REPORTS), ("member", "/taxii2/")):
        assert get(any_world, process.web, path, who).status_code == 200
    ids = {who: any_world.tokens[who].split("_")[2] for who in ("producer", "member")}
    rooms = {who: any_world.ids[f"The {who}'s organisation"] for who in ids}
    of = {who: f"/api/v1/members/{rooms[who]}/tokens/{ids[who]}" for who in ids}
    assert process.web.delete(of["producer"], headers=operator).status_code == 200
    told = process.web.post(f"{of['member']}/rotate", json={"grace_days": 0}, headers=operator)
    assert told.status_code == 201, told.get_json()
    for who, path in (("producer", REPORTS), ("member", "/taxii2/")):
        assert get(any_world, process.web, path, who).status_code == 401


def test_what_this_process_grants_is_there_at_once(any_world: World, process: Process) -> None:
    before = feeds_of(any_world, process)
    operator = {"Authorization": f"Bearer {any_world.tokens['operator']}"}
    body = {"audience": "trusted", "expires_at": (any_world.clock() + timedelta(days=3)).isoformat()}
    member = any_world.ids["The member's organisation"]
    assert process.web.post(f"/api/v1/members/{member}/grants", json=body, headers=operator).status_code == 201
    assert len(feeds_of(any_world, process)) > len(before)


def test_a_token_that_expires_is_refused_at_once(any_world: World, process: Process) -> None:
    any_world.clock.forward(days=364, hours=23, minutes=59, seconds=59)
    assert get(any_world, process.web).status_code == 200
    any_world.clock.forward(seconds=1)
    assert get(any_world, process.web).status_code == 401


def test_a_grant_that_expires_ends_at_once(any_world: World, process: Process) -> None:
    member = any_world.ids["The member's organisation"]
    reading = Reading("trusted", any_world.clock() + timedelta(seconds=10))
    any_world.hub.store.write(lambda db: membership.grant(db, act(any_world), member, reading, set(AUDIENCES)))
    with_it = feeds_of(any_world, process)
    any_world.clock.forward(seconds=9)
    assert feeds_of(any_world, process) == with_it
    any_world.clock.forward(seconds=1)
    assert len(feeds_of(any_world, process)) < len(with_it)
    assert len(process.asked) == 2


def test_a_kept_demo_token_is_still_refused_from_elsewhere(any_world: World, process: Process) -> None:
    staff = any_world.ids["Hub staff"]
    wanted = Wanted(["producer"], is_demo=True)
    text = any_world.hub.store.write(lambda db: membership.issue(db, act(any_world), staff, wanted)).text

    def ask(address: str = "127.0.0.1", **more: str) -> TestResponse:
        sent = {"Authorization": f"Bearer {text}", **more}
        return process.web.get(REPORTS, headers=sent, environ_overrides={"REMOTE_ADDR": address})

    for _ in range(2):  # first looked up, then kept
        assert ask(**{"X-Forwarded-For": "127.0.0.1"}).status_code == 401
        assert ask(Forwarded="for=127.0.0.1").status_code == 401
        assert ask(address="203.0.113.9").status_code == 401
        assert ask().status_code == 200
    assert len(process.asked) == 1


def test_no_text_of_a_token_is_kept(any_world: World, process: Process) -> None:
    text = any_world.tokens["producer"]
    assert get(any_world, process.web).status_code == 200
    ((name, kept),) = process.known.kept.items()
    secret = text.split("_")[3]
    assert secret not in repr(kept)
    assert len(name) == 32
    assert secret.encode() not in name


def test_a_guess_is_not_kept(any_world: World, process: Process) -> None:
    for text in ("hub_live_nonsense", "x" * 60):
        assert process.web.get(REPORTS, headers={"Authorization": f"Bearer {text}"}).status_code == 401
    assert process.known.kept == {}


def test_only_so_many_are_kept_and_the_oldest_goes_first(any_world: World, process: Process) -> None:
    assert get(any_world, process.web).status_code == 200
    ((first, kept),) = process.known.kept.items()
    for number in range(MOST_KEPT - 1):
        process.known.kept[number.to_bytes(32)] = kept
    assert get(any_world, process.web, "/taxii2/", "member").status_code == 200
    assert len(process.known.kept) == MOST_KEPT
    assert first not in process.known.kept


def test_what_was_looked_up_while_all_was_forgotten_is_not_kept(
    any_world: World, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up = credentials.look_up

    def overtaken(*given: Any) -> Any:
        found = look_up(*given)
        process.known.forget()  # a revocation is committed right behind the look
        return found

    monkeypatch.setattr(credentials, "look_up", overtaken)
    assert get(any_world, process.web).status_code == 200
    assert process.known.kept == {}


def test_set_to_nothing_every_request_asks(any_world: World) -> None:
    for _ in range(2):
        assert any_world.send("producer", "GET", REPORTS).status_code == 200
    known: Credentials = any_world.web.application.extensions["credentials"]
    assert known.kept == {}
    revoke_elsewhere(any_world, "producer")
    assert any_world.send("producer", "GET", REPORTS).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Token", "token", "TOKEN"])
def test_a_token_is_shown_under_either_name_in_any_case(world: World, scheme: str) -> None:
    """taxii2-client's TokenAuth sends `Token`."""
    sent = {"Authorization": f"{scheme} {world.tokens['member']}"}
    assert world.web.get("/taxii2/", headers=sent).status_code == 200
    assert world.web.get("/taxii2/", headers={"Authorization": f"{scheme} nonsense"}).status_code == 401
    assert world.web.get("/taxii2/", headers={"Authorization": scheme}).status_code == 401


def test_a_token_is_a_password_too_whatever_the_user(world: World) -> None:
    pair = b64encode(f"anyone:{world.tokens['member']}".encode()).decode()
    assert world.web.get("/taxii2/", headers={"Authorization": f"bAsIc {pair}"}).status_code == 200

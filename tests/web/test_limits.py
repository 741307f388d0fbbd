"""Allowances: so many requests a minute a token, over every process of a hub, and without a write a request."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlmodel import select
from werkzeug.test import TestResponse

from hub.app import create_app
from hub.config import Limits
from hub.roles import Capability
from hub.store import Store
from hub.store.tables import Allowance
from hub.web.limits import kind_of
from hub.wiring import Hub
from tests.conftest import World
from tests.factories import a_report

REPORTS = "/api/v1/reports"


def another(world: World, limits: Limits) -> FlaskClient:
    """Another process of the same hub, as far as the hub can tell: nothing shared but the database."""
    hub = Hub(replace(world.hub.config, limits=limits), Store(world.hub.config.database_url), world.clock)
    return create_app(hub).test_client()


@pytest.fixture
def processes(any_world: World) -> Iterator[list[FlaskClient]]:
    made = [another(any_world, Limits(reading=10, writing=3, searching=2)) for _ in range(2)]
    yield made
    for one in made:
        one.application.extensions["hub"].store.close()


def get(world: World, process: FlaskClient, path: str = REPORTS, who: str = "producer") -> TestResponse:
    return process.get(path, headers={"Authorization": f"Bearer {world.tokens[who]}"})


def test_a_limit_holds_over_two_processes(any_world: World, processes: list[FlaskClient]) -> None:
    answers = [get(any_world, processes[number % 2]).status_code for number in range(20)]
    assert answers == [200] * 10 + [429] * 10
    assert get(any_world, processes[0], who="analyst").status_code == 200, "another token has its own"


def test_a_refusal_says_when_to_come_back_and_then_it_is_so(any_world: World, processes: list[FlaskClient]) -> None:
    any_world.clock.forward(seconds=17.5)
    for _ in range(10):
        get(any_world, processes[0])
    refused = get(any_world, processes[0])
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "43"
    assert refused.headers["RateLimit"] == '"reading";r=0;t=43'
    assert refused.headers["RateLimit-Policy"] == '"reading";q=10;w=60'
    assert refused.get_json()["type"] == "urn:incident-hub:too-many"
    any_world.clock.forward(seconds=42)
    assert get(any_world, processes[1]).status_code == 429
    any_world.clock.forward(seconds=1)
    assert [get(any_world, processes[number % 2]).status_code for number in range(11)] == [200] * 10 + [429]


def test_writing_is_counted_apart_and_a_refused_report_is_not_filed(
    any_world: World, processes: list[FlaskClient]
) -> None:
    headers = {"Authorization": f"Bearer {any_world.tokens['producer']}"}
    told = [
        processes[0].post(REPORTS, json=a_report(client_ref=f"n{number}"), headers=headers).status_code
        for number in range(4)
    ]
    assert told == [201, 201, 201, 429]
    assert len(get(any_world, processes[1]).get_json()["items"]) == 3


def test_under_taxii_it_is_taxii_s_own_body(any_world: World, processes: list[FlaskClient]) -> None:
    path = f"/taxii2/hub/collections/{any_world.collection('members')}/objects/"
    answers = [get(any_world, processes[0], path, "member") for _ in range(11)]
    assert answers[-1].status_code == 429
    assert answers[-1].headers["Content-Type"] == "application/taxii+json;version=2.1"
    assert answers[-1].get_json(force=True)["http_status"] == "429"
    assert "Retry-After" in answers[-1].headers


def test_who_may_not_is_counted_too_and_who_is_not_known_is_not(any_world: World, processes: list[FlaskClient]) -> None:
    assert [get(any_world, processes[0], "/api/v1/members").status_code for _ in range(11)] == [404] * 10 + [429]
    assert {processes[0].get(REPORTS).status_code for _ in range(15)} == {401}
    assert {processes[0].get("/healthz").status_code for _ in range(15)} == {200}


def test_a_poll_writes_nothing_but_once_in_many_times(any_world: World) -> None:
    """A poll that waited for a disk would make every member wait for every publisher."""
    process = another(any_world, Limits())
    hub = process.application.extensions["hub"]
    written: list[str] = []
    event.listen(
        hub.store.engine, "before_cursor_execute",
        lambda _c, _cursor, statement, *_rest: written.append(statement) if "allowance" in statement else None,
    )  # fmt: skip
    for _ in range(24):  # a slice of 1,200, with which every process begins
        assert get(any_world, process).status_code == 200
        any_world.clock.forward(minutes=5)
    assert written == []
    for _ in range(24):
        get(any_world, process)
    assert 1 <= len(written) <= 4, "one slice more"
    hub.store.close()


def test_a_crash_loses_no_more_than_a_slice(any_world: World) -> None:
    limits = Limits(reading=200)  # slices of 4
    told = []
    for _ in range(3):
        process = another(any_world, limits)  # and what the one before held in memory is gone
        told += [get(any_world, process).status_code for _ in range(30)]
        process.application.extensions["hub"].store.close()
    assert set(told) == {200}
    with any_world.hub.store.reading() as db:
        (row,) = db.exec(select(Allowance)).all()
    # Each began with a slice that stands nowhere, and took the rest, at most a slice too much.
    assert 3 * (30 - 4) <= row.taken <= 3 * 30


def test_a_limit_of_zero_is_none(any_world: World) -> None:
    process = another(any_world, Limits(reading=0))
    assert {get(any_world, process).status_code for _ in range(50)} == {200}
    process.application.extensions["hub"].store.close()


@pytest.mark.parametrize(
    ("method", "rule", "capabilities", "kind"),
    [
        ("GET", "/api/v1/reports", {Capability.REPORT_READ}, "reading"),
        ("HEAD", "/taxii2/", set(), "reading"),
        ("POST", "/api/v1/reports", {Capability.REPORT_WRITE}, "writing"),
        ("POST", "/api/v1/search", {Capability.REPORT_READ}, "searching"),
        ("GET", "/api/v1/search", {Capability.REPORT_READ}, "searching"),
        ("POST", "/api/v1/reports/<uuid:report_id>/open", {Capability.SEALED_OPEN}, "searching"),
    ],
)
def test_a_request_counts_against_one_limit(method: str, rule: str, capabilities: set[Capability], kind: str) -> None:
    assert kind_of(method, rule, frozenset(capabilities)) == kind

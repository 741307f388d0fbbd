"""A face has its own routes, and of every other's it knows nothing: a route of another face is a path like any other.

The answers are the same either way: the face that a front server sends a request to answers as the whole hub does.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hub import faces
from hub.app import create_app
from hub.roles import ROLES
from hub.web.facing import Application, Unplaced
from hub.wiring import connect
from tests.conftest import World
from tests.factories import a_report
from tests.laws.test_routes import Call, every_call, told

pytestmark = pytest.mark.slow
NOWHERE = {True: "/taxii2/nothing/of/the/kind/", False: "/nothing/of/the/kind"}


@pytest.fixture
def clients(world: World) -> Iterator[dict[str, FlaskClient]]:
    hubs = {name: connect(replace(world.hub.config, faces=frozenset({name}))) for name in faces.FACES}
    for hub in hubs.values():
        hub.clock = world.clock
    yield {name: create_app(hub).test_client() for name, hub in hubs.items()}
    for hub in hubs.values():
        hub.store.close()


def test_every_route_is_of_a_face_and_every_name_is_a_route(world: World) -> None:
    """A stale name would give a face a route that somebody adds under it later."""
    endpoints = {rule.endpoint for rule in world.web.application.url_map.iter_rules()}
    assert [one for one in endpoints if not faces.of_route(one)] == []
    known = endpoints | {one.partition(".")[0] for one in endpoints}
    named = frozenset().union(*(face.routes for face in faces.FACES.values()))
    assert named | faces.EVERYWHERE <= known


def test_an_application_with_a_route_of_no_face_does_not_start(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused at its start: a route that nobody placed would be everywhere, or nowhere."""

    def limit_with_one_more(app: Application, own: frozenset[str]) -> None:
        app.add_url_rule("/stray", "stray", lambda: "open to all")
        Application.limit_to(app, own)

    class Strayed(Application):
        limit_to = limit_with_one_more

    monkeypatch.setattr("hub.app.Application", Strayed)
    with pytest.raises(Unplaced, match=r"routes of no face: /stray; name each in hub/faces\.py"):
        create_app(world.hub)


def test_a_route_of_another_face_is_like_a_path_that_nobody_thought_of(
    world: World, clients: dict[str, FlaskClient]
) -> None:
    """Whoever finds one door learns nothing of the others: by no method, as no role, with no body."""
    wrong, seen, unknown = [], 0, {}
    for call in every_call(world):
        other = NOWHERE[call.path.startswith("/taxii2")]
        for name, client in clients.items():
            if _is_of(world, call, name):
                continue
            for who in ("", "producer", "analyst"):
                seen, asked = seen + 1, (name, who, call.method, other)
                if asked not in unknown:
                    unknown[asked] = told(_ask(world, client, who, call.method, other))
                found = _ask(world, client, who, call.method, call.path)
                if told(found) != unknown[asked]:
                    wrong.append(f"{name}: {call.method} {call.path} as {who}: {found.status_code}")
    assert wrong == []
    assert seen > 1000, "the law looked at nothing"


def test_the_right_face_answers_as_the_whole_hub_does(world: World, clients: dict[str, FlaskClient]) -> None:
    """One program, however it is divided: status, headers and body are the same, for every role."""
    wrong, seen = [], 0
    for call in every_call(world):
        face = _front(world, call)
        if call.method not in {"GET", "HEAD", "OPTIONS"} or call.path in {"/metrics", "/readyz"} or face is None:
            continue
        for who in ("", *ROLES):
            seen += 1
            here = _ask(world, clients[face], who, call.method, call.path)
            whole = _ask(world, world.web, who, call.method, call.path)
            if told(here) != told(whole):
                wrong.append(f"{face}: {call.method} {call.path} as {who}: {here.status_code}, not {whole.status_code}")
    assert wrong == []
    assert seen > 300, "the law looked at nothing"


def test_at_intake_an_analyst_is_no_analyst(world: World, clients: dict[str, FlaskClient]) -> None:
    """What a face does not do no token can have it do, whatever its database would show."""
    world.file("producer", a_report(client_ref="theirs"))
    assert len(world.send("analyst", "GET", "/api/v1/reports").get_json()["items"]) == 1
    refused = _ask(world, clients["intake"], "analyst", "GET", "/api/v1/reports")
    assert refused.status_code == 404
    assert len(_ask(world, clients["intake"], "producer", "GET", "/api/v1/reports").get_json()["items"]) == 1


def _ask(world: World, client: FlaskClient, who: str, method: str, path: str) -> TestResponse:
    headers = {"Authorization": f"Bearer {world.tokens[who]}"} if who else {}
    return client.open(path, method=method, headers=headers)


def _endpoints(world: World, call: Call) -> set[str]:
    """The endpoints that make a call known: its own, or for OPTIONS and a method that nobody has, the path's."""
    adapter = world.web.application.url_map.bind("localhost")
    methods = [call.method] if call.endpoint and call.method != "OPTIONS" else set(adapter.allowed_methods(call.path))
    return {adapter.match(call.path, one)[0] for one in methods if one != "OPTIONS"}


def _is_of(world: World, call: Call, face: str) -> bool:
    return any(face in faces.of_route(one) for one in _endpoints(world, call))


def _front(world: World, call: Call) -> str | None:
    found = frozenset().union(*(faces.of_route(one) for one in _endpoints(world, call)))
    return next((name for name in faces.FRONT if name in found), None)

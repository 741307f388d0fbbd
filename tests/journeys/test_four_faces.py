"""Four processes, each with its own keys and its own database login: a report is filed, released, fetched and opened.

Beside them a whole hub is asked the same, and answers the same.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from hub import faces, handing
from hub.faces import CONSOLE, FEEDS, INTAKE, PUBLISHER
from hub.store import walls
from tests.conftest import World
from tests.faced import roles_of, url_of
from tests.factories import a_report
from tests.postgres import fresh_database
from tests.servers import Group, living_world, run, start

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
PATIENCE = 90
PURPOSE = {"purpose": "triage of the day", "fields": ["title"]}


@dataclass
class Running:
    """A hub that runs: the people around it, and where each face answers."""

    world: World
    urls: dict[str, str] = field(default_factory=dict)  # face → URL
    publisher: dict[str, str] = field(default_factory=dict)  # its settings

    def ask(self, who: str, face: str, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """Ask a face as somebody."""
        said = {"Authorization": f"Bearer {self.world.tokens[who]}", **headers}
        return requests.request(method, f"{self.urls[face]}{path}", json=body, headers=said, timeout=30)


def people(world: World) -> None:
    world.enrol("producer")
    world.enrol("member", audiences=("members",))
    for role in ("analyst", "operator", "auditor"):
        world.enrol(role, "Hub staff")
        world.tokens[role] = world.tokens[f"{role}:Hub staff"]


@contextmanager
def four(place: Path, cluster: str) -> Iterator[Running]:
    """Intake, feeds and console behind a socket each, and the publisher's clock; what each holds is its own."""
    prefix = f"t{uuid4().hex[:12]}_"
    with roles_of(cluster, prefix), fresh_database(cluster) as url, ExitStack() as ends:
        world = living_world(place, url)
        ends.callback(world.hub.store.close)
        people(world)
        walls.raise_walls(world.hub.store, prefix, world.clock(), "a test")
        running, shown = Running(world), place / "shown" / "epoch.pub"
        shown.parent.mkdir()
        shown.write_bytes((world.hub.config.keys / "epoch.pub").read_bytes())
        for face in faces.FACES:
            own, home, log = place / face / "keys", place / face / "home", place / f"{face}.log"
            home.mkdir(mode=0o700, parents=True)
            handing.copy_keys(world.hub, face, own)
            login = url_of(url, walls.role(prefix, face))
            if face == PUBLISHER:
                told = {"HUB_KEYS": str(own), "HUB_DATABASE_URL": login, "HUB_EPOCH_FILE": str(shown)}
                running.publisher = {**told, "HUB_HOME": str(home), "HUB_FACES": face}
                clock = Group(("serve", "--faces", face, "--home", str(home)), log, told)
                ends.callback(clock.end)
                continue
            server = start(
                home, log, workers=1, faces=face,
                HUB_KEYS=str(own), HUB_DATABASE_URL=login, HUB_EPOCH_FILE=str(shown),
            )  # fmt: skip
            running.urls[face] = server.url
            ends.callback(server.group.end)
        yield running


@contextmanager
def whole(place: Path) -> Iterator[Running]:
    """All in one, as it comes."""
    with ExitStack() as ends:
        world = living_world(place)
        ends.callback(world.hub.store.close)
        people(world)
        server = start(world.hub.config.home, place / "whole.log", workers=1, faces="all")
        ends.callback(server.group.end)
        yield Running(world, dict.fromkeys(faces.WEB, server.url), {"HUB_HOME": str(world.hub.config.home)})


def test_a_report_goes_through_four_processes_as_through_one(cluster: str, tmp_path: Path) -> None:
    (tmp_path / "four").mkdir()
    (tmp_path / "one").mkdir()
    with four(tmp_path / "four", cluster) as divided, whole(tmp_path / "one") as together:
        assert journey(divided) == journey(together)
        for face in faces.WEB:
            log = (tmp_path / "four" / f"{face}.log").read_text("utf-8")
            assert "permission denied" not in log
        assert "permission denied" not in (tmp_path / "four" / "publisher.log").read_text("utf-8")


def journey(hub: Running) -> list[tuple[str, int, Any]]:
    """A producer's, an analyst's and a member's day: of each answer its status and its shape."""
    told: list[tuple[str, int, Any]] = []

    def ask(who: str, face: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = hub.ask(who, face, method, path, body, **headers)
        found = answer.json() if answer.content else None
        told.append((f"{who} {method} {path.replace(_id(hub), '…')}", answer.status_code, shape(found)))
        return found

    report = a_report(title="TITLE-OF-FOUR", tlp="green")
    key = {"Idempotency-Key": "one"}
    filed = ask("producer", INTAKE, "POST", "/api/v1/reports", report, **key)
    hub.world.ids["report"] = filed["id"]
    path = f"/api/v1/reports/{filed['id']}"
    ask("producer", INTAKE, "POST", "/api/v1/reports", report, **key)
    ask("producer", INTAKE, "GET", path)
    ask("producer", INTAKE, "GET", f"{path}/receipt")
    ask("producer", INTAKE, "PATCH", path, {"severity": "low"}, **{"If-Match": '"r1"'})
    ask("producer", INTAKE, "POST", "/api/v1/reports", {"title": 1}, **{"Idempotency-Key": "two"})
    awaited(lambda: hub.ask("analyst", CONSOLE, "GET", path).json()["state"] == "admitted", "it is not admitted")
    ask("analyst", CONSOLE, "POST", f"{path}/accept", {"audience": "members"})
    released = run("publish", "members", **hub.publisher)  # or the members' cadence would be waited for
    assert released.returncode == 0, released.stderr
    collections = f"/taxii2/hub/collections/{hub.world.collection('members')}"
    way = hub.ask("producer", CONSOLE, "GET", f"{path}/path").json()  # its gates' instants come and go with the clock
    told.append(("path", 200, sorted(way)))
    assert "TITLE-OF-FOUR" in str(ask("member", FEEDS, "GET", f"{collections}/objects/"))
    ask("member", FEEDS, "GET", "/feeds/members/feed.json")
    ask("member", FEEDS, "GET", "/api/v1/stats")
    awaited(lambda: _finds(hub), "it is not in the index")
    ask("analyst", CONSOLE, "GET", "/api/v1/search?filter=severity%3Dlow")
    opened = ask("analyst", CONSOLE, "POST", f"{path}/open", PURPOSE)
    assert "TITLE-OF-FOUR" in str(opened)
    ask("auditor", CONSOLE, "GET", f"/api/v1/audit?subject={filed['id']}")
    ask("operator", CONSOLE, "GET", "/api/v1/members")
    ask("producer", INTAKE, "POST", f"{path}/withdraw")
    awaited(lambda: "TITLE-OF-FOUR" not in hub.ask("member", FEEDS, "GET", f"{collections}/objects/").text, "it stays")
    for face in faces.WEB:
        ask("producer", face, "GET", "/nothing/of/the/kind")
        ask("producer", face, "GET", "/readyz")
    return [(said.replace(hub.world.collection("members"), "…"), status, found) for said, status, found in told]


def _id(hub: Running) -> str:
    return hub.world.ids.get("report", "no report yet")


def _finds(hub: Running) -> bool:
    return bool(hub.ask("analyst", CONSOLE, "GET", "/api/v1/search?filter=severity%3Dlow").json().get("items"))


def awaited(is_so: Any, otherwise: str) -> None:
    """Wait for another process's work."""
    last = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < last, otherwise
        time.sleep(0.3)


def shape(found: Any) -> Any:
    """Names and kinds, without values; of a list, the kinds that are in it."""
    if isinstance(found, dict):
        return {name: shape(value) for name, value in sorted(found.items())}
    if isinstance(found, list):
        return sorted({str(shape(one)) for one in found})
    return type(found).__name__

"""The run: a whole hub that listens, filings that are all marked, and a search through all that it keeps and says."""

import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import requests

from hub.errors import Busy
from tests.anonymity import CONTROL, file_all, markers, places, rows
from tests.conftest import World
from tests.killing_postgres import mortal_postgres
from tests.servers import PATIENCE, Group, free_port, living_world


@dataclass(frozen=True)
class Traces:
    """What came of it."""

    acknowledged: int
    files: int  # that were searched
    size: int  # bytes of them
    markers: list[str]
    is_searched: bool  # whether the word that does lie in the database was found by the same search
    served: int  # objects in the feed, searched too


def file_unseen(place: Path, engine: str, count: int) -> Traces:
    """File so many marked reports at `hub serve` with its schedule, release, and search everything, the WAL too."""
    with ExitStack() as kept:
        database = kept.enter_context(mortal_postgres()) if engine == "postgresql" else None
        world = living_world(place, database.url if database else None)
        kept.callback(world.hub.store.close)
        token = world.enrol("producer", "Producer")
        reader = world.enrol("member", "Reader", audiences=("members",))
        world.enrol("analyst", "Hub staff")
        path = f"/api/v1/members/{world.ids['Producer']}/accept"
        assert world.send("analyst:Hub staff", "POST", path, {"audience": "members"}).status_code == 200
        config, temporary = world.hub.config, place / "tmp"
        temporary.mkdir()
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        variables = {"TMPDIR": str(temporary), "HUB_DATABASE_URL": config.database_url, "HUB_LOG_LEVEL": "debug"}
        words = ("serve", "--faces", "all", "--home", str(config.home), "--port", str(port))
        group = Group(words, place / "serve.log", variables)
        kept.callback(group.kill)
        _await(url, group)
        acknowledged = file_all(url, token, count)
        _release(world)
        served = _feed(url, reader, world.collection("members"))
        roots = [place, *([database.home / "cluster"] if database else [])]
        logs = [("postgresql log", (database.home / "log").read_bytes())] if database else []
        held = [*places(roots), *logs, ("feed", served)]
        stored = list(rows(world))
        group.end()
        after = [*places(roots), *logs]
        found = markers(held) + markers(stored) + markers(after)
        is_searched = bool(markers(held, [CONTROL.encode()])) and bool(markers(stored, [CONTROL.encode()]))
        return Traces(
            acknowledged, len(held), sum(len(one) for _, one in held), found, is_searched, served.count(b'"report"')
        )


def _await(url: str, group: Group) -> None:
    last = time.monotonic() + PATIENCE
    while group.is_alive and time.monotonic() < last:
        try:
            if requests.get(f"{url}/readyz", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.02)  # another process's readiness has no clock that we could move
    raise AssertionError(group.log.read_text("utf-8")[-2000:])


def _release(world: World) -> None:
    """Release what is due; the schedule, which runs beside, may be at the same report."""
    for _ in range(100):
        with suppress(Busy):
            world.release()
            return
        time.sleep(0.1)
    raise AssertionError


def _feed(url: str, token: str, collection: str) -> bytes:
    """The first thousand objects of the feed, as a member gets them."""
    answer = requests.get(
        f"{url}/taxii2/hub/collections/{collection}/objects/?limit=1000",
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )
    assert answer.ok, answer.text
    return answer.content

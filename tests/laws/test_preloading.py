"""A preloading gunicorn: what the master opened, no worker may go on using.

A connection of SQLite that crosses a fork corrupts its file, one of PostgreSQL mixes two workers' answers up, and a
lock that both hold excludes neither.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.conftest import World
from tests.factories import a_report
from tests.killing_postgres import Mortal, mortal_postgres
from tests.killing_workers import kill_while_forked, serve
from tests.postgres import NoPostgres
from tests.servers import living_world


def open_files(pid: int) -> set[str]:
    """What a process holds open: files and sockets by their names."""
    return {str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir() if path.exists() or path.is_symlink()}


def test_no_worker_holds_a_connection_or_a_lock_of_the_master(tmp_path: Path) -> None:
    world = living_world(tmp_path)
    token = world.enrol("producer")
    world.hub.store.close()
    server, home = serve(world), str(world.hub.config.home)
    try:
        assert [one for one in open_files(server.master.pid) if one.startswith(home)] == []
        with ThreadPoolExecutor(16) as threads:
            answers = list(threads.map(lambda number: filed(server.url, token, number), range(64)))
        assert {one.status_code for one in answers} == {201}
        assert len({one.json()["id"] for one in answers}) == 64
        # Each worker opened the database itself; the master has opened nothing, so there was nothing to share.
        assert all(any(one.startswith(home) for one in open_files(pid)) for pid in server.workers)
        assert [one for one in open_files(server.master.pid) if one.startswith(home)] == []
    finally:
        server.kill()


def filed(url: str, token: str, number: int) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.post(
        f"{url}/api/v1/reports", json=a_report(client_ref=f"one-{number}"), headers=headers, timeout=30
    )


@pytest.mark.slow
def test_killed_workers_masters_and_databases_lose_and_double_nothing(tmp_path: Path) -> None:
    try:
        with mortal_postgres() as database:
            survive(living_world(tmp_path / "postgresql", database.url), database)
    except NoPostgres as none:
        pytest.skip(str(none))


@pytest.mark.slow
def test_killed_workers_and_masters_on_sqlite_lose_and_double_nothing(tmp_path: Path) -> None:
    survive(living_world(tmp_path / "sqlite"), None)


def survive(world: World, database: Mortal | None) -> None:
    deaths = {"worker": 8, "master": 1} | ({"database": 1} if database else {})
    found = kill_while_forked(world, deaths, seed=4, database=database)
    world.hub.store.close()
    assert (found.lost, found.doubled, found.damaged) == ([], [], [])
    assert set(found.others) <= ({503} if database else set()), found.others
    assert found.acknowledged > found.kills
    assert found.cut_off > 0, "no kill hit a request: this proved nothing"

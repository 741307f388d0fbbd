"""A batch whose later lines meet a busy database, or a race: every line is answered, and says whether it was filed."""

import json
import sqlite3
from typing import Any

from sqlalchemy import event

from tests.conftest import World
from tests.factories import a_report

BATCH = "/api/v1/reports/batch"
TOGETHER = 200  # lines in one transaction


def test_lines_that_meet_a_busy_database_say_so_and_those_before_them_stay_filed(world: World) -> None:
    engine = world.hub.store.engine
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=20"))
    lines = (json.dumps(a_report(client_ref=f"T-{number}")) for number in range(TOGETHER + 2))
    answer = world.web.open(BATCH, method="POST", data="\n".join(lines), headers=headers(world), buffered=False)
    told = answer.iter_encoded()
    first = [json.loads(next(told)) for _ in range(TOGETHER)]
    blocker = sqlite3.connect(world.hub.config.home / "hub.sqlite3", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    rest = [json.loads(line) for line in told]
    blocker.rollback()
    blocker.close()
    assert {one["status"] for one in first} == {201}
    assert [(one["line"], one["status"]) for one in rest] == [(201, 503), (202, 503)]
    assert all(one["detail"].startswith("not filed: ") and "again" in one["detail"] for one in rest)
    assert len({one["id"] for one in first}) == TOGETHER
    assert stored(world) == TOGETHER


def test_an_upsert_that_lost_a_race_is_refused_by_itself(any_world: World) -> None:
    world = any_world
    world.file("producer", a_report(client_ref="raced"))
    seen: list[str] = []

    def amended_meanwhile(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        """Between the reading of the report and its change, it is amended."""
        if statement.startswith("UPDATE report SET") and not seen:
            seen.append(statement)
            cursor.execute("UPDATE report SET revision = revision + 1")

    event.listen(world.hub.store.engine, "before_cursor_execute", amended_meanwhile)
    lines = [a_report(client_ref="raced", severity="low"), a_report(client_ref="other")]
    body = "\n".join(json.dumps(line) for line in lines)
    answer = world.web.open(f"{BATCH}?upsert=true", method="POST", data=body, headers=headers(world))
    assert seen
    told = [json.loads(line) for line in answer.get_data().splitlines()]
    assert [(one["line"], one["status"]) for one in told] == [(1, 412), (2, 201)]
    event.remove(world.hub.store.engine, "before_cursor_execute", amended_meanwhile)
    assert stored(world) == 2


def headers(world: World) -> dict[str, str]:
    """Who sends what."""
    return {"Authorization": f"Bearer {world.tokens['producer']}", "Content-Type": "application/x-ndjson"}


def stored(world: World) -> int:
    """How many reports there are."""
    with world.hub.store.reading() as db:
        return int(db.connection().exec_driver_sql("SELECT count(*) FROM report").scalar_one())

"""The index says what the database says: whatever happened, it equals one that is built from nothing."""

from collections import Counter
from random import Random
from typing import Any

from sqlalchemy import text

from hub import rounds
from tests.conftest import World
from tests.factories import a_full_report, a_report

STEPS = 40
TABLES = ("search_row", "search_term", "search_count")


def held(world: World) -> dict[str, list[Any]]:
    """Everything that the index holds."""
    with world.hub.store.reading() as db:
        connection = db.connection()
        rows = {name: connection.execute(text(f"SELECT * FROM {name}")) for name in TABLES}  # noqa: S608
        found = {name: sorted(tuple(row) for row in some) for name, some in rows.items()}
        body = "number, body::text" if connection.dialect.name == "postgresql" else "rowid, body"
        texts = connection.execute(text(f"SELECT {body} FROM search_text ORDER BY 1"))  # noqa: S608
        return {**found, "search_text": [tuple(row) for row in texts]}


def recounted(world: World, names: set[str]) -> Counter[tuple[str, str]]:
    with world.hub.store.reading() as db:
        rows = db.connection().execute(text("SELECT field, value FROM search_term"))
        return Counter((row[0], row[1]) for row in rows if row[0] in names)


def counts(world: World) -> dict[tuple[str, str], int]:
    with world.hub.store.reading() as db:
        rows = db.connection().execute(text("SELECT field, value, reports FROM search_count"))
        return {(row[0], row[1]): row[2] for row in rows}


def rebuild(world: World) -> None:
    """Throw the index away and build it again."""
    with world.hub.store.writing() as db:
        for name in (*TABLES, "search_text"):
            db.connection().execute(text(f"DELETE FROM {name}"))  # noqa: S608
        db.connection().execute(text("UPDATE report SET indexed_stamp = -1"))
    rounds.index_all(world.hub)


def happen(world: World, chance: Random, filed: list[str]) -> None:
    """Something happens to some report."""
    step = chance.choice(("file", "file", "amend", "withdraw", "accept", "triage", "release", "index"))
    report = f"/api/v1/reports/{chance.choice(filed)}" if filed else ""
    if step == "file" or not filed:
        make = chance.choice((a_report, a_full_report))
        body = make(
            client_ref=f"c{len(filed)}-{chance.random()}", tlp="green", severity=chance.choice(("low", "critical"))
        )
        filed.append(world.file("producer", body)["id"])
    elif step == "amend":
        etag = world.send("producer", "GET", report).headers["ETag"]
        world.send("producer", "PATCH", report, {"severity": chance.choice(("low", "high"))}, If_Match=etag)
    elif step == "withdraw" and chance.random() < 0.3:
        world.send("producer", "POST", f"{report}/withdraw")
    elif step == "accept":
        world.send("analyst", "POST", f"{report}/accept", {"audience": "members"})
    elif step == "triage":
        said = {"why": "It is so.", "assert": {"severity": chance.choice(("high", "info", None))}}
        etag = world.send("analyst", "GET", f"{report}/triage").headers["ETag"]
        assert world.send("analyst", "PATCH", f"{report}/triage", said, If_Match=etag).status_code == 200
    elif step == "release":
        world.release()
    else:
        rounds.index_all(world.hub)


def test_whatever_happens_the_index_and_its_counts_are_those_of_one_built_from_nothing(any_world: World) -> None:
    for seed in (1, 2):
        chance, filed = Random(seed), list[str]()
        for step in range(STEPS):
            any_world.clock.forward(minutes=1)
            happen(any_world, chance, filed)
            if step % 8 == 7:
                rounds.index_all(any_world.hub)
                found = counts(any_world)
                assert found == recounted(any_world, {name for name, _ in found})
        any_world.release()
        told = held(any_world)
        rebuild(any_world)
        again = held(any_world)
        assert again == told
        assert len(told["search_row"]) > 5

"""Indexing: what is gathered of a report, who may find what by it, and two indexers at the same report."""

import pytest
from sqlalchemy import text

from hub import rounds
from hub.filters import catalogue
from hub.services import indexing
from hub.store import index
from tests.conftest import World
from tests.factories import a_full_report, a_report


def find(world: World, filter_: str, who: str = "analyst"):
    headers = {"Authorization": f"Bearer {world.tokens[who]}"}
    answer = world.web.get("/api/v1/search", query_string={"filter": filter_}, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [one["report"]["client_ref"] for one in answer.get_json()["items"]]


def assert_of(world: World, report_id: str, **said):
    path = f"/api/v1/reports/{report_id}/triage"
    etag = world.send("analyst", "GET", path).headers.get("ETag", "")
    body = {"why": "Read it twice", "assert": said}
    answer = world.send("analyst", "PATCH", path, body, If_Match=etag)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    rounds.index_all(world.hub)


def counted(world: World) -> dict[tuple[str, str], int]:
    with world.hub.store.reading() as db:
        rows = db.connection().execute(text("SELECT field, value, reports FROM search_count"))
        return {(name, value): number for name, value, number in rows if number}


def held(world: World) -> dict[tuple[str, str], int]:
    names = {name for name, one in catalogue(is_staff=True).items() if one.is_counted}
    found: dict[tuple[str, str], int] = {}
    with world.hub.store.reading() as db:
        for name, value in db.connection().execute(text("SELECT field, value FROM search_term")):
            if name in names:
                found[name, value] = found.get((name, value), 0) + 1
    return found


def test_every_clear_leaf_of_a_full_report_is_found_and_no_sealed_one(world: World) -> None:
    world.file("producer", a_full_report(client_ref="full"))
    world.release()
    fields = catalogue(is_staff=True)
    with world.hub.store.reading() as db:
        indexed = set(db.connection().execute(text("SELECT DISTINCT field FROM search_term")).scalars())
        body = db.connection().execute(text("SELECT body FROM search_text")).scalar_one()
    of_report = {name for name in fields if "." in name or name in a_full_report()}
    clear = {name for name in of_report if not fields[name].is_sealed and fields[name].kind != "text"}
    own = {"organisation.id"}
    missing = {one for one in clear - indexed - own if not one.startswith(("triage.", "hold.", "origin."))}
    assert not missing, "a clear field of the report is not in the index"
    assert not {name for name in indexed if fields[name].is_sealed}
    assert "canary recommendation end" in body
    assert "canary description" not in body


def test_a_producer_does_not_find_by_the_words_of_its_analysts(any_world: World) -> None:
    filed = any_world.file("producer", a_report(client_ref="a"))
    any_world.release()
    assert_of(any_world, filed["id"], triage={"family": "zyxwvut-9"}, severity="critical")
    assert find(any_world, "triage.family = zyxwvut-9") == ["a"]
    assert find(any_world, "triage.severity = critical and severity = high") == ["a"]
    assert find(any_world, "text ~ zyxwvut", "producer") == []
    assert find(any_world, "severity = critical", "producer") == []


def test_counts_by_value_follow_every_change(any_world: World) -> None:
    first = any_world.file("producer", a_report(client_ref="a", harm_types=["physical"]))
    any_world.file("producer", a_report(client_ref="b", severity="low"))
    any_world.release()
    assert counted(any_world) == held(any_world)
    assert_of(any_world, first["id"], severity="low")
    path, body = f"/api/v1/reports/{first['id']}", {"severity": "critical", "harm_types": None}
    assert any_world.send("producer", "PATCH", path, body, If_Match='"r1"').status_code == 200
    any_world.release()
    any_world.send("producer", "POST", f"{path}/withdraw")
    any_world.release()
    now = counted(any_world)
    assert now == held(any_world)
    assert ("harm_types", "physical") not in now
    assert now["state", "withdrawn"] == 1
    assert now["triage.severity", "low"] == 1


def test_a_report_keeps_its_number_and_a_later_one_gets_a_greater(world: World) -> None:
    def numbers() -> dict[str, int]:
        with world.hub.store.reading() as db:
            rows = db.connection().execute(text("SELECT report_id, number FROM search_row"))
            return {row.report_id: row.number for row in rows}

    filed = world.file("producer", a_report(client_ref="a"))
    world.release()
    first = numbers()
    world.send("producer", "PATCH", f"/api/v1/reports/{filed['id']}", {"severity": "low"}, If_Match='"r1"')
    other = world.file("producer", a_report(client_ref="b"))
    world.release()
    assert numbers()[filed["id"]] == first[filed["id"]]
    assert numbers()[other["id"]] > first[filed["id"]]


def test_nothing_is_stale_after_a_round_and_a_change_makes_it_so(world: World) -> None:
    filed = world.file("producer", a_report(client_ref="a"))
    world.release()
    assert rounds.index_all(world.hub) == 0
    world.send("producer", "PATCH", f"/api/v1/reports/{filed['id']}", {"severity": "low"}, If_Match='"r1"')
    assert rounds.index_all(world.hub) == 1
    assert find(world, "severity = low") == ["a"]


def test_who_indexes_a_report_keeps_others_from_changing_what_is_read(any_world: World) -> None:
    """Else a release that marks it stale meanwhile is overwritten, and two indexers count a value away twice."""
    filed = any_world.file("producer", a_report(client_ref="a"))
    any_world.release()
    store = any_world.hub.store
    if store.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    with store.writing() as db:
        assert index.material(db, [filed["id"]])
        with store.reading() as other:
            free = text("SELECT id FROM report WHERE id = :id FOR UPDATE SKIP LOCKED")
            assert other.connection().execute(free, {"id": filed["id"]}).all() == []
        assert indexing.refresh(db, [filed["id"]]) == 1

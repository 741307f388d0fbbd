"""The index between crashes and ticks: what it is told, how long a tick works at it, and what leaves the file."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text

from hub import rounds
from hub.services import indexing, publishing
from hub.store import index
from tests.conftest import World
from tests.factories import a_report

CANARY = "zqxjvwkanary"  # shares its beginning with no other word, or FTS5 would hold a part of it only


def found(world: World, filter_: str) -> list[str]:
    headers = {"Authorization": f"Bearer {world.tokens['analyst']}"}
    answer = world.web.get("/api/v1/search", query_string={"filter": filter_}, headers=headers)
    return [one["report"]["client_ref"] for one in answer.get_json()["items"]]


def stale(world: World) -> list[str]:
    with world.hub.store.reading() as db:
        return index.stale(db, 1000)


def test_a_publisher_that_dies_behind_its_plan_leaves_the_index_with_the_gates_it_wrote(any_world: World) -> None:
    world = any_world
    until = world.clock() + timedelta(days=30)
    filed = world.file("producer", a_report(client_ref="later", tlp="green", embargo_until=until.isoformat()))
    world.file("producer", a_report(client_ref="alone", share_redacted_with=["public"]))
    world.accept(filed["id"], "members")
    rounds.admit_all(world.hub)
    rounds.index_all(world.hub)
    assert found(world, "has waiting") == []
    for feed in world.hub.feeds():
        world.hub.store.write(
            partial(publishing.plan, deployment=world.hub.deployment.uid, feed=feed, now=world.clock())
        )
    rounds.index_all(world.hub)
    assert found(world, "waiting = members:embargo") == ["later"]
    assert found(world, "waiting = public:batch") == ["alone"]


def test_a_tick_works_at_the_index_for_a_while_and_the_next_one_goes_on(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = any_world
    filed = []
    for name in "abcd":
        filed.append(world.file("producer", a_report(client_ref=name))["id"])
        world.clock.forward(minutes=1)
    monkeypatch.setattr(indexing, "MOST", 1)
    monkeypatch.setattr(rounds, "INDEXING", 0.0)
    rounds.tick(world.hub)
    assert stale(world) == filed[1:], "the first filed goes first"
    rounds.tick(world.hub)
    assert found(world, "") == ["b", "a"]
    assert rounds.index_all(world.hub) == 2, "without a limit it goes on to the end"
    assert found(world, "") == ["d", "c", "b", "a"]


def test_a_report_without_its_revision_stops_no_other(any_world: World) -> None:
    world = any_world
    broken = world.file("producer", a_report(client_ref="broken", title="Word"))["id"]
    rounds.admit_all(world.hub)
    rounds.index_all(world.hub)
    assert found(world, "") == ["broken"]
    world.file("producer", a_report(client_ref="sound"))
    rounds.admit_all(world.hub)
    with world.hub.store.writing() as db:
        broke = text("UPDATE report SET revision = 7, stamp = stamp + 1 WHERE id = :id")
        db.connection().execute(broke, {"id": broken})
        assert indexing.refresh(db, [broken]) == 0
    assert rounds.index_all(world.hub) == 1
    assert found(world, "") == ["sound"]
    assert stale(world) == []


def test_no_count_is_kept_of_a_value_that_no_report_holds(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(client_ref="a", severity="critical"))
    world.release()
    path = f"/api/v1/reports/{filed['id']}"
    etag = world.send("producer", "GET", path).headers["ETag"]
    assert world.send("producer", "PATCH", path, {"severity": "low"}, If_Match=etag).status_code == 200
    world.release()
    with world.hub.store.reading() as db:
        asked = text("SELECT value, reports FROM search_count WHERE field = 'severity'")
        assert [tuple(row) for row in db.connection().execute(asked)] == [("low", 1)]


def recalled(world: World, salt: str = "") -> None:
    """A report whose words and names left as written, and were taken back, among others that stay."""
    named = {
        "tlp": "green",
        "title": f"It said {CANARY}{salt}",
        "systems": [{"name": "The agent", "purl": f"pkg:npm/{CANARY}{salt}"}],
    }
    filed = world.file("producer", a_report(client_ref=f"canary{salt}", **named))
    world.accept(filed["id"], "members")
    world.release()
    for number in range(5):  # each a part of the text index
        world.file("producer", a_report(client_ref=f"c{number}{salt}", recommendation=f"Ask {number}"))
        world.release()
    assert (
        found(world, f"text ~ {CANARY}{salt}")
        == found(world, f"systems.purl = pkg:npm/{CANARY}{salt}")
        == [f"canary{salt}"]
    )
    assert world.send("producer", "POST", f"/api/v1/reports/{filed['id']}/withdraw").status_code == 200


def in_the_file(world: World) -> int:
    with world.hub.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return (world.hub.config.home / "hub.sqlite3").read_bytes().lower().count(CANARY[3:].encode())


def test_what_was_recalled_is_not_in_the_file_once_the_index_caught_up(world: World) -> None:
    recalled(world)
    assert in_the_file(world)
    world.release()
    assert found(world, f"text ~ {CANARY}") == []
    assert in_the_file(world) == 0


def test_what_is_taken_out_while_the_text_index_is_merged_leaves_with_the_next_merge(world: World) -> None:
    recalled(world)
    with world.hub.store.writing() as db:  # as if a merge had begun before, and the process had died
        db.connection().execute(text("DELETE FROM search_sweep"))
        db.connection().execute(text("INSERT INTO search_sweep (id, asked, begun, done) VALUES (1, 1, 1, 0)"))
    world.release()
    assert in_the_file(world) == 0
    with world.hub.store.reading() as db:
        assert not indexing.is_needed(db, world.clock())


def test_ticks_let_the_text_index_rest_between_two_merges(world: World) -> None:
    for number in range(3):
        recalled(world, str(number))
        rounds.tick(world.hub)
        assert found(world, f"text ~ {CANARY}*") == []
        assert bool(in_the_file(world)) == bool(number), "the first merge begins at once, the next has to wait"
        if number:
            world.clock.forward(minutes=10)
            rounds.tick(world.hub)
            assert in_the_file(world) == 0

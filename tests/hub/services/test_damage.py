"""A damaged record is set aside with its kind of fault; it keeps no report, no recall and no feed from its turn."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from hub import rounds
from hub.cli.running import publish
from hub.examination import examine
from hub.store import feeds, reports
from hub.store.tables import Due
from tests.conftest import World
from tests.factories import a_report
from tests.hub.services.steps import rows_of

Damage = Callable[[World, str], None]


def execute(world: World, statement: str, **values: object) -> None:
    with world.hub.store.writing() as db:
        db.connection().execute(text(statement), values)


def revision(column: str, value: str) -> Damage:
    """What puts JSON in a column of a report's revision."""
    sql = f"UPDATE revision SET {column} = :value WHERE report_id = :one"  # noqa: S608 - our own words
    return lambda world, one: execute(world, sql.replace(":value", f"'{value}'"), one=one)


def report(assignment: str) -> Damage:
    """What changes a report's row."""
    return lambda world, one: execute(world, f"UPDATE report SET {assignment} WHERE id = :one", one=one)  # noqa: S608


DAMAGES: dict[str, Damage] = {
    "origins of a revision that is not there": revision("origins", '{"title": 7}'),
    "origins that are no numbers": revision("origins", '{"title": [1]}'),
    "origins that are a list": revision("origins", "[1]"),
    "clear fields that are a list": revision("clear", "[]"),
    "an unknown term": revision("clear", '{"severity": "enormous"}'),
    "an unknown TLP": report("tlp = 'purple'"),
    "an unknown audience": report("shared_with = '[\"everybody\"]'"),
    "a revision that is gone": report("revision = 9"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_report_keeps_no_other_from_leaving_nor_from_its_recall(any_world: World, damage: Damage) -> None:
    world = any_world
    damaged, withdrawn = released(world, "damaged"), released(world, "withdrawn")
    fresh = world.file("producer", a_report(client_ref="fresh", title="fresh", tlp="green"))["id"]
    rounds.admit_all(world.hub)
    world.accept(fresh, "members")
    damage(world, damaged)
    touch(world, damaged)
    world.send("producer", "POST", f"/api/v1/reports/{withdrawn}/withdraw")
    rounds.tick(world.hub)
    assert shown(world) == {"damaged"}, "the recall does not wait for the cadence"
    world.clock.forward(hours=1)
    faults = {outcome.feed: set(outcome.faults) for outcome in rounds.tick(world.hub)}
    assert faults["members"] == {damaged}
    assert shown(world) == {"damaged", "fresh"}
    assert all(outcome.fault is None for outcome in rounds.publish_all(world.hub, world.hub.feeds(), again=True))


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_report_that_was_taken_back_goes_all_the_same(any_world: World, damage: Damage) -> None:
    world = any_world
    damaged = released(world, "damaged")
    world.send("producer", "POST", f"/api/v1/reports/{damaged}/withdraw")
    damage(world, damaged)
    rounds.tick(world.hub)
    assert shown(world) == set()


def test_bytes_that_cannot_be_read_any_more_go_without_a_revocation(any_world: World) -> None:
    world = any_world
    damaged = released(world, "damaged")
    carrier = next(one for one in rows_of(world, "members") if one.kind == "report")
    execute(world, "UPDATE entry SET content = :cut WHERE stix_id = :one", cut=b"{cut", one=carrier.stix_id)
    world.send("producer", "POST", f"/api/v1/reports/{damaged}/withdraw")
    (outcome,) = [one for one in rounds.tick(world.hub) if one.feed == "members"]
    assert carrier.stix_id in outcome.faults[damaged]
    left = [one for one in rows_of(world, "members") if one.report_id]
    assert all(one.is_revoked for one in left)
    assert carrier.stix_id not in {one.stix_id for one in left}


def test_a_feed_that_fails_keeps_neither_its_recalls_nor_the_others_from_their_turn(world: World) -> None:
    """Something that nobody thought of: here, a release whose tables refuse what is new."""
    gone = released(world, "gone")
    fresh = world.file("producer", a_report(client_ref="fresh", title="fresh", tlp="green"))["id"]
    rounds.admit_all(world.hub)
    world.accept(fresh, "members")
    world.send("producer", "POST", f"/api/v1/reports/{gone}/withdraw")
    world.clock.forward(hours=1)
    refuse = "BEFORE INSERT ON presence WHEN NEW.feed = 'members' BEGIN SELECT RAISE(ABORT, '{}'); END"
    execute(world, f"CREATE TRIGGER broken {refuse.format(fresh)}")
    outcomes = rounds.tick(world.hub)
    assert {one.feed for one in outcomes if one.fault} == {"members"}
    assert next(one for one in outcomes if one.feed == "trusted").number
    assert fresh not in repr([one.fault for one in outcomes]), "an error's own words may quote a record"
    assert shown(world) == set()
    done = run_publish(world, "members")
    assert done.exit_code == 1
    assert "members: not released: unexpected" in done.stderr
    execute(world, "DROP TRIGGER broken")
    rounds.tick(world.hub)
    assert shown(world) == {"fresh"}, "it stayed due"


def test_a_policy_that_cannot_be_read_keeps_no_other_feed_from_its_recalls(any_world: World) -> None:
    """Admission waits: it could not queue for that feed what it admits."""
    world = any_world
    gone = released(world, "gone")
    execute(world, "UPDATE feed_policy SET policy = 'not = [toml' WHERE feed = 'public'")
    world.hub._feeds = None  # as after a restart
    world.send("producer", "POST", f"/api/v1/reports/{gone}/withdraw")
    with pytest.raises(ValueError, match=r"."):
        rounds.tick(world.hub)
    assert all(one.is_revoked for one in rows_of(world, "members") if one.report_id)
    assert any("policy of public" in finding.seen for finding in examine(world.hub) if finding.check == "schedule")


def test_what_was_set_aside_is_tried_again_by_hand_and_found_until_then(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(client_ref="T-1", title="damaged", tlp="green"))["id"]
    rounds.admit_all(world.hub)
    world.accept(filed, "members")
    execute(world, "CREATE TABLE kept AS SELECT origins FROM revision")
    revision("origins", '{"title": 7}')(world, filed)
    assert set(world.release()["members"].faults) == {filed}
    assert "faults" in {finding.check for finding in examine(world.hub)}
    execute(world, "UPDATE revision SET origins = (SELECT origins FROM kept)")
    assert world.release()["members"].faults == {}
    assert shown(world) == set(), "the schedule does not try it again"
    path = world.send("producer", "GET", f"/api/v1/reports/{filed}/path").get_json()
    (gate,) = [
        gate for way in path["feeds"] if way["feed"] == "members" for gate in way["gates"] if gate["gate"] == "prepared"
    ]
    assert "hub publish members" in repr(gate)
    rounds.publish_all(world.hub, world.hub.feeds(), again=True)
    assert shown(world) == {"damaged"}
    assert "faults" not in {finding.check for finding in examine(world.hub)}


def test_a_fault_ends_with_the_gate_at_which_its_report_waits_now(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(client_ref="T-1", tlp="green"))["id"]
    rounds.admit_all(world.hub)
    world.accept(filed, "members")
    execute(world, "UPDATE due SET fault = 'a fault', gate = NULL")
    execute(world, "UPDATE report SET tlp = 'red'")
    rounds.publish_all(world.hub, world.hub.feeds(), again=True)
    with world.hub.store.reading() as db:
        assert [row.fault for name in ("members", "trusted") for row in feeds.due(db, name, world.clock())] == []
        assert {row.fault for row in feeds.standing_in(db, filed)[1].values()} == {None}


def test_hub_publish_tries_again_and_says_in_its_exit_code_what_is_left(world: World) -> None:
    filed = world.file("producer", a_report(client_ref="T-1", title="damaged", tlp="green"))["id"]
    rounds.admit_all(world.hub)
    world.accept(filed, "members")
    execute(world, "CREATE TABLE kept AS SELECT origins FROM revision")
    revision("origins", '{"title": 7}')(world, filed)
    for _ in range(2):
        done = run_publish(world, "members")
        assert done.exit_code == 1
        assert f"set aside: report {filed}" in done.stderr
    execute(world, "UPDATE revision SET origins = (SELECT origins FROM kept)")
    assert run_publish(world, "members").exit_code == 0
    assert shown(world) == {"damaged"}


def run_publish(world: World, feed: str) -> Result:
    """`hub publish FEED`."""
    return CliRunner().invoke(publish, [feed, "--home", str(world.hub.config.home)])


def released(world: World, title: str) -> str:
    """File, accept and release a report as written to members; its id."""
    filed: str = world.file("producer", a_report(client_ref=title, title=title, tlp="green"))["id"]
    rounds.admit_all(world.hub)
    world.accept(filed, "members")
    world.clock.forward(hours=1)
    rounds.tick(world.hub)
    assert title in shown(world)
    return filed


def touch(world: World, report_id: str) -> None:
    """Have every gate of a report asked again."""
    with world.hub.store.writing() as db:
        reports.touch(db, [report_id])
        feeds.queue(db, [report_id], ["trusted", "members"], world.clock())
        assert db.get(Due, ("members", report_id))


def shown(world: World) -> set[str]:
    """The titles that members read."""
    return {one["name"] for one in world.carriers("member", "members")}

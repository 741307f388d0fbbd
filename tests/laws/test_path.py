"""The path tells what a release does: the same gates, for every report, every feed, on both engines."""

import itertools
from typing import Any

from hub import rounds
from hub.store.audit import entries
from tests.conftest import World
from tests.factories import a_report

STAFF = "analyst"
TLPS = ("clear", "green", "amber", "amber+strict", "red")
NAMED: tuple[list[str], ...] = ([], ["trusted"], ["members"], ["public"], ["researchers"], ["public", "researchers"])
ACCEPTED = ((), ("trusted",), ("members",), ("public",), ("researchers",))


def ways(world: World, who: str, report: str) -> dict[str, dict[str, Any]]:
    answer = world.send(who, "GET", f"/api/v1/reports/{report}/path")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return {way["feed"]: way for way in answer.get_json()["feeds"]}


def is_ready(way: dict[str, Any]) -> bool:
    """Whether the path says that the next release takes it."""
    return [gate["gate"] for gate in way["gates"] if gate["state"] == "waiting"] == ["schedule"]


def file_everything(world: World) -> list[str]:
    """Every way in which a report may travel, from three organisations."""
    for name in ("One", "Two", "Three"):
        world.enrol("producer", name)
    people = itertools.cycle(["producer:One", "producer:Two", "producer:Three"])
    found = []
    for number, (tlp, named, accepted) in enumerate(itertools.product(TLPS, NAMED, ACCEPTED)):
        body = a_report(tlp=tlp, share_redacted_with=named or None, client_ref=f"case-{number}")
        if number % 17 == 0:
            body["embargo_until"] = "2026-12-24T00:00:00Z"
        if number % 19 == 0:
            body["hold"] = {"expires_at": "2026-12-01T00:00:00Z", "reason": "we ask the vendor"}
        report = world.file(next(people), body)["id"]
        world.accept(report, *accepted)
        found.append(report)
    return found


def test_what_the_path_says_is_what_the_next_release_does(any_world: World) -> None:
    world = any_world
    reports = file_everything(world)
    before = {report: ways(world, STAFF, report) for report in reports}
    assert all(way["waits_at"] == "admitted" for found in before.values() for way in found.values())
    rounds.admit_all(world.hub)
    said = {report: ways(world, STAFF, report) for report in reports}
    world.release()
    after = {report: ways(world, STAFF, report) for report in reports}
    for report in reports:
        for feed, way in said[report].items():
            if is_ready(way) and after[report][feed]["waits_at"] == "batch":
                assert {gate["gate"]: gate["state"] for gate in way["gates"]}["batch"] == "not_yet_run"
                continue  # whether a batch is full, the release decides for all that wait
            assert is_ready(way) == (after[report][feed]["state"] == "released"), (report, feed, way)
            assert (after[report][feed]["shows"] is not None) == is_ready(way)
            if is_ready(way):
                assert after[report][feed]["shows"]["mode"] == way["mode"]
    released = [way for found in after.values() for way in found.values() if way["state"] == "released"]
    assert len(released) > 100
    assert {way["state"] for found in after.values() for way in found.values()} == {"released", "waiting", "never"}


def test_time_alone_opens_what_the_path_says_it_opens(world: World) -> None:
    reports = file_everything(world)
    world.release()
    exits = {
        (report, feed): way["earliest_exit"]
        for report in reports
        for feed, way in ways(world, STAFF, report).items()
        if way["earliest_exit"]
    }
    assert len(exits) > 10
    world.clock.forward(days=40)
    world.release()
    for (report, feed), at in exits.items():
        assert ways(world, STAFF, report)[feed]["state"] == "released", at


def test_the_path_opens_nothing_and_writes_nothing(any_world: World) -> None:
    world = any_world
    report = world.file("producer", a_report(title="CANARY-TITLE", share_redacted_with=["members"], client_ref="one"))
    world.release()
    before = audit(world)
    for who in ("producer", STAFF):
        assert "CANARY" not in world.send(who, "GET", f"/api/v1/reports/{report['id']}/path").get_data(as_text=True)
    assert audit(world) == before


def audit(world: World) -> int:
    with world.hub.store.reading() as db:
        return len(entries(db))

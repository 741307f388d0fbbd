"""Rounds of attachments: one at a time, in the memory of a chunk, beside a rotation of keys."""

import tracemalloc

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from hub import receiving, rotating, rounds
from hub.attachment_sealing import CHUNK
from hub.errors import Busy
from hub.services import attachment_admission
from hub.store import audit, reports
from hub.store.tables import DataKey
from tests.attaching import a_file, ask, attach, attached, begin, chunks, place, put
from tests.conftest import World
from tests.factories import a_report


def rotate(world: World, *, erases: bool = False) -> None:
    """Make an epoch and move every key under it; with `erases` destroy those before."""
    rotating.add_by_clock(world.hub, world.clock(), erases=erases)
    for _ in range(3):
        world.clock.forward(minutes=5)
        rotating.turn(world.hub, 60)


def epochs(world: World) -> set[int]:
    """Which epochs the keys of attachments lie under."""
    with world.hub.store.reading() as db:
        return set(db.exec(select(DataKey.epoch).where(col(DataKey.purpose).like("attachment/%"))))


@pytest.mark.parametrize("erases", [False, True])
def test_attachments_open_after_a_rotation_in_whatever_state_it_met_them(any_world: World, erases: bool) -> None:
    world, files = any_world, [a_file(), a_file(), a_file()]
    report = world.file("producer", a_report())["id"]
    verified, complete = attached(world, report, files[0])["id"], attach(world, report, files[1])["id"]
    under_way = begin(world, report, files[2]).get_json()["id"]
    (first, *rest) = chunks(files[2])
    assert put(world, report, under_way, *first).status_code == 200
    rotate(world, erases=erases)
    assert epochs(world) == {2}
    for offset, chunk in rest:
        assert put(world, report, under_way, offset, chunk).status_code == 200
    assert receiving.admit(world.hub) == 2
    assert [ask(world, report, one).data for one in (verified, complete, under_way)] == files
    rotate(world)
    assert epochs(world) == {3}
    assert [ask(world, report, one).data for one in (verified, complete, under_way)] == files


def test_a_rotation_in_the_midst_of_an_admission_wins_and_the_next_round_admits(any_world: World) -> None:
    world = any_world
    report = world.file("producer", a_report())["id"]
    one = attach(world, report, a_file())["id"]
    hub = world.hub
    candidate = hub.store.write(lambda db: attachment_admission.ask(db, hub.clock()))
    assert candidate
    with hub.store.reading() as db:
        checked = attachment_admission.look_through(db, hub.keyring, hub.deployment.uid, candidate)
    rotate(world)
    with pytest.raises(Busy):
        hub.store.write(lambda db: attachment_admission.admit(db, checked, hub.clock()))
    assert epochs(world) == {2}
    assert receiving.admit(hub) == 1
    assert ask(world, report, one).status_code == 200


def test_a_busy_round_leaves_the_rest_to_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    report = world.file("producer", a_report())["id"]
    attach(world, report, b"waits")

    def busy(*_given: object) -> None:
        raise Busy("a data key changed meanwhile")

    with monkeypatch.context() as broken:
        broken.setattr(reports, "rewrap", busy)
        assert receiving.admit(world.hub) == 0
    assert receiving.admit(world.hub) == 1


def test_the_report_itself_is_admitted_and_opened_whatever_is_attached(any_world: World) -> None:
    """Attachments lie under keys beside those that the report's own manifest names."""
    world = any_world
    report = world.file("producer", a_report())["id"]
    attach(world, report, a_file(100))
    assert rounds.admit_all(world.hub) == 1
    path, body = f"/api/v1/reports/{report}", {"purpose": "triage of ticket 4711", "fields": ["title"]}
    assert world.send("analyst", "POST", f"{path}/open", body).status_code == 200
    assert world.send("producer", "PATCH", path, {"title": "New"}, If_Match='"r1"').status_code == 200
    attach(world, report, a_file(101))
    rounds.tick(world.hub)
    assert world.send("analyst", "POST", f"{path}/open", body).get_json()["opened"] == {"/title": "New"}
    states = [one["state"] for one in world.send("producer", "GET", place(report)).get_json()["items"]]
    assert states == ["verified", "verified"]


def test_the_clock_admits_and_says_so(world: World) -> None:
    report = world.file("producer", a_report())["id"]
    one = attach(world, report, a_file())["id"]
    rounds.tick(world.hub)
    with world.hub.store.reading() as db:
        told = [entry for entry in audit.entries(db) if entry["details"].get("attachment") == one]
    assert [entry["action"] for entry in told] == [
        "attachment.begin", "attachment.complete", "open.intent", "attachment.admit",
    ]  # fmt: skip
    assert told[-1]["details"]["outcome"] == "verified"
    assert (told[-2]["actor"], told[-2]["details"]["fields"]) == ("clock", ["content", "head"])


def test_admission_and_download_take_the_memory_of_a_chunk(world: World) -> None:
    report = world.file("producer", a_report())["id"]
    one = attach(world, report, a_file(12 * CHUNK))["id"]
    tracemalloc.start()
    try:
        assert receiving.admit(world.hub) == 1
        assert sum(map(len, ask(world, report, one).iter_encoded())) == 12 * CHUNK
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 6 * CHUNK


def test_a_mended_database_is_no_mended_attachment(world: World) -> None:
    """What admission set aside stays so, whatever its row is made to say: its keys were never wrapped anew."""
    report = world.file("producer", a_report())["id"]
    one = attach(world, report, a_file(), sha256="0" * 64)["id"]
    assert receiving.admit(world.hub) == 0
    with world.hub.store.writing() as db:
        db.connection().execute(text("UPDATE attachment SET state = 'verified', fault = NULL"))
    assert ask(world, report, one).status_code == 409
    with world.hub.store.writing() as db:
        db.connection().execute(text("UPDATE data_key SET is_admitted = true"))
    assert ask(world, report, one).status_code == 409

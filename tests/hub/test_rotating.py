"""Rotation: every data key under the new epoch, no byte of data touched, and the old ones gone when they should be."""

import threading
from hashlib import sha256

import pytest
from sqlmodel import col, select, update

from hub import rotating, rounds
from hub.errors import Busy
from hub.keys import KeyDirectory
from hub.opening import gather, open_values
from hub.seal import Place, new_key, wrap_for_epoch
from hub.services import admission, rotation
from hub.store import audit, deployments, reports
from hub.store.tables import DataKey, Epoch, Revision, Secret
from hub.warrant import Warrant, arm
from tests.conftest import World
from tests.factories import a_report


def filed(world: World, count: int = 3) -> list[str]:
    ids = [world.file("producer", a_report(title=f"Report {number}"), f"key-{number}")["id"] for number in range(count)]
    rounds.admit_all(world.hub)
    return ids


def titles(world: World, ids: list[str]) -> list[str]:
    """The titles, opened as every service opens them."""
    hub = world.hub
    with hub.store.reading() as db:
        rows = [(report.organisation_id, row) for report, row in reports.current(db, ids)]
        bundles = gather(db, hub.deployment.uid, rows)
    found = []
    for one in ids:
        warrant = Warrant(one, 1, frozenset({"title"}), "to see that it opens")
        arm([warrant])
        found.append(open_values(hub.keyring, warrant, bundles[one])["title"]["/title"])
    return found


def digest(world: World) -> str:
    with world.hub.store.reading() as db:
        rows = db.exec(select(Revision).order_by(col(Revision.report_id), col(Revision.revision))).all()
        return sha256(b"".join(row.sealed + row.manifest + row.signature for row in rows)).hexdigest()


def under(world: World) -> dict[int, int]:
    with world.hub.store.reading() as db:
        counts: dict[int, int] = {}
        for number in db.exec(select(DataKey.epoch)):
            counts[number] = counts.get(number, 0) + 1
        return counts


def add(world: World, *, erases: bool = False) -> int:
    return rotating.add_by_clock(world.hub, world.clock(), erases=erases)


def rotated(world: World, *, erases: bool = False) -> int:
    number = add(world, erases=erases)
    world.clock.forward(seconds=10)
    rotating.turn(world.hub, 60)
    return number


def is_done(world: World) -> bool:
    found = rotating.turn(world.hub, 60)
    return found is not None and found.is_done


def actions(world: World) -> list[tuple[str, str]]:
    with world.hub.store.reading() as db:
        found = [one for one in audit.entries(db) if one["action"].startswith("key.")]
    return [(one["action"], one["details"].get("outcome", "")) for one in found]


def test_every_key_moves_and_no_byte_of_data(any_world: World) -> None:
    world = any_world
    ids = filed(world)
    before, opened = digest(world), titles(world, ids)
    assert rotated(world) == 2
    assert under(world) == {2: 3}
    assert (digest(world), titles(world, ids)) == (before, opened)
    assert actions(world) == [("key.epoch", ""), ("key.rotate", "begun"), ("key.rotate", "finished")]
    rotating.turn(world.hub, 60)
    assert len(actions(world)) == 3, "what is finished is said once"


def test_nothing_moves_before_every_process_knows_the_epoch(world: World) -> None:
    filed(world, 1)
    add(world)
    rotating.turn(world.hub, 60)
    assert under(world) == {1: 1}
    world.clock.forward(seconds=10)
    rotating.turn(world.hub, 60)
    assert under(world) == {2: 1}


def test_filings_go_to_the_new_epoch_at_once_and_open(any_world: World) -> None:
    world = any_world
    assert world.hub.sealer.ground.epoch == 1
    add(world)
    assert world.hub.sealer.ground.epoch == 2
    ids = filed(world, 1)
    assert under(world) == {2: 1}
    assert titles(world, ids) == ["Report 0"]


def test_what_an_intake_sealed_late_under_the_old_key_is_admitted_and_moved(any_world: World) -> None:
    world = any_world
    stale = world.hub.sealer
    rotated(world)
    stamp = world.hub.directory.epoch_stamp()
    world.hub._sealer = stamp, stale
    ids = filed(world, 2)
    assert under(world) == {1: 2}
    assert titles(world, ids) == ["Report 0", "Report 1"]
    rotating.turn(world.hub, 60)
    assert under(world) == {2: 2}
    assert titles(world, ids) == ["Report 0", "Report 1"]


def test_keys_that_wait_for_admission_move_from_one_public_key_to_the_other(any_world: World) -> None:
    world = any_world
    one = world.file("producer", a_report(title="Waiting"))["id"]
    rotated(world)
    assert under(world) == {2: 1}
    assert rounds.admit_all(world.hub) == 1
    assert titles(world, [one]) == ["Waiting"]


def test_a_walk_that_was_cut_off_is_gone_on_with_by_another(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = any_world
    monkeypatch.setattr(rotation, "BATCH", 2)
    ids = filed(world, 5)
    add(world)
    world.clock.forward(seconds=10)
    rotating.turn(world.hub, 0)
    assert under(world) == {1: 3, 2: 2}
    assert len(titles(world, ids)) == 5
    world.hub.walk = None  # another process
    rotating.turn(world.hub, 60)
    assert under(world) == {2: 5}


def test_a_key_that_changed_since_it_was_read_is_left_alone(any_world: World) -> None:
    """Admission and a second rotation may come between; whoever comes second must not undo the first."""
    world = any_world
    ids = filed(world, 1)
    add(world)
    with world.hub.store.reading() as db:
        walk = rotation.begin(db, 2)
        batch = rotation.read(db, walk)
    moved = rotation.rewrap(world.hub.keyring, world.hub.deployment.uid, walk, batch)
    again = rotation.rewrap(world.hub.keyring, world.hub.deployment.uid, walk, batch)
    assert world.hub.store.write(lambda db: rotation.put(db, 2, moved)) == 1
    assert world.hub.store.write(lambda db: rotation.put(db, 2, again)) == 0
    assert titles(world, ids) == ["Report 0"]


def test_admission_does_not_put_back_a_key_that_moved_meanwhile(any_world: World) -> None:
    world = any_world
    one = world.file("producer", a_report(title="Raced"))["id"]
    candidates = world.hub.store.write(lambda db: admission.ask(db, world.clock()))
    checked = admission.prove_all(world.hub.keyring, world.hub.index_keys, world.hub.deployment.uid, candidates)
    rotated(world)
    with pytest.raises(Busy):
        world.hub.store.write(lambda db: admission.admit(db, checked, world.hub.feeds(), world.clock()))
    assert rounds.admit_all(world.hub) == 1
    assert under(world) == {2: 1}
    assert titles(world, [one]) == ["Raced"]


def test_an_erasure_epoch_destroys_the_earlier_ones_after_a_grace(any_world: World) -> None:
    world = any_world
    ids = filed(world)
    with world.hub.store.reading() as db:
        old = [row.wrapped for row in db.exec(select(Secret).where(Secret.number == 1, Secret.name != "index"))]
    rotated(world, erases=True)
    assert set(world.hub.keyring.epochs) == {1, 2}, "requests under way may still need it"
    world.clock.forward(seconds=121)
    assert is_done(world)
    with world.hub.store.reading() as db:
        left = {(row.name, row.number) for row in db.exec(select(Secret))}
        assert db.exec(select(Epoch.destroyed_at).order_by(col(Epoch.number))).all() == [world.clock(), None]
        assert [one.number for one in deployments.epochs(db)] == [2]
    assert left == {("private", 2), ("kek", 2), ("index", 1)}
    assert set(world.hub.keyring.epochs) == {2}
    assert len(titles(world, ids)) == 3
    assert actions(world)[-1] == ("key.destroy", "")
    if world.hub.config.database_url.startswith("sqlite"):
        files = [world.hub.config.home / f"hub.sqlite3{end}" for end in ("", "-wal")]
        assert not [one for one in old for file in files if file.exists() and one in file.read_bytes()]


def test_an_intake_that_seals_to_a_destroyed_epoch_acknowledges_nothing(any_world: World) -> None:
    world = any_world
    stale = world.hub.sealer
    rotated(world, erases=True)
    world.clock.forward(seconds=121)
    rotating.turn(world.hub, 60)
    world.hub._sealer = world.hub.directory.epoch_stamp(), stale
    body = a_report(client_ref="late")
    assert world.send("producer", "POST", "/api/v1/reports", body).status_code == 503
    world.hub._sealer = None
    assert world.send("producer", "POST", "/api/v1/reports", body).status_code == 201


def test_a_key_that_opens_for_nobody_holds_up_no_erasure(any_world: World) -> None:
    world = any_world
    ids = filed(world, 3)
    with world.hub.store.writing() as db:
        spoilt = update(DataKey).where(col(DataKey.report_id) == ids[0])
        db.exec(spoilt.values(wrapped=b"\x01\x01" + b"\0" * 60))
        forged = update(DataKey).where(col(DataKey.report_id) == ids[1])
        public = world.hub.directory.epoch()[1]
        place = Place("elsewhere", "o", ids[1], 1)
        db.exec(forged.values(is_admitted=False, wrapped=wrap_for_epoch(public, new_key(), place, "report")))
    rotated(world, erases=True)
    assert under(world) == {1: 2, 2: 1}
    world.clock.forward(seconds=121)
    assert is_done(world)
    assert under(world) == {2: 1}
    with world.hub.store.reading() as db:
        (told,) = [one["details"] for one in audit.entries(db) if one["action"] == "key.destroy"]
    assert told == {"epochs": [1], "dead": 2}
    assert titles(world, ids[2:]) == ["Report 2"]


def test_a_key_that_comes_late_holds_up_the_erasure_until_it_has_moved(any_world: World) -> None:
    world = any_world
    stale = world.hub.sealer
    rotated(world, erases=True)
    world.clock.forward(seconds=121)
    world.hub._sealer = world.hub.directory.epoch_stamp(), stale
    one = world.file("producer", a_report(title="Late"))["id"]
    with world.hub.store.reading() as db:
        walk = rotation.begin(db, 2)
    assert not world.hub.store.write(lambda db: rotation.destroy(db, world.clock(), 2, walk.dead))
    assert is_done(world)
    rounds.admit_all(world.hub)
    assert titles(world, [one]) == ["Late"]


def test_the_clock_makes_an_erasure_epoch_each_window_and_no_other(world: World) -> None:
    ids = filed(world, 1)
    world.clock.forward(days=29)
    rotating.tick(world.hub)
    assert under(world) == {1: 1}
    for seconds in (2 * 86400, 10, 125, 10):
        world.clock.forward(seconds=seconds)
        rotating.tick(world.hub)
    assert set(world.hub.keyring.epochs) == {2}
    assert len(titles(world, ids)) == 1


def test_a_crash_between_row_and_file_is_mended_by_whoever_ticks_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(KeyDirectory, "show_epoch", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            add(world)
    assert world.hub.directory.epoch()[0] == 1
    world.clock.forward(seconds=10)
    rotating.tick(world.hub)
    assert world.hub.directory.epoch()[0] == 2


def test_live_reads_never_fail_while_keys_move_and_epochs_end(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = any_world
    monkeypatch.setattr(rotation, "BATCH", 1)
    ids = filed(world, 6)
    is_over, failures, reads = threading.Event(), list[Exception](), list[int]()

    def read() -> None:
        while not is_over.is_set():
            try:
                reads.append(len(titles(world, ids)))
            except Exception as wrong:  # noqa: BLE001 - all are counted
                failures.append(wrong)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for one in threads:
        one.start()
    for _ in range(3):
        rotated(world)
    is_over.set()
    for one in threads:
        one.join()
    assert (failures, set(reads)) == ([], {6})
    assert under(world) == {4: 6}

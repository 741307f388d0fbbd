"""A backup is whole or nothing, holds one instant, and goes into an empty home only."""

import json
import os
import signal
import sqlite3
import stat
import subprocess
import time

import pytest
from sqlalchemy import text

from hub import archive
from hub.archive.sealed import SealedBackup, writer
from hub.config import Config
from hub.errors import Conflict, NotReady, Tampered
from hub.roles import Act, shell
from hub.store import archiving
from hub.wiring import connect, set_up
from tests.factories import a_full_report, a_report
from tests.hub.services.steps import turn
from tests.servers import command, environment, run


def act(world):
    return Act(shell("test"), world.clock())


def keep(world, place):
    """A backup of a world, made."""
    archive.backup(world.hub, act(world), place)
    return place


def elsewhere(world, place):
    """Another home, where the keys have been put back."""
    copy, config = place.with_name(f"{place.name}.tar"), Config.read({}, str(place))
    if not copy.exists():
        archive.keep_keys(world.hub, act(world), copy)
    archive.restore_keys(copy, config.keys)
    return config


def plain(world, place):
    """What lies sealed in a backup."""
    with place.open("rb") as file:
        sealed = SealedBackup(file, place.name)
        return sealed.open(world.hub.keyring.epochs[sealed.epoch].kek).read()


def reseal(world, place, content):
    """Other content under the same hub's key: what only damage before the sealing could do."""
    with place.open("wb") as file:
        sealing = writer(file, {"hub": world.hub.deployment.uid}, 1, world.hub.keyring.epochs[1].kek)
        sealing.write(content)
        sealing.finish()


def check(world, place):
    return archive.verify_here(place, world.hub)


@pytest.fixture
def kept(world, tmp_path):
    world.file("producer", a_full_report(tlp="green", client_ref="FULL"))
    filed = world.file("producer", a_report(client_ref="ONE", tlp="green"))
    world.accept(filed["id"], "members")
    world.release()
    return keep(world, tmp_path / "hub.backup")


def tables_of(store):
    """All rows of all tables that a backup holds, as it writes them; of documents what they say."""
    found = {}
    with store.snapshot() as db:
        for shape in archiving.shapes():
            kinds = shape.columns.values()
            rows = [
                tuple(
                    json.loads(value) if kind == "document" else value for value, kind in zip(row, kinds, strict=True)
                )
                for some in archiving.rows(db, shape)
                for row in some
            ]
            found[shape.table] = sorted(rows, key=lambda row: repr(row[:4]))
    return found


def test_a_backup_comes_back_row_by_row(world, kept, tmp_path):
    before = tables_of(world.hub.store)
    config = elsewhere(world, tmp_path / "new")
    archive.restore(config, act(world), kept)
    hub = connect(config)
    after = tables_of(hub.store)
    own = {"hub.backup", "hub.restore"}
    told = {row[3] for row in after["audit_entry"]} & own
    assert told == {"hub.restore"}  # that it was backed up was written behind the instant that the backup holds
    before["audit_entry"] = [row for row in before["audit_entry"] if row[3] not in own]
    after["audit_entry"] = [row for row in after["audit_entry"] if row[3] not in own]
    assert after == before
    held = {name for name, rows in before.items() if rows}
    assert held >= {"report", "revision", "data_key", "entry", "presence", "due", "token"}
    hub.store.close()


def test_the_old_publisher_does_not_hold_the_turn_in_the_new_home(world, tmp_path):
    turn(world, "a publisher that dies with the old host")
    config = elsewhere(world, tmp_path / "new")
    archive.restore(config, act(world), keep(world, tmp_path / "hub.backup"))
    hub = connect(config)
    world.hub = hub
    assert turn(world, "the new one") == 2
    hub.store.close()


def test_the_indexes_are_all_there_again(world, kept, tmp_path):
    config = elsewhere(world, tmp_path / "new")
    archive.restore(config, act(world), kept)
    hub = connect(config)
    asked = text("SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') ORDER BY name")
    found = []
    for store in (world.hub.store, hub.store):
        with store.reading() as db:
            found.append({name: sql and " ".join(sql.split()) for name, sql in db.connection().execute(asked)})
    assert found[0] == found[1]
    assert len(found[0]) > 20
    hub.store.close()


def test_a_backup_is_for_its_owner_alone_and_never_written_over(world, kept):
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    before = kept.read_bytes()
    with pytest.raises(Conflict, match="exists"):
        keep(world, kept)
    assert kept.read_bytes() == before
    assert [one.name for one in kept.parent.iterdir() if one.name.endswith(".part")] == []


def test_a_changed_byte_is_refused_by_the_name_of_its_table(world, kept, tmp_path):
    whole = plain(world, kept)
    starts = {name: whole.index(b'{"table":"%s"' % name.encode()) for name in ("report", "revision", "entry", "token")}
    for name, start in starts.items():
        end = whole.index(b'{"done":"%s"' % name.encode(), start)
        for at in (start + 12, (start + end) // 2, end - 3, end + 4):
            reseal(world, kept, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            with pytest.raises(Tampered, match=f"table {name}"):
                check(world, kept)
            with pytest.raises(Tampered, match=f"table {name}"):
                archive.restore(elsewhere(world, tmp_path / "new"), act(world), kept)
    # And into what the refusals left, the whole file goes.
    reseal(world, kept, whole)
    archive.restore(elsewhere(world, tmp_path / "new"), act(world), kept)


def test_no_byte_can_change_unnoticed(world, kept):
    whole = kept.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 400)):
        kept.write_bytes(whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :])
        with pytest.raises((Tampered, NotReady)):  # NotReady: it names an epoch that never was
            check(world, kept)
    for end in (0, 1, len(whole) // 2, len(whole) - 1):
        kept.write_bytes(whole[:end])
        with pytest.raises(Tampered):
            check(world, kept)
    kept.write_bytes(whole + b"\n")
    with pytest.raises(Tampered):
        check(world, kept)


def test_rows_cannot_move_between_tables_or_batches_be_left_out(world, kept):
    whole = plain(world, kept)
    start = whole.index(b'{"table":"report"')
    end = whole.index(b'{"table":', start + 1)
    reseal(world, kept, whole[:start] + whole[end:])
    with pytest.raises(Tampered, match="table report"):
        check(world, kept)
    reseal(world, kept, whole[:end] + whole[start:end] + whole[end:])
    with pytest.raises(Tampered):
        check(world, kept)


def test_what_is_released_and_who_filed_it_cannot_be_read_in_a_backup(world, kept):
    content, inside = kept.read_bytes(), plain(world, kept)
    for word in (b"Hub staff", b"members", b'"report"', world.hub.deployment.name.encode()):
        assert word in inside, "the test looked for nothing"
        assert word not in content


def test_a_backup_under_a_destroyed_epoch_opens_no_more(world, kept, tmp_path):
    keys = elsewhere(world, tmp_path / "new")
    secrets = json.loads((keys.keys / "secrets.json").read_text())
    secrets["secrets"] = [one for one in secrets["secrets"] if one["name"] == "index"]
    archive.stage(keys.keys, json.dumps(secrets).encode())
    with pytest.raises(NotReady, match="epoch 1"):
        archive.restore(keys, act(world), kept)
    assert not keys.home.exists()


def test_a_backup_of_an_older_version_says_what_to_restore_it_with(world, kept, tmp_path):
    kept.write_bytes(plain(world, kept))
    with pytest.raises(Tampered, match="restore it with version"):
        archive.restore(elsewhere(world, tmp_path / "new"), act(world), kept)


def test_the_secrets_go_into_the_database_and_stay_nowhere_else(world, kept, tmp_path):
    config = elsewhere(world, tmp_path / "new")
    assert (config.keys / "secrets.json").exists()
    archive.restore(config, act(world), kept)
    assert not (config.keys / "secrets.json").exists()
    hub = connect(config)
    assert hub.keyring.epochs == world.hub.keyring.epochs
    hub.store.close()


def test_only_an_empty_home_takes_a_backup(world, kept, tmp_path):
    with pytest.raises(Conflict, match="is not empty"):
        archive.restore(world.hub.config, act(world), kept)
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "letters").touch()
    with pytest.raises(Conflict, match="letters"):
        archive.restore(elsewhere(world, taken), act(world), kept)
    assert [one.name for one in taken.iterdir()] == ["letters"]
    fresh = set_up(elsewhere(world, tmp_path / "fresh"))
    with pytest.raises(Conflict, match="deployment"):
        archive.restore(fresh.config, act(world), kept)
    fresh.store.close()


def test_a_database_of_another_program_is_left_alone(world, kept, tmp_path):
    config = elsewhere(world, tmp_path / "new")
    config.home.mkdir()
    other = connect_bare(config)
    with pytest.raises(Conflict, match="ledger"):
        archive.restore(config, act(world), kept)
    assert other() == ["ledger"]


def connect_bare(config):
    """Put another program's table into the database of a home; what tells the tables there."""
    place = config.home / "hub.sqlite3"
    with sqlite3.connect(place) as opened:
        opened.execute("CREATE TABLE ledger (x)")
    opened.close()

    def tables():
        with sqlite3.connect(place) as opened:
            return [name for (name,) in opened.execute("SELECT name FROM sqlite_master")]

    return tables


def test_the_keys_of_another_hub_are_noticed_before_anything_is_kept(world, kept, tmp_path):
    other, copy = set_up(Config.read({}, str(tmp_path / "other"))), tmp_path / "other.tar"
    archive.keep_keys(other, act(world), copy)
    other.store.close()
    config = Config.read({"HUB_KEYS": str(tmp_path / "mine")}, str(tmp_path / "new"))
    archive.restore_keys(copy, config.keys)
    with pytest.raises(Tampered, match="another hub's"):
        archive.restore(config, act(world), kept)
    archive.restore(elsewhere(world, tmp_path / "new"), act(world), kept)


def test_a_backup_of_other_tables_says_which_version_to_use(world, kept, tmp_path, monkeypatch):
    with kept.open("rb") as file:
        made_by = SealedBackup(file, "it").heading["made_by"]
    monkeypatch.setattr("hub.store.migrations.newest", lambda _: "9999")
    with pytest.raises(NotReady, match=f"version {made_by}"):
        archive.restore(elsewhere(world, tmp_path / "new"), act(world), kept)


def test_a_backup_shows_one_instant_although_the_hub_goes_on(any_world, tmp_path):
    world, shapes = any_world, {shape.table: shape for shape in archiving.shapes()}
    world.file("producer", a_report(client_ref="BEFORE"))
    with world.hub.store.snapshot() as db:
        first = [row for some in archiving.rows(db, shapes["report"]) for row in some]
        world.file("producer", a_report(client_ref="MEANWHILE"))
        revisions = [row for some in archiving.rows(db, shapes["revision"]) for row in some]
    assert len(first) == len(revisions) == 1


def test_a_backup_that_is_killed_leaves_nothing_that_restores(world, tmp_path):
    for number in range(300):
        world.file("producer", a_report(client_ref=f"R-{number}", description="x" * 15000))
    place, home = tmp_path / "hub.backup", str(world.hub.config.home)
    for _ in range(4):
        child = subprocess.Popen(command("backup", str(place)), env=environment(HUB_HOME=home), stderr=subprocess.PIPE)
        while child.poll() is None and not list(tmp_path.glob("*.part")):
            time.sleep(0.001)
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
        assert not place.exists()
        (left,) = tmp_path.glob("*.part")
        with pytest.raises(Tampered):
            check(world, left)
        left.unlink()
    assert run("backup", str(place), HUB_HOME=home).returncode == 0
    check(world, place)


def test_a_restore_that_is_killed_leaves_room_for_the_next(world, tmp_path):
    for number in range(300):
        world.file("producer", a_report(client_ref=f"R-{number}", description="x" * 15000))
    place, new = keep(world, tmp_path / "hub.backup"), tmp_path / "new"
    settings = {"HUB_HOME": str(new), "HUB_KEYS": str(elsewhere(world, new).keys)}
    child = subprocess.Popen(command("restore", str(place)), env=environment(**settings), stderr=subprocess.PIPE)
    log = new / "hub.sqlite3-wal"
    while child.poll() is None and not (log.exists() and log.stat().st_size > 2_000_000):
        time.sleep(0.001)
    assert child.poll() is None, "the restore was over before it could be killed"
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    again = run("restore", str(place), **settings)
    assert again.returncode == 0, again.stderr
    assert "300 reports" in again.stdout

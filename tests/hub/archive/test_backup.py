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
from hub.archive.sealed import SealedBackup
from hub.config import Config
from hub.errors import Conflict, NotReady, Tampered
from hub.store import archiving
from hub.wiring import connect, set_up
from tests.factories import a_report
from tests.hub.archive.backups import act, check, elsewhere, keep
from tests.hub.services.steps import turn
from tests.servers import command, environment, run


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

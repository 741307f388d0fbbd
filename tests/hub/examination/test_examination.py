"""`hub doctor` finds what is amiss, says what mends it, and finds nothing in a hub that is well."""

import json
import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import update

from hub import receiving, rounds
from hub.config import Config
from hub.examination import Finding, examine
from hub.examination.parts import versions
from hub.store import Store
from hub.store.tables import Publisher
from hub.wiring import Hub
from tests.attaching import a_file, attach
from tests.conftest import World
from tests.factories import a_report
from tests.laws.test_documents import _is_command
from tests.servers import run


def found(hub: Hub, *but: str) -> set[str]:
    """Which checks found something; a test cluster has fsync off, and a test's clock is not the database's."""
    usual = {"disk"} | ({"durability", "clock"} if hub.store.engine.dialect.name == "postgresql" else set())
    return {one.check for one in examine(hub)} - usual - set(but)


def one(hub: Hub, check: str) -> Finding:
    return next(finding for finding in examine(hub) if finding.check == check)


def execute(world: World, *statements: str, **values: Any) -> None:
    with world.hub.store.writing() as db:
        for statement in statements:
            db.connection().execute(text(statement), values)


def lived(world: World) -> None:
    """A hub in which something happened: filed, accepted, released, the schedule turned."""
    for role, name in (("operator", "olga"), ("operator", "omar"), ("analyst", "anna"), ("analyst", "abel")):
        world.enrol(role, "Hub staff", person=name)
    filed = world.file("producer", a_report(client_ref="one", tlp="green"))
    world.accept(filed["id"], "members")
    rounds.tick(world.hub)


def test_a_hub_that_is_well_has_no_findings(any_world: World) -> None:
    lived(any_world)
    assert found(any_world.hub) == set()


def test_attachments_that_wait_or_were_refused_are_found(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(client_ref="one"))
    attach(world, filed["id"], a_file(), sha256="0" * 64)
    rounds.admit_all(world.hub)
    assert found(world.hub, "schedule", "people") == set()
    world.clock.forward(minutes=20)
    assert "attachments wait" in one(world.hub, "attachments").seen
    receiving.admit(world.hub)
    finding = one(world.hub, "attachments")
    assert filed["ref"] in finding.seen
    assert _is_command(finding.mend.split()[1:])


def test_every_mend_is_a_command_that_there_is(world: World) -> None:
    lived(world)
    world.clock.forward(days=360)
    world.file("producer", a_report(client_ref="two"))
    execute(world, "UPDATE revision SET fault = 'Tampered'", "UPDATE due SET fault = 'x'")
    world.clock.forward(hours=1)
    (world.hub.config.keys / "intake.pub").unlink()
    findings = examine(world.hub)
    assert len({finding.check for finding in findings}) > 4
    for finding in findings:
        assert finding.seen
        assert finding.means
        first, *words = finding.mend.split()
        assert shutil.which(first) or first in {"hub", "systemctl", "timedatectl", "psql"}, finding.mend
        if first == "hub":
            assert _is_command([word.strip('"') for word in words if word != "--help"]), finding.mend


def test_what_nobody_admits_is_found_after_a_minute(any_world: World) -> None:
    lived(any_world)
    any_world.file("producer", a_report(client_ref="two"))
    assert found(any_world.hub) == set()
    any_world.clock.forward(seconds=90)
    assert found(any_world.hub, "schedule") == {"admission"}
    assert "1 revisions wait for admission" in one(any_world.hub, "admission").seen
    rounds.tick(any_world.hub)
    assert found(any_world.hub) == set()


def test_feeds_that_nobody_turns_are_overdue(world: World) -> None:
    assert found(world.hub) == set(), "a hub that was just made is not late"
    world.clock.forward(minutes=2)
    lived(world)
    assert found(world.hub) == set()
    world.clock.forward(hours=1)
    assert "members" in one(world.hub, "schedule").seen
    assert "public" not in one(world.hub, "schedule").seen, "it is due once a week"


def test_a_publisher_that_died_at_work_is_found(any_world: World) -> None:
    lived(any_world)
    until = any_world.clock() - timedelta(minutes=5)
    asked = update(Publisher).values(owner="gone", until=until)
    with any_world.hub.store.writing() as db:
        db.exec(asked)
    assert found(any_world.hub) == {"heartbeat"}


def test_what_was_refused_or_set_aside_is_named_by_its_reference(any_world: World) -> None:
    lived(any_world)
    filed = any_world.file("producer", a_report(client_ref="two"))
    execute(any_world, "UPDATE revision SET fault = 'Tampered' WHERE report_id = :one", one=filed["id"])
    assert found(any_world.hub) == {"quarantine"}
    assert filed["ref"] in one(any_world.hub, "quarantine").seen
    execute(any_world, "UPDATE revision SET fault = NULL", "UPDATE due SET fault = 'an error'")
    assert found(any_world.hub, "admission") <= {"faults"}


def test_rights_that_end_soon_or_ended_lately_are_found(world: World) -> None:
    lived(world)
    world.clock.forward(days=290)  # grants are for 300, tokens for 365
    rounds.tick(world.hub)
    assert found(world.hub) == {"grants"}
    grants = [finding for finding in examine(world.hub) if finding.check == "grants"]
    assert 'hub member grant "The member\'s organisation" members --days 365' in {each.mend for each in grants}
    world.clock.forward(days=65)
    rounds.tick(world.hub)
    assert found(world.hub) == {"tokens"}
    assert one(world.hub, "tokens").mend.startswith("hub token rotate ")
    assert not any(token in finding.seen for token in world.tokens.values() for finding in examine(world.hub))


@pytest.mark.parametrize("name", ["root.key", "intake.key", "publisher.key", "epoch.pub"])
def test_a_key_file_that_is_gone_is_found(world: World, name: str) -> None:
    lived(world)
    (world.hub.config.keys / name).unlink()
    assert found(world.hub) - {"epoch"} == {"keys"}
    assert name in one(world.hub, "keys").seen


def test_keys_open_to_others_or_beside_the_data_are_found(world: World) -> None:
    lived(world)
    keys = world.hub.config.keys
    (keys / "root.key").chmod(0o640)
    assert "root.key is open" in one(world.hub, "keys").seen
    (keys / "root.key").chmod(0o600)
    inside = world.hub.config.home / "keys"
    shutil.copytree(keys, inside)
    moved = Hub(replace(world.hub.config, keys=inside), world.hub.store, world.clock)
    assert "lie with the data" in one(moved, "keys").seen


def test_another_root_key_or_epoch_is_found_and_no_secret_told(world: World) -> None:
    lived(world)
    keys = world.hub.config.keys
    held = (keys / "root.key").read_text("utf-8")
    other = json.dumps({"root": "ab" * 32})
    (keys / "root.key").write_text(other, "utf-8")
    assert "does not open" in one(world.hub, "epoch").seen
    (keys / "root.key").write_text(held, "utf-8")
    shown = json.loads((keys / "epoch.pub").read_text("utf-8"))
    (keys / "epoch.pub").write_text(json.dumps({**shown, "public_key": "cd" * 32}), "utf-8")
    assert "not the newest epoch" in one(world.hub, "epoch").seen
    assert not any(
        "cdcd" in repr(finding) or json.loads(held)["root"] in repr(finding) for finding in examine(world.hub)
    )


def test_released_bytes_that_were_changed_are_found(any_world: World) -> None:
    lived(any_world)
    execute(any_world, "UPDATE entry SET content = content || content WHERE feed = 'members'"
            if any_world.hub.store.engine.dialect.name == "postgresql"
            else "UPDATE entry SET content = CAST(content || 'x' AS BLOB) WHERE feed = 'members'")  # fmt: skip
    assert found(any_world.hub) == {"releases"}


def test_rows_that_lost_what_they_belong_to_are_found(any_world: World) -> None:
    lived(any_world)
    execute(any_world, "DELETE FROM receipt")
    assert "1 revisions without a receipt" in one(any_world.hub, "orphans").seen


def test_a_release_in_the_future_is_found(world: World) -> None:
    lived(world)
    world.clock.forward(hours=-3)
    assert "clock" in found(world.hub)


def test_a_damaged_file_is_found(world: World, tmp_path: Path) -> None:
    lived(world)
    world.hub.store.close()
    path = world.hub.config.home / "hub.sqlite3"
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + os.urandom(len(whole) - 8192))
    assert found(Hub(world.hub.config, Store(world.hub.config.database_url), world.clock)) == {"integrity"}
    path.write_bytes(b"not a database" * 1000)
    assert found(Hub(world.hub.config, Store(world.hub.config.database_url), world.clock)) == {"integrity"}


def test_nothing_set_up_is_found_and_nothing_is_made(tmp_path: Path) -> None:
    config = Config.read({}, str(tmp_path / "none"))
    hub = Hub(config, Store(config.database_url))
    assert found(hub) == {"home", "keys", "tables"}
    assert list(tmp_path.iterdir()) == []


def test_tables_of_another_version_are_found(any_world: World) -> None:
    execute(any_world, "UPDATE alembic_version SET version_num = '0001'")
    assert found(any_world.hub) == {"tables"}
    assert one(any_world.hub, "tables").mend == "hub init"


def test_settings_that_lose_what_was_acknowledged_are_found(cluster: str, any_world: World) -> None:
    if any_world.hub.store.engine.dialect.name == "postgresql":
        assert "fsync is off" in one(any_world.hub, "durability").seen
    else:
        assert any_world.hub.store.durability() == {"journal_mode": "wal", "synchronous": "2"}


def test_a_library_of_another_version_is_found(world: World, tmp_path: Path) -> None:
    pinned = tmp_path / "requirements.txt"
    pinned.write_text("flask==0.1 \\\n    --hash=sha256:00\nnot-installed==1.0\n", "utf-8")
    (finding,) = versions(world.hub, pinned)
    assert finding.seen.startswith("flask ")
    assert "not-installed" not in finding.seen
    assert list(versions(world.hub, tmp_path / "none")) == []


@pytest.mark.slow
def test_the_command_prints_findings_and_exits_accordingly(tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    nothing = run("doctor", "--home", home)
    assert nothing.returncode == 1
    assert "mend   hub init" in nothing.stdout
    run("init", "--home", home)
    well = run("doctor", "--home", home)
    assert (well.returncode, well.stdout) == (0, "all is well\n")
    (tmp_path / "home.keys" / "root.key").chmod(0o644)
    told = json.loads(run("doctor", "--home", home, "--json").stdout)
    assert [finding["check"] for finding in told["findings"]] == ["keys"]
    assert set(told["findings"][0]) == {"check", "seen", "means", "mend"}

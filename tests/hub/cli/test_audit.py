"""`hub audit` at a shell: what it prints, and what its exit code says."""

import json

from sqlalchemy import text

from tests.conftest import World
from tests.factories import a_report
from tests.servers import run


def audit(world: World, *words: str):
    return run("audit", *words, HUB_HOME=str(world.hub.config.home))


def test_a_sound_log_is_told_on_one_page_and_an_edited_one_exits_1(world: World, tmp_path) -> None:
    filed = world.file("producer", a_report())
    home = str(world.hub.config.home)
    assert run("publish", HUB_HOME=home).returncode == 0, "a command that publishes keeps the log too"
    told = audit(world, "verify")
    assert told.returncode == 0, told.stderr
    assert "Sound" in told.stdout
    assert "The window behind it: 0 entries" in told.stdout
    assert len(told.stdout.splitlines()) < 40
    kept = tmp_path / "kept.note"
    kept.write_text(world.send("auditor", "GET", "/api/v1/audit/checkpoint").get_json()["note"], "utf-8")
    with world.hub.store.writing() as db:
        db.connection().execute(text("DROP TRIGGER audit_entry_update"))
        db.connection().execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE seq = 2"))
    found = audit(world, "verify", "--checkpoint", str(kept), "--json")
    assert found.returncode == 1, found.stderr
    said = json.loads(found.stdout)
    assert (said["sound"], said["count"], said["held"]) == (False, 1, 2)
    assert "entry 2 at place 1" in said["faults"][0]
    listed = audit(world, "list", "--subject", filed["id"], "--action", "report.", "--json")
    assert {json.loads(line)["action"] for line in listed.stdout.splitlines()} == {"report.file", "report.admit"}
    assert audit(world, "list", "--since", "yesterday").returncode == 2


def test_a_key_that_was_kept_is_the_one_that_counts(world: World) -> None:
    world.file("producer", a_report())
    run("publish", HUB_HOME=str(world.hub.config.home))
    key = world.send("auditor", "GET", "/api/v1/audit/checkpoint").get_json()["key"]
    assert audit(world, "verify", "--key", key).returncode == 0
    refused = audit(world, "verify", "--key", key[:-4] + "AAA=")
    assert refused.returncode == 1
    assert "not one of this hub's log" in refused.stderr

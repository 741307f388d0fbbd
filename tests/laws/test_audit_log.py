"""The log shows what was done to it: every edit at or before a checkpoint held, and no honest use of the hub."""

import random
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import insert, text

from hub import logbook, rounds, witnessed
from hub.roles import Act, shell
from hub.services import ledger as service
from hub.store import audit, ledger
from hub.store.tables import METADATA, AuditEntry
from hub.wiring import set_up
from tests.conftest import World
from tests.factories import a_report
from tests.ledgers import Opened, fill, step, unexplained
from tests.tampering import EDITS, cut, tried, untriggered, verdict


def erase(world: World, *seqs: int) -> int:
    act = Act(shell("test"), world.clock())
    return world.hub.store.write(lambda db: service.erase(db, act, seqs, "a test says so"))


def test_every_edit_at_or_before_a_checkpoint_is_found(any_world: World) -> None:
    """The figure is 10,000 of them; here each kind twice."""
    fill(any_world, 300, 40)
    erase(any_world, 20, 30)
    size = fill(any_world, 20)
    assert verdict(any_world.hub).is_sound
    names = [*EDITS, *EDITS]
    found = list(tried(any_world.hub, names, 1, size))
    assert len(found) >= len(names) - 2
    assert [name for name, one in found if one.is_sound] == []
    assert verdict(any_world.hub).is_sound, "each edit was taken back"


def test_the_ordinary_work_of_a_hub_is_sound(any_world: World) -> None:
    for number in range(5):
        any_world.file("producer", a_report(client_ref=f"r{number}", tlp="green"))
        rounds.tick(any_world.hub)
        any_world.clock.forward(seconds=40)
    found = verdict(any_world.hub)
    assert (found.faults, found.held) == ([], found.checkpoints)
    assert found.checkpoints >= 3, "one a minute"
    any_world.file("producer", a_report(client_ref="one-more"))
    behind = verdict(any_world.hub)
    assert (behind.is_sound, behind.window) == (True, found.window + 1), "what is behind the checkpoint is the window"
    assert behind.window_since == any_world.clock() or found.window


def test_every_value_that_a_client_saw_has_its_intent_before_it(world: World) -> None:
    """The figure is 50,000 steps; here as many as take seconds. Each opening needs an intent of its own."""
    chance, seen = random.Random(5), list[Opened]()
    steps = Counter(step(world, chance, seen, 6) for _ in range(150))
    assert len(seen) > 50
    assert {name.partition(":")[0] for name in steps} >= {"open", "open a page", "scan", "wrong call", "amend"}
    assert unexplained(world, seen, 0)[0] == []
    assert unexplained(world, [*seen, *seen], 0)[0], "a value seen twice and opened once is found"
    assert unexplained(world, [replace(one, newest=0) for one in seen], 0)[0] == [
        replace(one, newest=0) for one in seen
    ]


def test_an_idle_tick_only_reads(world: World) -> None:
    fill(world, 3)
    with world.hub.store.reading() as db:
        before = db.connection().execute(text("PRAGMA data_version")).scalar()
        world.clock.forward(hours=1)
        logbook.keep(world.hub)
        assert db.connection().execute(text("PRAGMA data_version")).scalar() == before
    world.file("producer", a_report())
    logbook.keep(world.hub)
    with world.hub.store.reading() as db:
        assert not ledger.is_behind(db, world.clock())


def test_an_erased_payload_is_sound_only_while_an_erasure_names_its_leaf(any_world: World) -> None:
    fill(any_world, 30)
    assert erase(any_world, 10, 11, 10, 99_999) == 2
    assert erase(any_world, 10, 11) == 0, "once"
    fill(any_world, 1)
    found = verdict(any_world.hub)
    assert (found.is_sound, found.erased) == (True, 2)
    with any_world.hub.store.reading() as db:
        assert ledger.entry(db, 10) is None
        (said,) = [one for one in audit.entries(db) if one["action"] == "audit.erase"]
    assert [seq for _, seq, _ in said["details"]["leaves"]] == [10, 11]
    assert said["details"]["why"] == "a test says so"


def test_the_newest_entry_can_be_erased_before_it_has_a_place(any_world: World) -> None:
    """SQLite gives the number of a deleted last row once more: the erasure's own entry comes first."""
    fill(any_world, 5)
    any_world.file("producer", a_report())
    with any_world.hub.store.reading() as db:
        newest = audit.entries(db)[-1]["seq"]
    assert erase(any_world, newest) == 1
    any_world.file("producer", a_report(client_ref="after"))
    fill(any_world, 1)
    found = verdict(any_world.hub)
    assert (found.faults, found.erased) == ([], 1)


def test_after_a_restore_what_was_lost_is_said_and_the_rest_is_sound(world: World) -> None:
    """As a backup of before finds it: the log ends earlier than the second place says."""
    before = fill(world, 30, 10)
    fill(world, 20)
    with world.hub.store.writing() as db:
        connection = db.connection()
        untriggered(connection)
        cut(connection, before)
        audit.append(db, world.clock(), "shell", "hub.restore", "hub", sha256="…")
    fill(world, 40)
    found = verdict(world.hub)
    assert (found.count, found.lost, found.restores) == (1, 1, 1)
    assert "--after-restore" in found.faults[0]
    assert verdict(world.hub, knows_restore=True).is_sound


@pytest.mark.parametrize("any_world", ["postgresql"], indirect=True)
def test_a_late_commit_gets_the_next_place(any_world: World) -> None:
    """PostgreSQL gives numbers before commits: the lower one may appear after the higher one had its place."""
    hub = any_world.hub
    with hub.store.writing() as late:
        audit.append(late, any_world.clock(), "late", "test.late", "one")
        fill(any_world, 3)
        with hub.store.reading() as db:
            assert len(ledger.tree(db).gaps) == 1
        assert verdict(hub).is_sound
    assert verdict(hub).is_sound, "it has no place yet, and its turn is not over"
    fill(any_world, 1)
    with hub.store.reading() as db:
        assert ledger.tree(db).gaps == {}
    assert verdict(hub).is_sound


@pytest.mark.parametrize("any_world", ["postgresql"], indirect=True)
def test_what_comes_after_its_number_was_given_up_is_outside_the_log(any_world: World) -> None:
    hub = any_world.hub
    with hub.store.writing() as late:
        audit.append(late, any_world.clock(), "late", "test.late", "one")
        fill(any_world, 3)
        any_world.clock.forward(days=2)
        fill(any_world, 1)
    fill(any_world, 1)
    found = verdict(hub)
    assert found.count == 1
    assert "outside the log" in found.faults[0]


def test_the_second_place_alone_shows_a_log_that_was_made_anew(world: World) -> None:
    """Who owns database and signing key can write and sign another log; not one that fits what is held elsewhere."""
    fill(world, 300)
    seen = list(witnessed.every(world.hub.config.witness))
    with world.hub.store.writing() as db:
        connection = db.connection()
        for name in ("update", "delete", "replace"):
            connection.execute(text(f"DROP TRIGGER audit_entry_{name}"))
        connection.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE seq = 50"))
        for table in ("audit_leaf", "audit_tile", "audit_tree", "checkpoint"):
            connection.execute(METADATA.tables[table].delete())
    fill(world, 1)  # places, tiles and a checkpoint anew, with the hub's own key
    found = verdict(world.hub)
    assert list(witnessed.every(world.hub.config.witness))[: len(seen)] == seen, "only added to"
    assert found.count == 1
    assert "went on otherwise" in found.faults[0]


def test_a_hub_of_before_gets_its_keys_from_init_and_its_entries_their_places(world: World) -> None:
    for name in ("audit.key", "audit.pub"):
        (world.hub.config.keys / name).unlink()
    again = set_up(world.hub.config)
    again.clock = world.clock
    logbook.keep(again)
    assert verdict(again).is_sound
    again.store.close()


def test_the_upgrade_of_an_old_home_is_sequenced_in_slices(world: World) -> None:
    rows = [audit.entry(world.clock(), "token:x", "test.act", str(n)) for n in range(10_000)]
    with world.hub.store.writing() as db:
        db.connection().execute(insert(AuditEntry), rows)
    assert 0 < logbook.sequence(world.hub, seconds=0) <= ledger.SLICE
    assert logbook.sequence(world.hub) > 10_000 - ledger.SLICE

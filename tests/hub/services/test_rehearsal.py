"""A copy of the keys is worth what it gives back: each thing that it lacks is found, counted and said."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from hub import archive, roots, rounds
from hub.keys import Epoch, Keyring, new_epoch
from hub.roles import Act, shell
from hub.seal import new_key
from hub.services import rehearsal
from hub.services.rehearsal import Rehearsal
from hub.store import audit, deployments
from tests.conftest import World
from tests.factories import a_report

Files = dict[str, bytes]


def copied(world: World) -> Files:
    """A copy of the keys, in memory."""
    with world.hub.store.reading() as db:
        secrets = archive.secrets_file(db, world.clock())
    return {one.name: one.read_bytes() for one in world.hub.config.keys.iterdir()} | {"secrets.json": secrets}


def rehearsed(world: World, copy: Files) -> Rehearsal:
    """As `hub keys rehearse` does it."""
    with world.hub.store.reading() as db:
        live = rehearsal.live_epochs(db)
    epochs, told = rehearsal.unwrapped(roots.provider_of(copy.get, bytes), archive.secrets_in(copy), live)
    rehearsal.compare(told, copy, world.hub.directory.read)
    keyring = Keyring(epochs, world.hub.directory.receipts())
    with world.hub.store.reading() as db:
        return rehearsal.rehearse(db, keyring, world.hub.deployment.uid, told)


def intents(world: World) -> int:
    with world.hub.store.reading() as db:
        return sum(one["action"] == "open.intent" for one in audit.entries(db))


def furnish(world: World) -> World:
    for number in range(3):
        world.file("producer", a_report(client_ref=str(number)))
    rounds.admit_all(world.hub)
    return world


def test_a_whole_copy_loses_nothing_and_opens_no_field(any_world: World) -> None:
    world = furnish(any_world)
    before = intents(world)
    told = rehearsed(world, copied(world))
    assert intents(world) == before
    assert (told.is_sound, told.opened, told.lost, told.faults) == (True, [1], {}, [])
    assert len(told.tried) == 1


def test_a_rehearsal_is_written_down_without_a_secret(world: World) -> None:
    told = rehearsed(furnish(world), copied(world))
    world.hub.store.write(lambda db: rehearsal.record(db, Act(shell("test"), world.clock()), "ab" * 32, told))
    with world.hub.store.reading() as db:
        (entry,) = [one for one in audit.entries(db) if one["action"] == "keys.rehearse"]
    assert entry["subject"] == "ab" * 32
    assert entry["details"] == {"epochs": [1], "lost": {}, "faults": 0, "sound": True}


def without(name: str) -> Callable[[Files], Any]:
    return lambda copy: copy.pop(name)


def no_kek(copy: Files) -> None:
    said = json.loads(copy["secrets.json"])
    said["secrets"] = [one for one in said["secrets"] if one["name"] != "kek"]
    copy["secrets.json"] = json.dumps(said).encode()


def swapped(copy: Files) -> None:
    said = json.loads(copy["secrets.json"])
    by_name = {one["name"]: one for one in said["secrets"]}
    by_name["kek"]["wrapped"], by_name["private"]["wrapped"] = by_name["private"]["wrapped"], by_name["kek"]["wrapped"]
    copy["secrets.json"] = json.dumps(said).encode()


def other_root(copy: Files) -> None:
    copy["root.key"] = json.dumps({"root": new_key().hex()}).encode()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (without("secrets.json"), "lacks private and kek"),
        (no_kek, "older than this epoch: it lacks kek"),
        (swapped, "does not open"),
        (other_root, "does not open"),
    ],
)
def test_what_a_copy_does_not_open_is_counted_in_data_keys(
    world: World, spoil: Callable[[Files], Any], why: str
) -> None:
    copy = copied(furnish(world))
    spoil(copy)
    told = rehearsed(world, copy)
    assert not told.is_sound
    (lost,) = told.lost.values()
    assert lost[0] == 3
    assert why in lost[1]
    assert told.opened == []
    assert told.tried == []


def test_a_copy_from_before_an_epoch_lacks_that_epoch_alone(world: World) -> None:
    copy = copied(furnish(world))
    made = new_epoch(2, world.hub.directory.root())
    world.hub.store.write(lambda db: deployments.add_epoch(db, made, world.clock()))
    told = rehearsed(world, copy)
    assert (told.opened, list(told.lost), told.lost[2][0]) == ([1], [2], 0)


def test_keys_of_an_epoch_that_are_not_its_own_are_found_out(world: World) -> None:
    """Made by who holds the root key, and so whole: only the epoch's public key tells."""
    copy = copied(furnish(world))
    made = new_epoch(1, world.hub.directory.root())
    said = json.loads(copy["secrets.json"])
    for one in said["secrets"]:
        if one["name"] in {"private", "kek"}:
            one["wrapped"] = {"private": made.private_key, "kek": made.kek}[one["name"]].hex()
    copy["secrets.json"] = json.dumps(said).encode()
    assert "not the one to its public key" in rehearsed(world, copy).lost[1][1]


def test_a_symmetric_key_that_opens_no_data_key_is_found_out(world: World) -> None:
    furnish(world)
    with world.hub.store.reading() as db:
        keyring = Keyring({1: Epoch(1, new_key(), new_key())}, world.hub.directory.receipts())
        told = rehearsal.rehearse(db, keyring, world.hub.deployment.uid, Rehearsal(opened=[1]))
    assert told.lost[1][0] == 3
    assert "does not open the data key of report" in told.lost[1][1]


@pytest.mark.parametrize("name", ["intake.key", "intake.pub", "publisher.key"])
def test_a_key_file_that_is_missing_or_another_is_told(world: World, name: str) -> None:
    copy = copied(world)
    del copy[name]
    assert any(fault.startswith(f"{name} is not in the copy") for fault in rehearsed(world, copy).faults)
    copy[name] = b"{}"
    assert any(fault.startswith(f"{name} in the copy is another") for fault in rehearsed(world, copy).faults)

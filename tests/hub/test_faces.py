"""Which faces there are, and that a process of one reads no other's key files."""

from dataclasses import replace
from pathlib import Path

import pytest

from hub import faces, handing
from hub.config import Config
from hub.errors import Conflict, NotReady
from hub.keys import KeyDirectory
from hub.store import audit
from hub.wiring import Hub, connect
from tests.conftest import World
from tests.servers import run


def face_of(world: World, face: str, place: Path) -> Hub:
    """A face with what was handed out to it, on the same database."""
    handing.copy_keys(world.hub, face, place)
    return connect(replace(world.hub.config, keys=place, faces=frozenset({face})))


def test_a_list_of_faces_is_read_and_written() -> None:
    assert faces.chosen("all") == faces.ALL
    assert faces.chosen("web") == {"intake", "feeds", "console"}
    assert faces.chosen(" feeds, intake ") == {"intake", "feeds"}
    assert faces.chosen(faces.named({"publisher", "intake"})) == {"publisher", "intake"}
    for wrong in ("", ",", "web,nothing", "Intake"):
        with pytest.raises(NotReady, match="faces must be some of"):
            faces.chosen(wrong)


def test_the_settings_say_which(tmp_path: Path) -> None:
    assert Config.read({}, str(tmp_path)).faces == faces.ALL
    told = Config.read({"HUB_FACES": "feeds", "HUB_EPOCH_FILE": "/shown/epoch.pub"}, str(tmp_path)).environment()
    assert (told["HUB_FACES"], told["HUB_EPOCH_FILE"]) == ("feeds", "/shown/epoch.pub")
    with pytest.raises(NotReady, match="faces must be some of"):
        Config.read({"HUB_FACES": "kitchen"}, str(tmp_path))
    for wrong in ("Hub_", "h-", "1", "x; --"):
        with pytest.raises(NotReady, match="HUB_ROLE_PREFIX"):
            Config.read({"HUB_ROLE_PREFIX": wrong}, str(tmp_path))


def test_every_key_file_is_public_or_of_a_face() -> None:
    assert set(KeyDirectory.FILES) | {"epoch.pub"} <= faces.SECRETS | faces.PUBLIC
    assert not faces.SECRETS & faces.PUBLIC
    assert faces.FACES["feeds"].secrets == frozenset(), "feeds holds no secret"
    assert faces.ROOT.isdisjoint(faces.FACES["intake"].secrets), "intake seals and never opens"
    assert faces.withheld(faces.ALL) == frozenset()


@pytest.mark.parametrize("face", faces.FACES)
def test_a_face_gets_its_own_key_files_and_starts_with_them(world: World, tmp_path: Path, face: str) -> None:
    place = tmp_path / "own"
    hub = face_of(world, face, place)
    there = {one.name for one in place.iterdir()}
    assert there == (faces.FACES[face].secrets | faces.PUBLIC) - {"root.toml", "root.next.toml"}
    assert place.stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in place.iterdir()} == {0o600}
    hub.take_keys()
    if face not in faces.OPENING:
        with pytest.raises(NotReady):
            _ = hub.keyring
    hub.store.close()


@pytest.mark.parametrize("face", ["intake", "feeds"])
def test_what_lies_before_a_face_and_is_not_its_own_is_not_read(world: World, face: str) -> None:
    hub = connect(replace(world.hub.config, faces=frozenset({face})))  # the whole key directory
    for withheld in ("keyring", "index_keys", "publisher_keys"):
        with pytest.raises(NotReady):
            getattr(hub, withheld)
    with pytest.raises(NotReady, match=r"audit\.key is not for this process"):
        hub.directory.auditor()
    hub.store.close()


def test_intake_seals_to_the_epoch_that_is_shown_elsewhere(world: World, tmp_path: Path) -> None:
    shown = tmp_path / "shown" / "epoch.pub"
    shown.parent.mkdir()
    shown.write_bytes((world.hub.config.keys / "epoch.pub").read_bytes())
    hub = connect(replace(world.hub.config, faces=frozenset({"intake"}), epoch_file=shown))
    assert hub.sealer.ground.epoch == 1
    publisher = connect(replace(world.hub.config, faces=frozenset({"publisher"}), epoch_file=shown))
    publisher.directory.show_epoch(2, bytes(32))
    assert hub.sealer.ground.epoch == 2, "what the publisher shows there, intake takes from there"
    assert world.hub.directory.epoch()[0] == 1
    assert shown.stat().st_mode & 0o777 == 0o644, "intake may run as another user"
    for one in (hub, publisher):
        one.store.close()


def test_a_directory_with_another_faces_key_is_refused(world: World, tmp_path: Path) -> None:
    handing.copy_keys(world.hub, "intake", tmp_path / "one")
    with pytest.raises(Conflict, match=r"holds intake\.key, which feeds must not have"):
        handing.copy_keys(world.hub, "feeds", tmp_path / "one")
    handing.copy_keys(world.hub, "intake", tmp_path / "one")


def test_the_command_hands_out_and_the_audit_says_so(world: World, tmp_path: Path) -> None:
    home = str(world.hub.config.home)
    done = run("keys", "hand-out", "intake", str(tmp_path / "out"), "--home", home)
    assert done.returncode == 0, done.stderr
    assert "intake.key" in done.stdout
    with world.hub.store.reading() as db:
        (told,) = [one for one in audit.entries(db) if one["action"] == "key.hand_out"]
    assert told["subject"] == "intake"
    assert "intake.key" in told["details"]["files"]
    assert run("keys", "hand-out", "kitchen", str(tmp_path / "x"), "--home", home).returncode == 2


def test_a_process_that_is_not_the_publisher_runs_no_schedule(world: World) -> None:
    done = run("schedule", "--home", str(world.hub.config.home), HUB_FACES="intake")
    assert (done.returncode, "the schedule is the publisher's" in done.stderr) == (1, True)
    refused = run("serve", "--faces", "kitchen", "--home", str(world.hub.config.home))
    assert (refused.returncode, "faces must be some of" in refused.stderr) == (2, True)


def test_a_console_without_a_root_key_does_not_start(world: World, tmp_path: Path) -> None:
    place = tmp_path / "own"
    hub = face_of(world, "console", place)
    (place / "root.key").unlink()
    with pytest.raises(NotReady, match=r"root\.key is missing"):
        hub.take_keys()
    hub.store.close()

"""No backup holds a key: whoever takes one home takes nothing that opens it."""

import json

from hub import archive
from hub.archive.sealed import SealedBackup
from hub.roles import Act, shell
from tests.conftest import World
from tests.factories import a_full_report

PUBLIC = {"intake.pub", "epoch.pub"}


def test_no_secret_of_a_key_file_is_in_a_backup(any_world: World, tmp_path) -> None:
    """Not even once it is opened: neither epochs' secrets nor what a key file holds."""
    world, place = any_world, tmp_path / "hub.backup"
    world.file("producer", a_full_report(tlp="green", client_ref="FULL"))
    world.release()
    archive.backup(world.hub, Act(shell("test"), world.clock()), place)
    with place.open("rb") as kept:
        sealed = SealedBackup(kept, place.name)
        content = sealed.laid_open(world.hub.keyring.epochs[sealed.epoch].kek).read()
    seen = 0
    for file in world.hub.config.keys.iterdir():
        if file.name in PUBLIC:
            continue
        for secret in json.loads(file.read_text()).values():
            assert secret.encode() not in content, file.name
            assert bytes.fromhex(secret) not in content, file.name
            seen += 1
    for epoch in world.hub.keyring.epochs.values():
        for key in (epoch.private_key, epoch.kek):
            assert key not in content
            assert key.hex().encode() not in content
            seen += 1
    assert seen >= 6, "the law looked at nothing"
    assert b"CANARY-poc" not in content, "a sealed value"
    assert not any(file.read_bytes() in content for file in world.hub.config.keys.iterdir())

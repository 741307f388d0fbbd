"""Backups made, brought elsewhere, and laid open, for tests of the archive."""

from hub import archive
from hub.archive.sealed import SealedBackup, writer
from hub.config import Config
from hub.roles import Act, shell


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
        return sealed.laid_open(world.hub.keyring.epochs[sealed.epoch].kek).read()


def reseal(world, place, content):
    """Other content under the same hub's key: what only damage before the sealing could do."""
    with place.open("wb") as file:
        sealing = writer(file, {"hub": world.hub.deployment.uid}, 1, world.hub.keyring.epochs[1].kek)
        sealing.write(content)
        sealing.finish()


def check(world, place):
    return archive.verify_here(place, world.hub)

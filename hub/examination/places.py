"""The home, its disk, and the key files: there, apart, of their owner alone, and those of this database."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from hub import faces
from hub.errors import Busy, NotReady, Tampered
from hub.examination.finding import Finding
from hub.keys import KeyDirectory, unwrap_epoch
from hub.roots import ROOT
from hub.store import deployments
from hub.wiring import Hub

LEAST_FREE = 1 << 30  # bytes
LEAST_SHARE = 0.05


def home(hub: Hub) -> Iterator[Finding]:
    """The home is there, can be written, is closed to others, and has room."""
    place = hub.config.home
    if not place.is_dir():
        yield Finding("home", f"{place} is not there", "nothing can be stored", "hub init")
        return
    if not os.access(place, os.W_OK | os.X_OK):
        yield Finding("home", f"{place} cannot be written", "filing and publishing fail", f"chown -R $(id -u) {place}")
    if place.stat().st_mode & 0o077:
        means = "other users of this machine can read clear fields, or the whole database"
        yield Finding("home", f"{place} is open to others", means, f"chmod 700 {place}")
    disk = shutil.disk_usage(place)
    if disk.free < LEAST_FREE or disk.free < disk.total * LEAST_SHARE:
        means = "once it is full nothing is filed, and what is acknowledged stays safe; make room or a larger disk"
        yield Finding("disk", f"{disk.free >> 20:,} MiB are free", means, f"df -h {place}")


def keys(hub: Hub) -> Iterator[Finding]:
    """The key files are there, of mode 0600, and not where a backup of the data would take them."""
    place, root = hub.config.keys, hub.config.home
    if place == root or root in place.parents or place in root.parents:
        means = "whoever gets a copy of the one has the other: sealed fields are open to them"
        yield Finding("keys", "the keys lie with the data", means, f"mv {place} {root}.keys")
    if not place.is_dir():
        means = "nothing can be sealed or opened; HUB_KEYS says where they lie"
        yield Finding("keys", f"{place} is not there", means, "hub restore --keys FILE")
        return
    for name in KeyDirectory.expected([one.name for one in place.iterdir()]):
        if name not in faces.withheld(hub.config.faces):
            yield from _key(place / name)
    yield from _key(hub.config.epoch_file or place / "epoch.pub")
    if place.stat().st_mode & 0o077:
        yield Finding("keys", f"{place} is open to others", "other users can list it", f"chmod 700 {place}")


def _key(path: Path) -> Iterator[Finding]:
    if not path.is_file():
        means = "this part of the hub cannot seal, open or publish; bring the file back from your copy of the keys"
        yield Finding("keys", f"{path.name} is missing", means, "hub restore --keys FILE")
    elif path.stat().st_mode & 0o077 and path.suffix == ".key":
        means = "other users of this machine can read a secret: close it, and rotate what they may have read"
        yield Finding("keys", f"{path.name} is open to others", means, f"chmod 600 {path}")


def epoch(hub: Hub) -> Iterator[Finding]:
    """The files are those of this database: the root key opens its epochs, and intake seals to the newest."""
    if not hub.config.faces & faces.OPENING:
        return  # a face without the root key cannot tell
    with hub.store.reading() as db:
        stored = deployments.epochs(db)
    mend = "hub restore --keys FILE"
    try:
        root = hub.directory.root()
        for one in stored:
            unwrap_epoch(one, root)
        number, public_key = hub.directory.epoch()
    except Busy as busy:
        yield Finding("epoch", str(busy), "whether the root key opens the epochs was not found out", "hub doctor")
        return
    except (NotReady, OSError, ValueError, KeyError) as unread:
        if isinstance(unread, NotReady) and hub.directory.read(ROOT) is not None:
            means = "a process that starts now opens nothing; those that run go on"
            yield Finding("epoch", f"the root key cannot be used: {unread}", means, "hub keys show")
            return
        yield Finding("epoch", f"the key files cannot be read: {type(unread).__name__}", "nothing can be opened", mend)
        return
    except Tampered:
        means = "root.key or the passphrase is not that of this database: nothing filed in it can be opened"
        yield Finding("epoch", "the root key does not open the epochs", means, mend)
        return
    if not stored or (number, public_key) != (stored[-1].number, stored[-1].public_key):
        means = "intake seals to a key that nobody can open, or to an old one: stop filing and put epoch.pub right"
        yield Finding("epoch", "epoch.pub is not the newest epoch of the database", means, mend)

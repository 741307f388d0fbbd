"""Backup: a file that holds one instant of everything but the keys, beside a hub that goes on."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hub import __version__
from hub.archive.frames import Reader, Writer
from hub.archive.sealed import SealedBackup, writer
from hub.errors import Conflict, Tampered
from hub.roles import Act
from hub.store import archiving, audit, deployments, migrations
from hub.wiring import Hub


@dataclass(frozen=True)
class Kept:
    """What a backup holds: rows by table, and the digest over everything."""

    rows: dict[str, int]
    digest: str


def backup(hub: Hub, act: Act, place: Path) -> Kept:
    """Write a backup; raises Conflict rather than write over a file.

    A crash leaves a file that ends in `.part`; it has no last line, and no restore takes it.
    """
    row = hub.deployment
    said = {"hub": row.uid, "at": act.at.isoformat(), "made_by": __version__}
    with new_file(place) as file:
        with hub.store.snapshot() as db:
            # Of the same instant as the rows: whoever has the keys of then has this one's too.
            epoch = max(one.number for one in deployments.epochs(db))
            sealing = writer(file, said, epoch, hub.keyring.epochs[epoch].kek)
            inner = Writer(sealing, {**said, "tables": migrations.current(hub.store), "name": row.name})
            for shape in archiving.shapes():
                inner.table(shape, archiving.rows(db, shape))
        digest = inner.finish()
        sealing.finish()
    with hub.store.writing() as db:
        audit.append(db, act.at, act.caller.token_id, "hub.backup", row.uid, sha256=digest, epoch=epoch)
    return Kept(inner.rows, digest)


def check(place: Path, kek_of: Callable[[SealedBackup], bytes]) -> Kept:
    """Verify a backup from its first to its last byte; raises Tampered, and whatever the giver of keys does."""
    with reading(place, kek_of) as reader:
        for _ in reader.batches(archiving.shapes()):
            pass
    return Kept(reader.rows, reader.digest)


@contextmanager
def reading(place: Path, kek_of: Callable[[SealedBackup], bytes]) -> Iterator[Reader]:
    """A backup, opened with the key of its epoch; raises Tampered with the file's name."""
    with place.open("rb") as file:
        sealed = SealedBackup(file, place.name)
        kek = kek_of(sealed)
        try:
            yield Reader(sealed.laid_open(kek), place.name)
        except Tampered as broken:
            if str(broken).startswith(place.name):
                raise
            message = f"{place.name} cannot be restored: {broken}"
            raise Tampered(message) from None


@contextmanager
def new_file(place: Path) -> Iterator[BinaryIO]:
    """A file of mode 0600 that appears under its name only when it is whole and on the disk; raises Conflict."""
    _must_be_free(place)
    handle, draft = tempfile.mkstemp(dir=place.parent, prefix=f"{place.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb", buffering=1 << 20) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _must_be_free(place)
        os.rename(draft, place)  # noqa: PTH104 - Path.rename is the same, and the draft is no Path
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(draft)  # noqa: PTH108 - as above
        raise
    sync_directory(place.parent)


def sync_directory(place: Path) -> None:
    """See that a name which was given in a directory survives a power cut."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _must_be_free(place: Path) -> None:
    if place.exists():
        message = f"{place} exists; name a new file, for a backup is never written over"
        raise Conflict(message)

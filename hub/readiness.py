"""Whether this process can do its work: database, tables, keys, disk.

Asked every few seconds by whoever routes requests here: cheap, and tells no path and no value.
"""

import os
import shutil
from collections.abc import Iterator
from functools import cache

from hub import faces
from hub.errors import Busy, HubError, NotReady
from hub.store import migrations
from hub.wiring import Hub

LEAST_FREE = 64 << 20  # bytes: below, SQLite or a log may fail at the next write


def missing(hub: Hub) -> list[str]:
    """What keeps this process from its work; nothing if it is ready."""
    return list(_missing(hub))


def _missing(hub: Hub) -> Iterator[str]:
    database = _database(hub)
    if database:
        yield database
    try:
        if faces.INTAKE in hub.config.faces:
            hub.directory.intake()
        hub.directory.epoch()
    except (HubError, OSError, ValueError, KeyError):
        yield "the key files cannot be read"
    try:
        is_writable = os.access(hub.config.home, os.W_OK | os.X_OK)
        if not is_writable or shutil.disk_usage(hub.config.home).free < LEAST_FREE:
            yield "the home takes no more: it is full or cannot be written"
    except OSError:
        yield "the home is not there"


def _database(hub: Hub) -> str:
    if not hub.store.is_alive():
        return "the database does not answer"
    if migrations.current(hub.store) != _newest():
        return "the tables are not those of this version; run `hub init`"
    try:
        uid = hub.deployment.uid
    except NotReady:
        uid = ""
    except Busy:
        return "the database does not answer"
    return "" if uid else "the hub is not set up; run `hub init`"


@cache
def _newest() -> str | None:
    # The scripts of a running program do not change; to read them costs more than all else here.
    return migrations.newest_known()

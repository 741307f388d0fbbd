"""Restore: a backup into an empty home, on either engine, in one transaction.

1. Only into a home and a database that hold nothing; what is there is named.
2. Each batch is verified before it is read, and the whole before the commit. A crash, or a file that does not verify,
   leaves tables without rows, into which the next restore goes.
3. Bytes, ids, positions and tokens are those of the backup. The old publisher's lease is not, and the search index is
   built again by the next tick.
"""

from pathlib import Path

from hub.archive.frames import Reader
from hub.archive.keeping import Kept
from hub.config import Config
from hub.errors import Conflict, NotReady, Tampered
from hub.keys import KeyDirectory, unwrap_epoch
from hub.roles import Act
from hub.store import Session, Store, archiving, audit, deployments, migrations
from hub.wiring import Hub, unmade


def restore(config: Config, act: Act, place: Path) -> Kept:
    """Bring a hub back from a backup; raises Conflict where there is one, Tampered if the file does not verify."""
    _must_be_empty(config)
    with place.open("rb") as file:
        reader = Reader(file, place.name)
        hub = unmade(config)
        _same_tables(hub, reader, place)
        _must_hold_nothing(config, hub.store)
        migrations.upgrade(hub.store)
        with hub.store.writing() as db:
            _fill(db, reader)
            _keys_fit(db, config)
            audit.append(db, act.at, act.caller.token_id, "hub.restore", reader.heading["hub"], sha256=reader.digest)
    hub.store.close()
    return Kept(reader.rows, reader.digest)


def _fill(db: Session, reader: Reader) -> None:
    shapes = {shape.table: shape for shape in archiving.shapes()}
    archiving.begin(db)
    for batch in reader.batches(list(shapes.values())):
        archiving.fill(db, shapes[batch.table], batch.rows)
    archiving.finish(db)


def _must_be_empty(config: Config) -> None:
    if not config.home.exists():
        return
    # A restore that was interrupted leaves the empty database behind.
    there = sorted(one.name for one in config.home.iterdir() if not one.name.startswith("hub.sqlite3"))
    if there:
        message = f"{config.home} is not empty: it holds {_some(there)}; restore into a new home"
        raise Conflict(message)


def _must_hold_nothing(config: Config, store: Store) -> None:
    if there := archiving.found_in(store):
        where = config.home if config.database_url.startswith("sqlite") else "the database that HUB_DATABASE_URL names"
        message = f"{where} is not empty: there are rows in {_some(there)}; restore into a new one"
        raise Conflict(message)


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"  # noqa: PLR2004 - as many as one reads


def _same_tables(hub: Hub, reader: Reader, place: Path) -> None:
    own, said = migrations.newest(hub.store), reader.heading.get("tables")
    if said != own:
        message = f"{place.name} holds tables of revision {said}, this version has {own}: restore it with the version"
        raise NotReady(f"{message} {reader.heading.get('made_by')} that made it, then update")


def _keys_fit(db: Session, config: Config) -> None:
    directory = KeyDirectory(config.keys)
    if not directory.exists:
        return
    root = directory.root()
    try:
        for one in deployments.epochs(db):
            unwrap_epoch(one, root)
    except Tampered:
        message = f"the keys in {config.keys} are another hub's: they do not open this backup; set HUB_KEYS"
        raise Conflict(message) from None

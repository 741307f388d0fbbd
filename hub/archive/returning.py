"""Restore: a backup into an empty home, on either engine, in one transaction.

1. The keys come first: the archive is opened with the key of its epoch, which `hub restore --keys` has laid down.
2. Only into a home and a database that hold nothing; what is there is named.
3. Each batch is verified before it is read, and the whole before the commit. A crash, or a file that does not verify,
   leaves tables without rows, into which the next restore goes.
4. Bytes, ids, positions and tokens are those of the backup. The old publisher's lease is not, and the search index is
   built again by the next tick.
"""

from pathlib import Path

from hub.archive.frames import Reader
from hub.archive.keeping import Kept, check, reading
from hub.archive.kept_secrets import MEMBER, rows_in
from hub.archive.keyfiles import unstage
from hub.archive.sealed import SealedBackup
from hub.config import Config
from hub.errors import Conflict, NotReady, Tampered
from hub.keys import KeyDirectory, unwrap_epoch
from hub.roles import Act
from hub.roots import Ask, in_file, provider_of
from hub.seal import public_key_of
from hub.store import Session, Store, archiving, audit, deployments, migrations, recovery
from hub.store.tables import Secret
from hub.wiring import Hub, unmade


def restore(config: Config, act: Act, place: Path, ask: Ask | None = None) -> Kept:
    """Bring a hub back from a backup; raises Conflict where there is one, Tampered if the file does not verify.

    Raises NotReady if the keys were not put back yet, or do not reach to the epoch of the backup.
    """
    _must_be_empty(config)
    directory = KeyDirectory(config.keys, ask or in_file(config.passphrase_file))
    with reading(place, lambda sealed: kek(directory, sealed)) as reader:
        hub = unmade(config)
        _same_tables(hub, reader, place)
        _must_hold_nothing(config, hub.store)
        migrations.upgrade(hub.store)
        with hub.store.writing() as db:
            _fill(db, reader)
            shown = _give_secrets(db, directory)
            recovery.begin(db, act.at, reader.digest)
            audit.append(db, act.at, act.caller.token_id, "hub.restore", reader.heading["hub"], sha256=reader.digest)
    directory.show_epoch(*shown)
    unstage(config.keys)
    hub.store.close()
    return Kept(reader.rows, reader.digest)


def kek(directory: KeyDirectory, sealed: SealedBackup) -> bytes:
    """The key that opens a backup, from the key files and the secrets that lie beside them."""
    rows = {row.name: row for row in _staged(directory) if row.number == sealed.epoch}
    if "kek" not in rows:
        message = f"the keys in {directory.place} do not reach to epoch {sealed.epoch}, under which the backup lies:"
        raise NotReady(f"{message} take the backup of keys that was made with it (hub restore --keys FILE)")
    try:
        return directory.root().unwrap(rows["kek"].wrapped, "kek", str(sealed.epoch))
    except Tampered:
        message = f"the key files in {directory.place} and the secrets beside them are of two hubs; put back one backup"
        raise Conflict(message) from None


def verify_with(place: Path, copy: dict[str, bytes], ask: Ask) -> Kept:
    """Verify a backup with a copy of the keys that was read and put nowhere."""
    rows = {(row.name, row.number): row.wrapped for row in rows_in(copy)}

    def found(sealed: SealedBackup) -> bytes:
        if ("kek", sealed.epoch) not in rows:
            message = f"the copy of the keys does not reach to epoch {sealed.epoch}, under which the backup lies"
            raise NotReady(message)
        return provider_of(copy.get, ask).unwrap(rows["kek", sealed.epoch], "kek", str(sealed.epoch))

    return check(place, found)


def verify_here(place: Path, hub: Hub) -> Kept:
    """Verify a backup with the keys of a hub that runs."""

    def found(sealed: SealedBackup) -> bytes:
        held = hub.keyring.epochs.get(sealed.epoch)
        if held is None:
            message = f"the backup lies under epoch {sealed.epoch}, which this hub has destroyed or never had"
            raise NotReady(message)
        return bytes(held.kek)

    return check(place, found)


def put_secrets(hub: Hub) -> bool:
    """Give a hub whose data is there already the secrets that lie beside its key files; False if there are none."""
    if not _staged(hub.directory):
        return False
    with hub.store.writing() as db:
        shown = _give_secrets(db, hub.directory)
    hub.directory.show_epoch(*shown)
    unstage(hub.config.keys)
    return True


def _staged(directory: KeyDirectory) -> list[Secret]:
    if not directory.exists:
        message = f"No keys in {directory.place}: put them there first (hub restore --keys FILE), or set HUB_KEYS"
        raise NotReady(message)
    content = directory.read(MEMBER)
    return [] if content is None else rows_in({MEMBER: content})


def _give_secrets(db: Session, directory: KeyDirectory) -> tuple[int, bytes]:
    """The secrets of every epoch that lives, as it should be; the epoch to seal to. Raises Conflict for another's."""
    recovery.give_secrets(db, _staged(directory))
    living = {one.number: one for one in deployments.epochs(db)}
    if lost := recovery.living(db) - living.keys():
        message = f"the backup of keys is older than epoch {min(lost)}: take one that was made with the data or later"
        raise NotReady(message)
    root = directory.root()
    try:
        fits = all(public_key_of(unwrap_epoch(one, root).private_key) == one.public_key for one in living.values())
    except Tampered:
        fits = False
    if not fits:
        message = f"the keys in {directory.place} are another hub's: they do not open this backup; set HUB_KEYS"
        raise Conflict(message)
    newest = living[max(living)]
    return newest.number, newest.public_key


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

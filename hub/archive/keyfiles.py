"""The key files, in a file of their own: who has it and a backup can open everything."""

import os
import tarfile
import tempfile
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from hub.archive.keeping import new_file, sync_directory
from hub.archive.kept_secrets import MEMBER, secrets_file
from hub.errors import Conflict, NotReady, Tampered
from hub.keys import KeyDirectory
from hub.roles import Act
from hub.seal import digest
from hub.store import audit
from hub.wiring import Hub

LARGEST = 1 << 20


def keep_keys(hub: Hub, act: Act, place: Path) -> tuple[list[str], datetime | None]:
    """Copy the key files and the wrapped secrets; the names, and when the copy must be destroyed (None: never).

    A copy that outlives the erasure window opens what was erased, with an older backup of the data.
    """
    with hub.store.reading() as db:
        secrets = secrets_file(db, act.at)
    names = backup_keys(hub.config.keys, place, secrets)
    days = hub.config.erasure_days
    until = act.at + timedelta(days=days) if days else None
    said = {"sha256": digest(place.read_bytes()), "until": until and until.isoformat()}
    with hub.store.writing() as db:
        audit.append(db, act.at, act.caller.token_id, "hub.backup_keys", hub.deployment.uid, **said)
    return names, until


def backup_keys(keys: Path, place: Path, secrets: bytes | None = None) -> list[str]:
    """Copy every key file into one new file, and the wrapped secrets with them; the names of what is in it.

    Raises NotReady without keys, Conflict over a file.
    """
    if not KeyDirectory(keys).exists:
        message = f"there are no key files in {keys}; set HUB_KEYS to where they lie"
        raise NotReady(message)
    files = {one.name: one.read_bytes() for one in keys.iterdir() if one.is_file() and one.suffix != ".part"}
    files |= {} if secrets is None else {MEMBER: secrets}
    names = sorted(files)
    with new_file(place) as file, tarfile.open(fileobj=file, mode="w") as archive:
        for name in names:
            content = files[name]
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o600
            archive.addfile(entry, BytesIO(content))
    return names


def read_keys(place: Path) -> dict[str, bytes]:
    """The key files in a file that backup_keys made; raises Tampered for anything else."""
    try:
        with tarfile.open(place, mode="r:") as archive:
            found = {entry.name: _content(archive, entry) for entry in archive}
    except tarfile.TarError:
        message = f"{place.name} is not a file that `hub backup --keys` made"
        raise Tampered(message) from None
    if missing := [name for name in KeyDirectory.expected(found) if name not in found]:
        message = f"{place.name} lacks {', '.join(missing)}"
        raise Tampered(message)
    return found


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    # A name with a slash, a link or a device would be written where no key belongs.
    is_plain = entry.isfile() and entry.name == Path(entry.name).name and entry.size <= LARGEST
    file = archive.extractfile(entry) if is_plain else None
    if file is None:
        message = "it holds something that is no key file"
        raise Tampered(message)
    return file.read()


def restore_keys(place: Path, keys: Path) -> list[str]:
    """Put key files where the hub looks for them; their names. The same files there already are left as they are.

    Raises Conflict over other ones. A crash leaves a directory that ends in `.part`, or all of them.
    """
    found = read_keys(place)
    if keys.exists() and any(keys.iterdir()):
        # The hub shows intake its epoch anew; the secrets go on into the database.
        lasting = {name: said for name, said in found.items() if name not in {MEMBER, "epoch.pub"}}
        if any(not (keys / name).is_file() or (keys / name).read_bytes() != said for name, said in lasting.items()):
            message = f"{keys} holds other key files; move them away, or set HUB_KEYS to another directory"
            raise Conflict(message)
        if MEMBER in found:
            stage(keys, found[MEMBER])
        return sorted(found)
    keys.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=keys.parent, prefix=f"{keys.name}.", suffix=".part"))
    for name, content in found.items():
        with os.fdopen(os.open(draft / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    sync_directory(draft)
    draft.replace(keys)  # over an empty directory, or none
    sync_directory(keys.parent)
    return sorted(found)


def stage(keys: Path, secrets: bytes) -> None:
    """Lay the wrapped secrets beside the key files, until the database takes them."""
    draft = keys / f"{MEMBER}.part"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(keys / MEMBER)
    sync_directory(keys)


def unstage(keys: Path) -> None:
    """Remove the secrets again: the database has them."""
    (keys / MEMBER).unlink(missing_ok=True)
    sync_directory(keys)

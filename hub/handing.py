"""Handing out: the key files of one face, copied to a directory of its own, and no other.

1. The directory is its owner's alone (0700), the files too (0600). One that holds another face's key file is refused:
   nothing is deleted here.
2. Harmless to repeat, and to be repeated when keys changed: after `hub keys root`, and where intake reads its own
   `epoch.pub`, after each new epoch (`HUB_EPOCH_FILE` spares that).
"""

import os
from pathlib import Path

from hub import roots
from hub.errors import Conflict, NotReady
from hub.faces import FACES, OPENING, PUBLIC, SECRETS
from hub.roles import Act
from hub.store import audit
from hub.wiring import Hub


def hand_out(hub: Hub, act: Act, face: str, place: Path) -> list[str]:
    """Copy the key files of a face, and say so in the audit; their names."""
    names = copy_keys(hub, face, place)
    with hub.store.writing() as db:
        audit.append(db, act.at, act.caller.actor, "key.hand_out", face, files=names)
    return names


def copy_keys(hub: Hub, face: str, place: Path) -> list[str]:
    """Copy the key files of a face; their names. Raises NotReady if one is missing, Conflict over another face's."""
    found = {name: content for name in _of(hub, face) if (content := _content(hub, name)) is not None}
    if missing := sorted((FACES[face].secrets | PUBLIC) - found.keys() - {roots.ROOT, "root.key", "root.next.toml"}):
        message = f"{hub.config.keys} lacks {', '.join(missing)}"
        raise NotReady(message)
    if face in OPENING and not hub.directory.has_root:
        message = f"{hub.config.keys} holds no root key"
        raise NotReady(message)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if foreign := sorted({one.name for one in place.iterdir()} & (SECRETS - found.keys())):
        message = f"{place} holds {', '.join(foreign)}, which {face} must not have; choose another directory"
        raise Conflict(message)
    place.chmod(0o700)
    for name, content in found.items():
        _write(place / name, content)
    return sorted(found)


def _of(hub: Hub, face: str) -> frozenset[str]:
    names = FACES[face].secrets | PUBLIC
    said = hub.directory.read(roots.ROOT) if face in OPENING else None
    if said is not None and (parsed := roots.parse(said.decode()))["provider"] == "keyfile":
        return names | {str(parsed.get("file", "root.key"))}
    return names


def _content(hub: Hub, name: str) -> bytes | None:
    if name == "epoch.pub" and hub.config.epoch_file:
        return hub.config.epoch_file.read_bytes()
    return hub.directory.read(name)


def _write(place: Path, content: bytes) -> None:
    draft = place.with_name(f"{place.name}.part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(place)

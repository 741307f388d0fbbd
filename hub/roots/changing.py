"""A change of root provider, in the files of a key directory. The secrets themselves are `hub.services.rooting`'s.

`begin` writes `root.next.toml` (and the new key file, if the root is to be one); then the secrets are wrapped anew, in
one transaction; `finish` puts the new file in the place of `root.toml`; and once every secret has opened under it,
`tidy` removes key files that are no longer the root. A crash between any two leaves a directory with which a hub
starts, and which the next call goes on from.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.errors import Conflict
from hub.roots.choosing import KEY, NEXT, ROOT, complete, parse
from hub.seal import new_key

KEY_FILES = ("root.key", "root-*.key")


def begin(place: Path, said: Mapping[str, Any]) -> bool:
    """Say what the root is to be; True if that was said already. Raises Conflict if another change is under way."""
    if (place / NEXT).exists():
        under_way = parse((place / NEXT).read_text("utf-8"))
        if any(under_way.get(name) != value for name, value in said.items()):
            message = f"a change to {under_way['provider']} is under way; finish it first with `hub keys root`"
            raise Conflict(message)
        return True
    if said["provider"] == "keyfile":
        said = {"provider": "keyfile", "file": f"root-{os.urandom(4).hex()}.key"}
        _write(place, str(said["file"]), json.dumps({"root": new_key().hex()}))
    _write(place, NEXT, complete(said))
    return False


def is_under_way(place: Path) -> bool:
    """Whether a change was begun and not finished."""
    return (place / NEXT).exists()


def finish(place: Path) -> None:
    """Make the new root the root. The old key file stays until `tidy`."""
    if (place / NEXT).exists():
        (place / NEXT).replace(place / ROOT)
        _sync(place)


def tidy(place: Path) -> list[str]:
    """Remove key files that are no longer the root; their names. What is wrapped under them opens no more."""
    kept = KEY
    if (place / ROOT).exists():
        said = parse((place / ROOT).read_text("utf-8"))
        kept = str(said.get("file", KEY)) if said["provider"] == "keyfile" else ""
    removed = sorted(one.name for some in KEY_FILES for one in place.glob(some) if one.name != kept)
    for name in removed:
        (place / name).unlink()
    _sync(place)
    return removed


def _write(place: Path, name: str, text: str) -> None:
    draft = place / f"{name}.part"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(place / name)
    _sync(place)


def _sync(place: Path) -> None:
    folder = os.open(place, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

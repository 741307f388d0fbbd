"""An attachment, opened by `hub open`: what it is called, or its bytes in a file of one's own naming."""

import base64
import hashlib
import json
import os
from pathlib import Path

import click

from hub.cli.printing import indented
from hub.client import Client
from hub.errors import Conflict, Tampered


def open_attachment(hub: Client, path: str, why: dict[str, str], to: Path | None, *, as_json: bool) -> None:
    """Print what an attachment is called and is, or save its bytes."""
    if to is not None:
        _save(hub, path, why, to)
        return
    found = hub.send("POST", f"{path}/head", why).body
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for name in ("name", "media_type", "size", "sha256"):
        click.echo(f"{name}\n{indented(found[name])}")


def _save(hub: Client, path: str, why: dict[str, str], to: Path) -> None:
    """Save the bytes under a name that appears only when they are whole and are those that were sealed."""
    draft = to.with_name(f"{to.name}.part")
    if to.exists() or draft.exists():
        message = f"{to} exists, or its .part: name a new file, for nothing is written over"
        raise Conflict(message)
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            declared = hub.fetch(f"{path}/open", why, file)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            whole = hashlib.file_digest(file, "sha256").digest()
        if declared != f"sha-256=:{base64.b64encode(whole).decode()}:":
            message = "what came is not what was sealed; it was not saved"
            raise Tampered(message)
        draft.rename(to)
    finally:
        draft.unlink(missing_ok=True)
    click.echo(f"{to}: {to.stat().st_size:,} bytes, sha256 {whole.hex()}", err=True)

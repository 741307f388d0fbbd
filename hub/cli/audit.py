"""`hub audit`: verify the log of what was done, list it, and check one entry's proof."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.cli.asking import asked_hub, token_option
from hub.cli.home import home_option, the_hub
from hub.errors import Tampered

if TYPE_CHECKING:
    from hub.verifying import Verdict
    from hub.witnessed import Held

A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
A_ROOM = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """Verify the log of what was done, list it, check a proof."""


@audit.command()
@home_option
@click.option("--witness", type=A_ROOM, help="the second place; HUB_WITNESS, or beside the home, if not given")
@click.option("--checkpoint", type=A_FILE, multiple=True, help="a signed checkpoint that you kept")
@click.option("--key", help="the key that you kept, as name+id+key; without it the one in the key directory")
@click.option("--after-restore", is_flag=True, help="know of the restore on record, and of what was lost by it")
@click.option("--json", "as_json", is_flag=True, help="print what was found as JSON")
def verify(
    home: str | None,
    witness: Path | None,
    checkpoint: tuple[Path, ...],
    key: str | None,
    after_restore: bool,
    as_json: bool,
) -> None:
    """Find every edit, swap, deletion or truncation at or before a checkpoint held. Exits 1 if there is one.

    Reads the whole log, beside a running hub.
    """
    from hub import notes, verifying, witnessed

    hub = the_hub(home)
    origin = notes.origin_of(hub.deployment.uid)
    public = notes.public_key(key, origin) if key else hub.directory.audit_log()
    place = witness or hub.config.witness
    held = [witnessed.every(place), *(_kept(path) for path in checkpoint)]
    with hub.store.snapshot() as db:
        found = verifying.verify(db, verifying.Key(origin, public), held, knows_restore=after_restore)
    if as_json:
        click.echo(json.dumps({"sound": found.is_sound, **_plain(asdict(found))}, indent=2))
    else:
        _report(found, hub.deployment.name, str(place), hub.clock())
    hub.store.close()
    if not found.is_sound:
        sys.exit(1)


def _kept(path: Path) -> Iterator["Held"]:
    from hub.witnessed import Held

    note = path.read_text("utf-8", "replace")
    if note.startswith("{"):
        note = str(json.loads(note).get("note", ""))  # as GET /api/v1/audit/checkpoint answers
    size = note.split("\n")[1:2]
    yield Held(int(size[0]) if size and size[0].isdecimal() else 0, note)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value


def _report(found: "Verdict", name: str, place: str, at: datetime) -> None:
    rate = found.entries / found.seconds if found.seconds else 0
    click.echo(f"Audit log of {name}, {at:%Y-%m-%d %H:%M:%S} UTC\n")
    rows = {
        "entries in the log": f"{found.entries:,}",
        "of them erased, each named by an erasure": f"{found.erased:,}",
        "checkpoints in the database": f"{found.checkpoints:,}",
        "checkpoints held elsewhere": f"{found.held:,}   ({place})",
        "restores on record": f"{found.restores:,}",
        "read": f"in {found.seconds:.1f} s, {rate:,.0f} entries a second",
    }
    if found.unreadable:
        rows["unreadable lines there"] = f"{found.unreadable:,}"
    for label, said in rows.items():
        click.echo(f"  {label:42}{said}")
    click.echo()
    if found.newest is None:
        click.echo("No checkpoint is held: nothing can be said of this log.")
    else:
        click.echo(f"Newest checkpoint held: {found.newest.size:,} entries, {found.newest.at:%Y-%m-%d %H:%M:%S} UTC.")
        since = f", the first of {found.window_since:%Y-%m-%d %H:%M:%S} UTC" if found.window_since else ""
        click.echo(f"The window behind it: {found.window:,} entries{since}. Of them nothing can be said yet.")
        if not found.held:
            click.echo("It lies with the log: whoever can change both and sign can change all. Keep one elsewhere.")
    click.echo()
    if found.is_sound:
        click.echo("Sound: nothing at or before a checkpoint held was edited, swapped, deleted or cut off.")
        return
    click.echo(f"NOT SOUND: {found.count:,} faults.")
    for fault in found.faults:
        click.echo(f"  - {fault}")
    if found.count > len(found.faults):
        click.echo(f"  - and {found.count - len(found.faults):,} more")


@audit.command("list")
@home_option
@click.option("--actor", help="who did it, as entries name it")
@click.option("--action", help="such as report.file; `report.` means all that begin so")
@click.option("--subject", help="what it was done to")
@click.option("--since", help="the earliest instant, such as 2026-11-20")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--json", "as_json", is_flag=True, help="one JSON object a line")
def listed(
    home: str | None,
    actor: str | None,
    action: str | None,
    subject: str | None,
    since: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List entries, the newest first."""
    from hub.roles import Capability, shell
    from hub.services import auditing
    from schemas import instant

    hub = the_hub(home)
    try:
        first = instant.read(since).at if since else None
    except ValueError as wrong:
        raise click.BadParameter(str(wrong), param_hint="--since") from None
    wanted = auditing.Wanted(actor, action, subject, first)
    with hub.store.reading() as db:
        found = auditing.listed(db, shell("shell", "", Capability.AUDIT_READ), wanted, None, limit)
    for one in found:
        if as_json:
            click.echo(json.dumps(_plain(asdict(one))))
        else:
            said = json.dumps(dict(one.details), ensure_ascii=False)
            click.echo(f"{one.seq}  {one.at:%Y-%m-%d %H:%M:%S}  {one.actor}  {one.action}  {one.subject}  {said}")
    hub.store.close()


@audit.command()
@click.argument("seq", type=click.IntRange(1))
@token_option
@click.option("--key", help="the key that you kept, as name+id+key; without it the one that the hub tells now")
@click.option("--json", "as_json", is_flag=True, help="print the proof")
def prove(seq: int, token_file: Path | None, key: str | None, as_json: bool) -> None:
    """Fetch the proof that entry SEQ is in the log, over HTTP, and check it here. Exits 1 if it does not hold."""
    from hub import merkle, notes

    found = asked_hub(token_file).send("GET", f"/api/v1/audit/{seq}/proof").body
    origin, _, _ = (key or found["key"]).partition("+")
    signed = notes.read(found["checkpoint"], origin, notes.public_key(key or found["key"], origin))
    commitment = bytes.fromhex(found["commitment"])
    if found["payload"] is not None:
        made = notes.commitment(bytes.fromhex(found["salt"]), found["payload"].encode())
        if made != commitment:
            message = "the payload is not what the log commits to"
            raise Tampered(message)
    path = [bytes.fromhex(one) for one in found["path"]]
    if not merkle.is_included(merkle.leaf_hash(commitment), found["index"], signed.size, path, signed.root):
        message = "the entry is not in the log that the checkpoint signs"
        raise Tampered(message)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        click.echo(
            f"entry {seq} is at place {found['index']:,} of {signed.size:,}, signed {signed.at:%Y-%m-%d %H:%M} UTC"
        )
        click.echo(found["payload"] or "its payload is not yours to read; the commitment stands for it")

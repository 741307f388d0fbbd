"""`hub keys`: who holds the root key, whether the keys can be brought back, and their root changed."""

import sys
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli.home import home_option, prompt, the_hub
from hub.roles import Act, shell
from hub.wiring import now

if TYPE_CHECKING:
    from hub.roots import Ask, RootProvider
    from hub.services.rehearsal import Rehearsal
    from hub.wiring import Hub

A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
ROOMS: dict[str, str] = {
    "rotate": "epochs",
    "hand-out": "handing",
}  # commands that live in another module of hub/cli: name → module
PLAIN = ("keyfile", "passphrase")  # providers that need no settings


class Keys(click.Group):
    """A group, some of whose commands are loaded when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Those of this file, then the others."""
        return [*super().list_commands(ctx), *ROOMS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One command; `erasure-epoch` is the function `erasure_epoch` of its module."""
        if cmd_name not in ROOMS:
            return super().get_command(ctx, cmd_name)
        found: click.Command = getattr(import_module(f"hub.cli.{ROOMS[cmd_name]}"), cmd_name.replace("-", "_"))
        return found


@click.group(cls=Keys)
def keys() -> None:
    """Keys: who holds their root, and whether they can be brought back."""


@keys.command()
@home_option
def show(home: str | None) -> None:
    """Show the root provider, the epochs and who may open. Never a secret."""
    from hub.services import safekeeping

    hub = the_hub(home)
    root = hub.directory.root().describe()
    click.echo(f"root     {root.provider}: {root.key}{f', {root.version}' if root.version else ''}")
    if (hub.config.keys / "root.next.toml").exists():
        click.echo("         a change of root is under way; `hub keys root` goes on with it")
    with hub.store.reading() as db:
        seen = safekeeping.seen(db, hub.clock())
    for one in seen.epochs:
        if one.destroyed_at:
            click.echo(f"epoch {one.number}  destroyed {one.destroyed_at:%Y-%m-%d %H:%M}Z: nothing opens what it held")
            continue
        role = "seals and opens" if one.is_current else "opens"
        click.echo(
            f"epoch {one.number}  since {one.created_at:%Y-%m-%d}, {one.days} days; {role};"
            f" {one.data_keys:,} data keys; secrets under {one.provider}"
        )
    for number, provider in seen.indexes.items():
        click.echo(f"index {number}  the key of equality tags, under {provider}")
    click.echo("may open: whoever runs the hub's processes on this host, and")
    for name, tokens in seen.openers.items():
        click.echo(f"  {name}: {tokens} {'token' if tokens == 1 else 'tokens'} with sealed:open")


@keys.command()
@home_option
@click.argument("file", type=A_FILE)
def rehearse(home: str | None, file: Path) -> None:
    """Rehearse recovery: does FILE, made by `hub backup --keys`, open what this hub holds? Exits 1 if not.

    FILE is read into memory and nothing of the hub is changed. Of each epoch one data key is unwrapped; no field is
    opened. If the root is a passphrase, it is asked for, or read from HUB_PASSPHRASE_FILE.
    """
    from hub import archive
    from hub.keys import Keyring
    from hub.services import rehearsal

    hub = the_hub(home)
    copied = archive.read_keys(file)
    secrets = archive.secrets_in(copied)
    root = _root_in(hub, copied)
    with hub.store.reading() as db:
        live = rehearsal.live_epochs(db)
    epochs, told = rehearsal.unwrapped(root, secrets, live)
    rehearsal.compare(told, copied, hub.directory.read)
    with hub.store.reading() as db:
        rehearsal.rehearse(db, Keyring(epochs, hub.directory.receipts()), hub.deployment.uid, told)
    name, digest = root.describe().provider, sha256(file.read_bytes()).hexdigest()
    hub.store.write(lambda db: rehearsal.record(db, Act(shell("shell"), now()), digest, told))
    _tell(told, name)
    if not told.is_sound:
        sys.exit(1)


def _root_in(hub: "Hub", copied: dict[str, bytes]) -> "RootProvider":
    from hub import roots

    return roots.provider_of(copied.get, hub.ask or roots.in_file(hub.config.passphrase_file))


def _tell(told: "Rehearsal", provider: str) -> None:
    for at in told.opened:
        click.echo(f"epoch {at}: its keys come back, under {provider}")
    for report in told.tried:
        click.echo(f"the data key of report {report} unwraps; no field was opened")
    for at, (count, why) in told.lost.items():
        click.echo(f"epoch {at} WOULD BE LOST, and with it the sealed fields under {count:,} data keys: {why}")
    for fault in told.faults:
        click.echo(f"amiss: {fault}")
    click.echo("nothing would be lost" if told.is_sound else "make a new copy: hub backup --keys FILE")


@keys.command()
@home_option
@click.option("--to", metavar="FILE", help="keyfile, passphrase, or a file as docs/keys.md has it for transit and aws")
@click.option("--passphrase", type=A_FILE, help="the file with the new passphrase; else it is asked for")
def root(home: str | None, to: str | None, passphrase: Path | None) -> None:
    """Wrap every secret anew: under the newest version of its root key, or under another root with --to.

    All of them in one transaction; a run that was cut off is gone on with by the next. Data keys and reports are not
    touched, and running processes go on. Copies of the old root and the old secrets stay good together: only an erasure
    epoch ends that.
    """
    from hub import roots
    from hub.roots import changing

    hub = the_hub(home)
    standing = hub.ask or roots.in_file(hub.config.passphrase_file)
    coming = _coming(hub, passphrase)
    if to is not None:
        said = roots.parse(f'provider = "{to}"' if to in PLAIN else _text(to))
        if not changing.is_under_way(hub.config.keys) and said["provider"] != "keyfile":
            _try(roots.provider_of({roots.ROOT: roots.complete(said).encode()}.get, coming))
        changing.begin(hub.config.keys, said)
    is_change = changing.is_under_way(hub.config.keys)
    count = _rewrap(hub, standing, coming)
    changing.finish(hub.config.keys)
    if is_change:
        count = _rewrap(hub, coming, coming)  # each opens under the new root alone, one made meanwhile too
    for name in changing.tidy(hub.config.keys):
        click.echo(f"removed {name}, which is no longer the root")
    told = roots.provider_of(hub.directory.read, coming if is_change else standing).describe()
    click.echo(f"{count} secrets are under {told.provider}: {told.key}{f', {told.version}' if told.version else ''}")
    click.echo("Make a new copy of the keys: hub backup --keys FILE; and rehearse it: hub keys rehearse FILE", err=True)


def _coming(hub: "Hub", passphrase: Path | None) -> "Ask":
    """Where the new passphrase comes from, if the new root is one: a file, or a person at a terminal."""
    from hub.roots import in_file

    if passphrase is not None or not sys.stdin.isatty():
        return in_file(passphrase or hub.config.passphrase_file)
    return cache(lambda: prompt("New passphrase of the root key", twice=True))


def _text(place: str) -> str:
    return Path(place).read_text("utf-8")


def _try(root: "RootProvider") -> None:
    """A provider that does not give back what it was given must never become the root."""
    root.describe()
    if root.unwrap(root.wrap(b"a trial", "trial"), "trial") != b"a trial":
        message = "the new root does not give back what it wraps"
        raise click.ClickException(message)


def _rewrap(hub: "Hub", standing: "Ask", coming: "Ask") -> int:
    from hub import roots
    from hub.services import rooting

    provider = roots.provider_of(hub.directory.read, standing, coming)
    with hub.store.reading() as db:
        rows = rooting.secrets(db)
    made = rooting.rewrap(provider, rows)  # outside the transaction: a slow provider holds up no filing
    hub.store.write(lambda db: rooting.put(db, Act(shell("shell"), now()), provider, made))
    return len(made)

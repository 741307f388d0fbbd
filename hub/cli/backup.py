"""`hub backup` and `hub restore`: the data in one file, the keys in another."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli.home import asking, home_option, the_hub, whoever
from hub.config import Config, from_environment
from hub.roles import Act, Capability, shell
from hub.wiring import now

if TYPE_CHECKING:
    from hub.archive import Kept

A_FILE = click.Path(dir_okay=False, path_type=Path)
KEEP_APART = (
    "Whoever holds this file and a backup can open everything. Keep it elsewhere than the backups, encrypted\n"
    "or offline, and never on this host alone: without it no backup opens, for ever."
)


@click.command()
@home_option
@click.argument("file", type=A_FILE)
@click.option("--keys", is_flag=True, help="copy the key files, and nothing else")
def backup(home: str | None, file: Path, keys: bool) -> None:
    """Write one instant of the hub's data to a new FILE, encrypted under the current epoch, beside a running hub.

    With --keys, copy the key files instead. The two never lie in one file; keep them apart.
    """
    from hub import archive

    if keys:
        names, until = archive.keep_keys(the_hub(home), Act(shell("shell"), now()), file.absolute())
        click.echo(f"{file}: {', '.join(names)}")
        click.echo(KEEP_APART, err=True)
        if until is not None:
            click.echo(f"Destroy it by {until:%Y-%m-%d}: kept longer, it opens what was erased meanwhile.", err=True)
        return
    made = archive.backup(the_hub(home), Act(shell("shell"), now()), file.absolute())
    click.echo(f"{file}: {_told(made)}")
    click.echo("The keys are not in it: `hub backup --keys FILE` copies them, to keep elsewhere.", err=True)


@click.command()
@home_option
@click.argument("file", type=A_FILE, required=False)
@click.option("--keys", type=A_FILE, help="put back the key files that `hub backup --keys` copied to this file")
@click.option("--check", is_flag=True, help="verify FILE from its first to its last byte, and restore nothing")
def restore(home: str | None, file: Path | None, keys: Path | None, check: bool) -> None:
    """Bring a hub back from FILE into an empty home or database (HUB_DATABASE_URL), on either engine."""
    from hub import archive

    if file is None and (keys is None or check):
        message = "name the backup, the file of keys (--keys FILE), or both"
        raise click.UsageError(message)
    config = from_environment(home)
    if check and file is not None:
        click.echo(f"{file}: whole; {_told(_checked(config, file, keys))}")
        return
    if keys is not None:
        click.echo(f"{config.keys}: {', '.join(archive.restore_keys(keys, config.keys))}")
    if file is not None:
        made = archive.restore(config, Act(shell("shell"), now()), file, asking(config))
        click.echo(f"{config.home}: {_told(made)}")
        click.echo("Next: hub recover. Nothing is published before.", err=True)
    elif config.home.exists() and any(config.home.iterdir()):
        archive.put_secrets(the_hub(home))


@click.command()
@home_option
@click.option("--without-witness", "why", metavar="WHY", help="the second place is gone: why, and that you know better")
def recover(home: str | None, why: str | None) -> None:
    """Replay the second place (HUB_WITNESS) after a restore; until then nothing is published.

    What was withdrawn or erased since the backup is taken back again, and no release number or position is used twice.
    Takes two people: whoever restores, and another who says that this is the backup to go on from.
    """
    from hub import recovering

    hub = the_hub(home)
    told = recovering.replay(hub, Act(whoever(hub, Capability.KEY_ADMIN), now()), why_without=why)
    click.echo(f"{told['withdrawn']:,} reports withdrawn again, {told['erasing']:,} to be erased again")
    for feed, missed in told["feeds"].items():
        click.echo(f"{feed}: goes on {missed:,} releases later")
    if told["unreadable"]:
        click.echo(f"{told['unreadable']} lines of the second place cannot be read", err=True)


def _checked(config: Config, file: Path, keys: Path | None) -> "Kept":
    from hub import archive
    from hub.roots import in_file

    if keys is not None:
        return archive.verify_with(file, archive.read_keys(keys), asking(config) or in_file(config.passphrase_file))
    return archive.verify_here(file, the_hub(str(config.home)))


def _told(kept: "Kept") -> str:
    rows = kept.rows
    return f"{rows['report']:,} reports, {rows['entry']:,} entries, {sum(rows.values()):,} rows; sha256 {kept.digest}"

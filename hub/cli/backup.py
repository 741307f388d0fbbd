"""`hub backup` and `hub restore`: the data in one file, the keys in another."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli.home import home_option, the_hub
from hub.config import from_environment
from hub.roles import Act, shell
from hub.wiring import now

if TYPE_CHECKING:
    from hub.archive import Kept

A_FILE = click.Path(dir_okay=False, path_type=Path)
KEEP_APART = (
    "Whoever holds this file and a backup can open every sealed field. Keep it elsewhere than the backups, encrypted\n"
    "or offline, and never on this host alone: without it a backup's sealed fields stay shut for ever."
)


@click.command()
@home_option
@click.argument("file", type=A_FILE)
@click.option("--keys", is_flag=True, help="copy the key files, and nothing else")
def backup(home: str | None, file: Path, keys: bool) -> None:
    """Write one instant of the hub's data to a new FILE, beside a running hub. It holds no key.

    With --keys, copy the key files instead. The two never lie in one file; keep them apart.
    """
    from hub import archive

    if keys:
        names = archive.backup_keys(from_environment(home).keys, file.absolute())
        click.echo(f"{file}: {', '.join(names)}")
        click.echo(KEEP_APART, err=True)
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
    if check and file is not None:
        click.echo(f"{file}: whole; {_told(archive.check(file))}")
        return
    config = from_environment(home)
    if keys is not None:
        click.echo(f"{config.keys}: {', '.join(archive.restore_keys(keys, config.keys))}")
    if file is not None:
        made = archive.restore(config, Act(shell("shell"), now()), file)
        click.echo(f"{config.home}: {_told(made)}")
        if not (config.keys / "root.key").exists():
            click.echo(
                f"No keys in {config.keys}: put them there (`hub restore --keys FILE`) before serving.", err=True
            )


def _told(kept: "Kept") -> str:
    rows = kept.rows
    return f"{rows['report']:,} reports, {rows['entry']:,} entries, {sum(rows.values()):,} rows; sha256 {kept.digest}"

"""`hub keys hand-out`: a face gets the key files that are its own."""

from pathlib import Path

import click

from hub.cli.home import home_option, the_hub
from hub.faces import FACES
from hub.roles import Act, shell


@click.command("hand-out")
@home_option
@click.argument("face", type=click.Choice(list(FACES)))
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def hand_out(home: str | None, face: str, directory: Path) -> None:
    """Copy the key files of one face, and no other, into DIRECTORY (mode 0700).

    Name it as HUB_KEYS of that face's process, and make it that process's user's own (chown -R). Repeat it after
    `hub keys root`, and where intake has no HUB_EPOCH_FILE, after each new epoch. See docs/faces.md.
    """
    from hub import handing

    hub = the_hub(home)
    names = handing.hand_out(hub, Act(shell("shell"), hub.clock()), face, directory)
    click.echo(f"{face}  {directory}: {', '.join(names)}")

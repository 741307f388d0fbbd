"""`hub keys rotate`: a new epoch, every data key under it, and, if asked for, the end of those before."""

import time
from typing import TYPE_CHECKING

import click

from hub.cli.home import home_option, the_hub, whoever
from hub.roles import Act, Capability
from hub.wiring import now

if TYPE_CHECKING:
    from hub.services.rotation import State
    from hub.wiring import Hub

LOOK = 1.0  # seconds between two looks at what others do


@click.command()
@home_option
@click.option("--erase-old", is_flag=True, help="destroy the earlier epochs once nothing hangs on them")
@click.option("--wait", is_flag=True, help="do the work here and wait for its end, instead of leaving it to the clock")
@click.option("--why", default="a new epoch, by command", help="why, for whoever agrees and for the audit")
@click.option("--resume", is_flag=True, help="make no epoch: go on with what is under way")
def rotate(home: str | None, *, erase_old: bool, wait: bool, why: str, resume: bool) -> None:
    """Make an epoch and wrap every data key anew under it, while the hub runs. No report is touched.

    Takes two people. With --erase-old, earlier copies of the keys, and so earlier backups of the data, open nothing any
    more once it is done: make a new copy of the keys (hub backup --keys FILE). Cut off, it goes on by the clock, or
    with --resume --wait.
    """
    from hub import rotating

    hub = the_hub(home)
    if not resume:
        number = rotating.add(hub, Act(whoever(hub, Capability.KEY_ADMIN), now()), why, erases=erase_old)
        click.echo(f"epoch {number}: filings are sealed to it from now on")
    if wait or resume:
        _finish(hub)
    else:
        click.echo("the clock does the rest (hub serve, hub schedule); hub keys show tells how far it is")
    click.echo("Make a new copy of the keys: hub backup --keys FILE; and rehearse it: hub keys rehearse FILE", err=True)


def _finish(hub: "Hub") -> None:
    from hub import rotating

    said = ""
    while (found := rotating.turn(hub, LOOK)) is None or not found.is_done:
        if (line := _told(hub, found)) != said:
            click.echo(line, err=True)
            said = line
        if found is None or not found.hangs or not found.is_known:
            time.sleep(LOOK)
        elif hub.walk is not None and hub.walk.is_over and found.erasing is None:
            dead = len(hub.walk.dead)
            click.echo(f"{dead} data keys open under no epoch: they were changed, or forged; hub doctor tells more")
            break
    click.echo(f"every data key that opens is under epoch {found.goal}")


def _told(hub: "Hub", found: "State | None") -> str:
    if found is None or not found.is_known:
        return "waiting until every process knows the epoch"
    if found.settled_at is None:
        return f"data keys wrapped anew: {hub.walk.moved if hub.walk else 0:,}"
    return "waiting until requests under way have ended; then the earlier epochs are destroyed"

"""`hub init`, `serve`, `schedule` and `publish`: the operator runs a hub."""

import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from hub import faces as parts
from hub import policies
from hub.cli.home import asking, home_option, the_hub
from hub.config import Config, from_environment
from hub.errors import NotReady
from hub.wiring import connect, set_up

if TYPE_CHECKING:
    from hub.services.publishing import Outcome


@click.command()
@home_option
def init(home: str | None) -> None:
    """Make a hub, or bring one up to date. Harmless to repeat."""
    from hub.store import breaches, walls

    config = from_environment(home)
    hub = set_up(config, asking(config))
    if breaches.are_raised(hub.store, config.role_prefix):  # new tables have no rights yet
        walls.raise_walls(hub.store, config.role_prefix, hub.clock(), "hub init")
    click.echo(
        f"home  {config.home}\nkeys  {config.keys}   (keep a copy elsewhere, and out of every backup of the home)"
    )
    with hub.store.reading() as db:
        others = policies.kept(db)
    for name in others:
        click.echo(f"{name} keeps the policy that was applied to it; this version comes with another", err=True)
    hub.store.close()


WHICH = f"{', '.join(parts.GROUPS)}, with commas between; HUB_FACES equals it; all by default"


def _chosen(_context: click.Context, _option: click.Parameter, text: str | None) -> frozenset[str] | None:
    try:
        return None if text is None else parts.chosen(text)
    except NotReady as wrong:
        raise click.BadParameter(str(wrong)) from None


@click.command()
@home_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--threads", default=4, show_default=True)
@click.option("--faces", callback=_chosen, metavar="NAMES", help=f"which of its parts to run; {WHICH}")
def serve(home: str | None, host: str, port: int, workers: int, threads: int, faces: frozenset[str] | None) -> None:
    """Serve the API and TAXII, and publish on schedule, until interrupted.

    A process reads the key files of its faces only; of other faces it has no route. See docs/faces.md.
    """
    config = from_environment(home)
    config = replace(config, faces=faces or config.faces)
    hub = connect(config)
    hub.take_keys()  # says what is missing before anything starts
    hub.store.close()
    commands = []
    if own := config.faces & parts.WEB:
        commands.append((web_command(host, port, workers, threads), replace(config, faces=own)))
    if own := config.faces - parts.WEB:
        commands.append(([sys.executable, "-m", "hub", "schedule"], replace(config, faces=own)))
    sys.exit(supervise(commands))


def web_command(host: str, port: int, workers: int, threads: int) -> list[str]:
    """How gunicorn is started; what it may log is in `hub/web_server.py` (tests/laws/test_network.py)."""
    options = {"config": "python:hub.web_server", "bind": f"{host}:{port}", "workers": workers, "threads": threads}
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return [sys.executable, "-m", "gunicorn", *flags, "hub.app:serving()"]


def supervise(commands: list[tuple[list[str], Config]]) -> int:
    """Run processes until one ends or a signal comes, then end all: half a hub would fail silently."""
    children = [subprocess.Popen(command, env=config.environment()) for command, config in commands]

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        while all(child.poll() is None for child in children):
            time.sleep(0.2)
    except KeyboardInterrupt:
        return end(children)
    end(children)
    return 1


def end(children: list["subprocess.Popen[bytes]"]) -> int:
    """End processes, kindly first."""
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(timeout=20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    return 0


@click.command()
@home_option
def schedule(home: str | None) -> None:
    """Admit and publish on schedule, until interrupted. It is the face `publisher`, whatever else HUB_FACES names."""
    from hub import logs
    from hub import schedule as ticker

    hub = the_hub(home)
    if parts.PUBLISHER not in hub.config.faces:
        message = f"HUB_FACES is {parts.named(hub.config.faces)}: the schedule is the publisher's"
        raise NotReady(message)
    logs.set_up(hub.config.log_level)
    ticker.run(hub)


@click.command()
@home_option
@click.argument("feed", required=False)
def publish(home: str | None, feed: str | None) -> None:
    """Release now what is due, in one feed or in all. Skips the cadence and no gate.

    Tries again what was set aside for a fault (`hub doctor` tells of it), which the schedule does not. Exits 1 if a
    feed failed or something was set aside.
    """
    from hub import logbook, receiving, recovering, rounds

    hub = the_hub(home)
    chosen = [one for one in hub.feeds() if feed in {None, one.name}]
    if not chosen:
        message = f"no feed named {feed}; there are {', '.join(one.name for one in hub.feeds())}"
        raise click.UsageError(message)
    admitted = rounds.admit_all(hub)
    if admitted:
        click.echo(f"admitted {admitted}")
    faults = 0
    for outcome in rounds.publish_all(hub, chosen, again=True):
        if outcome.fault is not None:
            click.echo(f"{outcome.feed}: not released: {outcome.fault}", err=True)
            faults += 1
            continue
        click.echo(_told(outcome))
        for report_id, fault in outcome.faults.items():
            click.echo(f"  set aside: report {report_id}: {fault}", err=True)
        faults += len(outcome.faults)
    rounds.index_all(hub)
    receiving.admit(hub)
    logbook.keep(hub, logbook.SEQUENCING)
    recovering.keep(hub)
    if faults:
        sys.exit(1)


def _told(outcome: "Outcome") -> str:
    gates = ", ".join(f"{count} at {gate}" for gate, count in sorted(outcome.waiting.items()))
    waiting = f"; waiting: {gates}" if gates else ""
    if outcome.number is None:
        return f"{outcome.feed}: nothing to release{waiting}"
    counts = ", ".join(f"{number} {kind}" for kind, number in outcome.counts.items())
    reports = "1 report" if outcome.reports == 1 else f"{outcome.reports} reports"
    return f"{outcome.feed}: release {outcome.number}, {reports}: {counts}{waiting}"

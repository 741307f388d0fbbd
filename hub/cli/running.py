"""`hub init`, `serve`, `schedule` and `publish`: the operator runs a hub."""

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from hub import policies
from hub.cli.home import asking, home_option, the_hub
from hub.config import Config, from_environment
from hub.wiring import connect, set_up

if TYPE_CHECKING:
    from hub.services.publishing import Outcome

FACES = ("all", "web", "publisher")


@click.command()
@home_option
def init(home: str | None) -> None:
    """Make a hub, or bring one up to date. Harmless to repeat."""
    config = from_environment(home)
    hub = set_up(config, asking(config))
    click.echo(
        f"home  {config.home}\nkeys  {config.keys}   (keep a copy elsewhere, and out of every backup of the home)"
    )
    with hub.store.reading() as db:
        others = policies.kept(db)
    for name in others:
        click.echo(f"{name} keeps the policy that was applied to it; this version comes with another", err=True)
    hub.store.close()


@click.command()
@home_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--threads", default=4, show_default=True)
@click.option("--faces", type=click.Choice(FACES), default="all", show_default=True, help="which of its parts to run")
def serve(home: str | None, host: str, port: int, workers: int, threads: int, faces: str) -> None:
    """Serve the API and TAXII, and publish on schedule, until interrupted."""
    config = from_environment(home)
    hub = connect(config)
    hub.take_keys()  # says what is missing before anything starts
    hub.store.close()
    commands = []
    if faces != "publisher":
        commands.append(web_command(host, port, workers, threads))
    if faces != "web":
        commands.append([sys.executable, "-m", "hub", "schedule"])
    sys.exit(supervise(commands, config))


def web_command(host: str, port: int, workers: int, threads: int) -> list[str]:
    """How gunicorn is started; what it may log is in `hub/web_server.py` (tests/laws/test_network.py)."""
    options = {"config": "python:hub.web_server", "bind": f"{host}:{port}", "workers": workers, "threads": threads}
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return [sys.executable, "-m", "gunicorn", *flags, "hub.app:serving()"]


def supervise(commands: list[list[str]], config: Config) -> int:
    """Run processes until one ends or a signal comes, then end all: half a hub would fail silently."""
    children = [subprocess.Popen(command, env=config.environment()) for command in commands]

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
    """Admit and publish on schedule, until interrupted."""
    from hub import logs
    from hub import schedule as ticker

    hub = the_hub(home)
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

"""A hub that really listens: `hub serve` on a loopback port, in a process group of its own.

Tests that need a socket, a signal or another program's client come here; all others ask the application directly.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import requests

from hub.app import create_app
from hub.config import Config
from hub.wiring import set_up
from tests import forking
from tests.conftest import EXACT, Clock, World

ROOT = Path(__file__).parents[1]
PATIENCE = 60  # seconds for a server to come up, on a machine that does much else
LONGEST = 300  # seconds of a command
TRIES = 3  # a free port may be taken before the server binds it


class DidNotStart(AssertionError):
    """The server ended, or did not answer in time; the message ends with what it wrote."""


def living_world(place: Path, database_url: str | None = None) -> World:
    """A hub that other processes serve, at the real time: its people's tokens must be valid by their clocks too."""
    named = {"HUB_DATABASE_URL": database_url} if database_url else {}
    hub = set_up(Config.read({**EXACT, **named}, str(place / "home")))
    return World(hub, Clock(datetime.now(UTC)), create_app(hub).test_client())


def environment(**variables: str) -> dict[str, str]:
    """The environment of a command: this one's, without what would lead it to another hub or through a proxy."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    quiet = {name: value for name, value in kept.items() if not name.lower().endswith("_proxy")}
    return {**quiet, **EXACT, "PYTHONPATH": str(ROOT), **variables}


def command(*words: str) -> list[str]:
    """A hub command, as a shell would start it."""
    return [sys.executable, "-m", "hub", *words]


def run(*words: str, stdin: str = "", **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a hub command to its end."""
    return forking.run(words, environment(**variables), stdin, LONGEST)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@dataclass
class Group:
    """A command and all its children: one process group, which one signal ends."""

    words: tuple[str, ...]
    log: Path
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.log.open("ab") as log:
            self.leader = subprocess.Popen(
                command(*self.words), env=environment(**self.variables), stdout=log, stderr=log, start_new_session=True
            )

    @property
    def is_alive(self) -> bool:
        """Whether the command itself has not ended."""
        return self.leader.poll() is None

    @property
    def has_members(self) -> bool:
        """Whether any process of the group is left."""
        try:
            os.killpg(self.leader.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL to every process of the group: none of them can tidy up."""
        with suppress(ProcessLookupError):
            os.killpg(self.leader.pid, signal.SIGKILL)
        self.leader.wait()

    def end(self) -> int:
        """Ask the command to end, and see that nothing of it stays; its exit code."""
        self.leader.terminate()
        try:
            return self.leader.wait(timeout=30)
        finally:
            self.kill()


@dataclass
class Server:
    """A hub that answers at a URL, until it is killed."""

    url: str
    group: Group


def start(
    home: Path, log: Path, *, workers: int = 2, threads: int = 4, port: int = 0, faces: str = "web", **variables: str
) -> Server:
    """Start `hub serve --faces web`, or another face, on a port or a free one, and wait until it is ready."""
    for tries_left in reversed(range(TRIES)):
        chosen = port or free_port()
        options = ("--port", str(chosen), "--workers", str(workers), "--threads", str(threads))
        group = Group(("serve", "--faces", faces, "--home", str(home), *options), log, variables)
        try:
            return Server(_ready(f"http://127.0.0.1:{chosen}", group), group)
        except DidNotStart:
            group.kill()
            if not tries_left:
                raise
        except BaseException:  # interrupted: nothing is left running
            group.kill()
            raise
    raise AssertionError


def _ready(url: str, group: Group) -> str:
    last = time.monotonic() + PATIENCE
    while group.is_alive and time.monotonic() < last:
        try:
            if requests.get(f"{url}/readyz", timeout=5).ok:
                return url
        except requests.RequestException:
            time.sleep(0.02)  # another process's readiness has no clock that we could move
    raise DidNotStart(group.log.read_text("utf-8")[-2000:])


@contextmanager
def serving(home: Path, *, workers: int = 2, threads: int = 4, **variables: str) -> Iterator[Server]:
    """A hub at a home that is set up, served until the end of the block."""
    server = start(home, home.with_name(f"{home.name}.log"), workers=workers, threads=threads, port=0, **variables)
    try:
        yield server
    finally:
        server.group.end()

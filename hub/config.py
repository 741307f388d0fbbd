"""Where the hub lives, and how it is set. The only room that reads the environment; `deploy/env.example` lists it all.

`HUB_HOME` holds the database and the files of feeds; `HUB_KEYS`, beside it by default, the key files, so that a backup
of the one never holds the other; `HUB_WITNESS`, beside it too until another place is named, is the second place: what
a restored hub must know and no backup can say. `HUB_FILES` puts the files elsewhere, `HUB_DATABASE_URL` the database
(PostgreSQL). `HUB_DATABASE_URL_FILE` names a file that holds that URL: a password in the environment shows in process
listings. `HUB_FACES` says which parts of the hub a process is (`hub/faces.py`).
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from hub import faces
from hub.errors import NotReady
from hub.logs import LEVELS


@dataclass(frozen=True)
class Limits:
    """How many requests a minute a token has, of each kind; 0: any number."""

    reading: int = 1200
    writing: int = 600
    searching: int = 120  # searches, and what opens sealed fields

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Limits":
        """`HUB_LIMIT_READING` and its siblings."""
        usual = cls()
        names = {one.name: f"HUB_LIMIT_{one.name.upper()}" for one in fields(cls)}
        return cls(**{name: _number(environ, told, getattr(usual, name)) for name, told in names.items()})

    def environment(self) -> dict[str, str]:
        """The variables that say the same."""
        return {f"HUB_LIMIT_{one.name.upper()}": str(getattr(self, one.name)) for one in fields(self)}


UNLIMITED = Limits(0, 0, 0)
LONGEST_KEPT = 4  # seconds: a revoked token is refused within 5, whatever the settings say


@dataclass(frozen=True)
class Config:
    """The settings of one hub."""

    home: Path
    keys: Path
    files: Path
    witness: Path
    database_url: str
    name: str = "Incident Hub"
    limits: Limits = Limits()
    credential_seconds: int = 2  # that a process may believe a token without asking the database; 0: it always asks
    front_pages: str = ""  # where the front server has the folder of built pages, for itself alone; none: we send them
    log_level: str = "info"
    passphrase_file: Path | None = None  # of the root provider, if root.toml wants one
    epoch_days: int = 0  # after which an epoch is followed by the next; 0: only when told to
    bulk_reports: int = 200  # that one person may open in a day; more takes two. 0: any number
    erasure_days: int = 30  # after which an erasure epoch makes older copies of keys and data useless; 0: never
    contact: str | None = None  # URI of whom to tell of a weakness
    faces: frozenset[str] = faces.ALL  # which parts of the hub this process is
    epoch_file: Path | None = None  # where intake is shown the epoch, if not in the key directory
    role_prefix: str = "hub_"  # of the faces' database roles on PostgreSQL

    @classmethod
    def read(cls, environ: Mapping[str, str], home: str | None = None) -> "Config":
        """Take the settings from `--home` and the environment; raises NotReady if neither names a home."""
        place = home or environ.get("HUB_HOME")
        if not place:
            message = "no home: give --home DIR or set HUB_HOME"
            raise NotReady(message)
        root = Path(place).expanduser().absolute()
        keys, files, witness = (environ.get(name) for name in ("HUB_KEYS", "HUB_FILES", "HUB_WITNESS"))
        level = environ.get("HUB_LOG_LEVEL") or "info"
        if level not in LEVELS:
            message = f"HUB_LOG_LEVEL is none of {', '.join(LEVELS)}"
            raise NotReady(message)
        return cls(
            home=root,
            keys=Path(keys).expanduser().absolute() if keys else root.with_name(root.name + ".keys"),
            files=Path(files).expanduser().absolute() if files else root / "files",
            witness=Path(witness).expanduser().absolute() if witness else root.with_name(root.name + ".witness"),
            database_url=_database_url(environ) or f"sqlite:///{root / 'hub.sqlite3'}",
            name=environ.get("HUB_NAME") or "Incident Hub",
            limits=Limits.read(environ),
            credential_seconds=_credential_seconds(environ),
            front_pages=_front_pages(environ),
            log_level=level,
            passphrase_file=_place(environ, "HUB_PASSPHRASE_FILE"),
            epoch_days=_number(environ, "HUB_EPOCH_DAYS", cls.epoch_days),
            erasure_days=_number(environ, "HUB_ERASURE_DAYS", cls.erasure_days),
            bulk_reports=_number(environ, "HUB_BULK_REPORTS", cls.bulk_reports),
            contact=_contact(environ),
            faces=faces.chosen(environ.get("HUB_FACES") or "all"),
            epoch_file=_place(environ, "HUB_EPOCH_FILE"),
            role_prefix=_role_prefix(environ),
        )

    def environment(self) -> dict[str, str]:
        """The variables that give another process the same settings."""
        own = {"HUB_HOME": str(self.home), "HUB_KEYS": str(self.keys), "HUB_FILES": str(self.files)}
        own["HUB_WITNESS"] = str(self.witness)
        own |= {"HUB_NAME": self.name, "HUB_DATABASE_URL": self.database_url, "HUB_LOG_LEVEL": self.log_level}
        own |= {**self.limits.environment(), "HUB_CREDENTIAL_SECONDS": str(self.credential_seconds)}
        own["HUB_FRONT_PAGES"] = self.front_pages
        own |= {"HUB_EPOCH_DAYS": str(self.epoch_days), "HUB_ERASURE_DAYS": str(self.erasure_days)}
        own["HUB_BULK_REPORTS"] = str(self.bulk_reports)
        own["HUB_PASSPHRASE_FILE"] = str(self.passphrase_file or "")
        own |= {"HUB_FACES": faces.named(self.faces), "HUB_EPOCH_FILE": str(self.epoch_file or "")}
        own["HUB_ROLE_PREFIX"] = self.role_prefix
        inherited = {name: value for name, value in os.environ.items() if name != "HUB_DATABASE_URL_FILE"}
        return {**inherited, **own}

    def for_a_demo(self) -> "Config":
        """The same without limits and request lines, unless they were asked for: it is for trying things out."""
        limits = self.limits if any(name.startswith("HUB_LIMIT_") for name in os.environ) else UNLIMITED
        return replace(self, limits=limits, log_level=os.environ.get("HUB_LOG_LEVEL") or "warning")


def _place(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]).expanduser().absolute() if environ.get(name) else None


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > len("1000000"):
        message = f"{name} must be a whole number from 0 to 9999999"
        raise NotReady(message)
    return int(text)


def _credential_seconds(environ: Mapping[str, str]) -> int:
    found = _number(environ, "HUB_CREDENTIAL_SECONDS", Config.credential_seconds)
    if found > LONGEST_KEPT:
        message = f"HUB_CREDENTIAL_SECONDS must be a whole number from 0 to {LONGEST_KEPT}"
        raise NotReady(message)
    return found


def _contact(environ: Mapping[str, str]) -> str | None:
    text = environ.get("HUB_CONTACT", "").strip()
    if text and not re.fullmatch(r"(mailto:|https://|tel:)[!-~]{1,300}", text):
        message = "HUB_CONTACT must be a URI such as mailto:security@example.org or https://example.org/security"
        raise NotReady(message)
    return text or None


def _role_prefix(environ: Mapping[str, str]) -> str:
    text = environ.get("HUB_ROLE_PREFIX") or Config.role_prefix
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,40}", text):
        message = "HUB_ROLE_PREFIX must begin the name of a database role: lower-case letters, digits and _"
        raise NotReady(message)
    return text


def _front_pages(environ: Mapping[str, str]) -> str:
    text = environ.get("HUB_FRONT_PAGES", "").strip()
    if text and not re.fullmatch(r"/[a-z0-9_-]{1,50}/", text):
        message = "HUB_FRONT_PAGES must be the path of nginx's internal location, such as /_pages/"
        raise NotReady(message)
    return text


def _database_url(environ: Mapping[str, str]) -> str | None:
    place = environ.get("HUB_DATABASE_URL_FILE")
    if environ.get("HUB_DATABASE_URL") or not place:
        return environ.get("HUB_DATABASE_URL")
    try:
        return Path(place).read_text("utf-8").strip()
    except OSError as unread:
        message = f"HUB_DATABASE_URL_FILE cannot be read: {unread.strerror}"
        raise NotReady(message) from None


def from_environment(home: str | None = None) -> Config:
    """The settings of this process."""
    return Config.read(os.environ, home)


@dataclass(frozen=True)
class Serving:
    """How gunicorn is to serve, where no `hub serve` says so."""

    bind: str
    workers: int
    threads: int


def serving_from_environment() -> Serving:
    """`HUB_BIND`, `HUB_WORKERS` and `HUB_THREADS`."""
    workers, threads = _number(os.environ, "HUB_WORKERS", 2), _number(os.environ, "HUB_THREADS", 4)
    return Serving(os.environ.get("HUB_BIND") or "127.0.0.1:8001", workers, threads)


@dataclass(frozen=True)
class Client:
    """Where a client of a hub sends its requests."""

    url: str
    token: str | None


def client_from_environment() -> Client:
    """`HUB_URL` and `HUB_TOKEN`."""
    return Client(os.environ.get("HUB_URL", ""), os.environ.get("HUB_TOKEN"))

"""Where the hub lives. The only room that reads the environment.

`HUB_HOME` holds the database and the published files; `HUB_KEYS`, beside it by default, the key files, so that a backup
of the one never holds the other. `HUB_DATABASE_URL` puts the database elsewhere (PostgreSQL).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.errors import NotReady


@dataclass(frozen=True)
class Config:
    """The settings of one hub."""

    home: Path
    keys: Path
    database_url: str
    name: str = "Incident Hub"

    @classmethod
    def read(cls, environ: Mapping[str, str], home: str | None = None) -> "Config":
        """Take the settings from `--home` and the environment; raises NotReady if neither names a home."""
        place = home or environ.get("HUB_HOME")
        if not place:
            message = "no home: give --home DIR or set HUB_HOME"
            raise NotReady(message)
        root = Path(place).expanduser().absolute()
        keys = environ.get("HUB_KEYS")
        return cls(
            home=root,
            keys=Path(keys).expanduser().absolute() if keys else root.with_name(root.name + ".keys"),
            database_url=environ.get("HUB_DATABASE_URL") or f"sqlite:///{root / 'hub.sqlite3'}",
            name=environ.get("HUB_NAME") or "Incident Hub",
        )

    def environment(self) -> dict[str, str]:
        """The variables that give another process the same settings."""
        own = {"HUB_HOME": str(self.home), "HUB_KEYS": str(self.keys), "HUB_NAME": self.name}
        return {**os.environ, **own, "HUB_DATABASE_URL": self.database_url}


def from_environment(home: str | None = None) -> Config:
    """The settings of this process."""
    return Config.read(os.environ, home)


@dataclass(frozen=True)
class Client:
    """Where a client of a hub sends its requests."""

    url: str
    token: str | None


def client_from_environment() -> Client:
    """`HUB_URL` and `HUB_TOKEN`."""
    return Client(os.environ.get("HUB_URL", ""), os.environ.get("HUB_TOKEN"))

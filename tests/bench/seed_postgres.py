"""The seed on PostgreSQL: the SQLite store's backup, restored into a cluster that lies beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub import archive
from hub.config import Config
from hub.roles import Act, shell
from hub.wiring import Hub, connect, now
from tests.bench import seed_index
from tests.bench.seed_reports import Seed
from tests.postgres import kept_cluster
from tests.sessions import replayed

SETTINGS = {  # for a machine that does nothing else; what is durable stays so
    "shared_buffers": "1GB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
}


@contextmanager
def seeded(place: Path) -> Iterator[Hub]:
    """The seed's hub on PostgreSQL, its server running until the end of the block."""
    with kept_cluster(place / "postgresql", **SETTINGS) as url:
        hub = connect(_config(place, url))
        try:
            yield hub
        finally:
            hub.store.close()


def move(place: Path, size: int) -> None:
    """Bring the SQLite store of a directory to PostgreSQL, unless it is there; then index it."""
    with kept_cluster(place / "postgresql", **SETTINGS) as url:
        config, kept = _config(place, url), place / "seed.backup"
        if not (place / "postgresql.done").exists():
            act = Act(shell("seed"), now())
            source = connect(Config.read({}, str(place / "home")))
            if not kept.exists():
                archive.backup(source, act, kept)
            with source.store.reading() as db:
                archive.stage(config.keys, archive.secrets_file(db, act.at))
            archive.restore(config, act, kept)
            replayed(connect(config), act, "a seed has no second place")
            (place / "postgresql.done").touch()
            kept.unlink()
        hub = connect(config)
        for _ in seed_index.index(hub, Seed(size)):
            pass
        hub.store.close()


def _config(place: Path, url: str) -> Config:
    keys = {"HUB_KEYS": str(place / "home.keys"), "HUB_DATABASE_URL": url}
    return Config.read(keys, str(place / "home-postgresql"))

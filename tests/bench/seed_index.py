"""The search index of the seed, built by the hub's own indexer."""

from collections.abc import Iterator

from sqlalchemy import text

from hub.services import indexing
from hub.store import Session
from hub.wiring import Hub
from tests.bench.seed_reports import Seed

AT_ONCE = 2_000  # reports a transaction
CACHE = "PRAGMA cache_size=-1000000"  # KiB: terms go everywhere in their table


def index(hub: Hub, seed: Seed) -> Iterator[int]:
    """Index what is not indexed; how many are by then."""
    with hub.store.reading() as db:
        stale = text("SELECT count(*) FROM report WHERE indexed_stamp <> stamp")
        over = seed.size - int(db.connection().execute(stale).scalar_one())
    while some := hub.store.write(_some):
        over += some
        yield over


def _some(db: Session) -> int:
    if db.connection().dialect.name == "sqlite":
        db.connection().exec_driver_sql(CACHE)
    return indexing.refresh(db, most=AT_ONCE)

"""The search index of the seed, built by the hub's own indexer."""

from collections.abc import Iterator
from functools import partial

from sqlalchemy import text

from hub.services import indexing
from hub.store import Session
from hub.wiring import Hub
from tests.bench.seed_reports import Seed

AT_ONCE = 8_000  # reports a transaction: the more, the fewer pages of terms are written twice
CACHE = "PRAGMA cache_size=-1500000"  # KiB: terms go everywhere in their table
# In the order of filing: instants and the filers' own ids then go side by side, and only what is random goes anywhere.
STALE = text("SELECT id FROM report WHERE indexed_stamp <> stamp ORDER BY filed_at, id")


def index(hub: Hub, seed: Seed) -> Iterator[int]:
    """Index what is not indexed; how many are by then."""
    with hub.store.reading() as db:
        stale = [row[0] for row in db.connection().execute(STALE)]
    over = seed.size - len(stale)
    yield over
    for start in range(0, len(stale), AT_ONCE):
        over += hub.store.write(partial(_some, stale[start : start + AT_ONCE]))
        yield over


def _some(ids: list[str], db: Session) -> int:
    if db.connection().dialect.name == "sqlite":
        db.connection().exec_driver_sql(CACHE)
    return indexing.refresh(db, ids)

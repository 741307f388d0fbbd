"""`make seed N=1000000`: a store of N reports, for the figures to share. Kill it and run it again: it goes on.

1. The k-th report says the same under every seed run of that size: contents, ids, references, instants. Ciphertexts,
   receipts' salts and the names in feeds come from real randomness, as in every hub.
2. Reports are written in order, a thousand a transaction, past the services but as they would (`seed_rows`); the first
   of them then go through the real publisher; the search index is built by the real indexer.
3. On PostgreSQL it is the SQLite store's backup, restored: both engines hold the same reports.
"""

import argparse
import json
import multiprocessing
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict
from multiprocessing.pool import AsyncResult, Pool
from pathlib import Path

from sqlalchemy import func, select

from hub.config import Config
from hub.store import archiving
from hub.store.tables import Report
from hub.wiring import Hub, connect, set_up
from tests.bench import seed_index, seed_postgres, seed_release
from tests.bench.seed_reports import Seed
from tests.bench.seed_rows import Bench, Rows

CHUNK = 1_000
CACHE = "PRAGMA cache_size=-600000"  # KiB: ids are random, and so is where their rows go in an index
PROCESSES, AHEAD = 2, 4
EVERY = 10  # seconds between two lines of progress
BENCH: list[Bench] = []


def config_of(place: Path) -> Config:
    """The settings of the seed's own hub."""
    return Config.read({}, str(place / "home"))


def bench_of(hub: Hub, seed: Seed) -> Bench:
    """What it takes to make rows for a hub."""
    return Bench(seed, hub.sealer, hub.keyring.epochs[max(hub.keyring.epochs)], hub.index_keys, hub.feeds())


def _begin(place: Path, seed: Seed) -> None:
    hub = connect(config_of(place))
    BENCH.append(bench_of(hub, seed))
    hub.store.close()


def _chunk(numbers: range) -> Rows:
    return BENCH[0].rows(numbers)


def fill(hub: Hub, place: Path, seed: Seed, chunk: int = CHUNK) -> Iterator[int]:
    """Write the reports that are missing; how many there are by then."""
    with hub.store.reading() as db:
        there = db.connection().execute(select(func.count()).select_from(Report)).scalar_one()
    yield there
    if there == seed.size:
        return
    with hub.store.writing() as db:
        archiving.begin(db)
    chunks = [range(start, min(start + chunk, seed.size)) for start in range(there, seed.size, chunk)]
    # Spawned: a forked child would share the parent's connection.
    with multiprocessing.get_context("spawn").Pool(PROCESSES, _begin, (place, seed)) as pool:
        for numbers, rows in _prepared(pool, chunks):
            write(hub, rows)
            yield numbers[-1] + 1


def write(hub: Hub, rows: Rows) -> None:
    """Write the rows of some reports, all or none of them."""
    with hub.store.writing() as db:
        db.connection().exec_driver_sql(CACHE)
        for shape in archiving.shapes():
            if shape.table in rows:
                archiving.fill(db, shape, rows[shape.table])


def _prepared(pool: Pool, chunks: list[range]) -> Iterator[tuple[range, Rows]]:
    """The rows of each chunk, in order; a few chunks ahead of the writer, and no more."""
    waiting: deque[tuple[range, AsyncResult[Rows]]] = deque()
    for numbers in chunks:
        waiting.append((numbers, pool.apply_async(_chunk, (numbers,))))
        if len(waiting) > AHEAD:
            first, rows = waiting.popleft()
            yield first, rows.get()
    while waiting:
        first, rows = waiting.popleft()
        yield first, rows.get()


def told(what: str, steps: Iterator[int], size: int) -> None:
    """Go through steps, the first of which is where they begin, and say how far they are, and how fast."""
    began = last = time.perf_counter()
    start = at = next(steps, size)
    for at in steps:
        if (now := time.perf_counter()) - last > EVERY or at == size:
            last = now
            print(f"{what}: {at:,} of {size:,}, {(at - start) / (now - began):,.0f} a second", flush=True)
    if at > start:
        print(f"{what}: {at - start:,} in {time.perf_counter() - began:,.0f} s", flush=True)


def made(place: Path, size: int) -> Seed:
    """The seed of a directory; raises SystemExit for one that holds another."""
    place.mkdir(parents=True, exist_ok=True)
    seed, said = Seed(size), place / "seed.json"
    if not said.exists():
        said.write_text(json.dumps(asdict(seed)))
    if (found := json.loads(said.read_text())) != asdict(seed):
        message = f"{place} holds a seed of {found['size']:,} reports; name another directory with SEED=…, or remove it"
        raise SystemExit(message)
    return seed


def sow(place: Path, size: int, chunk: int = CHUNK) -> Hub:
    """Make the store on SQLite, or go on with it."""
    seed = made(place, size)
    hub = set_up(config_of(place))
    seed_release.people(hub, seed)
    told("reports", fill(hub, place, seed, chunk), seed.size)
    with hub.store.writing() as db:
        archiving.finish(db)
    told("released", seed_release.release(hub, seed, place / "released.json"), seed.released)
    told("indexed", seed_index.index(hub, seed), seed.size)
    return hub


def main() -> None:
    """Read the command line."""
    said = argparse.ArgumentParser(prog="make seed", description=__doc__)
    said.add_argument("size", type=int)
    said.add_argument("place", type=Path)
    said.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    said.add_argument("--chunk", type=int, default=CHUNK, help="reports a transaction")
    asked = said.parse_args()
    place = asked.place.absolute()
    sow(place, asked.size, asked.chunk).store.close()
    if asked.engine == "postgresql":
        seed_postgres.move(place, asked.size)
    print(f"{asked.engine}: {asked.size:,} reports in {place}")


if __name__ == "__main__":
    main()

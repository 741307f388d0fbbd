"""What it costs to file over HTTP: a route that checks the same body and commits one row is the measure.

Eight clients, gunicorn with two workers, each database as durable as in production; the routes take turns.
"""

from dataclasses import replace
from itertools import count
from statistics import median

import pytest
from sqlalchemy import text

from hub.config import Config
from tests.bench import peer
from tests.bench.load import CLIENTS, Run, load
from tests.factories import a_full_report, a_report
from tests.page import write
from tests.postgres import NoPostgres, fresh_database, postgres
from tests.servers import living_world

pytestmark = pytest.mark.bench
TURNS, REQUESTS = 5, 400
WITHIN = {"sqlite": {"synchronous": "2"}, "postgresql": {"fsync": "on", "synchronous_commit": "on"}}


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request, tmp_path):
    if request.param == "sqlite":
        made = living_world(tmp_path)
        yield made
        made.hub.store.close()
        return
    try:
        with postgres(fsync=True) as cluster, fresh_database(cluster) as url:
            made = living_world(tmp_path, url)
            yield made
            made.hub.store.close()
    except NoPostgres as none:
        pytest.skip(str(none))


def test_filing_keeps_half_the_pace_of_a_checked_row(world):
    engine = world.hub.store.engine.dialect.name
    durable = world.hub.store.durability()
    assert WITHIN[engine].items() <= durable.items(), durable
    world.enrol("producer")
    with world.hub.store.writing() as db:
        db.connection().execute(text(peer.TABLE))
    numbers = count()
    runs: dict[str, list[Run]] = {"nothing": [], "row": [], "file": [], "file in full": []}

    def bare():
        return a_report(client_ref=f"BENCH-{next(numbers)}")

    def full():
        return a_full_report(client_ref=f"BENCH-{next(numbers)}")

    with peer.served(replace(world.hub.config, credential_seconds=Config.credential_seconds)) as url:
        routes = {
            "nothing": ("/bench/nothing", bare),
            "row": ("/bench/row", bare),
            "file": ("/api/v1/reports", bare),
            "file in full": ("/api/v1/reports", full),
        }
        for turn in range(TURNS + 1):
            for name, (path, make) in routes.items():
                run = load(url + path, world.tokens["producer"], make, REQUESTS if turn else 40)
                if turn:
                    runs[name].append(run)
    rate = {name: median(run.rate for run in some) for name, some in runs.items()}
    waits = sorted(one for run in runs["file"] for one in run.each)
    half, most = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
    rows = [
        ("file a minimal report", "check it and commit one row", f"{rate['file'] / rate['row']:.2f}", "≥ 0.5"),
        ("file a minimal report", "answer a POST at once", f"{rate['file'] / rate['nothing']:.2f}", "-"),
        ("file a report with every field", "a minimal one", f"{rate['file in full'] / rate['file']:.2f}", "-"),
        ("slowest answer of a hundred (p99)", "median answer (p50)", f"{most / half:.1f}", "≤ 10"),
    ]
    told = (
        f"{CLIENTS} clients, gunicorn with 2 workers of 4 threads, {settings(durable)}; "
        f"the middle of {TURNS} turns of {REQUESTS} requests. Here {rate['file']:.0f} reports filed a second, "
        f"{rate['row']:.0f} rows, {rate['nothing']:.0f} empty answers; "
        f"p50 {half * 1000:.0f} ms, p99 {most * 1000:.0f} ms."
    )
    print(write(f"Filing on {engine}", "make bench", told, ("pace of", "against", "ratio", "wanted"), rows))
    assert rate["file"] / rate["row"] >= 0.5
    assert most / half <= 10


def settings(durable):
    return ", ".join(f"{name}={value}" for name, value in durable.items())

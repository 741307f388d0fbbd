"""What it costs to file over HTTP: a request that does nothing, and one durable row, are what it cannot beat."""

from itertools import count

import pytest
import requests
from sqlalchemy import text

from tests.bench.ratio import COLUMNS, compare
from tests.factories import a_full_report, a_report
from tests.page import write
from tests.servers import living_world, serving

pytestmark = pytest.mark.bench


@pytest.fixture
def world(tmp_path):
    made = living_world(tmp_path)
    made.enrol("producer")
    with made.hub.store.writing() as db:
        db.connection().execute(text("CREATE TABLE bench (body TEXT)"))
    yield made
    made.hub.store.close()


def test_filing_costs_a_few_requests_that_do_nothing(world):
    numbers, session = count(), requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {world.tokens['producer']}"
    with serving(world.hub.config.home, workers=1) as server:

        def filing(make):
            def send():
                body = make(client_ref=f"BENCH-{next(numbers)}")
                assert session.post(f"{server.url}/api/v1/reports", json=body, timeout=30).status_code == 201

            return send

        def nothing():
            assert session.get(f"{server.url}/healthz", timeout=30).status_code == 200

        def row():
            with world.hub.store.writing() as db:
                db.connection().execute(text("INSERT INTO bench VALUES ('x')"))

        minimal = compare("file a minimal report", filing(a_report), "GET /healthz", nothing)
        durable = compare("file a minimal report", filing(a_report), "commit one row", row)
        full = compare("file a report with every field", filing(a_full_report), "GET /healthz", nothing)
    rows = [one.row for one in (minimal, full, durable)]
    told = "One client, one gunicorn worker, SQLite with synchronous=FULL; the row is committed to the same database."
    print(write("Filing", "make bench", told, COLUMNS, rows))
    assert minimal.value < 15
    assert full.value < 60
    assert durable.value < 40

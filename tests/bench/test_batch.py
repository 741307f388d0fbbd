"""What it costs to file a batch: its parsing, checking, sealing and bare inserts are what it cannot beat."""

import json

import pytest
import requests
from sqlalchemy import text

from hub.seal import Place, new_key, seal_field, wrap_for_epoch
from schemas.anatomy import divide
from schemas.loading import load, parse
from schemas.report import FILED
from tests.bench import peer
from tests.bench.ratio import COLUMNS, Ratio, compare
from tests.factories import a_report
from tests.page import write
from tests.servers import living_world

pytestmark = pytest.mark.bench
LINES = 1000
TOGETHER = 500  # lines of one bare transaction
TABLES = {"report": 12, "revision": 10, "data_key": 6, "receipt": 4, "audit": 5}  # and their columns


def body(name: str) -> bytes:
    lines = (a_report(client_ref=f"{name}-{number}", title=f"Report {number}") for number in range(LINES))
    return b"\n".join(json.dumps(line).encode() for line in lines)


def bare(world, raw: bytes) -> None:
    """Parse, check, wrap a key, seal its fields, sign once and insert as many rows, and nothing else."""
    sealer = world.hub.sealer
    for start in range(0, LINES, TOGETHER):
        rows = []
        for line in raw.split(b"\n")[start : start + TOGETHER]:
            divided = divide(load(FILED, parse(line)))
            place, key = Place(sealer.ground.deployment, "organisation", "report", 1), new_key()
            blobs = [seal_field(key, place, path, values) for path, values in divided.sealed.items()]
            wrapped = wrap_for_epoch(sealer.ground.public_key, key, place, "report")
            clear = json.dumps(divided.clear)
            rows.append({"value": clear, "sealed": b"".join(blobs) + wrapped + sealer.keys.signer.sign(clear.encode())})
        with world.hub.store.writing() as db:
            for table in TABLES:
                db.connection().execute(text(f"INSERT INTO bench_{table} VALUES (:value, :sealed)"), rows)  # noqa: S608


def test_a_batch_costs_at_most_twice_its_parts(tmp_path):
    world = living_world(tmp_path)
    world.enrol("producer")
    with world.hub.store.writing() as db:
        for table in TABLES:
            db.connection().execute(text(f"CREATE TABLE bench_{table} (value TEXT, sealed BLOB)"))
    turn = iter(range(10_000))
    with peer.served(world.hub.config, workers=1) as url:
        session = requests.Session()
        session.trust_env = False
        session.headers.update(
            {"Authorization": f"Bearer {world.tokens['producer']}", "Content-Type": "application/x-ndjson"}
        )

        def file():
            answer = session.post(f"{url}/api/v1/reports/batch", data=body(f"A{next(turn)}"), timeout=120)
            told = [json.loads(line)["status"] for line in answer.content.splitlines()]
            assert told == [201] * LINES

        found = compare(
            "a batch over HTTP", file, "its parts in one process", lambda: bare(world, body(f"B{next(turn)}")), turns=7
        )
    told = (
        f"{LINES} lines; here {LINES / found.own:.0f} reports a second. The wanted pace is half of that of its parts."
    )
    print(write("Filing a batch", "make bench", told, COLUMNS, [found.row]))
    assert isinstance(found, Ratio)
    assert found.value <= 2
    world.hub.store.close()

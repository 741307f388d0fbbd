"""What files cost: reading the same bytes from the database, and parsing the same entries, are the measures."""

import orjson
import pytest

from feeds.entry import CARRIER
from hub.store import editions
from tests.bench.ratio import COLUMNS, Ratio, compare
from tests.factories import a_report
from tests.page import write
from tests.servers import living_world

pytestmark = pytest.mark.bench
OBJECTS = 1000


@pytest.fixture
def world(tmp_path):
    made = living_world(tmp_path)
    made.enrol("producer", "Curlew Labs")
    made.enrol("analyst", "Hub staff")
    made.enrol("member", audiences=("members",))
    number = 0
    path = f"/api/v1/members/{made.ids['Curlew Labs']}/accept"
    assert made.send("analyst:Hub staff", "POST", path, {"audience": "members"}).status_code == 200
    while len(made.objects("member", "members")) < OBJECTS:
        for _ in range(50):
            number += 1
            report = a_report(client_ref=f"BENCH-{number}", tlp="green", title=f"Report {number}")
            made.file("producer:Curlew Labs", report)
        made.release()
    yield made
    made.hub.store.close()


def test_a_file_costs_little_more_than_reading_its_bytes(world):
    token = {"Authorization": f"Bearer {world.tokens['member']}"}

    def get(name, **headers):
        def send():
            answer = world.web.get(f"/feeds/members/{name}", headers={**token, **headers})
            assert answer.status_code == (304 if headers else 200)

        return send

    def first(name):
        send = get(name)

        def write_and_send():
            world.hub.shelf.sweep({})
            send()

        return write_and_send

    def read(kind=None):
        with world.hub.store.reading() as db:
            return list(editions.live(db, "members", kind))

    def parsed():
        return [orjson.loads(one) for one in read(CARRIER)]

    tag = world.web.get("/feeds/members/bundle.json", headers=token).headers["ETag"]
    ratios: list[Ratio] = [
        compare("the bundle, first", first("bundle.json"), "reading its objects", read, turns=30),
        compare("the table, first", first("entries.csv"), "reading and parsing its carriers", parsed, turns=30),
        compare("the lines, first", first("entries.ndjson"), "reading and parsing its carriers", parsed, turns=30),
        compare("Atom, first, 100 entries", first("atom.xml"), "the lines, first", first("entries.ndjson"), turns=30),
        compare("the bundle, there", get("bundle.json"), "the bundle, first", first("bundle.json"), turns=30),
        compare("the table, there", get("entries.csv"), "the table, first", first("entries.csv"), turns=30),
        compare(
            "unchanged", get("bundle.json", If_None_Match=tag), "the bundle, first", first("bundle.json"), turns=30
        ),
    ]
    objects = read()
    told = (
        f"{len(objects)} objects, {sum(map(len, objects)) // 1024} KiB, {len(read(CARRIER))} entries; authorised each "
        "time; in one process, no socket."
    )
    print(write("Files of a feed", "make bench", told, COLUMNS, [one.row for one in ratios]))
    bundle, *_, there, _table, unchanged = ratios
    assert bundle.value < 10
    assert there.value < 1
    assert unchanged.value < 1

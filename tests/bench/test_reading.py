"""What it costs to serve a page of stored bytes: a route that answers as many bytes from memory is the measure."""

import http.client
from urllib.parse import urlsplit

import pytest

from tests.bench import peer
from tests.bench.ratio import COLUMNS, compare
from tests.factories import a_report
from tests.page import write
from tests.servers import living_world

pytestmark = pytest.mark.bench
REPORTS = 1100
PAGE = 1000


def test_a_page_costs_a_few_constant_pages_wherever_it_lies(tmp_path):
    world = living_world(tmp_path)
    world.enrol("producer", "Curlew Labs")
    world.enrol("analyst", "Hub staff")
    world.enrol("member", audiences=("members",))
    fill(world)
    path = f"/taxii2/hub/collections/{world.collection('members')}/objects/?limit={PAGE}"
    with peer.served(world.hub.config, workers=1) as url:
        at = urlsplit(url)
        line = http.client.HTTPConnection(at.hostname or "", at.port, timeout=60)

        def get(target):
            def send():
                line.request("GET", target, headers={"Authorization": f"Bearer {world.tokens['member']}"})
                answer = line.getresponse()
                body = answer.read()
                assert answer.status == 200
                return body

            return send

        size = len(get(path)())
        deep = world.send("member", "GET", path).get_json(force=True)["next"]
        first = compare("the first page", get(path), "a constant page", get(f"/bench/page?size={size}"))
        last = compare("the page behind it", get(f"{path}&next={deep}"), "the first page", get(path))
        listed = compare("a page of the manifest", get(path.replace("objects", "manifest")), "a page", get(path))
        line.close()
    told = f"Pages of {PAGE} objects, {size // 1024} KiB, authorised each time; gunicorn on loopback, one connection."
    print(write("Reading", "make bench", told, COLUMNS, [one.row for one in (first, last, listed)]))
    assert 1 / first.value >= 0.2
    assert last.value < 1.2, "a page costs what it holds, not what lies before it"
    world.hub.store.close()


def fill(world):
    """Two pages of objects in the members' feed."""
    lines = [a_report(client_ref=f"BENCH-{number}", tlp="green", title=f"Report {number}") for number in range(REPORTS)]
    for line in lines:
        world.file("producer:Curlew Labs", line)
    standing = f"/api/v1/members/{world.ids['Curlew Labs']}/accept"
    assert world.send("analyst:Hub staff", "POST", standing, {"audience": "members"}).status_code == 200
    world.release()
    assert len(world.objects("member", "members")) >= 2 * PAGE

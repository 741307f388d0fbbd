"""What it costs to serve a page of stored bytes: a route that answers the same bytes from memory is the measure."""

import pytest
from flask import Response

from hub.app import create_app
from hub.web.policy import PUBLIC, policy
from tests.bench.ratio import COLUMNS, compare
from tests.factories import a_report
from tests.page import write
from tests.servers import living_world

pytestmark = pytest.mark.bench
REPORTS = 300


def test_a_page_costs_a_few_constant_pages_wherever_it_lies(tmp_path):
    world = living_world(tmp_path)
    world.enrol("producer", "Curlew Labs")
    world.enrol("analyst", "Hub staff")
    world.enrol("member", audiences=("members",))
    for number in range(REPORTS):
        world.file(
            "producer:Curlew Labs", a_report(client_ref=f"BENCH-{number}", tlp="green", title=f"Report {number}")
        )
    path = f"/api/v1/members/{world.ids['Curlew Labs']}/accept"
    assert world.send("analyst:Hub staff", "POST", path, {"audience": "members"}).status_code == 200
    world.release()
    objects = len(world.objects("member", "members"))
    pages = f"/taxii2/hub/collections/{world.collection('members')}/objects/?limit=100"
    app = create_app(world.hub)
    constant = world.send("member", "GET", pages)
    app.add_url_rule("/constant", view_func=policy(PUBLIC)(lambda: Response(constant.data)))
    client, token = app.test_client(), {"Authorization": f"Bearer {world.tokens['member']}"}

    def get(url):
        def send():
            assert client.get(url, headers=token).status_code == 200

        return send

    deep = pages
    for _ in range(objects // 100 - 1):
        deep = f"{pages}&next={client.get(deep, headers=token).get_json(force=True)['next']}"
    first = compare("the first page", get(pages), "a constant page", get("/constant"))
    last = compare("a page at the end", get(deep), "a constant page", get("/constant"))
    listed = compare("a page of the manifest", get(pages.replace("objects", "manifest")), "a page", get(pages))
    told = (
        f"100 of {objects} objects, {len(constant.data) // 1024} KiB, authorised each time; in one process, no socket."
    )
    print(write("Reading", "make bench", told, COLUMNS, [one.row for one in (first, last, listed)]))
    assert first.value < 30
    assert last.value < first.value * 1.5, "a page costs what it holds, not what lies before it"
    world.hub.store.close()

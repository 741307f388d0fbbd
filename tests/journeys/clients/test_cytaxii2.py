"""cytaxii2 1.0.1, Cyware's client: sends every parameter with every page, and shows bodies only."""

import json
from urllib.parse import urljoin

import pytest
from cytaxii2 import cytaxii2

from tests.journeys.clients.hubs import READ, assert_each_once, version_of
from tests.journeys.clients.reading import expected, follow, newest, seen


@pytest.fixture
def client(served):
    made = cytaxii2.cytaxii2(served.discovery, "anyone", served.token)
    # It takes the API root as the discovery gives it. Over https that is a URL; without, as here, only a path may stand
    # there (TAXII 2.1, 4.1.1), and its user sets what it joins to.
    made.api_root = urljoin(served.discovery, made.discovery_request()["response"]["default"])
    return made


class Poller:
    """Pages by `next` beside the `added_after` it began with; asks the manifest when its last object was added."""

    def __init__(self, client, collection_id, limit):
        self.client, self.collection_id, self.limit, self.after = client, collection_id, limit, None

    def __call__(self):
        found, cursor = [], None
        while True:
            answer = self.client.poll_request(self.collection_id, self.after, self.limit, next=cursor)
            assert answer["status"], answer
            page = answer["response"]
            found += page.get("objects", [])
            if not page.get("more"):
                break
            cursor = page["next"]
        if found:
            self.after = self._added(found[-1])
        return found

    def _added(self, one):
        stix_id, version = version_of(one)
        url = f"{self.client.api_root}collections/{self.collection_id}/manifest/"
        asked = {"match[id]": stix_id, **({"match[version]": version} if version else {})}
        answer = self.client.request_handler("GET", url, query_params=asked)
        return answer["response"]["objects"][-1]["date_added"]


def test_it_finds_its_way_from_the_discovery_url(served, client):
    assert client.get_api_root() == (served.api_root, False)
    assert client.root_discovery()["status_code"] == 200
    listed = client.collection_request()["response"]["collections"]
    assert [one["alias"] for one in listed if not one["can_write"]][: len(READ)] == list(READ)
    one = client.collection_data_request(served.collection_id())["response"]
    assert (one["can_read"], one["can_write"]) == (True, False)


def test_filters_by_type_and_by_id(served, client):
    listed = client.poll_request(served.collection_id(), object_type="indicator,note")["response"]["objects"]
    assert {one["type"] for one in listed} == {"indicator", "note"}
    (one,) = client.poll_request(served.collection_id(), object_id=listed[0]["id"])["response"]["objects"]
    assert one == listed[0]


def test_a_refusal_is_json_that_it_can_show(served):
    stranger = cytaxii2.cytaxii2(served.discovery, "anyone", "nonsense")
    answer = stranger.discovery_request()
    assert (answer["status"], answer["status_code"]) == (False, 401)
    assert answer["response"]["title"]


def test_it_keeps_up_and_shows_what_was_meant(served, client):
    got = follow(served, Poller(client, served.collection_id(), limit=6))
    assert seen(newest(got).values()) == expected(served)
    assert "Sealed" not in json.dumps(got)
    assert_each_once(Poller(client, served.collection_id(), limit=1000)(), served)


def test_it_posts_to_its_inbox(served, client):
    (box,) = [one["id"] for one in client.collection_request()["response"]["collections"] if one["can_write"]]
    at = "2026-11-24T08:00:00.000Z"
    identity = {
        "type": "identity",
        "spec_version": "2.1",
        "id": "identity--5b1f2c7e-3f0e-4d4b-9a55-0d8d1c1f2a3b",
        "created": at,
        "modified": at,
        "name": "The reader's desk",
    }
    answer = client.inbox_request(box, json.dumps({"objects": [identity]}))
    assert (answer["status_code"], answer["response"]["failure_count"]) == (202, 0)
    assert client.poll_request(box)["response"]["objects"] == [identity]

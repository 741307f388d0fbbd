"""A member organisation fetches its feeds with the client that members really have, over a socket."""

import json
from collections import Counter

import pytest
from taxii2client.v21 import ApiRoot, Server, as_pages

from tests.journeys.desk import READ, REPORTS, TAXII


def test_a_client_finds_its_way_from_discovery_to_the_collections(desk):
    server = Server(f"{desk.url}/taxii2/", user="anyone", password=desk.token)
    assert server.title
    assert server.default.url == f"{desk.url}/taxii2/hub/"
    assert [one.url for one in server.api_roots] == [f"{desk.url}/taxii2/hub/"]
    root = ApiRoot(f"{desk.url}/taxii2/hub/", user="anyone", password=desk.token)
    assert root.versions == [TAXII]
    assert root.max_content_length > 0
    feeds = {one.id for one in root.collections if not one.can_write}
    assert feeds == {desk.world.collection(name) for name in (*READ, "members-indicators")}
    assert all(one.can_read for one in root.collections)
    assert [one.title for one in root.collections if one.can_write] == ["Inbox"]


@pytest.mark.parametrize("per_request", [1, 7, 1000])
def test_paging_gets_each_object_exactly_once(desk, per_request):
    pages = list(as_pages(desk.client().get_objects, per_request=per_request))
    objects = [one for page in pages for one in page.get("objects", [])]
    assert all(len(page.get("objects", [])) <= per_request for page in pages)
    ids = Counter(one["id"] for one in objects)
    assert set(ids.values()) == {1}
    carriers = [one for one in objects if one["type"] == "report" and not one.get("revoked")]
    names = {"Corrected", *(f"Case {number}" for number in range(REPORTS) if number not in {0, 3})}
    assert Counter(one["name"] for one in carriers) == Counter(names)


def test_the_manifest_pages_through_the_same_objects(desk):
    pages = as_pages(desk.client().get_manifest, per_request=5)
    listed = [one for page in pages for one in page.get("objects", [])]
    objects = desk.client().get_objects(limit=1000)["objects"]
    wanted = {(one["id"], one.get("modified", one["created"])) for one in objects}
    assert {(one["id"], one["version"]) for one in listed} == wanted
    assert len(listed) == len(objects)
    assert {one["media_type"] for one in listed} == {"application/stix+json;version=2.1"}
    added = [one["date_added"] for one in listed]
    assert added == sorted(set(added)), "date_added grows strictly"


def test_added_after_brings_only_what_came_since(desk):
    listed = desk.client().get_manifest(limit=1000)["objects"]
    middle = listed[len(listed) // 2]["date_added"]
    since = desk.client().get_objects(limit=1000, added_after=middle)["objects"]
    assert [one["id"] for one in since] == [one["id"] for one in listed if one["date_added"] > middle]
    assert desk.client().get_objects(added_after=listed[-1]["date_added"]) == {}


def test_filters_narrow_and_combine(desk):
    everything = desk.client().get_objects(limit=1000)["objects"]
    types = Counter(one["type"] for one in everything)
    found = desk.client().get_objects(type=["report", "incident"], limit=1000)["objects"]
    assert Counter(one["type"] for one in found) == {kind: types[kind] for kind in ("report", "incident")}
    carrier = next(one for one in everything if one["type"] == "report")
    assert desk.client().get_objects(id=carrier["id"])["objects"] == [carrier]
    assert desk.client().get_objects(id=carrier["id"], type="incident") == {}
    assert desk.client().get_objects(spec_version="2.0") == {}
    assert len(desk.client().get_objects(spec_version="2.1", limit=1000)["objects"]) == len(everything)


def test_an_object_has_its_versions_and_the_last_one_is_given(desk):
    carriers = desk.client().get_objects(type="report", limit=1000)["objects"]
    corrected = next(one for one in carriers if one["name"] == "Corrected")
    versions = desk.client().object_versions(corrected["id"])["versions"]
    assert versions == sorted(set(versions))
    assert versions == [corrected["created"], corrected["modified"]]
    assert desk.client().get_object(corrected["id"])["objects"] == [corrected]
    both = desk.client().get_object(corrected["id"], version="all")["objects"]
    assert [one["name"] for one in both] == ["Case 0", "Corrected"]
    (first,) = desk.client().get_object(corrected["id"], version="first")["objects"]
    (exact,) = desk.client().get_object(corrected["id"], version=corrected["created"])["objects"]
    assert first == exact == both[0]


def test_of_a_withdrawn_report_every_version_but_the_revoked_one_is_gone(desk):
    carriers = desk.client().get_objects(type="report", limit=1000)["objects"]
    (revoked,) = [one for one in carriers if one.get("revoked")]
    assert revoked["name"].startswith("Withdrawn (M-")
    assert desk.client().get_object(revoked["id"], version="all")["objects"] == [revoked]
    everything = desk.client().get_objects(version="all", limit=1000)["objects"]
    assert "Case 3" not in json.dumps(everything)


def test_a_redacted_feed_says_no_word_of_the_reports(desk):
    objects = desk.client("public").get_objects(limit=1000)["objects"]
    assert len([one for one in objects if one["type"] == "report" and not one.get("revoked")]) == REPORTS - 1
    assert "Case " not in json.dumps(objects)
    members = {one["id"] for one in desk.client().get_objects(limit=1000)["objects"]}
    shared = {one["id"] for one in objects} & members
    assert {one.split("--")[0] for one in shared} <= {"identity", "extension-definition", "marking-definition"}


def test_an_empty_collection_is_an_empty_envelope(desk):
    assert desk.client("reference").get_objects() == {}


def test_each_page_tells_when_its_first_and_last_object_were_added(desk):
    listed = desk.ask(f"{desk.collection()}/manifest/?limit=3")
    dates = [one["date_added"] for one in listed.json()["objects"]]
    objects = desk.ask(f"{desk.collection()}/objects/?limit=3")
    for answer in (listed, objects):
        assert answer.headers["Content-Type"] == TAXII
        assert answer.headers["X-TAXII-Date-Added-First"] == dates[0]
        assert answer.headers["X-TAXII-Date-Added-Last"] == dates[2]
    after = {"X-TAXII-Date-Added-First": dates[2], "X-TAXII-Date-Added-Last": dates[2]}
    nothing = desk.ask(f"{desk.collection('reference')}/objects/?added_after={dates[2]}")
    assert {name: nothing.headers[name] for name in after} == after, "from where on was asked"


def test_the_date_of_the_last_page_is_where_a_member_goes_on(desk):
    first = desk.ask(f"{desk.collection()}/objects/?limit=5")
    after = first.headers["X-TAXII-Date-Added-Last"]
    rest = desk.ask(f"{desk.collection()}/objects/?limit=1000&added_after={after}").json()["objects"]
    everything = desk.ask(f"{desk.collection()}/objects/?limit=1000").json()["objects"]
    assert first.json()["objects"] + rest == everything


def test_an_unchanged_page_costs_304(desk):
    url = f"{desk.collection()}/objects/?limit=5"
    first = desk.ask(url)
    again = desk.ask(url, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "private" in first.headers["Cache-Control"]

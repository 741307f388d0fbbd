"""taxii2-client 2.3.0, the reference client: parses what TAXII adds, and hands the objects on as JSON."""

import json
from uuid import UUID

import pytest
import requests
from requests.auth import AuthBase
from taxii2client.common import TokenAuth
from taxii2client.exceptions import AccessError, TAXIIServiceException
from taxii2client.v21 import Collection, Server, as_pages

from tests.journeys.clients.fetching import Poller, collection, inbox, paged
from tests.journeys.clients.hubs import READ, assert_each_once, version_of
from tests.journeys.clients.reading import expected, follow, newest, seen


class BearerAuth(AuthBase):
    """What a user of the client writes, which knows Basic and its own scheme `Token` only."""

    def __init__(self, token):
        self.token = token

    def __call__(self, request):
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def basic(served):
    return {"user": "anyone", "password": served.token}


def bearer(served):
    return {"auth": BearerAuth(served.token)}


def scheme_token(served):
    return {"auth": TokenAuth(served.token)}


@pytest.mark.parametrize("credentials", [basic, bearer, scheme_token])
def test_it_finds_its_collections_whichever_way_it_says_who_it_is(served, credentials):
    server = Server(served.discovery, **credentials(served))
    assert server.default.url == served.api_root
    assert [one.url for one in server.api_roots] == [served.api_root]
    feeds = [one for one in server.default.collections if not one.can_write]
    assert [one.alias for one in feeds[: len(READ)]] == list(READ)
    assert feeds[0].get_objects(limit=3)["objects"] == served.truth()[:3]


def test_it_is_told_that_it_may_not_in_words_that_it_can_read(served):
    stranger = Collection(served.collection(), user="anyone", password="nonsense")
    with pytest.raises(requests.HTTPError) as refused:
        stranger.get_objects()
    assert refused.value.response.status_code == 401
    unknown = Collection(served.collection().replace(served.collection_id(), "0" * 36), **basic(served))
    with pytest.raises((requests.HTTPError, TAXIIServiceException)):
        unknown.get_objects()


@pytest.mark.parametrize("per_request", [1, 7, 1000])
def test_as_pages_ends_and_gives_each_row_once_on_objects_manifest_and_versions(served, per_request):
    client = collection(served)
    objects = paged(client.get_objects, per_request)
    assert_each_once(objects, served)
    listed = paged(client.get_manifest, per_request)
    assert [(row["id"], row["version"]) for row in listed if row["id"] in _dated(objects)] == [
        version_of(one) for one in objects if version_of(one)[1]
    ]
    assert len(listed) == len(objects)
    corrected = next(one for one in objects if one["type"] == "report" and one["modified"] > one["created"])
    pages = list(as_pages(lambda **query: client.object_versions(corrected["id"], **query), per_request=per_request))
    assert [one for page in pages for one in page.get("versions", [])] == [corrected["created"], corrected["modified"]]


def _dated(objects):
    return {one["id"] for one in objects if version_of(one)[1]}


@pytest.mark.parametrize(("asked", "is_meant"), [
    ({"type": "report"}, lambda one: one["type"] == "report"),
    ({"type": ["indicator", "incident"]}, lambda one: one["type"] in {"indicator", "incident"}),
    ({"spec_version": "2.1"}, lambda _: True),
    ({"spec_version": "2.0"}, lambda _: False),
    ({"version": "first,last", "type": "note"}, lambda one: one["type"] == "note"),
])  # fmt: skip
@pytest.mark.parametrize("per_request", [2, 1000])
def test_filters_hold_on_every_page(served, asked, is_meant, per_request):
    client = collection(served)
    wanted = [one for one in served.truth() if is_meant(one)]
    assert paged(client.get_objects, per_request, **asked) == wanted
    assert [row["id"] for row in paged(client.get_manifest, per_request, **asked)] == [one["id"] for one in wanted]


def test_a_second_collection_is_another_feed_in_codes_alone_and_joins_nothing(served):
    objects = paged(collection(served, "public").get_objects, 3)
    assert_each_once(objects, served, "public")
    shared = {one["id"].partition("--")[0] for one in objects} & {"report", "incident", "attack-pattern"}
    assert shared, "what follows is of entries"
    members = {one["id"] for one in served.truth()}
    kinds = {one["type"] for one in objects if one["id"] in members}
    assert kinds <= {"identity", "extension-definition", "marking-definition"}
    names = [one["name"] for one in objects if one["type"] == "report"]
    assert not {one.name for one in served.expected.values()} & set(names)


def test_it_keeps_up_and_shows_what_was_meant(served):
    got = follow(served, Poller(collection(served), per_request=5))
    shown = seen(newest(got).values())
    assert shown == expected(served)
    withdrawn = [one for one in shown.values() if one.is_withdrawn]
    assert len(withdrawn) == 1
    texts = {one.name for one in shown.values()} | {one.summary for one in shown.values()}
    assert not {"Sealed title", "Sealed words."} & texts


def posted(kind, number, **properties):
    """A STIX object as a member's own program would make it."""
    at = "2026-11-24T08:00:00.000Z"
    stix_id = f"{kind}--{UUID(int=number, version=4)}"
    return {"type": kind, "spec_version": "2.1", "id": stix_id, "created": at, "modified": at, **properties}


def test_it_posts_to_its_inbox_and_polls_the_status_until_it_is_final(served):
    root, box = inbox(served)
    report = next(one for one in served.truth() if one["type"] == "report" and not one.get("revoked"))
    pattern = "[domain-name:value = 'second.attacker.example']"
    watched = {"pattern": pattern, "pattern_type": "stix", "valid_from": "2026-11-24T08:00:00Z"}
    objects = [
        posted("indicator", 1, name="second.attacker.example", **watched),
        posted("opinion", 2, opinion="agree", explanation="Seen here too.", object_refs=[report["id"]]),
    ]
    status = root.get_status(box.add_objects({"objects": objects}, wait_for_completion=False).id)
    status.wait_until_final(poll_interval=0.1)
    assert (status.status, status.total_count, status.success_count) == ("complete", 2, 2)
    assert {one["id"] for one in status.successes} == {one["id"] for one in objects}
    assert paged(box.get_objects, 1, type="indicator") == objects[:1]
    assert paged(box.get_manifest, 1, type="indicator")[0]["version"] == objects[0]["modified"]
    again = box.add_objects({"objects": objects[:1]}, poll_interval=0.1)
    assert (again.status, again.failure_count) == ("complete", 0)
    assert paged(box.get_objects, 1, type="indicator") == objects[:1]
    assert paged(inbox(served, served.world.enrol("member", "Another member"))[1].get_objects, 1) == []


def test_what_it_posts_as_a_report_is_sealed_and_what_is_no_stix_is_refused_in_words(served):
    _, box = inbox(served)
    told = posted("incident", 3, name="Our night", description="It was our night.", labels=["ours"])
    wrong = posted("indicator", 4, name="No pattern")
    status = box.add_objects({"objects": [told, wrong]}, poll_interval=0.1)
    assert (status.success_count, status.failure_count) == (1, 1)
    assert (status.failures[0]["id"], "pattern" in status.failures[0]["message"]) == (wrong["id"], True)
    (back,) = box.get_object(told["id"])["objects"]
    assert [back[name] for name in ("id", "type", "created", "modified")] == [
        told[name] for name in ("id", "type", "created", "modified")
    ]
    assert "our night" not in json.dumps(back).lower()
    assert "our night" not in json.dumps(box.get_objects()).lower()


def test_it_deletes_from_its_inbox_and_writes_to_nothing_else(served):
    _, box = inbox(served)
    identity = posted("identity", 5, name="Somebody", identity_class="organization")
    box.add_objects({"objects": [identity]}, poll_interval=0.1)
    box.delete_object(identity["id"])
    with pytest.raises(requests.HTTPError) as gone:
        box.get_object(identity["id"])
    assert gone.value.response.status_code == 404
    with pytest.raises(AccessError):
        collection(served).add_objects({"objects": [identity]})

"""A member posts an incident with its own client; another member reads it, once an analyst let it out."""

import pytest
from taxii2client.v21 import ApiRoot

from tests.servers import living_world, serving

INCIDENT = {
    "type": "incident",
    "spec_version": "2.1",
    "id": "incident--5d7c0a1e-6a1b-4e5f-9c53-0d7d4cbb0f0a",
    "created": "2026-11-20T10:00:00.000Z",
    "modified": "2026-11-20T10:00:00.000Z",
    "name": "An agent mailed a customer list",
    "description": "It was asked to write to one of them.",
    "object_marking_refs": ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],
}


@pytest.fixture
def hub(tmp_path):
    world = living_world(tmp_path)
    for name in ("Alder", "Birch"):
        world.enrol("member", name, ("members",))
    world.enrol("analyst", "Hub staff")
    world.tokens["analyst"] = world.tokens["analyst:Hub staff"]
    with serving(world.hub.config.home, workers=1) as server:
        yield world, server.url
    world.hub.store.close()


def collections(url, token):
    root = ApiRoot(f"{url}/taxii2/hub/", user="anyone", password=token)
    return {one.can_write: one for one in root.collections if one.can_write or one.title != "Inbox"}


def test_what_one_member_posts_another_reads_once_it_was_let_out(hub):
    world, url = hub
    inbox = collections(url, world.tokens["member:Alder"])[True]
    status = inbox.add_objects({"objects": [INCIDENT]})
    assert (status.status, status.success_count, status.failure_count) == ("complete", 1, 0)
    (own,) = inbox.get_objects()["objects"]
    assert {own[name] == INCIDENT[name] for name in ("type", "id", "created", "modified")} == {True}
    assert own["name"].startswith("Report R-")

    found = world.send("analyst", "GET", "/api/v1/reports").get_json()["items"][0]
    assert own["name"].endswith(found["ref"])
    world.accept(found["id"], "members")
    world.release()
    entries = [one for one in world.objects("member:Birch", "members") if one["type"] == "report"]
    assert [one["name"] for one in entries] == [INCIDENT["name"]]
    assert INCIDENT["id"] not in {one["id"] for one in world.objects("member:Birch", "members")}

    other = collections(url, world.tokens["member:Birch"])[True]
    assert other.id != inbox.id
    assert other.get_objects() == {}
    seen = {
        **{name: INCIDENT[name] for name in ("spec_version", "created", "modified")},
        "type": "sighting",
        "id": "sighting--5d7c0a1e-6a1b-4e5f-9c53-0d7d4cbb0f0a",
        "sighting_of_ref": entries[0]["id"],
        "count": 2,
    }
    assert other.add_objects({"objects": [seen]}).success_count == 1
    said = world.send("analyst", "GET", f"/api/v1/reports/{found['ref']}/sightings").get_json()["items"]
    assert [(one["organisation"], one["count"]) for one in said] == [("Birch", 2)]
    inbox.delete_object(INCIDENT["id"])
    assert inbox.get_objects() == {}

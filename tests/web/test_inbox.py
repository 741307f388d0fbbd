"""Writing by TAXII 2.1: the inbox, its status, and who may not."""

import json
from typing import Any

import pytest
from hypothesis import given

from hub import rounds
from tests.conftest import World
from tests.factories import a_report
from tests.stage import POSTED, TAXII, inbox, post
from tests.strategies import FEW, json_values

INCIDENT: dict[str, Any] = {
    "type": "incident",
    "spec_version": "2.1",
    "id": "incident--0b9e9a9e-2f5c-4a52-8a3b-3f1d1d6f0c11",
    "created": "2026-11-20T10:00:00.000Z",
    "modified": "2026-11-20T10:00:00.000Z",
    "name": "Xylophone quartz agent",
    "description": "Zanzibar wombat credentials were taken.",
    "object_marking_refs": ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],
}
WORDS = (b"Xylophone", b"quartz", b"Zanzibar", b"wombat", b"credentials were")
FILE = {"type": "file", "id": "file--0b9e9a9e-2f5c-4a52-8a3b-3f1d1d6f0c11", "name": "z.txt", "size": 3}


def objects(world: World, who: str = "member", rest: str = "") -> list[Any]:
    path = f"/taxii2/hub/collections/{inbox(world, who)}/objects/{rest}"
    answer = world.send(who, "GET", path)
    assert answer.status_code == 200
    return answer.get_json(force=True).get("objects", [])


def test_what_is_posted_reads_back_as_posted_and_its_status_too(any_world: World) -> None:
    custom = {**POSTED, "type": "x-thing", "id": "x-thing--a932fcc6-e032-476c-826f-cb970a5a1ade", "x_more": {"b": 1.5}}
    told = post(any_world, "member", POSTED, FILE, custom, {"type": "indicator"})
    assert (told["total_count"], told["success_count"], told["failure_count"], told["pending_count"]) == (4, 3, 1, 0)
    assert told["failures"][0]["id"] == "/objects/3"
    assert objects(any_world) == [POSTED, FILE, custom]
    assert [list(one) for one in objects(any_world)] == [sorted(one) for one in (POSTED, FILE, custom)], "as sent"
    path = f"/taxii2/hub/status/{told['id']}/"
    assert any_world.send("member", "GET", path).get_json(force=True) == told
    any_world.enrol("member", "Others")
    for who in ("member:Others", "researcher", "producer"):
        assert any_world.send(who, "GET", path).status_code == 404


def test_the_same_again_changes_nothing(world: World) -> None:
    post(world, "member", POSTED, FILE)
    again = post(world, "member", POSTED, FILE, {**POSTED, "modified": "2026-11-20T10:00:00Z"})
    assert again["success_count"] == 3
    assert objects(world, rest="?match[version]=all") == [POSTED, FILE]


def test_versions_are_ordered_by_themselves_and_dates_by_arrival(world: World) -> None:
    newer, older = ({**POSTED, "modified": f"2026-11-2{day}T10:00:00.000Z"} for day in (3, 1))
    post(world, "member", newer)
    post(world, "member", older, POSTED)
    assert objects(world) == [newer]
    assert objects(world, rest="?match[version]=first") == [POSTED]
    path = f"/taxii2/hub/collections/{inbox(world, 'member')}"
    listed = world.send("member", "GET", f"{path}/manifest/?match[version]=all").get_json(force=True)["objects"]
    assert len({one["date_added"] for one in listed}) == 3
    assert [one["date_added"] for one in listed] == sorted(one["date_added"] for one in listed)
    gone = f"{path}/objects/{POSTED['id']}/"
    assert world.send("member", "DELETE", f"{gone}?match[version]=2026-11-23T10:00:00.000Z").status_code == 200
    assert objects(world) == [older]
    assert world.send("member", "DELETE", gone).status_code == 200
    assert world.send("member", "GET", gone).status_code == 404
    assert world.send("member", "DELETE", gone).status_code == 404


@pytest.mark.parametrize(
    "envelope",
    [
        {},
        {"objects": {}},
        {"objects": []},
        {"objects": None},
        {"objects": ["x"]},
        [],
        {"type": "bundle", "objects": []},
        {"type": "thing", "objects": [POSTED]},
    ],
    ids=str,
)
def test_what_is_no_envelope_is_refused(world: World, envelope: object) -> None:
    path = f"/taxii2/hub/collections/{inbox(world, 'member')}/objects/"
    answer = world.send("member", "POST", path, envelope, Content_Type=TAXII)
    assert answer.status_code == 422
    assert answer.get_json(force=True)["http_status"] == "422"


def test_size_and_type_of_the_body(world: World) -> None:
    path = f"/taxii2/hub/collections/{inbox(world, 'member')}/objects/"
    sent = {"Authorization": f"Bearer {world.tokens['member']}", "Content-Type": TAXII}
    filled = json.dumps({"objects": [{**POSTED, "x_numbers": [1] * 200_000}]}).encode()
    assert world.web.post(path, data=filled, headers=sent).status_code == 202, "within max_content_length"
    assert world.web.post(path, data=b" " * (1 << 20) + b"{}", headers=sent).status_code == 413
    assert world.web.post(path, data=b"{nonsense", headers=sent).status_code == 400
    assert world.web.post(path, data=b'{"objects":[],"objects":[]}', headers=sent).status_code == 400
    assert (
        world.web.post(
            path, json={"objects": [POSTED]}, headers=sent | {"Content-Type": "application/json"}
        ).status_code
        == 415
    )


def test_a_feed_that_one_reads_is_403_and_any_other_404(world: World) -> None:
    for who, feed, status in (("member", "members", 403), ("researcher", "public", 403), ("member", "trusted", 404)):
        path = f"/taxii2/hub/collections/{world.collection(feed)}/objects/"
        answer = world.send(who, "POST", path, {"objects": [POSTED]}, Content_Type=TAXII)
        assert answer.status_code == status
        assert world.send(who, "DELETE", f"{path}{POSTED['id']}/").status_code == status
    world.enrol("member", "Others")
    foreign = f"/taxii2/hub/collections/{inbox(world, 'member')}/objects/"
    assert world.send("member:Others", "POST", foreign, {"objects": [POSTED]}, Content_Type=TAXII).status_code == 404
    assert world.send("member:Others", "GET", foreign).status_code == 404


def test_an_incident_becomes_a_report_and_no_word_of_it_lies_in_clear(world: World) -> None:
    told = post(world, "member", INCIDENT)
    assert told["success_count"] == 1
    stands = objects(world)[0]
    assert {name: stands[name] for name in ("type", "id", "created", "modified")} == {
        name: INCIDENT[name] for name in ("type", "id", "created", "modified")
    }
    found = world.send("analyst", "GET", "/api/v1/reports").get_json()["items"]
    assert [one["report"]["client_ref"] for one in found] == [INCIDENT["id"]]
    assert stands["name"] == f"Report {found[0]['ref']}"
    assert found[0]["report"]["tlp"] == "green"
    home = world.hub.config.home
    lies = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert INCIDENT["id"].encode() in lies, "the search finds what does lie there"
    assert not [word for word in WORDS if word in lies]
    post(world, "member", {**INCIDENT, "modified": "2026-11-21T10:00:00.000Z", "name": "Corrected"})
    assert world.send("analyst", "GET", f"/api/v1/reports/{found[0]['id']}").get_json()["revision"] == 2
    post(world, "member", {**INCIDENT, "modified": "2026-11-22T10:00:00.000Z", "revoked": True})
    assert world.send("analyst", "GET", f"/api/v1/reports/{found[0]['id']}").get_json()["state"] == "withdrawn"


def test_a_posted_incident_goes_out_like_any_other_report(world: World) -> None:
    world.enrol("member", "Others", ("members",))
    post(world, "member", INCIDENT)
    report = world.send("analyst", "GET", "/api/v1/reports").get_json()["items"][0]["id"]
    world.accept(report, "members")
    world.release()
    assert [one["name"] for one in world.carriers("member:Others", "members")] == [INCIDENT["name"]]


def sighting(ref: str, **changes: object) -> dict[str, Any]:
    said = {
        "type": "sighting",
        "id": "sighting--0b9e9a9e-2f5c-4a52-8a3b-3f1d1d6f0c11",
        "sighting_of_ref": ref,
        "count": 4,
    }
    times = {"created": "2026-11-20T10:00:00.000Z", "modified": "2026-11-20T10:00:00.000Z"}
    return {"spec_version": "2.1", **times, **said, "description": "quartz", **changes}


def test_a_sighting_reaches_the_report_and_tells_the_member_nothing(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(tlp="green", client_ref="seen"))
    world.accept(filed["id"], "members")
    world.release()
    world.enrol("member", "Ungranted")
    ref, path = world.carriers("member", "members")[0]["id"], f"/api/v1/reports/{filed['ref']}/sightings"
    answers = [post(world, who, sighting(ref)) for who in ("member", "member:Ungranted")]
    assert answers[0] | {"id": ""} == answers[1] | {"id": ""}
    items = world.send("analyst", "GET", path).get_json()["items"]
    assert [(one["organisation"], one["count"], one["about"]) for one in items] == [
        ("The member's organisation", 4, ref)
    ]
    assert "quartz" not in str(items)
    post(world, "member", sighting(ref, count=9, modified="2026-11-21T10:00:00.000Z"))
    assert [one["count"] for one in world.send("analyst", "GET", path).get_json()["items"]] == [9]
    post(world, "member", sighting(ref, revoked=True, modified="2026-11-22T10:00:00.000Z"))
    assert world.send("analyst", "GET", path).get_json()["items"] == []
    assert world.send("member", "GET", path).status_code == 404


def test_statuses_are_forgotten_after_a_week(world: World) -> None:
    path = f"/taxii2/hub/status/{post(world, 'member', POSTED)['id']}/"
    world.clock.forward(days=6)
    rounds.tick(world.hub)
    assert world.send("member", "GET", path).status_code == 200
    world.clock.forward(days=2)
    rounds.tick(world.hub)
    assert world.send("member", "GET", path).status_code == 404


@FEW
@given(body=json_values)
def test_no_json_makes_the_inbox_fall_over(world: World, body: object) -> None:
    path = f"/taxii2/hub/collections/{inbox(world, 'member')}/objects/"
    for envelope in (body, {"objects": body}, {"objects": [body]}, {"objects": [{**INCIDENT, "name": body}]}):
        answer = world.send("member", "POST", path, envelope, Content_Type=TAXII)
        assert answer.status_code in {202, 400, 422}, answer.data
    post(world, "member", *({**POSTED, name: body} for name in (*POSTED, "x_any", "extensions", "created_by_ref")))

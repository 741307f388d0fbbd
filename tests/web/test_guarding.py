"""/api/v1/reports/{id}/guard and /api/v1/guard: who sees what, what a decision needs, and the path's own call."""

import pytest

from tests.conftest import World
from tests.hub.services.guarded import NAME, WHY, decide, filed, second, state
from tests.hub.services.steps import approve
from tests.web.test_paths import carry_out, gates, way


@pytest.fixture
def held(world: World) -> str:
    approve(world, "producer")
    report = filed(world)
    world.release()
    return report


def read(world: World, report: str, who: str):
    return world.send(who, "GET", f"/api/v1/reports/{report}/guard")


def test_a_producer_reads_fields_and_rules_and_no_reason_of_analysts(world, held):
    decide(world, held)
    answer = read(world, held, "producer")
    (verdict,) = [one for one in answer.get_json()["verdicts"] if one["feed"] == "members"]
    assert verdict["hits"] == [{"field": "for_release.summary", "rule": "withheld-name", "of": "systems[].name"}]
    assert (verdict["state"], verdict["is_current"], answer.get_json()["decisions"]) == ("held", True, [])
    assert WHY not in answer.get_data(as_text=True)
    assert NAME not in answer.get_data(as_text=True)
    (decision,) = read(world, held, "analyst").get_json()["decisions"]
    assert (decision["why"], decision["settled_at"]) == (WHY, None)


def test_another_producer_reads_nothing(world, held):
    world.enrol("producer", "Curious Ltd")
    assert read(world, held, "producer:Curious Ltd").status_code == 404


def test_analysts_list_what_waits_a_page_at_a_time(world, held):
    filed(world, "two")
    world.clock.forward(minutes=1)
    world.release()
    seen, cursor = [], ""
    while True:
        page = world.send("analyst", "GET", f"/api/v1/guard?limit=1{cursor}").get_json()
        seen += [(one["ref"], one["feed"], one["organisation"]) for one in page["items"]]
        if not page["next"]:
            break
        cursor = f"&next={page['next']}"
    assert len(seen) == len(set(seen)) == 4, "two reports, in trusted and members"
    assert {organisation for *_, organisation in seen} == {"The producer's organisation"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"audience": "members", "decision": "release"}, "/why"),
        ({"audience": "members", "decision": "release", "why": "too short"}, "/why"),
        ({"audience": "members", "decision": "release", "why": "         x"}, "/why"),
        ({"audience": "members", "decision": "release", "why": "y" * 501}, "/why"),
        ({"audience": "members", "decision": "maybe", "why": WHY}, "/decision"),
        ({"decision": "keep", "why": WHY}, "/audience"),
        ({"audience": "members", "decision": "keep", "why": WHY, "force": True}, "/force"),
    ],
)
def test_a_decision_says_for_whom_what_and_why(world, held, body, pointer):
    answer = world.send("analyst", "POST", f"/api/v1/reports/{held}/guard", body)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.get_json()["errors"]] == [pointer]


def test_the_path_says_why_it_is_held_and_its_call_lets_it_go(world, held):
    found = way(world, held, "members")
    gate = gates(found)["guard"]
    assert (found["state"], found["waits_at"], gate["state"]) == ("waiting", "guard", "waiting")
    assert gate["on"] == "held: withheld-name in for_release.summary (of systems[].name)"
    call = gate["clears"]
    assert call["command"].startswith("hub guard decide R-")
    ready = {**call, "body": {**call["body"], "why": WHY}}
    carry_out(world, "analyst", ready)
    carry_out(world, second(world), ready)
    assert gates(way(world, held, "members"))["guard"]["state"] == "not_yet_run", "the next release asks again"
    world.release()
    found = way(world, held, "members")
    assert (found["state"], gates(found)["guard"]["state"]) == ("released", "passed")


def test_the_path_tells_a_kept_one_and_one_of_too_many(world, held, monkeypatch):
    decide(world, held, "keep")
    monkeypatch.setattr("hub.services.publishing.guarding.MOST", 0)
    other = filed(world, "two")
    world.release()
    assert gates(way(world, held, "members"))["guard"]["on"].startswith("an analyst keeps it in: withheld-name")
    assert gates(way(world, other, "members"))["guard"]["on"].startswith("too-many-held:")
    assert state(world, other) == "crowded"


def test_a_producer_reads_in_the_audit_that_its_report_is_held(world, held):
    decide(world, held, "keep")
    items = world.send("producer", "GET", f"/api/v1/audit?subject={held}").get_json()["items"]
    told = {one["action"]: one["details"] for one in items}
    assert told["guard.hold"]["hits"] == [["for_release.summary", "withheld-name", "systems[].name"]]
    assert told["guard.decide"] == {
        "audience": "members",
        "decision": "keep",
        "settled": True,
        "hits": [["for_release.summary", "withheld-name"]],
    }


def test_a_search_finds_what_waits_at_the_guard(world, held):
    answer = world.send("analyst", "GET", "/api/v1/search?filter=waiting = members:guard")
    assert [one["id"] for one in answer.get_json()["items"]] == [held], answer.get_data(as_text=True)

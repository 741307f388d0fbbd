"""GET /api/v1/reports/{id}/path: who sees it, what it says, and that its calls clear what they say they clear."""

import pytest

from hub import rounds
from tests.conftest import World
from tests.factories import a_report


def path(world: World, report: str, who: str = "producer"):
    answer = world.send(who, "GET", f"/api/v1/reports/{report}/path")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def way(world: World, report: str, feed: str, who: str = "producer"):
    return next(one for one in path(world, report, who)["feeds"] if one["feed"] == feed)


def gates(found):
    return {gate["gate"]: gate for gate in found["gates"]}


def carry_out(world: World, who: str, call) -> None:
    """Make the call that the path names, as it stands."""
    etag = {"If_Match": "*"} if call["method"] == "PATCH" else {}
    answer = world.send(who, call["method"], call["path"], call.get("body"), **etag)
    assert answer.status_code in {200, 204}, answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("body", "gate", "who"),
    [
        ({"tlp": "amber+strict"}, "reach", "producer"),
        ({"tlp": "green"}, "reach", "analyst"),
        ({"share_redacted_with": ["members"], "embargo_until": "2027-01-01T00:00:00Z"}, "embargo", "producer"),
        (
            {"share_redacted_with": ["members"], "hold": {"expires_at": "2026-12-01T00:00:00Z", "reason": "wait"}},
            "hold",
            "producer",
        ),
        ({"share_redacted_with": ["members"]}, "organisation_approved", "analyst"),
    ],
)
def test_the_call_that_a_path_names_clears_its_gate(world, body, gate, who):
    report = world.file("producer", a_report(client_ref="one", **body))["id"]
    world.release()
    found = gates(way(world, report, "members", who))[gate]
    assert found["state"] == "waiting"
    assert found["clears"]["who"] == who
    carry_out(world, who, found["clears"])
    world.release()
    assert gates(way(world, report, "members", who))[gate]["state"] == "passed"


def test_an_analysts_hold_is_an_analysts_to_lift(world):
    report = world.file("producer", a_report(client_ref="one", share_redacted_with=["members"]))["id"]
    world.accept(report, "trusted")
    body = {"reason": "CANARY: we wait for the vendor", "expires_at": "2026-12-01T00:00:00Z"}
    assert world.send("analyst", "POST", f"/api/v1/reports/{report}/hold", body).status_code == 200
    world.release()
    found = gates(way(world, report, "members"))["hold"]
    assert (found["state"], found["earliest_exit"]) == ("waiting", "2026-12-01T00:00:00.000000Z")
    assert "CANARY" not in world.send("producer", "GET", f"/api/v1/reports/{report}/path").get_data(as_text=True)
    carry_out(world, "analyst", found["clears"])
    world.release()
    assert way(world, report, "members")["state"] == "released"


def test_a_path_says_since_when_and_when_it_ends_by_itself(world):
    body = a_report(client_ref="one", share_redacted_with=["members"], embargo_until="2026-12-01T10:00:00Z")
    report = world.file("producer", body)["id"]
    filed = "2026-11-23T12:00:00.000000Z"
    world.clock.forward(hours=1)
    world.accept(report, "members")
    world.release()
    found = way(world, report, "members")
    assert (found["state"], found["waits_at"], found["mode"]) == ("waiting", "embargo", "redacted")
    assert found["earliest_exit"] == "2026-12-01T10:15:00.000000Z", "the embargo's end, then the feed's next quarter"
    asked = gates(found)
    assert asked["embargo"]["since"] == filed
    assert asked["embargo"]["earliest_exit"] == "2026-12-01T10:00:00.000000Z"
    assert asked["organisation_approved"]["since"] == "2026-11-23T13:00:00.000000Z"
    assert asked["guard"]["state"] == "not_yet_run"


def test_a_batch_waits_and_the_path_says_for_how_many_without_naming_who_else_is_in_it(world):
    for name in ("One", "Two"):
        world.enrol("producer", name)
    first = world.file("producer:One", a_report(client_ref="one", share_redacted_with=["researchers"]))["id"]
    other = world.file("producer:Two", a_report(client_ref="two", share_redacted_with=["researchers"]))
    for report in (first, other["id"]):
        world.accept(report, "members")
    world.release()
    answer = world.send("producer:One", "GET", f"/api/v1/reports/{first}/path").get_data(as_text=True)
    found = way(world, first, "researchers", "producer:One")
    assert found["waits_at"] == "batch"
    assert "at least 3" in gates(found)["batch"]["on"]
    assert found["earliest_exit"] is None
    for secret in ("Two", other["id"], other["ref"], "token:", world.ids["Two"]):
        assert secret not in answer


def test_a_batch_is_told_as_the_last_release_found_it_whoever_files_meanwhile(world):
    """Asked live, two producers who know each other could see the hour at which a third one files."""
    for name in ("One", "Two", "Three"):
        world.enrol("producer", name)
    filed = {
        name: world.file(f"producer:{name}", a_report(client_ref=name, share_redacted_with=["researchers"]))["id"]
        for name in ("One", "Two")
    }
    rounds.admit_all(world.hub)
    for report in filed.values():
        world.accept(report, "members")
    assert gates(way(world, filed["One"], "researchers", "producer:One"))["batch"]["state"] == "not_yet_run"
    world.release()
    short = path(world, filed["One"], "producer:One")["feeds"]
    third = world.file("producer:Three", a_report(client_ref="Three", share_redacted_with=["researchers"]))["id"]
    world.accept(third, "members")
    rounds.admit_all(world.hub)
    assert path(world, filed["One"], "producer:One")["feeds"] == short
    world.release()
    assert way(world, filed["One"], "researchers", "producer:One")["state"] == "released"


def test_what_was_released_is_told_with_its_reference_there(world):
    report = world.file("producer", a_report(client_ref="one", tlp="green"))
    world.accept(report["id"], "members")
    world.release()
    found = way(world, report["ref"], "members")
    assert (found["state"], found["mode"], found["waits_at"]) == ("released", "written", None)
    (carrier,) = world.carriers("member", "members")
    assert found["shows"]["ref"] == carrier["extensions"][next(iter(carrier["extensions"]))]["reference"]
    answer = world.send("producer", "PATCH", f"/api/v1/reports/{report['id']}", {"title": "New"}, If_Match="*")
    assert answer.status_code == 200
    changed = way(world, report["id"], "members")
    assert (changed["state"], changed["waits_at"], changed["shows"]["revision"]) == ("waiting", "admitted", 1)


def test_a_withdrawn_report_has_no_way_out_and_what_shows_is_about_to_go(world):
    report = world.file("producer", a_report(client_ref="one", tlp="green"))["id"]
    world.accept(report, "members")
    world.release()
    assert world.send("producer", "POST", f"/api/v1/reports/{report}/withdraw").status_code == 200
    assert way(world, report, "members")["state"] == "recalled"
    world.release()
    assert {one["state"] for one in path(world, report)["feeds"]} == {"never"}


def test_an_urgent_report_that_can_reach_nobody_is_told_so(world):
    report = world.file("producer", a_report(client_ref="one", urgent=True))["id"]
    assert "it goes nowhere" in path(world, report)["notes"][0]
    named = world.file("producer", a_report(client_ref="two", urgent=True, share_redacted_with=["trusted"]))["id"]
    assert path(world, named)["notes"] == []


def test_others_get_what_they_get_for_nothing(world):
    world.enrol("producer", "Another")
    report = world.file("producer", a_report(client_ref="one"))["id"]
    nothing = world.send("producer", "GET", "/api/v1/reports/00000000-0000-4000-8000-000000000000/path").data
    for who in ("producer:Another", "member", "researcher", "operator", "auditor"):
        answer = world.send(who, "GET", f"/api/v1/reports/{report}/path")
        assert (answer.status_code, answer.data) == (404, nothing), who

"""/api/v1/releases: what each release brought and what it left behind, for analysts and auditors."""

import pytest

from hub import rounds
from tests.conftest import World
from tests.factories import a_report
from tests.hub.services.guarded import filed
from tests.hub.services.steps import approve
from tests.hub.services.test_damage import revision

RELEASES = "/api/v1/releases"


def accounts(world: World, query: str = "?feed=members", who: str = "analyst"):
    answer = world.send(who, "GET", f"{RELEASES}{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()["items"]


@pytest.fixture
def released(any_world: World) -> World:
    """One report that leaves, one that nobody accepted, one that the guard holds, one that is set aside."""
    approve(any_world, "producer")
    for ref in ("out", "marred"):
        any_world.accept(any_world.file("producer", a_report(client_ref=ref, tlp="green"))["id"], "members")
    any_world.file("producer", a_report(client_ref="unread", tlp="green"))
    filed(any_world, "held")
    return any_world


def test_what_a_release_left_behind_is_counted_by_reason(released):
    released.release()
    (one,) = accounts(released)
    assert (one["number"], one["reports"], one["eligible"]) == (1, 2, 3)
    assert one["held"] == {"reach": 2, "guard": 1}  # nobody accepted one, and one is marked above the feed
    assert one["added"] > 2
    assert accounts(released, who="auditor") == [one]
    (said,) = released.send("auditor", "GET", "/api/v1/audit?action=feed.release&subject=members").get_json()["items"]
    assert (said["details"]["eligible"], said["details"]["held"]) == (3, one["held"])


def test_what_is_set_aside_for_a_fault_was_eligible(released):
    rounds.admit_all(released.hub)
    marred = released.file("producer", a_report(client_ref="marred", tlp="green"))["id"]  # answers the one there is
    revision("clear", '{"severity": "enormous"}')(released, marred)
    released.release()
    (one,) = accounts(released)
    assert (one["reports"], one["eligible"], one["held"]["fault"]) == (1, 3, 1)


def test_releases_are_listed_the_newest_first_and_a_page_at_a_time(released):
    released.release()
    released.clock.forward(days=8)
    released.accept(released.file("producer", a_report(client_ref="late", tlp="green"))["id"], "members")
    released.release()
    assert [one["number"] for one in accounts(released)] == [2, 1]
    every = accounts(released, "")
    seen, query = [], "?limit=1"
    while query:
        page = released.send("auditor", "GET", f"{RELEASES}{query}").get_json()
        seen += page["items"]
        query = f"?limit=1&next={page['next']}" if page["next"] else ""
    assert seen == every
    assert {one["feed"] for one in every} >= {"members", "trusted"}


@pytest.mark.parametrize("who", ["producer", "member", "researcher", "operator"])
def test_nobody_else_reads_them(world, who):
    assert world.send(who, "GET", RELEASES).status_code == 404


def test_a_feed_that_is_not_there_has_none(world):
    assert world.send("analyst", "GET", f"{RELEASES}?feed=nothing").status_code == 404
    assert world.send("analyst", "GET", f"{RELEASES}?next=x").status_code == 400

"""A selection over TAXII: the objects of its feed of some types, under the same ids, for whoever may read the feed."""

from typing import Any

import pytest

from tests.conftest import World
from tests.factories import a_report

PART = "members-indicators"
KINDS = {"indicator", "observed-data", "identity", "marking-definition"}
SITE, HOST, OTHER = (
    {"type": kind, "value": value, "pap": "clear"}
    for kind, value in (("domain", "attacker.example"), ("ipv4", "192.0.2.7"), ("ipv4", "192.0.2.8"))
)
ROOT = "/taxii2/hub/collections/"


@pytest.fixture
def told(any_world: World) -> World:
    """A hub whose members' feed holds one report with indicators."""
    any_world.file(
        "producer", a_report(client_ref="one", report_type="threat", tlp="green", threat={"indicators": [SITE, HOST]})
    )
    any_world.accept(filed(any_world)["id"], "members")
    any_world.release()
    return any_world


def filed(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.send("producer", "GET", "/api/v1/reports").get_json()["items"][0]
    return found


def path(world: World, rest: str = "") -> str:
    return f"{ROOT}{world.collection(PART)}/{rest}"


def body(world: World, rest: str) -> dict[str, Any]:
    answer = world.send("member", "GET", path(world, rest))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json(force=True)
    return found


def of_its_kinds(world: World) -> list[dict[str, Any]]:
    return [one for one in world.objects("member", "members") if one["type"] in KINDS]


def test_it_stands_behind_the_feeds_for_whoever_may_read_its_feed(told: World) -> None:
    told.enrol("member", "Inner circle", ("trusted",))
    listed = told.send("member", "GET", ROOT).get_json(force=True)["collections"]
    names = [one["alias"] for one in listed]
    assert names.index(PART) > max(names.index(name) for name in ("members", "public", "reference"))
    (found,) = [one for one in listed if one["alias"] == PART]
    assert (found["can_read"], found["can_write"]) == (True, False)
    assert "observables" in found["description"]
    others = told.send("member:Inner circle", "GET", ROOT).get_json(force=True)["collections"]
    assert PART not in [one["alias"] for one in others]
    refused = told.send("member:Inner circle", "GET", path(told, "objects/"))
    assert refused.status_code == 404


def test_it_holds_the_objects_of_its_types_as_the_feed_has_them(told: World) -> None:
    found = told.objects("member", PART)
    assert found == of_its_kinds(told)
    assert {one["type"] for one in found} == KINDS
    assert sum(one["type"] == "indicator" for one in found) == 2
    listed = body(told, "manifest/")["objects"]
    assert [one["id"] for one in listed] == [one["id"] for one in found]


def test_an_object_of_another_type_is_not_there(told: World) -> None:
    indicator = next(one["id"] for one in told.objects("member", PART) if one["type"] == "indicator")
    carrier = told.carriers("member", "members")[0]["id"]
    value = next(one["id"] for one in told.objects("member", "members") if one["type"] == "domain-name")
    assert [one["id"] for one in body(told, f"objects/{indicator}/")["objects"]] == [indicator]
    assert len(body(told, f"objects/{indicator}/versions/")["versions"]) == 1
    nothing = told.send("member", "GET", path(told, "objects/indicator--00000000-0000-4000-8000-000000000000/"))
    for other in (carrier, value):
        for rest in (f"objects/{other}/", f"objects/{other}/versions/"):
            refused = told.send("member", "GET", path(told, rest))
            assert refused.status_code == nothing.status_code == 404
            assert refused.get_data() == nothing.get_data()


def test_filters_choose_within_it_and_never_beyond(told: World) -> None:
    carrier = told.carriers("member", "members")[0]["id"]
    for nothing in ("objects/?match[type]=report", f"objects/?match[id]={carrier}", "manifest/?match[type]=report,url"):
        assert "objects" not in body(told, nothing)
    found = body(told, "objects/?match[type]=report,indicator&match[version]=all")["objects"]
    assert {one["type"] for one in found} == {"indicator"}
    assert "objects" not in body(told, "objects/?added_after=2099-01-01T00:00:00Z")


def test_pages_go_through_all_of_it_once(told: World) -> None:
    for rest in ("objects/", "manifest/"):
        found, cursor = [], ""
        while True:
            page = body(told, f"{rest}?limit=1{cursor}")
            found += [one["id"] for one in page["objects"]]
            if "next" not in page:
                break
            cursor = f"&next={page['next']}"
        assert found == [one["id"] for one in of_its_kinds(told)]


def test_a_cursor_of_its_feed_is_not_one_of_it(told: World) -> None:
    whole = f"{ROOT}{told.collection('members')}/objects/?limit=1"
    cursor = told.send("member", "GET", whole).get_json(force=True)["next"]
    assert told.send("member", "GET", path(told, f"objects/?next={cursor}")).status_code == 400


def test_a_correction_that_leaves_the_indicator_alone_brings_no_row_again(told: World) -> None:
    before = told.objects("member", PART)
    newest = told.send("member", "GET", path(told, "objects/")).headers["X-TAXII-Date-Added-Last"]
    told.clock.forward(hours=1)
    patch = {"title": "Another title", "severity": "low"}
    answer = told.send("producer", "PATCH", f"/api/v1/reports/{filed(told)['id']}", patch, If_Match='"r1"')
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert told.release()["members"].counts["changed"] > 0
    assert told.carriers("member", "members")[0]["name"] == "Another title"
    assert "objects" not in body(told, f"objects/?added_after={newest}")
    assert told.objects("member", PART) == before


def test_a_changed_indicator_comes_again_and_a_recalled_one_revoked(told: World) -> None:
    newest = told.send("member", "GET", path(told, "objects/")).headers["X-TAXII-Date-Added-Last"]
    told.clock.forward(hours=1)
    patch = {"threat": {"indicators": [SITE, OTHER]}}
    told.send("producer", "PATCH", f"/api/v1/reports/{filed(told)['id']}", patch, If_Match='"r1"')
    told.release()
    came = body(told, f"objects/?added_after={newest}")["objects"]
    assert {one["type"] for one in came} == {"indicator", "observed-data"}
    assert [one["name"] for one in came if one["type"] == "indicator" and not one.get("revoked")] == ["192.0.2.8"]
    told.clock.forward(hours=1)
    told.send("producer", "POST", f"/api/v1/reports/{filed(told)['id']}/withdraw")
    told.release()
    left = [one for one in told.objects("member", PART) if one["type"] in {"indicator", "observed-data"}]
    assert left
    assert all(one["revoked"] for one in left)
    assert "192.0.2" not in str(left)


def test_it_has_no_files_and_stands_in_no_list_of_feeds(told: World) -> None:
    assert told.send("member", "GET", "/feeds/members/bundle.json").status_code == 200
    assert told.send("member", "GET", f"/feeds/{PART}/bundle.json").status_code == 404
    assert PART not in told.send("", "GET", "/.well-known/incident-hub.json").get_data(as_text=True)
    assert PART not in [feed.name for feed in told.hub.feeds()]

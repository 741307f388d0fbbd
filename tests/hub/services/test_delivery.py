"""The member: pages over stored bytes, by cursors that belong to their collection, missing nothing that is released."""

import json
from typing import Any

import pytest

from tests.conftest import World
from tests.factories import a_report
from tests.hub.services.steps import approve, rows_of

PATH = "/taxii2/hub/collections/{}/{}"


@pytest.fixture
def filled(any_world: World) -> World:
    """A hub whose members' feed holds twelve reports, one of them in two versions."""
    approve(any_world, "producer")
    for number in range(12):
        file(any_world, f"T-{number}")
    any_world.release()
    filed = any_world.file("producer", a_report(client_ref="twice", share_redacted_with=["members"]))
    any_world.release()
    path = f"/api/v1/reports/{filed['id']}"
    any_world.send("producer", "PATCH", path, {"severity": "low"}, If_Match='"r1"')
    any_world.release()
    return any_world


@pytest.mark.parametrize("limit", [1, 2, 7, 1000])
def test_every_object_comes_exactly_once_whatever_the_page_size(filled: World, limit: int) -> None:
    found = paged(filled, f"limit={limit}")
    last = [one.stix_id for one in rows_of(filled, "members") if one.is_last]
    assert [one["id"] for one in found] == last
    assert len(set(last)) == len(last)


def test_every_object_comes_exactly_once_while_releases_are_being_written(filled: World) -> None:
    """After each page something is released, corrected or withdrawn; the reader misses and doubles nothing."""
    world, before, filed = filled, set(live_ids(filled)), []
    seen: list[tuple[str, str]] = []
    cursor, page_number = "", 0
    while True:
        page = world.send("member", "GET", address(world, f"objects/?limit=3{cursor}")).get_json(force=True)
        seen += [(one["id"], one.get("modified", one["created"])) for one in page.get("objects", [])]
        if not page.get("more"):
            break
        cursor, page_number = f"&next={page['next']}", page_number + 1
        if page_number <= 6:
            filed.append(file(world, f"during-{page_number}"))
        if page_number == 3:
            path = f"/api/v1/reports/{filed[0]}"
            assert world.send("producer", "PATCH", path, {"severity": "low"}, If_Match='"r1"').status_code == 200
        if page_number == 5:
            assert world.send("producer", "POST", f"/api/v1/reports/{filed[1]}/withdraw").status_code == 200
        world.clock.forward(seconds=1)
        world.release()
    assert page_number > 6
    assert len(set(seen)) == len(seen), "no version twice"
    assert before <= {one for one, _ in seen}, "nothing that was there before is missed"
    assert {one for one, _ in seen} >= set(live_ids(world)), "nor anything that came meanwhile"


def test_added_after_the_last_page_gives_exactly_what_came_since(filled: World) -> None:
    world = filled
    answer = world.send("member", "GET", address(world, "objects/?limit=1000"))
    last = answer.headers["X-TAXII-Date-Added-Last"]
    assert paged(world, f"added_after={last}") == []
    file(world, "later")
    world.release()
    new = paged(world, f"added_after={last}&limit=1")
    assert len(new) > 1
    assert {one["id"] for one in new} & {one["id"] for one in json.loads(answer.data)["objects"]} == set()


@pytest.mark.parametrize(
    "query",
    [
        "limit=2&match[type]=report",
        "limit=2&added_after=2020-01-01T00:00:00Z",
        "limit=2&match[version]=all",
        "limit=2&match[spec_version]=2.0",
        "limit=2&match[id]=report--00000000-0000-4000-8000-000000000000",
    ],
)
def test_a_cursor_is_good_for_its_own_filters_alone(filled: World, query: str) -> None:
    world = filled
    cursor = world.send("member", "GET", address(world, "objects/?limit=2")).get_json(force=True)["next"]
    mixed = world.send("member", "GET", address(world, f"objects/?{query}&next={cursor}"))
    if mixed.status_code == 200:  # a cursor that carries its filters goes on with those that it was made with
        own = world.send("member", "GET", address(world, f"objects/?limit=2&next={cursor}"))
        assert mixed.data == own.data
    else:
        assert mixed.status_code == 400
        assert "start again" in mixed.get_json(force=True)["description"]


def test_a_cursor_is_good_for_its_own_collection_alone(filled: World) -> None:
    world = filled
    cursor = world.send("member", "GET", address(world, "objects/?limit=2")).get_json(force=True)["next"]
    other = PATH.format(world.collection("public"), f"objects/?limit=2&next={cursor}")
    assert world.send("member", "GET", other).status_code == 400
    unread = PATH.format(world.collection("trusted"), f"objects/?next={cursor}")
    assert world.send("member", "GET", unread).status_code == 404, "and opens no collection"


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "A" * 27, "A" * 5000, "%00", "é", "-_-_", "A=B="])
def test_what_is_no_cursor_is_refused_or_the_beginning(filled: World, cursor: str) -> None:
    answer = filled.send("member", "GET", address(filled, f"objects/?limit=2&next={cursor}"))
    assert answer.status_code == (200 if cursor == "" else 400)


def test_a_cursor_with_any_character_changed_never_falls_over(filled: World) -> None:
    cursor = filled.send("member", "GET", address(filled, "objects/?limit=2")).get_json(force=True)["next"]
    for place in range(len(cursor)):
        changed = f"{cursor[:place]}{'A' if cursor[place] != 'A' else 'B'}{cursor[place + 1 :]}"
        assert filled.send("member", "GET", address(filled, f"objects/?next={changed}")).status_code in {200, 400}


def test_a_cursor_ends_with_the_grant(filled: World) -> None:
    cursor = filled.send("member", "GET", address(filled, "objects/?limit=2")).get_json(force=True)["next"]
    filled.clock.forward(days=301)
    assert filled.send("member", "GET", address(filled, f"objects/?next={cursor}")).status_code == 404


def test_what_is_served_is_what_was_stored_byte_for_byte(filled: World) -> None:
    body = filled.send("member", "GET", address(filled, "objects/?limit=1000")).data
    for one in rows_of(filled, "members"):
        assert (one.content in body) is one.is_last


def test_versions_are_the_last_unless_others_are_asked_for(filled: World) -> None:
    world = filled
    twice = next(one for one in rows_of(world, "members") if not one.is_last and one.kind == "report")
    stamps = [one.version for one in rows_of(world, "members") if one.stix_id == twice.stix_id]
    assert len(stamps) == 2
    for asked, expected in (
        ("", stamps[1:]),
        ("match[version]=last", stamps[1:]),
        ("match[version]=first", stamps[:1]),
        ("match[version]=all", stamps),
        ("match[version]=first,last", stamps),
        (f"match[version]={stamps[0]}", stamps[:1]),
        ("match[version]=1999-01-01T00:00:00Z", []),
    ):
        told = world.send("member", "GET", address(world, f"objects/{twice.stix_id}/?{asked}")).get_json(force=True)
        assert [one["modified"] for one in told.get("objects", [])] == expected, asked
    told = world.send("member", "GET", address(world, f"objects/{twice.stix_id}/versions/")).get_json(force=True)
    assert told["versions"] == stamps


def test_an_object_of_another_feed_is_not_there(filled: World) -> None:
    row = next(one for one in rows_of(filled, "trusted") if one.report_id)
    assert filled.send("member", "GET", address(filled, f"objects/{row.stix_id}/")).status_code == 404


def test_the_manifest_names_what_the_objects_hold(filled: World) -> None:
    listed = filled.send("member", "GET", address(filled, "manifest/?limit=1000")).get_json(force=True)["objects"]
    found = [(one["id"], one.get("modified", one["created"])) for one in paged(filled, "limit=1000")]
    assert [(one["id"], one["version"]) for one in listed] == found


def address(world: World, rest: str) -> str:
    """Somewhere in the members' collection."""
    return PATH.format(world.collection("members"), rest)


def paged(world: World, query: str) -> list[dict[str, Any]]:
    """All pages of a query."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = world.send("member", "GET", address(world, f"objects/?{query}{cursor}")).get_json(force=True)
        found += page.get("objects", [])
        if not page.get("more"):
            return found
        cursor = f"&next={page['next']}"


def live_ids(world: World) -> list[str]:
    """What the members' feed holds now."""
    return [one.stix_id for one in rows_of(world, "members") if one.is_last]


def file(world: World, ref: str) -> str:
    """File a report for members; its id."""
    filed: str = world.file("producer", a_report(client_ref=ref, share_redacted_with=["members"]))["id"]
    return filed

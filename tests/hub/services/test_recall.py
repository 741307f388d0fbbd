"""Recall: what must go is gone from every byte before its revocation is served, and what returns has new names."""

import json
from typing import Any

import pytest

from hub.store.tables import Entry
from tests.conftest import World
from tests.factories import a_report
from tests.hub.services.steps import PRODUCERS, approve, enrol_three, presences, rows_of

WORDS = "VERBATIM-4711"
PATH = "/api/v1/reports/"


def test_a_withdrawal_leaves_a_revocation_of_every_object_and_nothing_else(any_world: World) -> None:
    world, filed = any_world, released(any_world)
    shown = {one.stix_id for one in live(world)}
    assert len(shown) > 1
    assert world.send("producer", "POST", f"{PATH}{filed['id']}/withdraw").status_code == 200
    world.release()
    assert live(world) == []
    left = [one for one in rows_of(world, "members") if one.report_id]
    assert {one.stix_id for one in left} == shown
    assert all(one.is_revoked and json.loads(one.content)["revoked"] for one in left)
    assert WORDS not in told(world)


def test_a_recall_forgets_the_bytes_in_the_raw_database(world: World) -> None:
    filed = released(world)
    world.send("producer", "PATCH", f"{PATH}{filed['id']}", {"title": f"Second {WORDS}"}, If_Match='"r1"')
    world.release()
    assert WORDS.encode() in raw(world), "as written, it stands in the feed's bytes"
    world.send("producer", "POST", f"{PATH}{filed['id']}/withdraw")
    world.release()
    world.hub.store.close()  # the last connection folds the log into the database
    found = {one.name: one.read_bytes().count(WORDS.encode()) for one in world.hub.config.home.glob("hub.sqlite3*")}
    assert found == {"hub.sqlite3": 0, "hub.sqlite3-turn": 0}, "nor is there a log left"


def test_a_recall_reaches_earlier_versions_too(any_world: World) -> None:
    world, filed = any_world, released(any_world)
    for number in (1, 2):
        patch = {"title": f"Version {number} {WORDS}"}
        world.send("producer", "PATCH", f"{PATH}{filed['id']}", patch, If_Match=f'"r{number}"')
        world.release()
    assert len([one for one in rows_of(world, "members") if one.kind == "report"]) == 3
    world.send("producer", "POST", f"{PATH}{filed['id']}/withdraw")
    world.release()
    (carrier,) = [one for one in rows_of(world, "members") if one.kind == "report"]
    assert carrier.is_revoked
    versions = f"/taxii2/hub/collections/{world.collection('members')}/objects/{carrier.stix_id}/versions/"
    assert len(world.send("member", "GET", versions).get_json(force=True)["versions"]) == 1


def test_a_tlp_tightened_within_the_ceiling_deletes_the_bytes_under_the_wider_marking(any_world: World) -> None:
    world = any_world
    filed = released(world, tlp="clear")
    before = {one.stix_id: one.content for one in live(world)}
    world.send("producer", "PATCH", f"{PATH}{filed['id']}", {"tlp": "green"}, If_Match='"r1"')
    world.release()
    after = {one.stix_id: one.content for one in live(world)}
    assert set(after) == set(before), "the same objects, under the narrower marking"
    stored = [one.content for one in rows_of(world, "members") if one.report_id]
    assert sorted(stored) == sorted(after.values()), "and not a byte of the wider ones"
    markings = {ref for content in stored for ref in json.loads(content)["object_marking_refs"]}
    assert len(markings) == 1


def test_a_tlp_tightened_above_the_ceiling_is_a_recall(any_world: World) -> None:
    world = any_world
    filed = released(world, tlp="green")
    world.send("producer", "PATCH", f"{PATH}{filed['id']}", {"tlp": "amber"}, If_Match='"r1"')
    world.release()
    assert live(world) == []
    assert WORDS not in told(world)


def test_a_tlp_tightened_leaves_a_redacted_projection_where_it_is(any_world: World) -> None:
    """A redacted projection bears its feed's ceiling: the report's own TLP says nothing about it."""
    world = any_world
    approve(world, "producer")
    filed = world.file("producer", a_report(tlp="amber", share_redacted_with=["members"]))
    world.release()
    before = [one.content for one in live(world)]
    assert before
    world.send("producer", "PATCH", f"{PATH}{filed['id']}", {"tlp": "red"}, If_Match='"r1"')
    world.release()
    assert [one.content for one in live(world)] == before


def test_what_turns_from_redacted_to_written_gets_new_names(any_world: World) -> None:
    """Under the same ids a reader could lay a pseudonym beside the name it stands for."""
    world = any_world
    approve(world, "producer")
    filed = world.file("producer", a_report(tlp="green", title=WORDS, share_redacted_with=["members"]))
    world.release()
    redacted = {one.stix_id for one in live(world)}
    assert WORDS not in told(world)
    world.accept(filed["id"], "members")
    world.release()
    written = {one.stix_id for one in live(world)}
    assert WORDS in told(world)
    assert not redacted & written
    first, second = presences(world, "members")
    assert (first.mode, second.mode) == ("redacted", "written")
    assert first.ended_at is not None
    assert first.ref != second.ref
    assert first.namespace != second.namespace


def test_what_turns_from_written_to_redacted_loses_its_words(any_world: World) -> None:
    world = any_world
    filed = released(world, share_redacted_with=["members"])
    written = {one.stix_id for one in live(world)}
    assert WORDS in told(world)
    world.send("producer", "PATCH", f"{PATH}{filed['id']}", {"tlp": "red"}, If_Match='"r1"')
    world.release()
    assert len([one for one in live(world) if one.kind == "report"]) == 1
    assert not written & {one.stix_id for one in live(world)}
    assert WORDS not in told(world)


def test_an_object_that_leaves_a_live_entry_is_revoked_and_its_id_never_comes_back(any_world: World) -> None:
    world = any_world
    systems = [{"name": "Ops agent", "developer": "Acme"}]
    filed = released(world, systems=systems)
    acme = {one.stix_id for one in live(world) if one.kind == "identity"}
    assert len(acme) == 1
    for number, developer in ((1, "Other"), (2, "Acme")):
        patch = {"systems": [{"name": "Ops agent", "developer": developer}]}
        world.send("producer", "PATCH", f"{PATH}{filed['id']}", patch, If_Match=f'"r{number}"')
        world.release()
    again = {one.stix_id for one in live(world) if one.kind == "identity"}
    assert len(again) == 1
    assert not acme & again, "a revoked id is burnt (STIX 2.1, 3.2)"


def test_no_two_feeds_share_an_id_or_a_reference(world: World) -> None:
    enrol_three(world)
    approve(world, *PRODUCERS)
    for who in PRODUCERS:
        world.file(who, a_report(client_ref="T-1", share_redacted_with=["public", "researchers"]))
    world.release()
    ids: dict[str, set[str]] = {}
    for feed in ("trusted", "members", "researchers", "public"):
        ids[feed] = {one.stix_id for one in rows_of(world, feed) if one.report_id}
        assert len(ids[feed]) >= 3
    assert len(set().union(*ids.values())) == sum(len(those) for those in ids.values())
    refs = [one.ref for feed in ids for one in presences(world, feed)]
    assert len(set(refs)) == len(refs) == 12


@pytest.mark.parametrize("lost", ["approval", "name"])
def test_an_audience_that_is_no_longer_named_loses_the_projection(world: World, lost: str) -> None:
    approve(world, "producer")
    filed = world.file("producer", a_report(share_redacted_with=["members"]))
    world.release()
    assert live(world)
    named: Any = ["trusted"] if lost == "approval" else None
    world.send("producer", "PATCH", f"{PATH}{filed['id']}", {"share_redacted_with": named}, If_Match='"r1"')
    world.release()
    assert live(world) == []


def released(world: World, **changes: Any) -> dict[str, Any]:
    """File, accept and release a report as written to members."""
    filed = world.file(
        "producer", a_report(**{"tlp": "green", "title": WORDS, "description": WORDS, "client_ref": "T-1", **changes})
    )
    world.accept(filed["id"], "members")
    world.release()
    assert live(world)
    return filed


def live(world: World) -> list[Entry]:
    """What the members' feed shows of reports now."""
    return [one for one in rows_of(world, "members") if one.report_id and one.is_last and not one.is_revoked]


def told(world: World) -> str:
    """All that a member can fetch, every version of it."""
    return json.dumps(world.objects("member", "members", "&match[version]=all"))


def raw(world: World) -> bytes:
    """The bytes of the database and its log."""
    return b"".join(one.read_bytes() for one in sorted(world.hub.config.home.glob("hub.sqlite3*")))

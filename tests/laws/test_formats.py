"""What TAXII shows live at a release is what every file of the feed shows, and what was recalled is in none of them."""

import csv
import io
import json
import random
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from sqlmodel import select

from feeds.mapping.extension import AI_EXTENSION
from hub import rounds
from hub.services import statistics
from hub.store.tables import Tally
from tests.conftest import World
from tests.factories import a_report
from tests.hub.services.steps import PRODUCERS, approve, enrol_three

FEEDS = {"trusted": "insider", "members": "member", "researchers": "researcher", "public": "member"}
ATOM = "{http://www.w3.org/2005/Atom}"
WORDS = "VERBATIM-4711"
ROUNDS = 7
VALUES: dict[str, list[Any]] = {
    "severity": ["high", "low", "unknown"],
    "tlp": ["green", "clear", "red"],
    "harm_types": [["privacy"], None],
}


def get(world: World, feed: str, name: str) -> bytes:
    """A file, as its reader."""
    answer = world.send(FEEDS[feed], "GET", f"/feeds/{feed}/{name}")
    assert answer.status_code == 200
    return answer.data


def shown_by(world: World, feed: str) -> dict[str, set[str]]:
    """Which carriers each format shows, by their ids."""
    rows = csv.DictReader(io.StringIO(get(world, feed, "entries.csv").decode(), newline=""))
    bundle = json.loads(get(world, feed, "bundle.json")).get("objects", [])
    root = ET.fromstring(get(world, feed, "atom.xml"))  # noqa: S314 - our own
    return {
        "bundle.json": {one["id"] for one in bundle if one["type"] == "report"},
        "entries.csv": {one["stix_id"] for one in rows},
        "entries.ndjson": {json.loads(one)["stix_id"] for one in get(world, feed, "entries.ndjson").splitlines()},
        "feed.json": {one["id"] for one in json.loads(get(world, feed, "feed.json"))["items"]},
        "atom.xml": {
            f"report--{one.findtext(f'{ATOM}id', '').removeprefix('urn:uuid:')}" for one in root.findall(f"{ATOM}entry")
        },
    }


def check(world: World) -> int:
    """Compare every file of every feed with TAXII; how many live entries there are."""
    total = 0
    for feed, who in FEEDS.items():
        objects = world.objects(who, feed)
        live = {one["id"]: one for one in objects if not one.get("revoked")}
        gone = {one["id"] for one in objects if one.get("revoked")}
        carriers = {stix_id for stix_id, one in live.items() if one["type"] == "report"}
        total += len(carriers)
        assert shown_by(world, feed) == dict.fromkeys(shown_by(world, feed), carriers)
        assert {one["id"]: one for one in json.loads(get(world, feed, "bundle.json")).get("objects", [])} == live
        told = json.loads(get(world, feed, "tombstones.json"))
        buried = [stix_id for one in (*told["entries"], *told["objects"]) for stix_id in one["stix_ids"]]
        assert sorted(buried) == sorted(gone)
        check_references(world, feed, [live[one] for one in carriers], told["entries"])
        check_tally(world, feed)
    return total


def check_references(world: World, feed: str, carriers: list[dict[str, Any]], buried: list[dict[str, Any]]) -> None:
    """Files and TAXII call an entry by the same name, and no name is both live and recalled."""
    named = {one["extensions"][AI_EXTENSION]["reference"] for one in carriers}
    lines = [json.loads(one) for one in get(world, feed, "entries.ndjson").splitlines()]
    assert {one["reference"] for one in lines} == named
    assert not named & {one["reference"] for one in buried}
    assert all(set(one) == {"reference", "stix_ids", "revoked_at"} for one in buried)


def check_tally(world: World, feed: str) -> None:
    """The tally is what counting the live entries anew gives, and holds no row of nothing."""
    with world.hub.store.reading() as db:
        fresh = statistics.recount(db, feed)
        kept = db.exec(select(Tally).where(Tally.feed == feed)).all()
    assert {(row.field, row.value, row.month): row.entries for row in kept} == dict(fresh)


def test_every_format_shows_what_taxii_shows_after_whatever_was_released(any_world: World) -> None:
    """Filed, accepted, corrected, withdrawn and narrowed at random, and compared after each release."""
    world, chance = any_world, random.Random(4711)
    enrol_three(world)
    approve(world, *PRODUCERS)
    filed: list[tuple[str, str]] = []
    seen = 0
    for number in range(ROUNDS):
        filed += [(who, file(world, chance, who, number)) for who in PRODUCERS]
        for who, report_id in chance.sample(filed, k=min(len(filed), 6)):
            change(world, chance, who, report_id)
        world.clock.forward(minutes=30)
        world.release()
        seen += check(world)
    assert seen > 30, "the law looked at nothing"


def file(world: World, chance: random.Random, who: str, number: int) -> str:
    """A report, redacted for all; now and then one that is accepted as written."""
    body = a_report(
        client_ref=f"{who}-{number}".replace(" ", "-"),
        title=WORDS,
        share_redacted_with=["public", "researchers"],
        **{name: chance.choice(values) for name, values in VALUES.items()},
    )
    report_id: str = world.file(who, body)["id"]
    if chance.random() < 0.5:
        world.accept(report_id, chance.choice(["trusted", "members", "researchers"]))
    return report_id


def change(world: World, chance: random.Random, who: str, report_id: str) -> None:
    """Correct a report, take it back, or narrow whom it is shared with."""
    path = f"/api/v1/reports/{report_id}"
    held = world.send(who, "GET", path)
    if chance.random() < 0.2:
        assert world.send(who, "POST", f"{path}/withdraw").status_code in {200, 409}
        return
    name, values = chance.choice([*VALUES.items(), ("share_redacted_with", [["members"], ["researchers"], None])])
    systems = [{"name": "Ops agent", "developer": chance.choice(["Acme", "Other"])}]
    patch = {name: chance.choice(values), "systems": systems}
    tag = held.headers["ETag"]
    assert world.send(who, "PATCH", path, patch, If_Match=tag).status_code in {200, 409}


@pytest.mark.parametrize("after", ["withdrawal", "correction"])
def test_what_was_taken_back_is_in_no_byte_of_any_file(any_world: World, after: str) -> None:
    """A file that is made from the release has nowhere to keep what the release gave up."""
    world = any_world
    filed = world.file("producer", a_report(client_ref="T-1", tlp="green", title=WORDS, description=WORDS))
    world.accept(filed["id"], "members")
    world.release()
    names = ("bundle.json", "entries.csv", "entries.ndjson", "atom.xml", "feed.json", "tombstones.json")
    assert [WORDS.encode() in get(world, "members", name) for name in names] == [True] * 5 + [False]
    path = f"/api/v1/reports/{filed['id']}"
    if after == "withdrawal":
        world.send("producer", "POST", f"{path}/withdraw")
    else:
        world.send("producer", "PATCH", path, {"title": "Other", "description": "Other"}, If_Match='"r1"')
    world.release()
    assert [name for name in names if WORDS.encode() in get(world, "members", name)] == []


def test_nothing_unreleased_changes_a_number(any_world: World) -> None:
    """Counts of what is filed, triaged or accepted would tell of reports that nobody may know of yet."""
    world = any_world
    approve(world, "producer")
    world.file("producer", a_report(client_ref="T-1", share_redacted_with=["members"]))
    world.release()
    query = "/api/v1/stats?feed=members"
    before = world.send("member", "GET", query).data
    assert json.loads(before)["total"] == 1
    filed = world.file("producer", a_report(client_ref="T-2", tlp="green", severity="critical"))
    world.accept(filed["id"], "members")
    rounds.admit_all(world.hub)
    assert world.send("member", "GET", query).data == before
    world.release()
    assert json.loads(world.send("member", "GET", query).data)["total"] == 2
    world.send("producer", "POST", f"/api/v1/reports/{filed['id']}/withdraw")
    world.release()
    after = json.loads(world.send("member", "GET", query).data)
    assert after["fields"] == json.loads(before)["fields"], "and a recall takes its counts back"

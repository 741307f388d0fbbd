"""Files of a feed: one release whole, whatever commits meanwhile, and a tag that says whether anything changed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from feeds.formats import FORMATS
from hub.services import editions
from hub.services.editions import Place
from tests.conftest import World
from tests.factories import a_report
from tests.hub.services.steps import approve

PLACE = Place("https://hub.example/feeds/members", "https://hub.example/")
TIMELESS = {"dictionary.json", "dictionary.csv"}


@pytest.fixture
def filled(any_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A hub whose members' feed fills several pages of the store."""
    monkeypatch.setattr("hub.store.editions.PAGE", 3)
    approve(any_world, "producer")
    for number in range(6):
        any_world.file("producer", a_report(client_ref=f"T-{number}", share_redacted_with=["members"]))
    any_world.release()
    return any_world


def read(world: World, name: str) -> bytes:
    """A file of the members' feed, as its newest release stands."""
    with world.hub.store.snapshot() as db:
        return b"".join(pieces(world, db, name))


def pieces(world: World, db: Any, name: str) -> Iterator[bytes]:
    """The same, piece by piece."""
    feed = next(one for one in world.hub.feeds() if one.name == "members")
    heading = editions.heading(db, feed, world.hub.deployment, PLACE)
    return editions.written(db, heading, editions.format_of(feed, name))


def change(world: World) -> None:
    """One report more, one corrected, one withdrawn."""
    listed = world.send("producer", "GET", "/api/v1/reports?limit=50").get_json()["items"]
    shown = sorted(
        one["id"]
        for one in listed
        if one["report"].get("client_ref", "").startswith("T-") and one["state"] == "admitted"
    )
    world.file("producer", a_report(client_ref="T-9", share_redacted_with=["members"]))
    path = f"/api/v1/reports/{shown[0]}"
    assert world.send("producer", "PATCH", path, {"severity": "low"}, If_Match='"r1"').status_code == 200
    assert world.send("producer", "POST", f"/api/v1/reports/{shown[1]}/withdraw").status_code == 200
    world.clock.forward(minutes=20)
    world.release()


@pytest.mark.parametrize("name", ["bundle.json", "entries.ndjson", "entries.csv"])
def test_a_release_that_commits_while_a_file_is_written_is_not_in_it(filled: World, name: str) -> None:
    before = read(filled, name)
    with filled.hub.store.snapshot() as db:
        writing = pieces(filled, db, name)
        begun = [next(writing), next(writing)]
        change(filled)
        assert b"".join([*begun, *writing]) == before
    assert read(filled, name) != before


def test_a_tag_changes_exactly_when_a_release_does(filled: World) -> None:
    def tag(name: str) -> str:
        with filled.hub.store.reading() as db:
            feed = next(one for one in filled.hub.feeds() if one.name == "members")
            heading = editions.heading(db, feed, filled.hub.deployment, PLACE)
            return editions.label(heading, FORMATS[name]).tag

    first = {name: (tag(name), read(filled, name)) for name in FORMATS}
    filled.clock.forward(days=1)
    filled.file("producer", a_report(client_ref="unreleased"))
    assert {name: (tag(name), read(filled, name)) for name in FORMATS} == first
    change(filled)
    assert {name for name in FORMATS if tag(name) == first[name][0]} == set()
    assert {name for name in FORMATS if read(filled, name) == first[name][1]} == TIMELESS


def test_no_two_formats_or_feeds_share_a_tag(filled: World) -> None:
    found = []
    for feed in filled.hub.feeds():
        with filled.hub.store.reading() as db:
            heading = editions.heading(db, feed, filled.hub.deployment, PLACE)
        found += [editions.label(heading, one).tag for one in FORMATS.values()]
    assert len(set(found)) == len(found) == 5 * len(FORMATS)


def test_what_was_recalled_takes_two_queries_a_page(filled: World) -> None:
    """One query a recalled entry would make the file dearer with each recall, for every reader, for ever."""
    listed = filled.send("producer", "GET", "/api/v1/reports?limit=50").get_json()["items"]
    for one in listed:
        assert filled.send("producer", "POST", f"/api/v1/reports/{one['id']}/withdraw").status_code in {200, 409}
    filled.clock.forward(minutes=20)
    filled.release()
    asked = []
    with filled.hub.store.snapshot() as db:
        event.listen(db.connection(), "before_cursor_execute", lambda *given: asked.append(given[2]))
        told = json.loads(b"".join(pieces(filled, db, "tombstones.json")))
    assert len(told["entries"]) == 6
    assert all(len(one["stix_ids"]) > 1 for one in told["entries"])
    assert len(asked) == 1 + 2 * 2 + 1 + 1, "the heading, two for each of two pages, a third page, and the objects"

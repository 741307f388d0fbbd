"""Files of feeds on the hub's disk: written once an edition, shared by all who may read them, gone with a recall."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from feeds.format import Heading, Source
from feeds.formats import FORMATS
from hub import rounds
from tests.conftest import World
from tests.factories import a_report

WORDS = "VERBATIM-4711"
BUNDLE = "/feeds/members/bundle.json"
SPEAKING = {"bundle.json", "entries.csv", "entries.ndjson", "atom.xml", "feed.json"}


@pytest.fixture
def shown(any_world: World) -> World:
    """A hub whose members' feed shows a report as it was written."""
    filed = any_world.file("producer", a_report(client_ref="T-1", tlp="green", title=WORDS))
    any_world.ids["report"] = filed["id"]
    any_world.accept(filed["id"], "members")
    any_world.release()
    return any_world


def get(world: World, path: str = BUNDLE, **headers: str) -> bytes:
    """A file, as the member."""
    answer = world.send("member", "GET", path, **headers)
    assert answer.status_code == 200, answer.data
    return answer.data


def withdraw(world: World) -> None:
    """Take the report back; the feed shows it until the next round."""
    path = f"/api/v1/reports/{world.ids['report']}/withdraw"
    assert world.send("producer", "POST", path).status_code == 200


def kept(world: World) -> dict[str, bytes]:
    """Every byte on the shelf."""
    return {path.name: path.read_bytes() for path in world.hub.config.files.rglob("*") if path.is_file()}


def telling(world: World) -> set[str]:
    """Which files on the shelf hold the report's title."""
    return {name.split("-", 2)[-1] for name, content in kept(world).items() if WORDS.encode() in content}


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Have something happen while a format is written; the list of what was written."""

    def watch(name: str, happen: Callable[[], None] = lambda: None) -> list[str]:
        written: list[str] = []
        plain = FORMATS[name].render

        def render(heading: Heading, source: Source) -> Iterator[bytes]:
            written.append(name)
            happen()
            yield from plain(heading, source)

        monkeypatch.setitem(FORMATS, name, replace(FORMATS[name], render=render))
        return written

    return watch


def test_a_file_is_written_once_and_read_by_all_who_may(shown: World, meanwhile: Callable[..., list[str]]) -> None:
    shown.enrol("member", "Another member", audiences=("members",))
    written = meanwhile("bundle.json")
    first = get(shown)
    assert {shown.send(who, "GET", BUNDLE).data for who in ("member", "member:Another member")} == {first}
    assert get(shown, If_None_Match='"another"') == first
    assert shown.send("researcher", "GET", BUNDLE).status_code == 404
    assert written == ["bundle.json"]
    shown.file("producer", a_report(client_ref="T-2", share_redacted_with=["members"]))
    shown.release()
    assert get(shown) != first
    assert len(written) == 2


def test_of_many_readers_at_once_one_writes(shown: World, meanwhile: Callable[..., list[str]]) -> None:
    gate, found = threading.Barrier(6, timeout=30), list[bytes]()
    written = meanwhile("bundle.json")
    headers = {"Authorization": f"Bearer {shown.tokens['member']}"}

    def read() -> None:
        gate.wait()
        found.append(shown.web.application.test_client().get(BUNDLE, headers=headers).data)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (len(found), len(set(found)), written) == (6, 1, ["bundle.json"])


@pytest.mark.parametrize("after", ["tick", "request"])
def test_a_recall_leaves_no_file_that_tells(shown: World, after: str) -> None:
    """Bytes that must go vanish from files: the tick's or the next reader's, whichever comes first."""
    for name in FORMATS:
        get(shown, f"/feeds/members/{name}")
    assert telling(shown) == SPEAKING
    withdraw(shown)
    if after == "tick":
        rounds.tick(shown.hub)
    else:
        shown.release()
        assert shown.send("member", "HEAD", "/feeds/members/dictionary.csv").status_code == 200
    assert telling(shown) == set()
    assert WORDS.encode() not in get(shown)


@pytest.mark.parametrize("name", sorted(SPEAKING))
def test_a_recall_while_a_file_is_written_leaves_none_either(
    shown: World, meanwhile: Callable[..., list[str]], name: str
) -> None:
    """Who asked before the recall gets one edition whole; the disk does not keep it."""

    def recall() -> None:
        if not written[1:]:
            withdraw(shown)
            rounds.tick(shown.hub)

    written: list[str] = []
    written = meanwhile(name, recall)
    assert WORDS.encode() in get(shown, f"/feeds/members/{name}")
    assert telling(shown) == set()
    assert WORDS.encode() not in get(shown, f"/feeds/members/{name}")
    assert written == [name, name]


def test_a_host_that_is_in_the_bytes_is_in_the_tag(shown: World) -> None:
    """And in no other file's: or whoever sends another Host would have the whole feed written again."""
    for name in FORMATS:
        path = f"/feeds/members/{name}"
        first, other = (shown.send("member", "GET", path, Host=host) for host in ("one.example", "two.example"))
        assert (first.data != other.data) is (first.headers["ETag"] != other.headers["ETag"]), name
        assert (first.data != other.data) is FORMATS[name].says_where, name
        assert shown.send("member", "GET", path, Host="one.example").data == first.data
    assert {name for name, one in FORMATS.items() if one.says_where} == {"atom.xml", "feed.json"}


def test_however_many_hosts_are_named_a_format_has_one_file(shown: World) -> None:
    for number in range(5):
        for name in FORMATS:
            get(shown, f"/feeds/members/{name}", Host=f"host-{number}.example")
    files = [name for name in kept(shown) if not name.startswith("lock-")]
    assert sorted(name.split("-", 2)[-1] for name in files) == sorted(FORMATS)


def test_a_disk_below_the_floor_refuses_what_is_not_there_yet(shown: World, monkeypatch: pytest.MonkeyPatch) -> None:
    there = get(shown)
    monkeypatch.setattr("hub.shelf.FLOOR", 1 << 62)
    assert get(shown) == there
    answer = shown.send("member", "GET", "/feeds/members/entries.csv")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert json.loads(answer.data)["type"] == "urn:incident-hub:no-room"
    shown.file("producer", a_report(client_ref="T-2"))

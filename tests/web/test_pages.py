"""Pages that are built once: whatever was released, corrected, narrowed or recalled, a walk finds what the rows show,
under whichever limit, filter and coding, with a cursor of any age; and what is gone is in no file.
"""

import gzip
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from backports import zstd
from flask.testing import FlaskClient
from sqlmodel import col, select

from hub.app import create_app
from hub.store import Session, feeds, pages, releases
from hub.store.tables import Entry, Page, Release
from hub.wiring import connect
from tests.conftest import World

FEED = "members"
KINDS = ("report", "indicator", "identity", "incident")
CODINGS: dict[str, Callable[[bytes], bytes]] = {"identity": bytes, "gzip": gzip.decompress, "zstd": zstd.decompress}
SMALL = 7


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretches of seven positions: a few releases have as many edges as years have else."""
    monkeypatch.setattr(pages, "SIZE", SMALL)


@dataclass
class Press:
    """A publisher that does anything at random, with the functions that the real one writes with; and readers."""

    world: World
    chance: random.Random
    readers: list[FlaskClient]
    reports: int = 0
    gone: set[bytes] = field(default_factory=set)
    told: dict[str, bytes] = field(default_factory=dict)  # entity tag → body
    read: list[Entry] = field(default_factory=list)  # since the last release

    def rows(self) -> list[Entry]:
        """Every row of the feed."""
        if not self.read:
            with self.world.hub.store.reading() as db:
                self.read = list(db.exec(select(Entry).where(Entry.feed == FEED).order_by(col(Entry.position))))
        return self.read

    def tags(self) -> dict[int, str]:
        with self.world.hub.store.reading() as db:
            return {one.number: one.tag for one in db.exec(select(Page).where(Page.feed == FEED))}

    def shows(self) -> dict[int, list[bytes]]:
        found: dict[int, list[bytes]] = {}
        for row in self.rows():
            if row.is_last:
                found.setdefault((row.position - 1) // SMALL, []).append(row.content)
        return found

    def release(self) -> None:
        """A release: new objects, corrected ones, a recall or a narrowing, objects that left their entry."""
        live = [row for row in self.rows() if row.is_last and not row.is_revoked]
        written: list[tuple[str, str, str | None, bool]] = []  # id, type, report, whether it is a revocation
        with self.world.hub.store.writing() as db:
            reports = sorted({row.report_id for row in live if row.report_id})
            if reports and self.chance.random() < 0.5:
                report = self.chance.choice(reports)
                is_recall = self.chance.random() < 0.5
                releases.forget(db, FEED, report, 1)
                mine = [row for row in live if row.report_id == report]
                self.gone |= {row.content for row in self.rows() if row.report_id == report and not row.is_revoked}
                written += [(row.stix_id, row.kind, report, is_recall) for row in mine]
                live = [row for row in live if row not in mine]
            left = self.chance.sample(live, min(len(live), self.chance.choice((0, 0, 1))))
            releases.drop(db, FEED, [row.stix_id for row in left])
            self.gone |= {row.content for row in self.rows() if row.stix_id in {one.stix_id for one in left}}
            live = [row for row in live if row not in left]
            corrected = self.chance.sample(live, min(len(live), self.chance.choice((0, 0, 1, 2, 9, 30))))
            written += [(row.stix_id, row.kind, row.report_id, False) for row in corrected]
            for _ in range(self.chance.choice((1, 1, 2, 5, 20))):
                self.reports += 1
                for _ in range(self.chance.choice((1, 2, 4))):
                    kind = self.chance.choice(KINDS)
                    name = f"{kind}--{UUID(int=self.chance.getrandbits(128), version=4)}"
                    written.append((name, kind, f"report-{self.reports}", False))
            self.chance.shuffle(written)
            self.write(db, written)

    def write(self, db: Session, written: list[tuple[str, str, str | None, bool]]) -> None:
        """Write a release of some objects."""
        self.read = []
        feed = feeds.lock(db, FEED)
        assert feed is not None
        self.world.clock.forward(seconds=1)
        at, number = self.world.clock(), feed.last_release + 1
        known = releases.known(db, FEED, [name for name, *_ in written])
        releases.supersede(db, FEED, known)
        version = f"{at:%Y-%m-%dT%H:%M:%S}.000Z"
        entries: list[dict[str, Any]] = [
            {
                "feed": FEED, "position": feed.last_position + place, "release": number, "stix_id": name, "kind": kind,
                "version": version, "added_at": at + timedelta(microseconds=place), "report_id": report,
                "generation": 1, "is_first": name not in known, "is_last": True, "is_revoked": is_revoked,
                "content": json.dumps({"id": name, "type": kind, "n": f"{number}.{place}"}).encode(),
            }
            for place, (name, kind, report, is_revoked) in enumerate(written, start=1)
        ]  # fmt: skip
        made = Release(
            feed=FEED,
            number=number,
            released_at=at,
            policy_digest="",
            added=len(written),
            changed=0,
            revoked=0,
            digest="",
        )
        releases.add(db, made, entries)

    def ask(self, query: str, coding: str) -> tuple[list[dict[str, Any]], str | None]:
        """One page, from whichever process: its objects and its cursor."""
        path = f"/taxii2/hub/collections/{self.world.collection(FEED)}/objects/?{query}"
        headers = {"Authorization": f"Bearer {self.world.tokens['member']}", "Accept-Encoding": coding}
        answer = self.chance.choice(self.readers).get(path, headers=headers)
        assert answer.status_code == 200, answer.data
        if "Content-Encoding" in answer.headers:
            assert answer.headers["Content-Encoding"] == coding != "identity"
            assert answer.data == self.told.setdefault(answer.headers["ETag"], answer.data), "one tag, the same bytes"
        told = json.loads(CODINGS[answer.headers.get("Content-Encoding", "identity")](answer.data))
        objects = told.get("objects", [])
        assert bool(objects) or not told.get("more"), "an empty page is the last"
        assert told.get("more", False) == ("next" in told)
        if objects:
            added = {row.content: row.added_at for row in self.rows()}
            first, last = (added[json.dumps(objects[place]).encode()] for place in (0, -1))
            assert answer.headers["X-TAXII-Date-Added-First"] == f"{first:%Y-%m-%dT%H:%M:%S.%f}Z"
            assert answer.headers["X-TAXII-Date-Added-Last"] == f"{last:%Y-%m-%dT%H:%M:%S.%f}Z"
        return objects, told.get("next")

    def walk(self, query: str, cursor: str | None = None) -> list[dict[str, Any]]:
        """Everything behind a cursor, each page under another limit and coding."""
        found: list[dict[str, Any]] = []
        while True:
            limit = self.chance.choice((1, 2, SMALL - 1, SMALL, SMALL + 1, 50, 10**9))
            following = f"&next={cursor}" if cursor else ""
            objects, cursor = self.ask(f"limit={limit}{query}{following}", self.chance.choice(sorted(CODINGS)))
            assert len(objects) <= limit
            found += objects
            if not cursor:
                return found


@pytest.fixture
def press(any_world: World, request: pytest.FixtureRequest) -> Iterator[Press]:
    """A feed, and two processes of the hub that serve it."""
    other = connect(any_world.hub.config)
    other.clock = any_world.clock
    yield Press(any_world, random.Random(request.node.name), [any_world.web, create_app(other).test_client()])
    other.store.close()


def asked(press: Press) -> tuple[str, list[bytes]]:
    """A query at random, and what the rows say that it finds."""
    rows, query = press.rows(), ""
    versions = press.chance.choice(("", "", "", "last", "first", "all", "first,last"))
    if versions:
        query += f"&match[version]={versions}"
    wanted = set((versions or "last").split(","))
    rows = [
        row
        for row in rows
        if "all" in wanted or (row.is_last and "last" in wanted) or (row.is_first and "first" in wanted)
    ]
    if press.chance.random() < 0.4:
        kinds = press.chance.sample(KINDS, press.chance.randint(1, 3))
        query += f"&match[type]={','.join(kinds)}"
        rows = [row for row in rows if row.kind in kinds]
    if press.chance.random() < 0.2:
        ids = {row.stix_id for row in press.chance.sample(press.rows(), min(5, len(press.rows())))}
        query += f"&match[id]={','.join(ids)}"
        rows = [row for row in rows if row.stix_id in ids]
    if press.chance.random() < 0.3:
        query += "&match[spec_version]=2.1"
    if press.chance.random() < 0.4:
        since = press.chance.choice(press.rows()).added_at
        query += f"&added_after={since:%Y-%m-%dT%H:%M:%S.%f}Z"
        rows = [row for row in rows if row.added_at > since]
    return query, [row.content for row in rows]


def contents(objects: list[dict[str, Any]]) -> list[bytes]:
    return [json.dumps(one).encode() for one in objects]


def files(press: Press) -> list[bytes]:
    """Every built page on the disk, decoded."""
    found = [path for path in press.world.hub.pages.place.rglob("*") if path.is_file() and "lock-" not in path.name]
    return [CODINGS[path.name.rsplit(".", 1)[1]](path.read_bytes()) for path in found]


@pytest.mark.parametrize("seed", range(3))
def test_a_walk_is_what_the_rows_say_whatever_was_released(press: Press, seed: int) -> None:
    for _ in range(8):
        before, shown = press.tags(), press.shows()
        press.release()
        after, showing = press.tags(), press.shows()
        assert after.keys() == showing.keys(), "a page where something shows, and nowhere else"
        for number in shown.keys() | showing.keys():
            is_same = before.get(number) == after.get(number)
            assert is_same == (shown.get(number) == showing.get(number)), "another tag for other bytes alone"
        for _ in range(5):
            query, expected = asked(press)
            assert contents(press.walk(query)) == expected, query
            assert not [one for one in files(press) for gone in press.gone if gone in one]
    assert files(press)
    assert press.gone


def test_a_cursor_goes_on_whatever_was_released_since(press: Press) -> None:
    for _ in range(4):
        press.release()
        read: list[bytes] = []
        objects, cursor = press.ask("limit=3", "identity")
        read += contents(objects)
        for number in range(1000):
            if not cursor:
                break
            if number < 5:
                press.release()
            limit = press.chance.choice((1, 5, SMALL, 999))
            objects, cursor = press.ask(f"limit={limit}&next={cursor}", "gzip")
            read += contents(objects)
        assert len(read) == len(set(read)), "nothing twice"
        assert {row.content for row in press.rows() if row.is_last} <= set(read), "nothing is missed"


def test_pages_behind_any_start_are_built_ones(press: Press) -> None:
    for _ in range(6):
        press.release()
    rows = [row for row in press.rows() if row.is_last]
    since = rows[len(rows) // 2].added_at
    sizes, query = [], f"&added_after={since:%Y-%m-%dT%H:%M:%S.%f}Z"
    while True:
        objects, cursor = press.ask(f"limit=1000{query}", "identity")
        sizes.append(contents(objects))
        if not cursor:
            break
        query = f"&next={cursor}"
    assert list(press.shows().values())[-len(sizes) + 1 :] == sizes[1:]
    assert len(sizes) > 3
    assert sum(sizes, []) == [row.content for row in rows if row.added_at > since]  # noqa: RUF017 - a few


def test_where_nothing_shows_any_more_nobody_is_led(press: Press) -> None:
    for _ in range(4):
        press.release()
    names = [row.stix_id for row in press.rows()]
    with press.world.hub.store.writing() as db:
        press.write(db, [(name, name.split("--")[0], None, False) for name in dict.fromkeys(names)])
    numbers = sorted(press.tags())
    assert numbers[0] > 3
    assert contents(press.walk("")) == [row.content for row in press.rows() if row.is_last]
    objects, _ = press.ask("limit=1000", "identity")
    assert objects
    for one, other in pairwise(numbers):
        assert other == one + 1

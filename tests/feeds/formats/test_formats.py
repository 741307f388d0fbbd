"""Each format: valid by its own standard, whatever the reports say, and the same bytes for the same release."""

import csv
import io
import json
import re
import uuid
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import stix2
from hypothesis import given
from hypothesis import strategies as st

from feeds.cells import INNER, OUTER, split, unmarked
from feeds.columns import FIXED, columns_of, flat
from feeds.entry import Tombstone
from feeds.feed import parse
from feeds.formats import FORMATS, UnknownFormat, formats_of
from schemas.audience import Mode
from tests.factories import a_report
from tests.feeds.definitions import FEEDS, ROOM
from tests.feeds.formats.pages import AT, MEMBERS, Shown, heading, written
from tests.strategies import FEW, reports

ATOM = "{http://www.w3.org/2005/Atom}"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
NASTY = [
    a_report(title="=HYPERLINK(1)", description="<b>&amp;</b> ]]> \x0b\ufffe", client_ref="1"),
    a_report(title="Zwei\r\nZeilen", systems=[{"name": "a|b", "modality": ["text"]}, {"name": "B"}], client_ref="2"),
]
SHOWN = Shown(NASTY)
drawn = st.lists(reports(), max_size=3)


def test_the_formats_of_the_contract_are_there() -> None:
    assert set(FORMATS) >= {
        "bundle.json", "entries.csv", "entries.ndjson", "atom.xml", "feed.json", "tombstones.json", "dictionary.json",
    }  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_a_feed_without_entries_has_every_file(name: str) -> None:
    assert bool(written(name, Shown([]))) is (name != "entries.ndjson")


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_release_gives_the_same_bytes(name: str) -> None:
    assert written(name, SHOWN) == written(name, SHOWN)


@given(drawn)
@FEW
def test_a_bundle_is_valid_stix_of_the_bytes_that_taxii_serves(found: list[dict[str, Any]]) -> None:
    shown = Shown(found)
    content = written("bundle.json", shown)
    bundle = json.loads(content)
    assert uuid.UUID(bundle["id"].removeprefix("bundle--")).version == 4
    assert bundle.get("objects", []) == [json.loads(one) for one in shown.objects()]
    assert "objects" not in bundle or bundle["objects"], "STIX 2.1, 2.12: an empty list is left out"
    stix2.parse(content.decode(), allow_custom=False, version="2.1")


def test_a_bundle_of_another_release_has_another_id() -> None:
    ids = {json.loads(b"".join(FORMATS["bundle.json"].render(heading(release=one), SHOWN)))["id"] for one in (1, 2)}
    assert len(ids) == 2


@given(drawn, st.sampled_from(FEEDS), st.sampled_from(Mode))
@FEW
def test_a_table_gives_back_what_each_entry_shows(found: list[dict[str, Any]], feed: Any, mode: Mode) -> None:
    """Every cell, read as docs/formats.md says, is what the carrier holds."""
    shown = Shown(found, feed, mode)
    rows = list(csv.DictReader(io.StringIO(written("entries.csv", shown).decode(), newline=""), strict=True))
    entries = list(shown.entries())
    assert len(rows) == len(entries)
    depths = {column.path: column.depth for column in columns_of(feed)}
    for line, entry in zip(rows, entries, strict=True):
        assert list(line) == [*FIXED, *depths, "limits"]
        said = flat(entry.fields, feed)
        assert {path: read(line[path], depth) for path, depth in depths.items() if line[path]} == {
            path: plain(value, depths[path]) for path, value in said.items()
        }


def read(text: str, depth: int) -> Any:
    """A cell as the documentation says to read it."""
    text = unmarked(text)
    if depth == 0:
        return text
    values = split(text, OUTER)
    return values if depth == 1 else [split(one, INNER) for one in values]


def plain(value: Any, depth: int) -> Any:
    """A value as a cell can hold it."""
    if depth:
        return [plain(one, depth - 1) for one in value or [None]]
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "", re.sub("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+", " ", text))


@given(drawn)
@FEW
def test_a_line_holds_an_entry(found: list[dict[str, Any]]) -> None:
    shown = Shown(found)
    lines = [json.loads(one) for one in written("entries.ndjson", shown).split(b"\n") if one]
    entries = list(shown.entries())
    assert [(one["reference"], one["stix_id"], one["title"], one["limits"]) for one in lines] == [
        (one.reference, one.stix_id, one.title, list(one.limits)) for one in entries
    ]
    assert [one["fields"] for one in lines] == [flat(one.fields, MEMBERS) for one in entries]
    assert all(one["released"] == "2026-11-23T12:00:00.000Z" and one["tlp"] == "green" for one in lines)


@given(drawn)
@FEW
def test_atom_is_well_formed_and_has_what_rfc_4287_asks(found: list[dict[str, Any]]) -> None:
    root = ET.fromstring(written("atom.xml", Shown(found)))  # noqa: S314 - our own
    for one in (root, *root.findall(f"{ATOM}entry")):
        assert uuid.UUID(one.findtext(f"{ATOM}id", "").removeprefix("urn:uuid:")).version == 4
        assert RFC3339.fullmatch(one.findtext(f"{ATOM}updated", ""))
        assert one.find(f"{ATOM}title").get("type") == "text"  # type: ignore[union-attr]
    assert root.findtext(f"{ATOM}author/{ATOM}name") == 'Hub "&<" Ltd'
    assert {one.get("rel") for one in root.findall(f"{ATOM}link")} == {"self", "related"}
    contents = root.findall(f"{ATOM}entry/{ATOM}content")
    assert len(contents) == len(found)
    assert all(one.get("type") == "text" and len(one) == 0 for one in contents), "no markup in it"


@given(drawn)
@FEW
def test_a_json_feed_has_what_version_1_1_asks(found: list[dict[str, Any]]) -> None:
    feed = json.loads(written("feed.json", Shown(found)))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "https://hub.example/feeds/members/feed.json"
    assert feed["home_page_url"].startswith("https://")
    for item in feed["items"]:
        assert item["content_text"]
        assert "content_html" not in item
        assert item["id"].startswith("report--")
        assert RFC3339.fullmatch(item["date_published"])
        assert "untrusted-content" in item["tags"]


def test_news_hold_the_newest_hundred() -> None:
    shown = Shown([a_report(title=f"Number {number}") for number in range(120)])
    titles = [one["title"] for one in json.loads(written("feed.json", shown))["items"]]
    assert titles == [f"Number {number}" for number in range(119, 19, -1)]
    root = ET.fromstring(written("atom.xml", shown))  # noqa: S314 - our own
    assert [one.findtext(f"{ATOM}title") for one in root.findall(f"{ATOM}entry")] == titles


def test_tombstones_hold_names_and_instants_and_nothing_else() -> None:
    at = f"{AT:%Y-%m-%d}"
    shown = Shown([], recalled=[Tombstone("M-1", ["a", "b"], at)], departed=[Tombstone(None, ["c"], at)])
    assert json.loads(written("tombstones.json", shown)) == {
        "feed": "members",
        "release": 3,
        "entries": [{"reference": "M-1", "stix_ids": ["a", "b"], "revoked_at": at}],
        "objects": [{"stix_ids": ["c"], "revoked_at": at}],
    }


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_the_dictionary_describes_every_column_and_no_other(feed: Any) -> None:
    shown = Shown([], feed)
    told = json.loads(written("dictionary.json", shown))
    (header,) = csv.reader(io.StringIO(written("entries.csv", shown).decode(), newline=""))
    assert [one["column"] for one in told["columns"]] == header
    assert all(one["meaning"] and one["values"] for one in told["columns"])
    rows = list(csv.DictReader(io.StringIO(written("dictionary.csv", shown).decode(), newline="")))
    assert [one["column"] for one in rows] == header
    severity = next(one for one in told["columns"] if one["column"] == "severity")
    assert severity["terms"]["terms"]["unknown"] == "not assessed yet"
    assert severity["rules"] == {"written": "keep", "redacted": "keep"}


def test_a_field_that_a_feed_withholds_is_no_column_of_it() -> None:
    text = (ROOM / "members.toml").read_text("utf-8") + '\n[narrow]\nwithhold = ["systems"]\n'
    narrowed = parse("members", text)
    assert any(column.path.startswith("systems[]") for column in columns_of(MEMBERS))
    assert not any(column.path.startswith("systems[]") for column in columns_of(narrowed))


def test_a_feed_may_list_its_formats_and_only_those_that_there_are() -> None:
    text = (ROOM / "members.toml").read_text("utf-8")
    assert formats_of(parse("members", text)) == dict(sorted(FORMATS.items()))
    some = parse("members", 'formats = ["atom.xml"]\n' + text)
    assert list(formats_of(some)) == ["atom.xml"]
    with pytest.raises(UnknownFormat, match=r"there is no news\.rss"):
        formats_of(parse("members", 'formats = ["news.rss"]\n' + text))

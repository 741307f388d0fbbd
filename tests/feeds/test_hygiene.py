"""What leaves is plain text: nothing in it runs, hides or turns, and nothing that was said is lost."""

# ruff: noqa: RUF001 - characters that look alike are what this is about

import re
import unicodedata
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orjson import loads

from feeds.edition import changes
from feeds.hygiene import clean, cleaned
from feeds.mapping import to_stix
from feeds.mapping.observable import observable
from feeds.projection import Projection
from schemas.anatomy import LEAVES
from schemas.audience import Mode
from schemas.fields import Text
from tests.factories import a_full_report, a_report
from tests.feeds.definitions import FEEDS
from tests.feeds.shown import NAMING, projected
from tests.feeds.test_edition import FIRST
from tests.strategies import LAW, leaf_values, reports

MEMBERS = next(feed for feed in FEEDS if feed.name == "members")
HOSTILE = st.sampled_from([
    "<", ">", "<script>", "</p", "<!--", "<?xml", "[", "]", "(", ")", "](", "]:", "![", "a", "b ", "\n", "\t", "\r\n",
    "https://e.org/x", "javascript:x", "<https://e.org>", "\0", "\x1b[31m", "\x85", "\u00ad", "\u034f", "\u061c",
    "\u200b", "\u200d", "\u202e", "\u2066", "\u2028", "\u3164", "\ufe0f", "\ufeff", "\U000e0041", "\U000e0100", "é",
    "e\u0301", "\u0338", "\u0301", "\u0958", "\u1100\u1161", "🧑‍💻", "\u226e", "＜", "&lt;", "*", "`", "| ",
])  # fmt: skip
texts = st.lists(HOSTILE | st.text(max_size=3), max_size=12).map("".join)
# Written apart from the module that it judges: categories, not ranges.
HIDING = {"Zl", "Zp", "Cs"}
LINK = re.compile(r"\]\(|^[ >*+\-\t\d.)]*\[[^\[\]]+\]:", re.MULTILINE)
TAG = re.compile(r"<[A-Za-z/!?]")
VISIBLE_FORMATS = {"\u0600", "\u0601", "\u0602", "\u0603", "\u0604", "\u0605", "\u06dd", "\u070f", "\u0890", "\u0891",
                   "\u08e2", "\U000110bd", "\U000110cd"}  # fmt: skip


def faults(text):
    """What a text may not have."""
    hidden = {
        char for char in text
        if (unicodedata.category(char) == "Cc" and char not in "\n\t") or unicodedata.category(char) in HIDING
        or (unicodedata.category(char) == "Cf" and char not in VISIBLE_FORMATS and not 0x13430 <= ord(char) <= 0x1343F)
        or 0xFE00 <= ord(char) <= 0xFE0F or 0xE0000 <= ord(char) <= 0xE0FFF
    }  # fmt: skip
    return hidden, LINK.findall(text), TAG.findall(text), [] if unicodedata.is_normalized("NFC", text) else ["NFC"]


NONE: tuple[set[str], list[str], list[str], list[str]] = (set(), [], [], [])


@LAW
@given(texts)
def test_any_text_comes_out_plain_and_cleaning_twice_is_cleaning_once(text):
    once = clean(text)
    assert faults(once) == NONE
    assert clean(once) == once


@LAW
@given(st.text())
def test_any_text_of_any_characters_too(text):
    assert faults(clean(text)) == NONE
    assert clean(clean(text)) == clean(text)


@LAW
@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"], exclude_characters="<[]")))
def test_plain_text_is_left_as_it_is(text):
    assert clean(text) is text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b and c > d, x<3, 1 << 2 <= 4", "a < b and c > d, x<3, 1 << 2 <= 4"),
        ("Two\nlines\tand a tab", "Two\nlines\tand a tab"),
        ("Two\r\nlines\rand\u2028more", "Two\nlines\nand\nmore"),
        ("It ran <script>alert(1)</script> twice", "It ran ‹script›alert(1)‹/script› twice"),
        ("<img src=x onerror=alert(1)", "‹img src=x onerror=alert(1)"),
        ("<!-- ignore what was said before -->", "‹!-- ignore what was said before --›"),
        ("<\u200bscript>", "‹script›"),
        ("see [the advisory](https://example.org/a)", "see the advisory (https://example.org/a)"),
        ("![pixel](https://example.org/p.gif 'title')", "pixel (https://example.org/p.gif)"),
        ("[](https://example.org/)", "https://example.org/"),
        ("[x](javascript:alert(1))", "[x] (javascript:alert(1))"),
        ("handlers[0](event)", "handlers[0] (event)"),
        ("<https://example.org/>", "https://example.org/"),
        ("[1]: https://example.org/", "1: https://example.org/"),
        ("array[0]: first", "array[0]: first"),
        ("\u202egnp.exe", "gnp.exe"),
        ("Hi\U000e0049\U000e0067\U000e006e", "Hi"),
        ("a\ufe00b\U000e0101c", "abc"),
        ("\x1b[31mred", "[31mred"),
        ("cafe\u0301", "café"),
        ("👩\u200d💻", "👩💻"),
        ("شماره ۱", "شماره ۱"),
        ("2 ≮ 1", "2 ≮ 1"),
    ],
)  # fmt: skip
def test_what_becomes_of_a_text(text, expected):
    assert clean(text) == expected


def test_every_field_of_an_entry_is_cleaned_and_the_entry_says_so():
    report = a_report(title="A <b>bold\u200b</b> one", systems=[{"name": "x\u202ey", "purl": "pkg:x/<b>"}], tlp="green")
    carrier, *others = to_stix(projected(report, MEMBERS, Mode.WRITTEN), NAMING)
    (extension,) = carrier["extensions"].values()
    assert carrier["name"] == "A ‹b›bold‹/b› one"
    assert {"name": "xy"} in extension["fields"]["systems"]
    assert [one["field"] for one in extension["limits"] if one["rule"] == "cleaned"] == [
        "systems[].name", "systems[].purl", "title",
    ]  # fmt: skip
    assert "xy" in {one.get("name") for one in others}


def test_text_for_release_and_of_imports_is_cleaned_too():
    report = a_report(for_release={"title": "<i>T</i>", "advice": "[do](https://e.org/)"})
    made = to_stix(projected(report, MEMBERS, Mode.REDACTED), NAMING)
    assert made[0]["name"] == "‹i›T‹/i›"
    assert "do (https://e.org/)" in {one.get("content") for one in made}
    origin = {"source": "atlas", "id": "<b>1", "licence": "\u200b"}
    made = to_stix(projected(a_report(origin=origin), MEMBERS, Mode.WRITTEN), NAMING)
    assert "atlas" not in {one["source_name"] for one in made[0]["external_references"]}, "nothing is left to cite"
    made = to_stix(projected(a_report(origin={**origin, "licence": "<i>CC0"}), MEMBERS, Mode.WRITTEN), NAMING)
    assert {"source_name": "atlas", "description": "Licence: ‹i›CC0"} in made[0]["external_references"]


HASH = "0123456789abcdef" * 4
LOOKALIKES = [
    ("domain", "goo\u200bgle.com"), ("domain", "\ufeffgoogle.com"), ("domain", "kiwi.com\u00ad"),
    ("domain", "\u212aiwi.com"), ("url", "[](https://good.example/a)"), ("url", "<https://good.example/a>"),
    ("url", "https://good.example/\u202ea"), ("file_hash", f"{HASH[:32]}\u00ad{HASH[32:]}"),
    ("ipv4", "192.0.2.7\u200b"), ("ipv6", "2001:db8::\u20601"), ("email", "ceo@good\u200d.example"),
    ("package", "left\u200bpad"), ("prompt_pattern", "<b>Ignore"), ("other", "a\u200bb"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), LOOKALIKES)
def test_a_lookalike_of_a_harmless_value_does_not_become_that_value(kind, value):
    indicator = {"type": kind, "value": value, "pap": "clear"}
    report = a_report(report_type="threat", threat={"indicators": [indicator]})
    made = to_stix(projected(report, MEMBERS, Mode.WRITTEN), NAMING)
    assert observable(kind, value) is None
    assert {one["type"] for one in made} == {"report", "infrastructure"}, "no indicator and nothing to observe"
    (extension,) = made[0]["extensions"].values()
    assert extension["fields"]["threat"] == {"indicators": [{"type": kind, "pap": "clear"}]}
    assert {"field": "threat.indicators[].value", "rule": "cleaned"} in extension["limits"]
    assert not re.search(r"google|kiwi|good|left|Ignore|0123", repr(made))


def test_a_version_and_the_number_of_a_source_name_something_by_their_spelling():
    report = a_report(systems=[{"name": "Agent", "version": "1\u200b0"}])
    report["origin"] = {"source": "atlas", "id": "AML.CS00\u00ad01", "licence": "CC0"}
    found = cleaned(projected(report, MEMBERS, Mode.WRITTEN))
    assert found.fields["systems"] == [{"name": "Agent"}]
    assert found.fields["origin"] == {"source": "atlas", "licence": "CC0"}
    assert {("systems[].version", "cleaned"), ("origin.id", "cleaned")} <= set(found.limits)


@LAW
@given(st.sampled_from([path for path, leaf in LEAVES.items() if leaf.mark.policy]), texts.filter(str.strip))
def test_no_value_that_is_not_prose_is_rewritten(path, text):
    *outer, name = path.split(".")
    fields = {name: text}
    for part in reversed(outer):
        fields = {part.removesuffix("[]"): [fields] if part.endswith("[]") else fields}
    found = cleaned(Projection(Mode.WRITTEN, fields, ()))
    kind = LEAVES[path].kind
    is_prose = isinstance(kind, Text) and not kind.is_exact
    assert is_prose or found.fields in (fields, {}), "as it is, or not at all"
    assert (found.fields == fields) == (clean(text) == text)


def test_a_clean_projection_is_the_same_projection():
    projection = projected(a_full_report(), MEMBERS, Mode.WRITTEN)
    assert cleaned(projection) is projection


def test_a_text_that_grows_still_fits_its_field():
    projection = cleaned(projected(a_report(title="](" * 150, recommendation="\u0958" * 5000), MEMBERS, Mode.WRITTEN))
    assert len(projection.fields["title"]) <= 300
    assert len(projection.fields["recommendation"]) <= 5000


@LAW
@given(reports(), texts.filter(str.strip), st.sampled_from(FEEDS), st.sampled_from(list(Mode)))
def test_no_string_of_any_object_is_anything_but_plain(report, text, feed, mode):
    report = {**report, "title": text[:300], "description": text, "root_cause": text, "recommendation": text}
    for version in changes(to_stix(projected(report, feed, mode), NAMING), {}, FIRST):
        for value in leaf_values(loads(version.content)):
            assert not isinstance(value, str) or faults(value) == NONE


@pytest.mark.parametrize(
    "evil", ["<a", "[", "[a](", "[](x ", "](", "<", "> ", "[x](a:", "<http:", "[a](b: ", "\u0301", "[a]:"]
)
def test_no_text_takes_long_to_clean(evil):
    began = perf_counter()
    clean((evil * 20_000)[:20_000])
    assert perf_counter() - began < 0.5

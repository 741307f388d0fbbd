"""What holds for every value and every text: a planted value is held however it is written, and nothing else is."""

import base64
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from feeds.guard.ordinary import ORDINARY
from feeds.guard.terms import withheld
from feeds.guard.views import key_of
from tests.feeds.guard.subjects import found, subject, withholding

WAYS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "upper case": str.upper,
    "full width": lambda text: "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text),
    "separated": "-".join,
    "invisible signs": "\u200b".join,
    "base64": lambda text: base64.b64encode(f"we say {text} here".encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "percent signs": lambda text: "".join(f"%{one:02x}" for one in text.encode()),
    "part of an address": lambda text: "https://example.org/?q=" + quote(text),
}
LETTERS = st.text("bcdfghjklmnpqrstvwxz", min_size=2, max_size=6)
NAMES = st.builds(
    lambda one, two, end: f"{one}{two}{end}".capitalize(), LETTERS, LETTERS, st.sampled_from(["", "on", "7"])
)
BEFORE = st.sampled_from(["It was made by ", "Ask ", "", "The logs of "])
AFTER = st.sampled_from([" and was slow.", ".", " (again)", ", as they say"])


@pytest.mark.parametrize("way", WAYS)
def test_a_withheld_name_is_held_however_it_is_written(way):
    @settings(max_examples=40, deadline=None)
    @given(NAMES, BEFORE, AFTER, st.sampled_from(["system", "developer", "reporter", "party", "detail"]))
    def holds(name, before, after, place):
        assume(name.lower() not in ORDINARY)
        one = subject(withholding(place, name, "Nothing."))
        assume(key_of(name) in withheld(one.clear, one.opened, one.projection, one.behind).terms)
        hits = found(withholding(place, name, f"{before}{WAYS[way](name)}{after}")).holds
        assert any(hit.of and hit.field == "for_release.summary" for hit in hits)

    holds()


WORDS = st.lists(st.sampled_from(sorted(word for word in ORDINARY if len(word) > 3)), min_size=3, max_size=40)


@settings(max_examples=60, deadline=None)
@given(WORDS, NAMES)
def test_a_text_of_ordinary_words_without_any_term_is_never_held(words, name):
    assume(key_of(name) not in key_of(" ".join(words)))
    report = withholding("system", name, {"summary": " ".join(words).capitalize() + ".", "title": "About it"})
    report["description"] = "Zqx."
    assert found(report, behind="Qwertzu Xyl").holds == ()


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=300)


@settings(max_examples=60, deadline=None)
@given(TEXTS, NAMES)
def test_no_text_breaks_the_guard_and_no_hit_tells_a_value(text, name):
    report = withholding("reporter", name, {"summary": f"{text} {name}", "title": "About it"})
    hits = found(report).holds
    assert hits
    told = repr(hits)
    assert name not in told
    assert key_of(name) not in told.replace("withheld", "")

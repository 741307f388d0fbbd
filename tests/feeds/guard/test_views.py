"""Views: what is compared is what a reader sees or decodes, however it is spelt."""

import base64
import sys
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.guard.views import DEPTH, MOST_READINGS, Reading, buffer_of, key_of, plain


def readings(text: str) -> list[str]:
    return [view.text for view in Reading().views(plain(text))]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Curlew-Labs", "curlewlabs"),
        ("\uff23urlew\u200b L\u0430bs", "curlewlabs"),
        ("C\u00fcrl\u00e9w_L\u00e4bs", "curlewlabs"),
        ("Stra\u00dfe", "strasse"),
        ("\U0001d402urlew", "curlew"),
        ("東京-ラボ", "東京ラホ"),
    ],
)
def test_a_key_is_what_is_left_of_a_spelling(text, key):
    assert key_of(text) == key


def test_no_letter_grows_when_it_is_lowered():
    """Places in a view and in its lower case are the same ones."""
    for number in range(0x80, sys.maxunicode + 1):
        if not 0xD800 <= number <= 0xDFFF:
            text = plain(chr(number))
            assert len(text.lower()) == len(text), hex(number)


@given(st.text(max_size=200))
def test_normalising_twice_is_normalising_once(text):
    once = plain(text)
    assert plain(once) == once
    assert key_of(once) == key_of(text)
    assert all(letter.isalnum() for letter in key_of(text))


@given(st.text(min_size=1, max_size=60))
def test_every_character_of_a_stripped_view_has_its_place(text):
    view = next(Reading().views(plain(text)))
    assert [view.lower[place] for place in view.places] == list(view.stripped)


@pytest.mark.parametrize("depth", range(1, DEPTH + 1))
def test_codes_inside_codes_are_read_to_a_depth(depth):
    text = "the word is Vantobrel"
    for _ in range(depth):
        text = base64.b64encode(text.encode()).decode()
    assert any("Vantobrel" in one for one in readings(f"Look: {text}."))
    deeper = text
    for _ in range(DEPTH + 1 - depth):
        deeper = base64.b64encode(deeper.encode()).decode()
    assert not any("Vantobrel" in one for one in readings(f"Look: {deeper}."))


def test_plain_prose_is_read_once():
    assert len(readings("The assistant forwarded five invoices, and nobody had asked it to. An agent did. " * 20)) == 1


def test_a_find_is_told_by_the_field_that_it_stands_in():
    buffer = buffer_of([("title", "One"), ("summary", "Two, dHdvIHdvcmRz"), ("advice", "Three")])
    assert [buffer.field_at(buffer.text.index(word)) for word in ("One", "Two", "Three")] == [
        "title",
        "summary",
        "advice",
    ]
    views = list(Reading().views(buffer.text))
    (decoded,) = [view for view in views if view.text == "two words"]
    assert buffer.field_at(decoded.in_buffer(3)) == "summary"


def test_more_code_than_is_read_is_said():
    reading = Reading()
    lines = [base64.b64encode(f"number {number} of many".encode()).decode() for number in range(MOST_READINGS + 1)]
    list(reading.views(" and ".join(lines)))
    assert not reading.is_whole


@pytest.mark.parametrize(
    "text",
    [
        "aB1" * 8000,
        "%41" * 8000,
        "41 " * 8000,
        "A=" * 8000,
        "\\x41" * 6000,
        "&#65;" * 5000,
        "aB1 " * 6000,
        "-" * 24_000,
    ],
    ids=["base64", "percent", "hex", "padding", "escapes", "entities", "groups", "separators"],
)
def test_no_text_takes_long(text):
    began = time.perf_counter()
    list(Reading().views(plain(text)))
    assert time.perf_counter() - began < 5, "seconds, on a machine that is busy"


def test_what_is_normalised_holds_no_marks():
    text = plain("Z\u0336a\u0301l\u0489go \u202eright")
    assert not any(unicodedata.category(letter) in {"Mn", "Me", "Cf"} for letter in text)

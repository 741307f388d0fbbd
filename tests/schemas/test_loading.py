"""From bytes to a checked document: strict, bounded, and silent about what was in it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import Invalid, TooLarge, Unreadable
from schemas.loading import Limits, parse, pointer, problems_of
from tests.strategies import LAW, json_values

SMALL = Limits(size=1_000, depth=4, values=20, digits=5)


def refusal(kind, raw, limits=SMALL):
    with pytest.raises(kind) as wrong:
        parse(raw, limits)
    assert type(wrong.value) is kind
    (problem,) = wrong.value.problems
    return problem


@pytest.mark.parametrize("raw", [b'{"a": 1, "a": 1}', b'{"a": 1, "b": 2, "a": 3}', b'[{"x": {"a": {}, "a": {}}}]'])
def test_a_key_that_occurs_twice_in_one_object_is_refused(raw):
    problem = refusal(Unreadable, raw)
    assert (problem.pointer, "twice" in problem.message) == ("/a", True)


def test_the_same_key_in_two_objects_is_fine():
    assert parse(b'[{"a": 1}, {"a": {"a": 2}}]') == [{"a": 1}, {"a": {"a": 2}}]


def test_keys_that_differ_only_in_their_escapes_are_the_same_key():
    assert refusal(Unreadable, b'{"a": 1, "\\u0061": 2}').pointer == "/a"


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        (b'{"a": ["x", "y\\u0000"]}', "/a/1"),
        (b'{"a": "\\ud800"}', "/a"),
        (b'{"a": "\\udc00\\ud800"}', "/a"),
        (b'{"a": {"\\u0000": 1}}', "/a"),
        (b'{"a": {"\\udfff": 1}}', "/a"),
        (b'"\\ud83d"', ""),
    ],
)
def test_nul_and_lone_surrogates_are_refused_by_their_place(raw, at):
    problem = refusal(Unreadable, raw)
    assert problem.pointer == at
    assert "NUL" in problem.message


def test_a_whole_surrogate_pair_is_one_character():
    assert parse(b'"\\ud83d\\ude00"') == "😀"


def test_a_doubled_key_that_no_database_keeps_is_refused_in_words_that_can_be_sent():
    problem = refusal(Unreadable, b'{"\\ud800": 1, "\\ud800": 2}')
    assert (problem.pointer + problem.message).encode()


@pytest.mark.parametrize("raw", [b"\xff", b'{"a": "\xc3"}', b'{"a": "\xed\xa0\x80"}', '{"ä": 1}'.encode("latin-1")])
def test_what_is_not_utf_8_is_refused(raw):
    assert "UTF-8" in refusal(Unreadable, raw).message


@pytest.mark.parametrize(
    "raw",
    [b"", b" ", b"{", b"{'a': 1}", b'{"a": 1,}', b"[1 2]", b"nul", b"// x\n{}", b'{"a": 01}', b'"\x01"', b"{} {}"],
)
def test_what_is_not_json_is_refused_with_line_and_column(raw):
    assert "is not JSON" in refusal(Unreadable, raw).message


def test_a_byte_order_mark_is_refused():
    refusal(Unreadable, b"\xef\xbb\xbf{}")


@pytest.mark.parametrize("raw", [b"NaN", b'{"a": Infinity}', b"[-Infinity]", b'{"a": 1e999}', b"[-1e400]"])
def test_nan_and_infinity_are_refused_however_they_are_written(raw):
    assert "Infinity" in refusal(Unreadable, raw).message


@pytest.mark.parametrize("raw", [b"123456", b'{"a": -12345}', b"[99999999999999999999]"])
def test_a_number_of_too_many_digits_is_refused_before_it_is_read(raw):
    assert "digits" in refusal(Unreadable, raw).message
    assert parse(b"12345", SMALL) == 12345


def test_a_million_digits_cost_nothing():
    assert "digits" in refusal(Unreadable, b"1" * 1_000_000, Limits()).message


@pytest.mark.parametrize("depth", [5, 50, 5_000, 200_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_what_is_nested_too_deep_is_refused(depth, opening, closing):
    limits = Limits(size=1 << 21, depth=4)
    assert "deeper than 4" in refusal(TooLarge, opening * depth + b"1" + closing * depth, limits).message
    assert parse(opening * 4 + b"1" + closing * 4, limits)


def test_a_body_that_is_too_large_is_refused_before_it_is_parsed():
    assert "larger than 1,000 bytes" in refusal(TooLarge, b"[" * 1_001).message
    assert len(parse(b'"' + b"x" * 998 + b'"', SMALL)) == 998


def test_too_many_values_are_refused():
    assert "more than 20 values" in refusal(TooLarge, json.dumps([0] * 20).encode()).message
    assert len(parse(json.dumps([0] * 19).encode(), SMALL)) == 19


@LAW
@given(value=json_values)
def test_every_json_value_comes_back_the_same(value):
    assert parse(json.dumps(value).encode()) == value
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value


@LAW
@given(raw=st.binary(max_size=60) | st.text(alphabet='{}[]",:01e.\\ud8NaInfityà ', max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused_and_never_break_the_reader(raw):
    try:
        parse(raw, SMALL)
        said = ""
    except Invalid as wrong:
        said = str(wrong)
    said.encode()  # a refusal that cannot be sent would be an internal error


@LAW
@given(secret=st.from_regex("[a-z]{12}", fullmatch=True), kind=st.integers(0, 5))
def test_no_refusal_repeats_what_was_in_the_body(secret, kind):
    bodies = (
        f'{{"a": "{secret}\\u0000"}}', f'{{"a": "{secret}", "a": "{secret}"}}', f'["{secret}", NaN]',
        f'{{"a": "{secret}" oops}}', f'[[[[["{secret}"]]]]]', f'["{secret}\\q"]',
    )  # fmt: skip
    with pytest.raises(Invalid) as wrong:
        parse(bodies[kind].encode(), SMALL)
    assert secret not in str(wrong.value)


def test_a_pointer_escapes_as_rfc_6901_says():
    assert pointer() == ""
    assert pointer("a/b", 0, "m~n", "~1") == "/a~1b/0/m~0n/~01"


def test_messages_become_problems_with_pointers():
    found = problems_of({"a": {0: {"b": ["is wrong", "is late"]}}, "_schema": ["is odd"]})
    assert [(one.pointer, one.message) for one in found] == [
        ("/a/0/b", "is wrong"),
        ("/a/0/b", "is late"),
        ("", "is odd"),
    ]

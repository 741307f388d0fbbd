"""Cells: nothing that a spreadsheet would run, and the value can be had back."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.cells import INNER, OUTER, cell, split, unmarked
from feeds.formats.table import row
from tests.strategies import CHARACTERS, LAW

NASTY = st.text(
    st.sampled_from("=+-@\t\r\n'\" ;|,\\a\uff1d\uff0d\u200b\ufeff\x00\x1b\x85\u2028") | CHARACTERS, max_size=30
)
# What a spreadsheet looks at is written here by itself, so that a fault in the module's own pattern shows.
INVISIBLE = " \u00a0\u2003\u3000'\"\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
RUNS = tuple("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n")


def is_run(text: str) -> bool:
    """Whether a spreadsheet might take a cell for a formula; a `'` at its beginning says that it is text."""
    return not text.startswith("'") and text.lstrip(INVISIBLE).startswith(RUNS)


@given(NASTY)
@LAW
def test_no_cell_is_run_also_where_semicolons_or_bars_separate_cells(text: str) -> None:
    found = cell(text)
    assert not is_run(found)
    assert not any(is_run(part) for part in re.split("[;|]", found))
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in found)


@given(st.lists(NASTY, min_size=1, max_size=4))
@LAW
def test_no_cell_of_a_list_is_run(values: list[str]) -> None:
    assert not is_run(cell(values))
    assert not any(is_run(part) for part in re.split("[;|]", cell(values)))


@given(NASTY)
@LAW
def test_a_text_comes_back_but_for_its_line_breaks_and_controls(text: str) -> None:
    plain = re.sub(r"[\x00-\x1f\x7f-\x9f]", "", re.sub("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+", " ", text))
    assert unmarked(cell(text)) == plain
    (read,) = csv.reader(io.StringIO(row([cell(text), "next"]).decode(), newline=""), strict=True)
    assert [unmarked(one) for one in read] == [plain, "next"]


PLAIN = st.text(st.sampled_from("=+-@'\" ;|,\\ab"), max_size=8)


@given(st.lists(PLAIN, min_size=1, max_size=4))
@LAW
def test_a_list_comes_back(values: list[str]) -> None:
    assert split(unmarked(cell(values)), OUTER) == values


@given(st.lists(st.lists(PLAIN, min_size=1, max_size=3), min_size=1, max_size=3))
@LAW
def test_a_list_of_lists_comes_back(values: list[list[str]]) -> None:
    assert [split(one, INNER) for one in split(unmarked(cell(values)), OUTER)] == values


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "'=1+1"),
        (' "=1+1', "' \"=1+1"),
        ("\t=1", "' =1"),
        ("a;=1", "a;'=1"),
        ("a = 1", "a = 1"),
        (None, ""),
        (True, "true"),
        (["a|b", None, "c"], r"a\|b||c"),
        ([["text", "image"], None], "text,image|"),
        ("two\r\nlines", "two lines"),
    ],
)
def test_what_a_cell_looks_like(value: object, expected: str) -> None:
    assert cell(value) == expected

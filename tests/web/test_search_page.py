"""docs/search.md says what is so: its filters can be read, its limits are the limits, its fields are fields."""

import re
from collections.abc import Iterator

import pytest

from hub.errors import BadFilter
from hub.filters import catalogue, grammar, parse
from hub.filters.queries import SORTS
from hub.services import search
from hub.store import searching
from tests.documents import ROOT

PAGE = (ROOT / "docs/search.md").read_text("utf-8")
STAFF = catalogue(is_staff=True)
SPAN = re.compile(r"`([^`\n]+)`")


def shown() -> Iterator[str]:
    """The filters in the first cells of the page's tables, in its prose and in its commands."""
    for row in PAGE.splitlines():
        if row.startswith("| `"):
            for span in SPAN.findall(row.split(" | ")[0]):
                if " " in span:
                    yield span
    yield from re.findall(r"hub search '([^']+)'", PAGE)
    yield from (span for span in SPAN.findall(PAGE) if span.startswith("waiting = "))


FILTERS = sorted(set(shown()))


@pytest.mark.parametrize("filter_", FILTERS)
def test_every_filter_that_the_page_shows_can_be_read(filter_: str) -> None:
    if filter_.startswith("not (a = 1"):
        with pytest.raises(BadFilter, match="no field `a`"):
            parse(filter_, STAFF)
        return
    parse(filter_, STAFF)


def test_the_page_shows_every_kind_of_test() -> None:
    assert len(FILTERS) > 15
    said = " ".join(FILTERS)
    for sign in ("!=", "<=", ">=", " < ", " > ", "~", "begins", " in (", "not in (", "is missing", "has ", " or "):
        assert sign in said


def test_the_fields_limits_and_sorts_are_those_of_the_code() -> None:
    _, _, table = PAGE.partition("## What the hub and its analysts say")
    rows = [row.split(" | ")[0] for row in table.partition("\n## ")[0].splitlines() if row.startswith("| `")]
    assert [name for row in rows for name in SPAN.findall(row) if name not in STAFF] == []
    numbers = (
        (grammar.LONGEST_FILTER, "characters"),
        (grammar.MOST_TESTS, "conditions"),
        (grammar.MOST_VALUES, "values in a list"),
        (searching.COUNTED, "at most"),
    )
    for number, what in numbers:
        assert f"{number:,} {what}" in PAGE.replace("\n", " ")
    assert f"up to {search.MOST_FACETS} fields" in PAGE
    assert f"the {search.MOST_VALUES}\nmost frequent" in PAGE
    assert [sort for sort in SORTS if f"`{sort}`" not in PAGE] == []

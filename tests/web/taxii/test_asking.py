"""The query of a TAXII request: what it asks for, or what is wrong with it."""

from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import BadRequest
from hub.services.delivery import Match
from hub.web.taxii import asking

APP = Flask("asking")
NAMES = ["added_after", "limit", "next", "match[id]", "match[type]", "match[version]", "match[spec_version]"]


def match(query: str, **more: str) -> Match:
    with APP.test_request_context(f"/?{query}"):
        return asking.match(**more)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20T10:00:00Z", "2026-11-20T10:00:00.0Z", "2026-11-20T10:00:00.000000Z", "2026-11-20t10:00:00z",
        "2026-11-20T10:00:00.0000000000001Z", "2026-11-20T11:00:00%2B01:00", "2026-11-20T11:00:00+01:00",
    ],
)  # fmt: skip
def test_an_instant_is_read_however_exact_it_is(written: str) -> None:
    assert match(f"added_after={written}").added_after == datetime(2026, 11, 20, 10, tzinfo=UTC)


def test_an_instant_is_never_rounded_up() -> None:
    """What was added in the microsecond that is named was not added after it; one digit more changes nothing."""
    found = match("added_after=2026-11-20T10:00:00.1234569Z").added_after
    assert found == datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=UTC)


def test_lists_are_sets_in_one_order() -> None:
    """A cursor is bound to them: the order in which a client writes them is no other filter."""
    assert match("match[type]=report,note") == match("match%5Btype%5D=note%2Creport")
    assert match("match[type]=b,a,b").types == ("a", "b")


def test_a_path_names_its_object_and_the_query_does_not() -> None:
    found = match("match[id]=x&match[type]=y&match[spec_version]=2.1", object_id="here")
    assert (found.ids, found.types, found.spec_versions) == (("here",), (), ("2.1",))
    assert match("match[version]=first", object_id="here", versions="all").versions == ("all",)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-20T10:00:00.120Z", {"00.12Z", "00.120Z", "00.120000Z", "00.120000000Z"}),
        ("2026-11-20T10:00:00Z", {"00Z", "00.000Z", "00.000000Z", "00.000000000Z"}),
        ("2026-11-20T10:00:00.000Z", {"00Z", "00.000Z", "00.000000Z", "00.000000000Z"}),
        ("2026-11-20T10:00:00.1234Z", {"00.1234Z", "00.123400Z", "00.123400000Z"}),
        ("2026-11-20T11:00:00.5%2B01:00", {"00.5Z", "00.500Z", "00.500000Z", "00.500000000Z"}),
        ("last", {"last"}),
    ],
)
def test_a_version_is_found_in_each_way_of_writing_its_instant(written: str, expected: set[str]) -> None:
    found = {one.removeprefix("2026-11-20T10:00:") for one in match(f"match[version]={written}").versions}
    assert found == expected


def test_nothing_asked_is_everything_in_its_last_version() -> None:
    with APP.test_request_context("/?match[nothing]=x&else=y"):
        assert asking.match() == Match()
        assert asking.limit() == asking.DEFAULT_PAGE == 1000
        assert asking.cursor() is None


@pytest.mark.parametrize("name", NAMES)
def test_no_parameter_comes_twice(name: str) -> None:
    with APP.test_request_context(f"/?{name}=1&{name}=1"), pytest.raises(BadRequest, match="must not come twice"):
        asking.match(), asking.limit(), asking.cursor()


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40)))
def test_no_value_falls_over_and_none_is_repeated(values: dict[str, str]) -> None:
    with APP.test_request_context(f"/?{urlencode(values, errors='replace')}"):
        for read in (asking.match, asking.limit, asking.cursor):
            try:
                read()
            except BadRequest as wrong:
                name, _, remedy = str(wrong).partition(": ")
                assert name in NAMES
                assert len(values[name]) < 5 or values[name] not in remedy


@given(st.integers())
def test_a_limit_is_above_nothing_and_an_integer_everywhere(number: int) -> None:
    with APP.test_request_context(f"/?limit={quote(str(number))}"):
        if 1 <= number < 1 << 53:
            assert asking.limit() == number
        else:
            with pytest.raises(BadRequest, match=r"limit: "):
                asking.limit()

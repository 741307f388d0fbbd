"""Accept and Content-Type of TAXII 2.1: every legal spelling is understood, and nothing falls over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.web.taxii import media
from tests.conftest import World

NAME = media.TAXII_NAME
TOKENS = st.text("abcdefghijklmnopqrstuvwxyz0123456789!#$&-^_.+", min_size=1, max_size=12)
SPACE = st.sampled_from(["", " ", "  ", "\t"])


@st.composite
def cased(draw: st.DrawFn, text: str) -> str:
    """A text in any mixture of cases."""
    return "".join(draw(st.sampled_from([one.lower(), one.upper()])) for one in text)


@st.composite
def weights(draw: st.DrawFn, *, is_zero: bool = False) -> str:
    """A legal weight (RFC 9110, 12.4.2), or none."""
    if is_zero:
        return f"{draw(SPACE)};{draw(SPACE)}q={draw(st.sampled_from(['0', '0.', '0.0', '0.00', '0.000']))}"
    weight = draw(st.none() | st.integers(1, 1000))
    if weight is None:
        return ""
    written = "1" if weight == 1000 else f"{weight / 1000:.3f}"
    return f"{draw(SPACE)};{draw(SPACE)}{draw(st.sampled_from('qQ'))}={written}"


@st.composite
def ours(draw: st.DrawFn) -> str:
    """A range that takes TAXII 2.1, in any legal spelling."""
    name = draw(st.sampled_from([NAME, NAME, NAME, "application/*", "*/*"]))
    version = draw(st.sampled_from(["", "2.1", '"2.1"'])) if name == NAME else ""
    told = f"{draw(SPACE)};{draw(SPACE)}{draw(cased('version'))}={version}" if version else ""
    return f"{draw(SPACE)}{draw(cased(name))}{told}{draw(weights())}{draw(SPACE)}"


@st.composite
def others(draw: st.DrawFn) -> str:
    """A range that takes something else."""
    name = draw(
        st.sampled_from([f"{NAME};version=2.0", f'{NAME};version="3.0"', "text/html", "text/*", "application/json"])
        | st.builds("{}/{}".format, TOKENS.map("x-".__add__), TOKENS)
        | st.builds('text/plain;title="{}"'.format, st.sampled_from(["a, b", NAME, "a;b", 'a\\"b', "*/*"]))
    )
    return f"{draw(SPACE)}{name}{draw(weights())}"


@given(st.lists(others(), max_size=3), ours(), st.lists(others(), max_size=3))
def test_a_range_that_takes_us_is_found_in_any_list(before: list[str], one: str, after: list[str]) -> None:
    assert media.accepts(",".join([*before, one, *after]), NAME)


@given(st.lists(others(), min_size=1, max_size=4))
def test_a_list_without_us_is_refused(ranges: list[str]) -> None:
    assert not media.accepts(",".join(ranges), NAME)


@given(ours(), weights(is_zero=True))
def test_a_weight_of_nothing_refuses_where_most_is_said(one: str, nothing: str) -> None:
    most = f"{NAME};version=2.1{nothing}"
    assert not media.accepts(most, NAME)
    if "version" not in one.lower():
        assert not media.accepts(f"{one},{most}", NAME)
        assert media.accepts(f"application/*{nothing},{NAME}", NAME)


@given(st.text(max_size=200))
def test_no_header_falls_over(header: str) -> None:
    assert media.accepts(header, NAME) in {True, False}
    list(media.read(header))


@pytest.mark.parametrize("text", ['a/b;c="', '"' * 40, 'a/b;c="\\', "," * 100, ";" * 100, "a" * 10_000, 'a/b;q="0"'])
def test_what_is_cut_off_is_read_as_far_as_it_goes(text: str) -> None:
    assert not any(one.name == NAME for one in media.read(text))


def test_parameters_are_read_with_and_without_quotes() -> None:
    (one,) = media.read('Text/Plain; Title="a, b; \\"c\\"" ;q=0.5; flag')
    assert (one.name, one.weight) == ("text/plain", 0.5)
    assert one.parameters == {"title": 'a, b; "c"', "q": "0.5", "flag": ""}


@pytest.mark.parametrize(("q", "weight"), [("x", 1.0), ("nan", 1.0), ("", 1.0), ("0.000", 0.0), ("-1", -1.0)])
def test_what_is_no_number_is_no_weight(q: str, weight: float) -> None:
    (one,) = media.read(f"a/b;q={q}")
    assert one.weight == weight


def test_the_objects_own_type_is_taken_where_it_is_named_too() -> None:
    assert media.accepts(media.STIX, NAME, media.STIX_NAME)
    assert not media.accepts(media.STIX, NAME)
    assert not media.accepts("application/stix+json;version=2.0", NAME, media.STIX_NAME)


def test_the_application_asks_the_header(world: World) -> None:
    for written, status in (
        ("application/taxii+json;version=2.1;q=0.2", 200), ("*/*;q=0", 406), ("application/json", 406), ("\t", 200),
    ):  # fmt: skip
        assert world.send("member", "GET", "/taxii2/", Accept=written).status_code == status

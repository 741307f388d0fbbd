import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import vocabulary
from schemas.audience import INCLUDES, Audience, reached
from tests.strategies import LAW

named = st.lists(st.sampled_from(list(Audience)))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("public", {"public", "members", "trusted"}),
        ("members", {"members", "trusted"}),
        ("trusted", {"trusted"}),
        ("researchers", {"researchers"}),
    ],
)
def test_a_wide_audience_names_the_narrower_ones_and_researchers_stand_apart(name, expected):
    assert reached([name]) == expected


def test_nobody_is_reached_when_nobody_is_named():
    assert reached([]) == frozenset()


def test_an_audience_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="everyone"):
        reached(["everyone"])


def test_every_audience_says_whom_it_includes_and_is_a_term_of_the_vocabulary():
    assert set(INCLUDES) == set(Audience)
    assert set(vocabulary.enumeration("audience").terms) == set(Audience)


@LAW
@given(named, named)
def test_naming_more_audiences_reaches_no_fewer(some, more):
    assert reached(some) <= reached([*some, *more])
    assert reached([*some, *more]) == reached(some) | reached(more)


@LAW
@given(named)
def test_reaching_is_closed_in_one_step(some):
    assert reached(reached(some)) == reached(some) >= set(some)


@LAW
@given(named)
def test_researchers_are_reached_only_when_named_by_themselves(some):
    assert ("researchers" in reached(some)) is ("researchers" in some)

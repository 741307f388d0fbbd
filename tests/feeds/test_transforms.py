"""Every transform says less than its value, or the same: never more, and never something else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from feeds.transforms import BANDS, REGIONS, WITHHELD, Scene, UnknownTransform, named
from schemas import instant, vocabulary
from schemas.anatomy import LEAVES
from tests.strategies import FEW, LAW, instants, of, texts

COUNTRIES = list(vocabulary.enumeration("country").terms)
SHORTER = {"year": 4, "month": 7, "day": 10, "hour": 10, "minute": 10, "second": 10}
MARKED = [
    pytest.param(leaf, spelling, id=f"{leaf.path} as {spelling}")
    for leaf in LEAVES.values()
    for spelling in sorted(set(leaf.mark.policy.values()))
]


def apply(spelling, value, scene=Scene()):  # noqa: B008 - a Scene is frozen
    transform, argument = named(spelling)
    return transform.apply(value, scene, argument)


@LAW
@given(instants())
def test_a_day_or_a_month_is_a_beginning_of_the_instant_in_utc_and_no_longer_than_what_was_known(text):
    moment = instant.read(text)
    day, month = apply("day", text), apply("month", text)
    assert moment.at.isoformat().startswith(day)
    assert day.startswith(month)
    assert len(day) <= SHORTER[moment.precision]
    assert len(month) <= 7
    assert apply("day", day) == day
    assert apply("month", day) == month == apply("month", month)


@pytest.mark.parametrize(
    ("text", "day", "month"),
    [
        ("2026-01-01T00:30:00+01:00", "2025-12-31", "2025-12"),
        ("2026-11-20T23:30:00-05:00", "2026-11-21", "2026-11"),
        ("2026-11", "2026-11", "2026-11"),
        ("2026", "2026", "2026"),
    ],
)
def test_a_day_is_that_of_utc_and_an_unknown_one_is_not_invented(text, day, month):
    assert (apply("day", text), apply("month", text)) == (day, month)


@LAW
@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_a_band_keeps_the_order_of_counts_and_nothing_else(one, other):
    order = list(BANDS)
    assert BANDS[apply("band", one)] <= one
    assert (order.index(apply("band", min(one, other)))) <= order.index(apply("band", max(one, other)))


@pytest.mark.parametrize(
    ("count", "name"),
    [(0, "none"), (1, "ones"), (9, "ones"), (10, "tens"), (99, "tens"), (999, "hundreds"), (1_000, "thousands")],
)
def test_a_band_begins_at_its_lower_bound(count, name):
    assert apply("band", count) == name
    assert apply("band", 10**15) == "ten_thousands_or_more"


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_country_becomes_one_of_few_regions(country):
    assert apply("region", country) in REGIONS
    assert len(REGIONS) < 10


@LAW
@given(st.one_of(texts, st.from_regex(r"[vV]?[0-9]{1,5}([.+_-].*)?", fullmatch=True)))
def test_a_major_version_is_a_number_that_the_version_begins_with_or_nothing(version):
    major = apply("major", version)
    if major is not WITHHELD:
        assert re.fullmatch(r"\d{1,4}", major)
        assert version.lower().removeprefix("v").startswith(major)


@pytest.mark.parametrize(
    ("version", "major"),
    [("4.1.2", "4"), ("v12", "12"), ("V3-beta", "3"), ("2026-11-20", "2026"), ("1.2\nsecret", "1")],
)
def test_a_major_version_is_what_stands_before_the_first_sign(version, major):
    assert apply("major", version) == major


@pytest.mark.parametrize("version", ["gpt-4", "secret", "12345", "4 for Acme", "4a", "", "-1", "v"])
def test_a_version_without_a_major_number_is_withheld(version):
    assert apply("major", version) is WITHHELD


@LAW
@given(texts, st.booleans())
def test_text_for_release_leaves_in_its_own_words_and_only_once_approved(text, is_approved):
    assert apply("approved", text, Scene(is_approved=is_approved)) == (text if is_approved else WITHHELD)


@pytest.mark.parametrize("pap", [*vocabulary.enumeration("pap").terms, None])
def test_an_indicator_leaves_only_if_its_pap_lets_a_reader_act_on_it(pap):
    scene = Scene(part={"pap": pap} if pap else {})
    assert (apply("by_pap", "203.0.113.9", scene) == "203.0.113.9") is (pap in {"clear", "green"})
    assert apply("by_pap", "203.0.113.9", scene) in {"203.0.113.9", WITHHELD}


@LAW
@given(st.lists(st.sampled_from(list(vocabulary.enumeration("risk_area").terms))))
def test_a_list_without_a_code_is_that_list_less_it(codes):
    left = apply("without:cbrn", codes)
    assert left is WITHHELD or (left == [code for code in codes if code != "cbrn"] and left)


def test_a_pseudonym_is_what_the_scene_names_and_without_one_says_nothing():
    assert apply("pseudonym", "Acme", Scene(pseudonym=lambda value: f"dev-{len(value)}")) == "dev-4"
    assert "Acme" not in apply("pseudonym", "Acme")


@pytest.mark.parametrize("spelling", ["", "kep", "Keep", "keep ", ":keep"])
def test_a_misspelt_transform_is_refused(spelling):
    with pytest.raises(UnknownTransform, match="there is no transform"):
        named(spelling)


@pytest.mark.parametrize(("leaf", "spelling"), MARKED)
@FEW
@given(data=st.data())
def test_what_a_mark_lets_out_fits_the_published_schema(leaf, spelling, data):
    scene = Scene(part={"pap": "green"}, pseudonym=lambda _: "dev-7K3M9Q", is_approved=True)
    value = data.draw(of(leaf.kind))
    result = apply(spelling, value, scene)
    if result is not WITHHELD:
        Draft202012Validator(named(spelling)[0].schema(leaf.kind.json_schema())).validate(result)

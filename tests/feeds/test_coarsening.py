"""A feed may say less of a field than its line lets it: the quarter for the day, how many for which. Never more."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.columns import columns_of
from feeds.edition import changes
from feeds.feed import NotAFeed, parse
from feeds.mapping import to_stix
from feeds.policy import NotNarrower, UnknownPath, marked, policy_of
from feeds.statistics import STATED, WITHHELD, counted
from feeds.transforms import TRANSFORMS, Scene, coarser
from feeds.widening import changes as compared
from schemas.anatomy import LEAVES
from schemas.audience import Mode
from tests.factories import a_full_report, a_report
from tests.feeds.definitions import FEEDS, ROOM
from tests.feeds.shown import NAMING, projected
from tests.feeds.test_edition import FIRST
from tests.strategies import FEW, reports

MEMBERS = next(feed for feed in FEEDS if feed.name == "members")
PUBLIC = next(feed for feed in FEEDS if feed.name == "public")


def coarsened(feed, **rules):
    return replace(feed, coarsens=tuple(sorted((name.replace("__", "."), rule) for name, rule in rules.items())))


def everything(feed):
    """Each field of a feed under the coarsest transform that there is of it in both modes."""
    lines = [marked(feed.marks_of, mode) for mode in Mode]
    found = {}
    for path, leaf in LEAVES.items():
        able = [{*coarser(leaf, rules[path]), rules[path]} for rules in lines if path in rules]
        both = set.intersection(*able) if able else set()
        if found_one := [one for one in ("quarter", "count") if one in both]:
            found[path] = found_one[0]
    return replace(feed, coarsens=tuple(sorted(found.items())))


@pytest.mark.parametrize(
    ("text", "quarter"),
    [("2026-12-31T23:30:00-05:00", "2027-Q1"), ("2026-03", "2026-Q1"), ("2026-04-01", "2026-Q2"), ("2026", "2026")],
)
def test_a_quarter_is_that_of_utc_and_an_unknown_one_is_not_invented(text, quarter):
    assert TRANSFORMS["quarter"].apply(text, Scene(), "") == quarter


def test_the_policy_is_the_feed_s_and_the_mark_its_limit():
    feed = coarsened(MEMBERS, aware_at="quarter", harm_types="count")
    for mode in Mode:
        allows = policy_of(feed, mode).allows
        assert allows == {**policy_of(MEMBERS, mode).allows, "aware_at": "quarter", "harm_types": "count"}


@pytest.mark.parametrize(
    ("feed", "rules", "message"),
    [
        (PUBLIC, {"aware_at": "day"}, "'day' says no less than its line, month; less says quarter"),
        (MEMBERS, {"title": "month"}, "less says nothing but to withhold it"),
        (MEMBERS, {"vulnerability__cve": "count"}, "less says nothing but to withhold it"),
        (MEMBERS, {"severity": "whisper"}, "'whisper' says no less"),
        (PUBLIC, {"risk_area": "count"}, "less says nothing"),  # the count would tell of what the line leaves out
    ],
)
def test_what_says_no_less_is_refused_when_it_is_loaded(feed, rules, message):
    with pytest.raises(NotNarrower, match=message):
        policy_of(coarsened(feed, **rules), Mode.WRITTEN)


@pytest.mark.parametrize("path", ["nothing", "reporter.name", "systems"])
def test_a_field_that_the_feed_does_not_show_is_refused(path):
    with pytest.raises(UnknownPath, match=path):
        policy_of(replace(MEMBERS, coarsens=((path, "count"),)), Mode.WRITTEN)


def test_it_is_read_from_the_policy_s_text():
    text = (ROOM / "members.toml").read_text("utf-8")
    found = parse("members", f'{text}\n[narrow.coarsen]\naware_at = "quarter"\n"systems[].modality" = "count"\n')
    assert found.coarsens == (("aware_at", "quarter"), ("systems[].modality", "count"))
    for wrong in ('coarsen = "aware_at"', "coarsen = { aware_at = 3 }", "coarse = {}"):
        with pytest.raises(NotAFeed):
            parse("members", f"{text}\n[narrow]\n{wrong}\n")


def test_to_say_less_takes_one_person_and_to_say_more_two():
    less = coarsened(MEMBERS, aware_at="month")
    assert [one.is_wider for one in compared(MEMBERS, less)] == [False, False]
    assert [one.is_wider for one in compared(less, MEMBERS)] == [True, True]
    assert [one.is_wider for one in compared(less, coarsened(MEMBERS, aware_at="quarter"))] == [False, False]


def test_columns_tell_a_number_for_a_list():
    (column,) = [one for one in columns_of(coarsened(MEMBERS, harm_types="count")) if one.path == "harm_types"]
    assert (column.depth, column.shapes) == (0, ({"type": "integer", "minimum": 1},))


def test_statistics_count_no_number_as_a_term_and_no_quarter_as_a_month():
    feed = coarsened(MEMBERS, harm_types="count", aware_at="quarter")
    body = a_report(harm_types=["privacy", "physical"], aware_at="2026-11-20T10:00:00Z")
    bodies = changes(to_stix(projected(body, feed, Mode.WRITTEN), NAMING), {}, FIRST)
    found = counted(next(one.content for one in bodies if one.kind == "report"))
    assert {key: value for key, value in found.items() if key[0] == "harm_types"} == {("harm_types", WITHHELD, ""): 1}
    assert found["", STATED, ""] == 1


@FEW
@given(reports(), st.sampled_from(FEEDS))
def test_any_report_leaves_as_stix_however_coarse_its_feed(report, feed):
    coarse = everything(feed)
    for mode in Mode:
        shown = projected(report, coarse, mode)
        assert changes(to_stix(shown, NAMING), {}, FIRST)  # each object passes stix2 and both schemas
        for path, _ in coarse.coarsens:
            if "." not in path and path in shown.fields:
                assert (path in dict(shown.limits)) == (shown.fields[path] != report[path])


def test_a_full_report_shows_what_became_of_it():
    shown = projected(a_full_report(report_type="incident"), everything(MEMBERS), Mode.WRITTEN)
    assert (shown.fields["aware_at"], shown.fields["harm_types"]) == ("2026-Q4", 1)
    assert ("harm_types", "count") in shown.limits

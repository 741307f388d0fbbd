"""A released entry shows more than its policy once the feed was narrowed, and no sooner."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.edition import changes
from feeds.excess import shows_more
from feeds.mapping import to_stix
from feeds.policy import UnknownPath, policy_of
from schemas.audience import Mode
from tests.factories import a_full_report
from tests.feeds.definitions import FEEDS
from tests.feeds.shown import NAMING, projected
from tests.feeds.test_coarsening import everything
from tests.feeds.test_edition import FIRST
from tests.strategies import FEW, reports


def carrier(report, feed, mode):
    return next(
        one.content
        for one in changes(to_stix(projected(report, feed, mode), NAMING), {}, FIRST)
        if one.kind == "report"
    )


@FEW
@given(reports(), st.sampled_from(FEEDS), st.sampled_from(list(Mode)))
def test_no_entry_shows_more_than_the_policy_it_was_made_under(report, feed, mode):
    assert not shows_more(carrier(report, feed, mode), policy_of(feed, mode))
    assert not shows_more(carrier(report, everything(feed), mode), policy_of(everything(feed), mode))
    assert not shows_more(carrier(report, everything(feed), mode), policy_of(feed, mode)), "less is not more"


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
@pytest.mark.parametrize("mode", Mode)
def test_each_field_that_is_withheld_since_is_seen(feed, mode):
    report = a_full_report(report_type="incident")
    released, seen = carrier(report, feed, mode), 0
    for path in policy_of(feed, mode).allows:
        try:
            narrow = policy_of(replace(feed, withholds=frozenset({path})), mode)
        except UnknownPath:
            continue
        if carrier(report, replace(feed, withholds=frozenset({path})), mode) != released and path != "language":
            seen += shows_more(released, narrow)
            assert shows_more(released, narrow) or path.startswith("for_release.") or "pap" in path, path
    assert seen


@pytest.mark.parametrize("path", ["aware_at", "harm_types", "systems[].modality"])
def test_each_field_that_says_less_since_is_seen(path):
    members = next(feed for feed in FEEDS if feed.name == "members")
    less = replace(members, coarsens=((path, "quarter" if path == "aware_at" else "count"),))
    assert shows_more(carrier(a_full_report(), members, Mode.WRITTEN), policy_of(less, Mode.WRITTEN))

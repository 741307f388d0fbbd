"""A feed may only narrow what the marks allow; what it withholds exists, and a typo opens nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.feed import parse
from feeds.policy import NEEDED, UnknownPath, marked, policy_of
from schemas.anatomy import LEAVES
from schemas.audience import Audience, Mode
from schemas.marks import Kept
from tests.feeds.definitions import FEEDS
from tests.strategies import LAW

paths = st.sampled_from(sorted(LEAVES.keys() - NEEDED))
EVERY = pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
BOTH = pytest.mark.parametrize("mode", Mode)


@EVERY
@BOTH
def test_a_feed_that_narrows_nothing_allows_what_the_marks_do(feed, mode):
    assert policy_of(feed, mode).allows == marked(feed.marks_of, mode)


@LAW
@given(st.sampled_from(FEEDS), st.sampled_from(list(Mode)), st.frozensets(paths, max_size=6))
def test_narrowing_takes_paths_away_and_changes_no_rule(feed, mode, withheld):
    wide, narrow = policy_of(feed, mode), policy_of(replace(feed, withholds=withheld), mode)
    assert narrow.allows == {path: rule for path, rule in wide.allows.items() if path not in withheld}
    assert narrow.withholds >= wide.withholds
    assert narrow.withholds.isdisjoint(narrow.allows)


@pytest.mark.parametrize("group", ["attack_steps", "systems", "threat", "threat.indicators", "systems[]"])
def test_withholding_a_group_withholds_all_in_it(group):
    feed = replace(FEEDS[0], withholds=frozenset({group}))
    group = group.removesuffix("[]")
    for mode in Mode:
        allowed = policy_of(feed, mode).allows
        assert [path for path in allowed if path.startswith((f"{group}.", f"{group}[]."))] == []
        assert set(marked(feed.marks_of, mode)) - set(allowed) <= {
            path for path in LEAVES if path.startswith((f"{group}.", f"{group}[]."))
        }


def test_withholding_one_field_spares_another_whose_name_begins_alike():
    feed = replace(FEEDS[0], withholds=frozenset({"tlp", "intent"}))
    assert "entity" in policy_of(feed, Mode.WRITTEN).allows
    assert "intent" not in policy_of(feed, Mode.WRITTEN).allows


@pytest.mark.parametrize("path", ["titel", "systems[].nam", "systems.name", "", "system", "attack_steps."])
def test_a_path_that_no_report_has_is_refused(path):
    with pytest.raises(UnknownPath, match="which no report has"):
        policy_of(replace(FEEDS[0], withholds=frozenset({path})), Mode.WRITTEN)


@EVERY
@BOTH
def test_no_policy_lets_reporter_identity_evidence_or_prompts_through(feed, mode):
    allowed = policy_of(feed, mode).allows
    for path, leaf in LEAVES.items():
        if leaf.mark.kept is Kept.IDENTITY or path.startswith(
            ("evidence[]", "poc", "prompts", "outputs", "reproduction")
        ):
            assert path not in allowed


@EVERY
@BOTH
def test_what_no_feed_shows_is_not_even_listed_as_withheld(feed, mode):
    hidden = {path for path, leaf in LEAVES.items() if not leaf.mark.policy}
    assert "reporter.name" in hidden
    assert hidden.isdisjoint(policy_of(feed, mode).withholds)


@pytest.mark.parametrize("audience", Audience)
def test_redacted_no_text_as_written_and_no_title_leaves(audience):
    allowed = marked(audience, Mode.REDACTED)
    for path in (
        "title",
        "description",
        "recommendation",
        "root_cause",
        "systems[].name",
        "attack_steps[].description",
    ):
        assert path not in allowed
    texts = {path for path in allowed if getattr(LEAVES[path].kind, "free_text", False)}
    assert {allowed[path] for path in texts} <= {"approved", "pseudonym", "major"}


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(("wide", "narrow"), [("public", "members"), ("members", "trusted")])
def test_who_is_trusted_more_is_shown_every_field_that_the_others_are(mode, wide, narrow):
    assert set(marked(Audience(wide), mode)) <= set(marked(Audience(narrow), mode))


def test_reference_reads_the_marks_of_public():
    by_name = {feed.name: feed for feed in FEEDS}
    for mode in Mode:
        assert policy_of(by_name["reference"], mode).allows == policy_of(by_name["public"], mode).allows


def test_a_feed_added_by_one_file_has_a_policy_without_another_edit():
    text = 'title="S"\ndescription="S"\naudience="sector"\nmarks_of="members"\nceiling="green"\ncarries=["reports"]\n'
    feed = parse("sector", f'{text}letter="X"\n[schedule]\ncron="0 6 * * *"\ntime_zone="UTC"\n')
    assert policy_of(feed, Mode.REDACTED).allows == marked(Audience.MEMBERS, Mode.REDACTED)

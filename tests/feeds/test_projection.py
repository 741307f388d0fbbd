"""A projection is built new from an allow-list: what is not on it is never read, and never arrives."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.policy import policy_of
from feeds.projection import project
from feeds.transforms import Scene
from schemas.anatomy import LEAVES, lines, part_of, present
from schemas.audience import Mode
from schemas.fields import Many
from schemas.report import Report
from tests.factories import a_full_report, canary
from tests.feeds.definitions import FEEDS
from tests.strategies import LAW, leaf_values, reports

EVERY = pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
BOTH = pytest.mark.parametrize("mode", Mode)
SCENE = Scene(pseudonym=lambda _: "dev-7K3M9Q", is_approved=True)
policies = st.builds(policy_of, st.sampled_from(FEEDS), st.sampled_from(list(Mode)))


class Guarded(Mapping[str, Any]):
    """A part of a report that fails the test when a field that the policy does not name is read."""

    def __init__(self, part, values, prefix, policy):
        self.part, self.values_, self.prefix, self.policy = part, values, prefix, policy

    def __getitem__(self, name):
        kind = lines(self.part)[name]
        inner, value = part_of(kind), self.values_[name]
        if inner is None:
            assert self.prefix + name in self.policy.allows, f"{self.prefix}{name} was read"
            return value
        if isinstance(kind, Many):
            return [Guarded(inner, item, f"{self.prefix}{name}[].", self.policy) for item in value]
        return Guarded(inner, value, f"{self.prefix}{name}.", self.policy)

    def __contains__(self, name):
        return name in self.values_

    def __iter__(self):
        return iter(self.values_)

    def __len__(self):
        return len(self.values_)


@EVERY
@BOTH
def test_a_field_that_the_policy_does_not_name_is_never_read(feed, mode):
    policy = policy_of(feed, mode)
    shown = project(Guarded(Report, a_full_report(), "", policy), policy, SCENE)
    assert shown == project(a_full_report(), policy, SCENE)


@EVERY
@BOTH
def test_no_canary_of_a_field_without_a_policy_arrives(feed, mode):
    policy = policy_of(feed, mode)
    shown = json.dumps(project(a_full_report(), policy, SCENE).fields)
    arrived = {path for path in LEAVES if canary(path) in shown}
    assert arrived <= {path for path, rule in policy.allows.items() if rule in {"keep", "by_pap", "approved"}}
    if mode is Mode.REDACTED:
        assert {path.split(".")[0] for path in arrived} <= {"for_release"}


@LAW
@given(reports(), policies)
def test_what_arrives_lies_on_allowed_paths_only(report, policy):
    shown = project(report, policy, SCENE)
    assert present(shown.fields) <= set(policy.allows)
    assert {path for path, _ in shown.limits} <= set(policy.allows) | policy.withholds


@LAW
@given(reports(), policies)
def test_no_text_without_a_policy_arrives_anywhere(report, policy):
    hidden = {text for path, text in texts_of(report) if path not in policy.allows and len(text) > 12}
    allowed = {text for path, text in texts_of(report) if path in policy.allows}
    arrived = {text for text in leaf_values(project(report, policy, SCENE).fields) if isinstance(text, str)}
    assert arrived.isdisjoint(hidden - allowed - {"dev-7K3M9Q"})


def texts_of(report, part=Report, prefix=""):
    for name, value in report.items():
        kind = lines(part)[name]
        inner = part_of(kind)
        if inner is None:
            yield from ((prefix + name, text) for text in leaf_values(value) if isinstance(text, str))
        elif isinstance(kind, Many):
            for item in value:
                yield from texts_of(item, inner, f"{prefix}{name}[].")
        else:
            yield from texts_of(value, inner, f"{prefix}{name}.")


@LAW
@given(reports(), policies)
def test_projecting_reads_and_changes_nothing_and_gives_the_same_every_time(report, policy):
    before = json.dumps(report)
    assert project(report, policy, SCENE) == project(json.loads(before), policy, SCENE)
    assert json.dumps(report) == before


@LAW
@given(reports(), st.sampled_from(FEEDS))
def test_redacted_shows_no_field_but_text_for_release_that_as_written_hides(report, feed):
    written = present(project(report, policy_of(feed, Mode.WRITTEN), SCENE).fields)
    redacted = present(project(report, policy_of(feed, Mode.REDACTED), SCENE).fields)
    assert {path for path in redacted - written if not path.startswith("for_release.")} == set()


@EVERY
@BOTH
def test_each_field_that_some_feed_shows_and_this_one_does_not_is_listed(feed, mode):
    policy = policy_of(feed, mode)
    limits = dict(project(a_full_report(), policy, SCENE).limits)
    filled = present(a_full_report())
    assert {path for path, rule in limits.items() if rule == "withheld"} >= policy.withholds & filled
    assert not [path for path in limits if not LEAVES[path].mark.policy]


def test_what_was_coarsened_is_listed_with_its_rule():
    members = next(feed for feed in FEEDS if feed.name == "members")
    shown = project(a_full_report(), policy_of(members, Mode.REDACTED), SCENE)
    assert ("aware_at", "day") in shown.limits
    assert ("harm_quantity.deaths", "band") in shown.limits
    assert ("systems[].developer", "pseudonym") in shown.limits
    assert ("title", "withheld") in shown.limits
    assert "severity" not in dict(shown.limits)


def test_redacted_and_unknown_are_different():
    members = next(feed for feed in FEEDS if feed.name == "members")
    shown = project(a_full_report(severity="unknown"), policy_of(members, Mode.REDACTED), SCENE)
    assert shown.fields["severity"] == "unknown"
    assert "title" not in shown.fields


def test_a_part_of_which_nothing_leaves_leaves_no_trace():
    public = next(feed for feed in FEEDS if feed.name == "public")
    report = a_full_report(reporter={"name": "Someone"}, evidence=[{"held_by": "Someone"}], triggers={})
    shown = project(report, policy_of(public, Mode.REDACTED), SCENE)
    assert {"reporter", "evidence", "triggers"}.isdisjoint(shown.fields)

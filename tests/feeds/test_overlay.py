"""The overlay in a projection: the hub's word shows, is named, and tells nothing that the policy withholds."""

import copy
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.conformance import check
from feeds.edition import changes
from feeds.mapping import to_stix
from feeds.mapping.extension import AI_EXTENSION
from feeds.overlay import Desk, project_overlaid
from feeds.policy import policy_of
from feeds.projection import project
from feeds.transforms import Scene
from schemas.audience import Mode
from tests.factories import a_report
from tests.feeds.definitions import FEEDS
from tests.feeds.shown import NAMING, SCENE
from tests.feeds.test_edition import FIRST
from tests.strategies import FEW, reports

FEED = {feed.name: feed for feed in FEEDS}
STEP = {"scheme": "ATLAS", "version": "5.6.0", "technique": "AML.T0051"}
DESK = Desk(
    {
        "severity": "critical",
        "risk_area": ["cbrn"],
        "attack_steps": [STEP],
        "triage": {"credibility": "doubtful", "family": "gpt-4"},
    }
)


def shown(report, desk, feed="members", mode=Mode.REDACTED):
    return project_overlaid(report, desk, policy_of(FEED[feed], mode), SCENE)


def test_a_single_value_is_replaced_and_codes_join_the_producers():
    found = shown(a_report(risk_area=["ai_safety"]), DESK).fields
    assert found["severity"] == "critical"
    assert found["risk_area"] == ["ai_safety", "cbrn"]


def test_a_code_is_not_said_twice_whatever_version_each_cites():
    filed = {**STEP, "version": "5.0.0", "tactic": "AML.TA0005", "description": "In my words."}
    assert shown(a_report(attack_steps=[filed]), DESK, mode=Mode.WRITTEN).fields["attack_steps"] == [filed]
    done = {"scheme": "ATLAS", "version": "5.6.0", "code": "AML.M0015", "status": "done"}
    both = shown(a_report(mitigations=[{**done, "status": "planned"}]), Desk({"mitigations": [done]}))
    assert [one["status"] for one in both.fields["mitigations"]] == ["planned", "done"], (
        "another status is another word"
    )


def test_the_report_as_filed_is_not_touched():
    report = a_report(risk_area=["ai_safety"], attack_steps=[{**STEP, "technique": "AML.T0000"}])
    before = copy.deepcopy(report)
    shown(report, DESK)
    assert report == before


def test_an_entry_names_the_fields_in_which_the_hubs_word_shows():
    assert shown(a_report(severity="low"), DESK).triaged == ("severity", "risk_area", "attack_steps", "triage")
    assert "severity" not in shown(a_report(severity="critical"), DESK).triaged, "it is the producer's word as well"
    assert shown(a_report(), Desk()).triaged == ()


def test_what_an_audience_may_not_see_is_not_in_the_list_either():
    report = a_report(severity="low", risk_area=["ai_safety"])
    found = shown(report, DESK, "public")
    assert found.triaged == ("severity",), "cbrn, techniques and credibility are withheld from the public"
    assert found.fields["risk_area"] == ["ai_safety"]
    assert "triage" not in found.fields
    assert shown(report, DESK, "researchers").triaged == ("severity", "attack_steps")


def test_a_list_of_limits_tells_nothing_of_assertions_that_do_not_show():
    for filed in ({}, {"risk_area": ["ai_safety"]}, {"risk_area": ["cbrn"]}, {"attack_steps": [STEP]}):
        report = a_report(**filed)
        for mode in Mode:
            assert shown(report, DESK, "public", mode).limits == shown(report, Desk(), "public", mode).limits


def test_a_list_that_is_cut_for_an_audience_does_not_say_that_it_was_longer():
    found = shown(a_report(), Desk({"risk_area": ["ai_safety", "cbrn"]}), "public")
    assert found.fields["risk_area"] == ["ai_safety"]
    assert "risk_area" not in dict(found.limits)


def test_what_was_withheld_of_the_producers_words_is_said_whatever_analysts_assert():
    found = shown(a_report(risk_area=["cbrn"]), Desk({"risk_area": ["ai_safety"]}), "public")
    assert (found.fields["risk_area"], found.triaged) == (["ai_safety"], ("risk_area",))
    assert ("risk_area", "withheld") in found.limits


def test_codes_that_differ_only_in_what_is_withheld_are_told_once():
    feed = replace(FEED["members"], withholds=frozenset({"attack_steps[].tactic"}))
    one = {**STEP, "tactic": "AML.TA0005"}
    report, desk = a_report(attack_steps=[STEP]), Desk({"attack_steps": [one, {**one, "tactic": "AML.TA0003"}]})
    policy = policy_of(feed, Mode.REDACTED)
    assert project_overlaid(report, desk, policy, SCENE) == project(report, policy, SCENE)


@pytest.mark.parametrize("approved", [True, False])
def test_text_of_the_hub_that_does_not_show_is_not_in_the_limits(approved):
    scene = Scene(is_approved=approved)
    for mode in Mode:
        policy = policy_of(FEED["members"], mode)
        found = project_overlaid(a_report(), Desk(text={"title": "Hub's"}), policy, scene)
        assert "for_release.title" not in dict(found.limits)
        filed = project_overlaid(a_report(for_release={"title": "Mine"}), Desk(text={"advice": "A"}), policy, scene)
        assert "Mine" not in repr(filed.fields), "what was approved is the hub's text"


@FEW
@given(reports(), st.sampled_from(list(FEED)), st.sampled_from(list(Mode)))
def test_of_any_report_an_assertion_that_shows_nothing_changes_nothing(report, feed, mode):
    policy = policy_of(FEED[feed], mode)
    seen = {name for name, value in DESK.asserted.items() if project({name: value}, policy, SCENE).fields}
    hidden = {name: value for name, value in DESK.asserted.items() if name not in seen}
    assert shown(report, Desk(hidden), feed, mode) == shown(report, Desk(), feed, mode)
    whole, part = shown(report, DESK, feed, mode), {name: DESK.asserted[name] for name in seen}
    assert whole == shown(report, Desk(part), feed, mode)


@pytest.mark.parametrize("feed", FEED)
@pytest.mark.parametrize("mode", Mode)
def test_a_family_leaves_in_no_feed(feed, mode):
    assert "gpt-4" not in repr(shown(a_report(), DESK, feed, mode))


def test_text_of_the_hub_takes_the_place_of_the_producers_whole():
    report = a_report(for_release={"title": "Mine", "advice": "Mine too"})
    found = shown(report, Desk(text={"title": "Hub's"}))
    assert found.fields["for_release"] == {"title": "Hub's"}
    assert found.triaged == ("for_release",)
    assert "for_release" not in shown(report, Desk(text={"title": "Hub's"}), mode=Mode.WRITTEN).fields


@pytest.mark.parametrize("feed", ["trusted", "members"])
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    ("credibility", "confidence"),
    [("confirmed", 90), ("probable", 70), ("possible", 50), ("doubtful", 30), ("improbable", 10), ("unknown", None)],
)
def test_credibility_is_the_carriers_confidence(feed, mode, credibility, confidence):
    found = shown(a_report(), Desk({"triage": {"credibility": credibility}}), feed, mode)
    carrier = to_stix(found, NAMING)[0]
    assert carrier.get("confidence") == confidence


@pytest.mark.parametrize("feed", ["researchers", "public", "reference"])
@pytest.mark.parametrize("mode", Mode)
def test_no_other_audience_sees_a_confidence(feed, mode):
    carrier = to_stix(shown(a_report(), DESK, feed, mode), NAMING)[0]
    assert "confidence" not in carrier
    assert "triage" not in carrier["extensions"][AI_EXTENSION]["fields"]


@FEW
@given(reports(), st.sampled_from(list(FEED)), st.sampled_from(list(Mode)))
def test_any_report_under_the_overlay_passes_the_gate(report, feed, mode):
    found = shown(report, DESK, feed, mode)
    for version in changes(to_stix(found, NAMING), {}, FIRST):
        assert version.content
    assert set(found.triaged) <= set(found.fields)


@FEW
@given(reports(), st.sampled_from(list(FEED)), st.sampled_from(list(Mode)))
def test_without_an_overlay_a_projection_is_what_it_was(report, feed, mode):
    assert shown(report, Desk(), feed, mode) == project(report, policy_of(FEED[feed], mode), SCENE)


def test_the_list_of_the_hubs_fields_is_checked_like_all_else():
    carrier = to_stix(shown(a_report(severity="low"), DESK), NAMING)[0]
    body = {**carrier, "created": "2026-11-23T12:00:00.000Z", "modified": "2026-11-23T12:00:00.000Z"}
    body["published"] = body["created"]
    check(body)
    body["extensions"] = {AI_EXTENSION: {**body["extensions"][AI_EXTENSION], "triaged": ["witness"]}}
    with pytest.raises(ValueError, match="triaged"):
        check(body)

"""The gates between a report and a feed: which, in which order, and who opens each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.eligibility import Standing, judge, mode_for
from schemas.audience import Audience, Mode, reached
from schemas.tlp import TLP
from tests.feeds.definitions import FEEDS
from tests.strategies import LAW

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
READY = Standing(
    tlp=TLP.AMBER_STRICT, is_admitted=True, is_withdrawn=False, is_import=False, is_organisation_approved=True
)
FEED = {feed.name: feed for feed in FEEDS}
WRITTEN, REDACTED, NOTHING = Mode.WRITTEN, Mode.REDACTED, None
audiences = st.frozensets(st.sampled_from(list(Audience))).map(reached)
instants = st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
standings = st.builds(
    Standing,
    tlp=st.sampled_from(list(TLP)),
    is_admitted=st.booleans(),
    is_withdrawn=st.booleans(),
    is_import=st.booleans(),
    is_organisation_approved=st.booleans(),
    named=audiences,
    accepted=audiences,
    embargo_until=instants,
    held_until=instants,
)
a_feed = st.sampled_from(FEEDS)


def closed(standing, feed, now=NOW):
    return [gate.name for gate in judge(standing, FEED[feed], now).gates if not gate.is_passed]


@pytest.mark.parametrize(
    ("tlp", "named", "accepted", "modes"),  # of trusted, members, researchers, public
    [
        ("amber+strict", [], [], [NOTHING, NOTHING, NOTHING, NOTHING]),
        ("amber+strict", [], ["public", "researchers"], [NOTHING, NOTHING, NOTHING, NOTHING]),
        ("amber+strict", ["members"], [], [REDACTED, REDACTED, NOTHING, NOTHING]),
        ("amber+strict", ["public", "researchers"], ["public"], [REDACTED, REDACTED, REDACTED, REDACTED]),
        ("red", ["trusted"], ["trusted"], [REDACTED, NOTHING, NOTHING, NOTHING]),
        ("amber", [], ["trusted"], [WRITTEN, NOTHING, NOTHING, NOTHING]),
        ("amber", ["members"], ["members"], [WRITTEN, REDACTED, NOTHING, NOTHING]),
        ("green", [], [], [NOTHING, NOTHING, NOTHING, NOTHING]),
        ("green", [], ["members"], [WRITTEN, WRITTEN, NOTHING, NOTHING]),
        ("green", ["public"], ["members"], [WRITTEN, WRITTEN, NOTHING, REDACTED]),
        ("green", [], ["researchers"], [NOTHING, NOTHING, WRITTEN, NOTHING]),
        ("green", ["members"], [], [REDACTED, REDACTED, NOTHING, NOTHING]),
        ("clear", [], ["public"], [WRITTEN, WRITTEN, NOTHING, WRITTEN]),
        ("clear", ["researchers"], ["public"], [WRITTEN, WRITTEN, REDACTED, WRITTEN]),
        ("clear", ["public"], ["trusted"], [WRITTEN, REDACTED, NOTHING, REDACTED]),
    ],
)
def test_tlp_acceptance_and_naming_decide_the_mode_in_each_feed(tlp, named, accepted, modes):
    standing = replace(READY, tlp=TLP(tlp), named=reached(named), accepted=reached(accepted))
    found = [mode_for(standing, FEED[name]) for name in ("trusted", "members", "researchers", "public")]
    assert found == modes


@pytest.mark.parametrize(
    ("change", "gate"),
    [
        ({"is_admitted": False}, "admitted"),
        ({"is_withdrawn": True}, "not_withdrawn"),
        ({"named": frozenset()}, "reach"),
        ({"embargo_until": NOW + timedelta(seconds=1)}, "embargo"),
        ({"held_until": NOW + timedelta(days=1)}, "hold"),
        ({"is_organisation_approved": False}, "organisation_approved"),
    ],
)
def test_each_gate_alone_keeps_a_report_in(change, gate):
    standing = replace(READY, named=reached(["members"]))
    assert judge(standing, FEED["members"], NOW).is_open
    assert closed(replace(standing, **change), "members") == [gate]
    assert not judge(replace(standing, **change), FEED["members"], NOW).is_open


def test_every_gate_is_answered_even_when_the_first_is_closed():
    worst = Standing(
        tlp=TLP.RED, is_admitted=False, is_withdrawn=True, is_import=False, is_organisation_approved=False,
        embargo_until=NOW + timedelta(1), held_until=NOW + timedelta(2),
    )  # fmt: skip
    gates = [gate.name for gate in judge(worst, FEED["reference"], NOW).gates]
    assert gates == closed(worst, "reference")
    assert gates == ["admitted", "not_withdrawn", "carried", "reach", "embargo", "hold", "organisation_approved"]


def test_an_embargo_ends_at_its_instant_and_time_alone_opens_it():
    until = NOW + timedelta(hours=1)
    standing = replace(READY, named=reached(["members"]), embargo_until=until, held_until=NOW + timedelta(minutes=5))
    assert judge(standing, FEED["members"], NOW).opens_at == until
    assert judge(standing, FEED["members"], until).is_open
    assert judge(replace(standing, is_admitted=False), FEED["members"], NOW).opens_at is None


def test_imports_go_where_imports_are_carried_without_approval_or_acceptance():
    imported = replace(READY, tlp=TLP.CLEAR, is_import=True, is_organisation_approved=False)
    verdicts = {feed.name: judge(imported, feed, NOW) for feed in FEEDS}
    assert {name for name, verdict in verdicts.items() if verdict.is_open} == {"reference", "researchers", "public"}
    assert verdicts["reference"].mode is WRITTEN
    assert closed(replace(imported, is_import=False), "reference") == ["carried", "reach", "organisation_approved"]


def test_the_remedy_names_the_audience_and_the_label():
    gates = {gate.name: gate for gate in judge(READY, FEED["members"], NOW).gates}
    assert "members" in gates["reach"].remedy
    assert "lowers tlp to green" in gates["reach"].remedy
    within = judge(replace(READY, tlp=TLP.GREEN), FEED["members"], NOW).gates
    assert "analyst accepts" in next(gate for gate in within if gate.name == "reach").remedy


@LAW
@given(standings, a_feed)
def test_nothing_above_a_ceiling_and_nothing_above_amber_leaves_as_written(standing, feed):
    if mode_for(standing, feed) is WRITTEN:
        assert standing.tlp.is_within(feed.ceiling)
        assert standing.tlp in {TLP.CLEAR, TLP.GREEN, TLP.AMBER}
        assert standing.is_import or feed.marks_of in standing.accepted


@LAW
@given(standings, a_feed)
def test_no_redacted_projection_exists_for_an_audience_that_the_producer_did_not_name(standing, feed):
    if mode_for(standing, feed) is REDACTED:
        assert feed.marks_of in standing.named


@LAW
@given(standings, a_feed, instants)
def test_what_is_open_was_admitted_stands_is_free_of_embargo_and_hold_and_is_approved(standing, feed, now):
    at = now or NOW
    verdict = judge(standing, feed, at)
    if verdict.is_open:
        assert standing.is_admitted
        assert not standing.is_withdrawn
        assert all(until is None or until <= at for until in (standing.embargo_until, standing.held_until))
        assert standing.is_import or standing.is_organisation_approved
        assert verdict.mode is not None


@LAW
@given(standings, a_feed)
def test_when_time_alone_opens_the_last_gate_it_is_open_then_and_not_before(standing, feed):
    opens_at = judge(standing, feed, NOW).opens_at
    if opens_at is not None:
        assert opens_at > NOW
        assert judge(standing, feed, opens_at).is_open
        assert not judge(standing, feed, opens_at - timedelta(microseconds=1)).is_open


@LAW
@given(standings)
def test_what_public_gets_members_get_and_what_members_get_trusted_gets(standing):
    standing = replace(standing, is_import=False)
    for wide, narrow in (("public", "members"), ("members", "trusted")):
        if judge(standing, FEED[wide], NOW).is_open:
            assert judge(standing, FEED[narrow], NOW).is_open
            assert mode_for(standing, FEED[wide]) is REDACTED or mode_for(standing, FEED[narrow]) is WRITTEN

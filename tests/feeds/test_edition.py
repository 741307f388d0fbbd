"""An edition holds what changed and nothing else; what is taken back leaves no content behind."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.edition import (
    DATED,
    EMPTIED,
    KEPT,
    REQUIRED,
    batch,
    changes,
    dropped,
    is_observable,
    preamble,
    revoked,
    stix_time,
    withdrawn,
)
from feeds.mapping import to_stix
from feeds.mapping.extension import AI_EXTENSION
from feeds.mapping.marking import MARKING_IDS
from feeds.policy import policy_of
from schemas.audience import Mode
from schemas.tlp import TLP
from tests.factories import a_full_report, canary
from tests.feeds.definitions import FEEDS
from tests.feeds.shown import HUB, NAMING, projected
from tests.strategies import LAW

FIRST = datetime(2026, 11, 23, 12, 0, 0, 123_456, tzinfo=UTC)
LATER = FIRST + timedelta(hours=1)
MEMBERS = next(feed for feed in FEEDS if feed.name == "members")


INDICATORS = [{"type": "domain", "value": "sink.example", "pap": "clear"}]


def bodies(**changes_):
    threat = {"actor": "CANARY-actor", "indicators": INDICATORS}
    report = a_full_report(**{"threat": threat, **changes_})
    return to_stix(projected(report, MEMBERS, Mode.WRITTEN), NAMING)


def live(versions):
    return {version.stix_id: version.content for version in versions}


def released():
    return changes(bodies(), {}, FIRST)


def test_a_first_edition_adds_every_object_under_the_instant_of_its_release():
    versions = released()
    assert [version.stix_id for version in versions] == [body["id"] for body in bodies()]
    for version in versions:
        body = orjson.loads(version.content)
        assert (body["id"], body["type"]) == (version.stix_id, version.kind)
        assert not version.is_revoked
        if is_observable(version.stix_id):
            assert version.created == version.modified == "2026-11-23T12:00:00.123Z"
            assert {"created", "modified"}.isdisjoint(body)
            continue
        assert body["created"] == body["modified"] == version.created == "2026-11-23T12:00:00.123Z"
    assert orjson.loads(versions[0].content)["published"] == "2026-11-23T12:00:00.123Z"


def test_what_did_not_change_is_not_released_again():
    assert changes(bodies(), live(released()), LATER) == []


def test_the_order_of_keys_is_no_change():
    turned = [dict(reversed(body.items())) for body in bodies()]
    assert changes(turned, live(released()), LATER) == []


def test_a_change_makes_a_version_that_keeps_created_and_published():
    before = released()
    found = changes(bodies(recommendation="Another one"), live(before), LATER)
    assert {version.kind for version in found} == {"report", "incident", "note"}
    for version in found:
        body = orjson.loads(version.content)
        assert body["created"] == stix_time(FIRST)
        assert body["modified"] == stix_time(LATER) == version.modified
    carrier = next(orjson.loads(version.content) for version in found if version.kind == "report")
    assert carrier["published"] == stix_time(FIRST)


def test_an_object_that_left_its_entry_is_revoked_in_the_same_edition():
    before = released()
    found = changes(bodies(attack_steps=None), live(before), LATER)
    gone = {version.stix_id for version in found if version.is_revoked}
    assert {stix_id.split("--")[0] for stix_id in gone} == {"attack-pattern", "relationship"}
    assert gone.isdisjoint(body["id"] for body in bodies(attack_steps=None))


def test_when_nothing_is_wanted_everything_is_revoked():
    before = released()
    found = changes([], live(before), LATER)
    gone = dropped([], live(before))
    assert {version.stix_id for version in found} | gone == {version.stix_id for version in before}
    assert all(version.is_revoked for version in found)
    assert [version.content for version in found] == [version.content for version in withdrawn(live(before), LATER)]
    assert {stix_id.partition("--")[0] for stix_id in gone} == {"domain-name"}


def test_a_value_that_changed_is_another_observable_and_the_old_one_is_dropped():
    before = released()
    other = [{"type": "domain", "value": "other.example", "pap": "clear"}]
    after = bodies(threat={"actor": "CANARY-actor", "indicators": other})
    found = changes(after, live(before), LATER)
    gone = dropped(after, live(before))
    assert [orjson.loads(live(before)[stix_id])["value"] for stix_id in gone] == ["sink.example"]
    assert [orjson.loads(one.content)["value"] for one in found if one.kind == "domain-name"] == ["other.example"]
    assert {one.kind for one in found if one.is_revoked} == {"indicator", "observed-data", "relationship"}
    assert not any(b"sink.example" in one.content for one in found)


def test_an_observable_under_another_marking_is_another_object():
    clear = replace(NAMING, marking=TLP.CLEAR)
    threat = {"indicators": INDICATORS}
    one, other = (
        {body["id"] for body in to_stix(projected(a_full_report(threat=threat), MEMBERS, Mode.WRITTEN), naming)}
        for naming in (NAMING, clear)
    )
    assert {stix_id.partition("--")[0] for stix_id in one ^ other} == {"domain-name"}


def test_dates_that_the_release_set_are_no_change_and_those_of_the_entry_are():
    assert changes(bodies(), live(released()), LATER) == []
    found = changes(bodies(occurred_start="2026-11-01"), live(released()), LATER)
    assert "observed-data" in {version.kind for version in found}
    assert "indicator" not in {version.kind for version in found}


@pytest.mark.parametrize("kind", [
    "report", "incident", "vulnerability", "attack-pattern", "identity", "relationship", "course-of-action",
    "indicator", "infrastructure", "location", "note", "observed-data", "threat-actor",
])  # fmt: skip
def test_a_revoked_object_has_no_content_left(kind):
    report_type = "vulnerability" if kind == "vulnerability" else "incident"
    made = changes(bodies(report_type=report_type), {}, FIRST)
    before = next(orjson.loads(version.content) for version in made if version.kind == kind)
    version = revoked(before, LATER)
    body = orjson.loads(version.content)
    needed = {"published", "object_refs", "name", *(field for fields in REQUIRED.values() for field in fields)}
    needed |= {field for fields in (*DATED.values(), *EMPTIED.values()) for field in fields}
    assert set(body) <= {*KEPT, "modified", "revoked", *needed}
    assert (body["revoked"], body["modified"], body["created"]) == (True, stix_time(LATER), stix_time(FIRST))
    reference = before.get("extensions", {}).get(AI_EXTENSION, {}).get("reference", body["id"].partition("--")[2])
    assert body.get("name", f"Withdrawn ({reference})") == f"Withdrawn ({reference})"
    assert b"CANARY" not in version.content
    assert all(text.encode() not in version.content for text in ("sink.example", "2026-11-20", "AML.", "Andorra"))
    assert AI_EXTENSION.encode() not in version.content
    assert body["object_marking_refs"] == before["object_marking_refs"]


def test_a_revoked_carrier_refers_to_what_is_revoked_with_it_and_to_no_observable():
    carrier = orjson.loads(released()[0].content)
    refs = orjson.loads(revoked(carrier, LATER).content)["object_refs"]
    assert refs == [ref for ref in carrier["object_refs"] if not is_observable(ref)]
    assert 0 < len(refs) < len(carrier["object_refs"])
    alone = {**carrier, "object_refs": [ref for ref in carrier["object_refs"] if is_observable(ref)]}
    assert orjson.loads(revoked(alone, LATER).content)["object_refs"] == [HUB]


def test_a_revoked_carrier_does_not_say_what_kind_of_report_it_was():
    carrier = orjson.loads(released()[0].content)
    body = orjson.loads(revoked(carrier, LATER).content)
    assert {"labels", "report_types", "external_references", "lang", "description"}.isdisjoint(body)


def test_a_preamble_holds_the_hub_our_extension_and_the_labels_up_to_the_ceiling():
    for ceiling in (TLP.CLEAR, TLP.GREEN, TLP.AMBER):
        found = preamble(HUB, "Test hub", FIRST, ceiling)
        ids = [version.stix_id for version in found]
        assert HUB in ids
        assert AI_EXTENSION in ids
        labels = {label for label, marking in MARKING_IDS.items() if marking in ids}
        assert labels == {label for label in TLP if label.is_within(ceiling)}
        assert all(version.content == orjson.dumps(orjson.loads(version.content)) for version in found)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 11, 23, 12, tzinfo=UTC), "2026-11-23T12:00:00.000Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 6_999, tzinfo=UTC), "2026-01-02T03:04:05.006Z"),
    ],
)
def test_a_stix_time_has_milliseconds_and_never_lies_in_the_future(at, text):
    assert stix_time(at) == text


@LAW
@given(st.dictionaries(st.uuids().map(str), st.sampled_from("ABCDE"), max_size=8), st.integers(1, 4))
def test_a_batch_leaves_whole_once_enough_organisations_are_in_it_and_else_not_at_all(candidates, least):
    leaving = set(batch(candidates, least))
    assert leaving in (set(), set(candidates))
    assert (leaving == set(candidates)) is (len(set(candidates.values())) >= least or not candidates)


def test_many_reports_of_two_organisations_are_no_batch_of_three():
    candidates = {str(number): "AB"[number % 2] for number in range(50)}
    assert not batch(candidates, 3)
    assert set(batch({**candidates, "one more": "C"}, 3)) == {*candidates, "one more"}


def test_the_allowed_policy_of_this_test_shows_what_it_later_misses():
    assert "recommendation" in policy_of(MEMBERS, Mode.WRITTEN).allows
    assert canary("recommendation").encode() in released()[0].content

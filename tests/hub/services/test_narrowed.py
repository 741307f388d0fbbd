"""A feed that was narrowed shows no more than its policy lets out: corrected, recalled, and in no earlier version."""

from typing import Any

import pytest

from feeds.mapping.extension import AI_EXTENSION
from hub import policies
from hub.roles import Act, Capability, shell
from hub.services.publishing import composing
from tests.conftest import World
from tests.factories import a_report
from tests.hub.services.guarded import CLEAN, approve_text
from tests.hub.services.steps import approve

ACTOR = "FooKestrel"


def narrow(world: World, feed: str, words: str) -> None:
    """Apply a feed's own policy with a [narrow] table; takes one person."""
    text = policies.definitions()[feed] + "\n" + words
    act = Act(shell("test", "", Capability.FEED_ADMIN), world.clock())
    with world.hub.store.writing() as db:
        policies.apply(db, act, feed, text)
    world.clock.forward(minutes=20)


def filed(world: World, **changes: Any) -> str:
    report: str = world.file("producer", a_report(tlp="green", threat={"actor": ACTOR}, **changes))["id"]
    world.accept(report, "members")
    world.release()
    return report


def everything(world: World) -> str:
    """Every byte that the members' feed gives, old versions too."""
    path = f"/taxii2/hub/collections/{world.collection('members')}/objects/?limit=1000&match[version]=all"
    return world.send("member", "GET", path).get_data(as_text=True)


@pytest.fixture
def members(any_world: World) -> World:
    any_world.enrol("member", audiences=("members",))
    return any_world


def test_an_entry_whose_own_words_say_what_is_withheld_now_is_recalled(members: World) -> None:
    filed(members, client_ref="said", description=f"It was {ACTOR} again.")
    assert ACTOR in everything(members)
    narrow(members, "members", '[narrow]\nwithhold = ["threat.actor"]\n')
    outcome = members.release()["members"]
    assert (outcome.faults, outcome.waiting.get("guard")) == ({}, 1)
    assert members.carriers("member", "members") == []
    assert ACTOR not in everything(members)


def test_an_entry_that_fails_to_be_corrected_is_recalled(members: World, monkeypatch: pytest.MonkeyPatch) -> None:
    filed(members, client_ref="fails")
    narrow(members, "members", '[narrow]\nwithhold = ["threat.actor"]\n')
    monkeypatch.setattr(composing, "to_stix", lambda *_: 1 / 0)
    assert members.release()["members"].faults
    assert ACTOR not in everything(members)


def test_no_earlier_version_of_a_corrected_entry_is_served(members: World) -> None:
    filed(members, client_ref="quiet")
    (before,) = members.carriers("member", "members")
    narrow(members, "members", '[narrow]\nwithhold = ["threat.actor"]\n')
    assert members.release()["members"].faults == {}
    (after,) = members.carriers("member", "members")
    assert (after["id"], after["modified"] > before["modified"]) == (before["id"], True)
    assert ACTOR not in everything(members)


def test_a_redacted_entry_with_approved_words_says_the_quarter(members: World) -> None:
    approve(members, "producer")
    body = a_report(client_ref="one", for_release=CLEAN, share_redacted_with=["members"])
    approve_text(members, members.file("producer", body)["id"])
    members.release()
    narrow(members, "members", '[narrow.coarsen]\naware_at = "quarter"\n')
    assert members.release()["members"].faults == {}
    (carrier,) = members.carriers("member", "members")
    assert carrier["extensions"][AI_EXTENSION]["fields"]["aware_at"] == "2026-Q4"
    assert "2026-11-20" not in everything(members)


def test_a_number_for_a_list_counts_what_analysts_added(members: World) -> None:
    areas = ["ai_safety", "critical_infrastructure"]
    report = filed(members, client_ref="many", risk_area=areas)
    told = {"why": "Read with the filer.", "assert": {"risk_area": ["discrimination_bias", "ai_safety"]}}
    said = members.send("analyst", "PATCH", f"/api/v1/reports/{report}/triage", told, If_Match='"t0"')
    assert said.status_code == 200, said.get_data(as_text=True)
    narrow(members, "members", '[narrow.coarsen]\nrisk_area = "count"\n')
    members.release()
    (carrier,) = members.carriers("member", "members")
    assert carrier["extensions"][AI_EXTENSION]["fields"]["risk_area"] == 3


def test_a_newer_definition_is_asked_of_what_is_out(members: World, monkeypatch: pytest.MonkeyPatch) -> None:
    filed(members, client_ref="out")
    newer = dict(policies.definitions())
    newer["members"] += '\n[narrow]\nwithhold = ["threat.actor"]\n'
    monkeypatch.setattr(policies, "definitions", lambda: newer)
    members.clock.forward(minutes=20)
    members.hub.store.write(lambda db: policies.bring(db, members.clock()))
    members.release()
    assert len(members.carriers("member", "members")) == 1
    assert ACTOR not in everything(members)

"""The guard in a release: what it holds stays in, on record, until it changes or analysts decide; nothing else does."""

import json

import pytest
from sqlmodel import select

from hub.services.publishing import guarding
from hub.store.tables import Due, Token
from tests.conftest import World
from tests.factories import a_report
from tests.hub.services.guarded import (
    CLEAN,
    NAME,
    SAYS,
    WHY,
    amend,
    approve_text,
    audited,
    decide,
    filed,
    second,
    state,
    titles,
    verdict,
)
from tests.hub.services.steps import approve, enrol_three


@pytest.fixture
def approved(any_world: World) -> World:
    approve(any_world, "producer")
    return any_world


def test_what_names_a_withheld_value_is_held_recorded_and_parked(approved: World) -> None:
    report = filed(approved)
    outcome = approved.release()["members"]
    assert outcome.waiting["guard"] == 1
    assert titles(approved) == []
    found = verdict(approved, report)
    assert found is not None
    assert (found.state, found.revision, found.triage) == ("held", 1, 0)
    assert [hit[:3] for hit in found.hits] == [["for_release.summary", "withheld-name", "systems[].name"]]
    with approved.hub.store.reading() as db:
        due = db.exec(select(Due).where(Due.report_id == report, Due.feed == "members")).one()
    assert (due.is_parked, due.gate) == (True, "guard")
    hold = {"feed": "members", "revision": 1, "state": "held", "hits": [hit[:3] for hit in found.hits]}
    assert hold in audited(approved, "guard.hold")
    before = len(audited(approved, "guard.hold"))
    approved.release()
    assert len(audited(approved, "guard.hold")) == before, "what is parked is not examined again"


def test_what_says_nothing_of_the_kind_leaves_and_is_on_record_as_passed(approved: World) -> None:
    report = filed(approved, for_release=CLEAN)
    approved.release()
    assert titles(approved) == ["About an assistant"]
    assert state(approved, report) == "passed"


def test_an_amended_text_is_examined_anew(approved: World) -> None:
    report = filed(approved)
    approved.release()
    amend(approved, report, for_release=CLEAN)
    approve_text(approved, report)
    approved.release()
    assert (titles(approved), state(approved, report)) == (["About an assistant"], "passed")


def test_below_amber_a_release_takes_two_people(approved: World) -> None:
    report = filed(approved)
    approved.release()
    first = decide(approved, report)
    assert (first.status_code, first.get_json()["needs_second"]) == (200, True)
    approved.release()
    assert titles(approved) == []
    assert decide(approved, report).status_code == 409, "the same person says nothing new"
    other = decide(approved, report, who=second(approved))
    assert (other.status_code, other.get_json()["needs_second"]) == (200, False)
    approved.release()
    assert titles(approved) == ["About an assistant"]
    said = [(one["decision"], one["settled"]) for one in audited(approved, "guard.decide")]
    assert said == [("release", False), ("release", True)]
    assert WHY not in json.dumps(audited(approved, "guard.decide")), "reasons can be erased, the audit cannot"


def test_two_tokens_of_one_person_are_one_person(approved: World) -> None:
    report = filed(approved)
    approved.release()
    approved.tokens["again"] = approved.enrol("analyst", "Hub staff")
    with approved.hub.store.writing() as db:
        for token in db.exec(select(Token).where(Token.roles == "analyst")):
            token.person = "Mara"
    assert decide(approved, report).status_code == 200
    assert decide(approved, report, who="again").status_code == 409


def test_for_the_closest_partners_one_person_is_enough(approved: World) -> None:
    approved.enrol("member", "Insider", audiences=("trusted",))
    report = filed(approved, share_redacted_with=["trusted"])
    approve_text(approved, report, "trusted")
    approved.release()
    assert state(approved, report, "trusted") == "held"
    assert decide(approved, report, audience="trusted").get_json()["needs_second"] is False
    approved.release()
    assert [one["name"] for one in approved.carriers("member:Insider", "trusted")] == ["About an assistant"]


def released(world: World) -> str:
    """A report that was held and let go by two."""
    report = filed(world)
    world.release()
    decide(world, report)
    decide(world, report, who=second(world))
    world.release()
    assert state(world, report) == "passed"
    return report


def test_a_decision_holds_for_later_revisions_with_the_same_words(approved: World) -> None:
    report = released(approved)
    amend(approved, report, severity="critical", description="It was asked to tidy up, and more.")
    approve_text(approved, report)
    approved.release()
    (carrier,) = approved.carriers("member", "members")
    assert "severity:critical" in carrier["labels"]
    assert len(audited(approved, "guard.hold")) == 2, "once a feed: members, and trusted that it includes"


def test_a_decision_for_an_audience_is_one_for_those_that_it_includes(approved: World) -> None:
    report = released(approved)
    assert state(approved, report, "trusted") == "passed"


def test_other_words_are_held_although_the_old_ones_may_leave(approved: World) -> None:
    report = released(approved)
    more = [{"name": NAME}, {"name": "Zephyrine"}]
    amend(approved, report, systems=more, for_release={**SAYS, "advice": "Ask the makers of Zephyrine."})
    approve_text(approved, report)
    approved.release()
    found = verdict(approved, report)
    assert found is not None
    assert (found.state, found.revision) == ("held", 2)
    (carrier,) = approved.carriers("member", "members")
    assert "advice" not in carrier["extensions"][next(iter(carrier["extensions"]))]["fields"].get("for_release", {})
    way = next(
        one
        for one in approved.send("producer", "GET", f"/api/v1/reports/{report}/path").get_json()["feeds"]
        if one["feed"] == "members"
    )
    gate = next(one for one in way["gates"] if one["gate"] == "guard")
    assert (way["state"], way["shows"]["revision"], gate["state"]) == ("waiting", 1, "waiting")
    assert "revision 1 stays in the feed" in gate["on"]


def test_to_keep_takes_one_and_nobody_is_asked_again(approved: World) -> None:
    report = filed(approved)
    approved.release()
    assert decide(approved, report, "keep").get_json()["needs_second"] is False
    approved.release()
    assert (titles(approved), state(approved, report)) == ([], "kept")
    amend(approved, report, severity="low")
    approve_text(approved, report)
    approved.release()
    assert (titles(approved), state(approved, report)) == ([], "kept")
    assert approved.send("analyst", "GET", "/api/v1/guard").get_json()["items"] == [] or all(
        item["feed"] != "members" for item in approved.send("analyst", "GET", "/api/v1/guard").get_json()["items"]
    )


def test_what_nobody_saw_cannot_be_decided(approved: World) -> None:
    report = filed(approved)
    assert decide(approved, report).status_code == 409, "not examined yet"
    approved.release()
    amend(approved, report, for_release={**SAYS, "advice": "More of it."})
    assert decide(approved, report).status_code == 409, "and changed since"
    assert decide(approved, report, audience="nowhere").status_code == 409
    assert decide(approved, "R-0000-0000").status_code == 404


def test_so_many_of_an_organisation_are_held_and_the_rest_waits_uncounted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarding, "MOST", 2)
    approve(world, "producer")
    reports = [filed(world, f"r{number}") for number in range(4)]
    clean = filed(world, "clean", for_release=CLEAN)
    world.release()
    states = sorted(state(world, one) for one in reports)
    assert states == ["crowded", "crowded", "held", "held"]
    assert state(world, clean) == "passed", "what says nothing of the kind waits for nobody"
    crowded = next(one for one in reports if state(world, one) == "crowded")
    found = verdict(world, crowded)
    assert found is not None
    assert found.hits == []
    assert decide(world, crowded).status_code == 409
    held = next(one for one in reports if state(world, one) == "held")
    decide(world, held, "keep")
    world.release()
    world.release()
    assert sorted(state(world, one) for one in reports) == ["crowded", "held", "held", "kept"]


def test_a_text_as_written_at_green_is_held_and_a_public_one_only_warns(approved: World) -> None:
    party = {"affected_parties": [{"name": "Marrowgate Hospice"}], "description": "Marrowgate was hit first."}
    green = approved.file("producer", a_report(client_ref="green", tlp="green", **party))["id"]
    clear = approved.file("producer", a_report(client_ref="clear", tlp="clear", title="In clear", **party))["id"]
    secret = {"description": "The log held password: hunter2-Xy9! in clear."}
    leak = approved.file("producer", a_report(client_ref="leak", tlp="clear", **secret))["id"]
    for report in (green, clear, leak):
        approved.accept(report, "members")
    approved.release()
    assert [state(approved, one) for one in (green, clear, leak)] == ["held", "passed", "held"]
    assert titles(approved) == ["In clear"]
    found = verdict(approved, clear)
    assert found is not None
    assert [hit[:3] for hit in found.warnings] == [["description", "withheld-name", "affected_parties[].name"]]


def test_what_is_held_and_marked_too_low_by_now_is_taken_back(world: World) -> None:
    enrol_three(world)
    approve(world, "producer")
    plain = a_report(client_ref="one", tlp="green", title="At first in green")
    report = world.file("producer", plain)["id"]
    world.accept(report, "trusted")
    world.release()
    assert [one["name"] for one in world.carriers("insider", "trusted")] == ["At first in green"]
    amend(world, report, tlp="amber", reporter={"name": "Ottoline Quistwick"}, title="Quistwick saw it")
    world.release()
    assert state(world, report, "trusted") == "held"
    assert world.carriers("insider", "trusted") == []


def test_an_analysts_text_is_examined_like_a_producers(approved: World) -> None:
    report = filed(approved, for_release=CLEAN)
    approved.release()
    path = f"/api/v1/reports/{report}/release-text"
    tag = approved.send("analyst", "GET", path).headers["ETag"]
    said = {"title": "About an assistant", "summary": f"{NAME.upper()} was slow.", "why": "Clearer."}
    assert approved.send("analyst", "PUT", path, said, If_Match=tag).status_code == 200
    approve_text(approved, report)
    approved.release()
    assert state(approved, report) == "held"

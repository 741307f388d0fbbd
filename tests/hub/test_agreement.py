"""What takes two people: who counts, what is agreed to, and what stands in where there are no two."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from hub import agreement
from hub.agreeing import agreed
from hub.agreement import DEEDS, Deed
from hub.errors import Conflict, NotAgreed, NotFound
from hub.roles import Act, Caller, Capability, shell
from hub.services import agreements, credentials, membership
from hub.store import Session, audit, proposals
from hub.store.tables import Token
from tests.conftest import World
from tests.factories import a_report

WHY = "to be sure that it takes two"
DEED = Deed("key.epoch", "7", {"erases": False})


@pytest.fixture
def staffed(any_world: World) -> World:
    """A hub in use, with two operators and two analysts that have names."""
    for role, name in (("operator", "olga"), ("operator", "omar"), ("analyst", "anna"), ("analyst", "abel")):
        any_world.enrol(role, "Hub staff", person=name)
    any_world.file("producer", a_report(client_ref="in-use"))
    return any_world


def who(world: World, name: str) -> Act:
    """Somebody, at this instant."""
    with world.hub.store.reading() as db:
        return Act(credentials.look_up(db, world.tokens[name], world.clock()).caller, world.clock())


def anybody(world: World) -> Act:
    return Act(shell("shell", "", *Capability), world.clock())


def do(world: World, act: Act, deed: Deed = DEED, done: list[str] | None = None) -> None:
    """Do a deed, or have it proposed."""

    def work(db: Session) -> None:
        agreement.demand(db, act, deed)
        (done if done is not None else []).append(deed.subject)

    agreed(world.hub, act, WHY, work)


def proposed(world: World, act: Act, deed: Deed = DEED) -> str:
    """Try a deed that lacks agreement; the proposal that it leaves."""
    with pytest.raises(NotAgreed) as refused:
        do(world, act, deed)
    return next(word.strip(":") for word in str(refused.value).split() if word.startswith("A-"))


def agree(world: World, name: str, proposal: str) -> None:
    world.hub.store.write(lambda db: agreements.agree(db, who(world, name), proposal))


def told(world: World, action: str) -> list[dict[str, object]]:
    with world.hub.store.reading() as db:
        return [one["details"] for one in audit.entries(db) if one["action"] == action]


def test_one_proposes_another_agrees_and_it_is_done_once(staffed: World) -> None:
    done: list[str] = []
    proposal = proposed(staffed, who(staffed, "olga"))
    assert proposed(staffed, who(staffed, "olga")) == proposal  # tried again, it is the same proposal
    agree(staffed, "omar", proposal)
    do(staffed, who(staffed, "olga"), done=done)
    assert done == ["7"]
    assert told(staffed, "agreement.use") == [
        {"proposal": proposal, "done": "key.epoch", "alone": False, "approver": "omar"}
    ]
    assert proposed(staffed, who(staffed, "olga")) != proposal  # used up: the next time takes two again


def as_at_the_shell(world: World, name: str) -> Act:
    """Somebody who shows a token at the host's shell."""
    act = who(world, name)
    return Act(replace(act.caller, capabilities=act.caller.capabilities | {Capability.STAFF_ADMIN}), act.at)


@pytest.mark.parametrize("other", ["omar", "abel"])
def test_nobody_comes_by_the_token_of_another_by_rotating_it(staffed: World, other: str) -> None:
    for act in (as_at_the_shell(staffed, "olga"), Act(shell("shell"), staffed.clock())):
        with pytest.raises(NotAgreed), staffed.hub.store.writing() as db:
            membership.rotate(db, act, staffed.tokens[other].split("_")[2])
    with (
        pytest.raises(NotAgreed),
        staffed.hub.store.writing() as db,
    ):  # it names nobody, and opens
        membership.rotate(db, as_at_the_shell(staffed, "olga"), staffed.tokens["analyst"].split("_")[2])
    assert credentials_of(staffed, other) == 1


def credentials_of(world: World, name: str) -> int:
    """How many tokens a person has."""
    with world.hub.store.reading() as db:
        return len(db.exec(select(Token).where(Token.person == name)).all())


def test_nobody_agrees_to_their_own_with_another_token(staffed: World) -> None:
    proposal, act = proposed(staffed, who(staffed, "olga")), as_at_the_shell(staffed, "olga")
    with staffed.hub.store.writing() as db:  # a second one, as `hub token rotate` gives it
        made = membership.rotate(db, act, staffed.tokens["olga"].split("_")[2])
    staffed.tokens["olga again"] = made.text
    for mine in ("olga", "olga again"):
        with pytest.raises(Conflict, match="another person agrees"):
            agree(staffed, mine, proposal)
    with pytest.raises(NotAgreed):
        do(staffed, who(staffed, "olga"))


def test_a_token_without_a_name_neither_proposes_nor_agrees(staffed: World) -> None:
    with pytest.raises(NotAgreed, match="HUB_TOKEN"):
        do(staffed, anybody(staffed))
    proposal = proposed(staffed, who(staffed, "olga"))
    with pytest.raises(Conflict, match="names nobody"):
        agree(staffed, "operator", proposal)


def test_who_may_not_do_it_is_not_shown_it_and_may_not_agree(staffed: World) -> None:
    proposal = proposed(staffed, who(staffed, "olga"))
    with pytest.raises(NotFound):
        agree(staffed, "anna", proposal)
    with staffed.hub.store.reading() as db:
        assert agreements.listed(db, who(staffed, "anna").caller, staffed.clock(), is_open=True) == []
        (seen,) = agreements.listed(db, who(staffed, "auditor").caller, staffed.clock(), is_open=True)
    assert seen.id == proposal


@pytest.mark.parametrize(
    "other",
    [Deed("key.epoch", "8", {"erases": False}), Deed("key.epoch", "7", {"erases": True}), Deed("hub.recover", "7")],
)
def test_agreement_is_to_exactly_one_thing(staffed: World, other: Deed) -> None:
    agree(staffed, "omar", proposed(staffed, who(staffed, "olga")))
    with pytest.raises(NotAgreed):
        do(staffed, who(staffed, "olga"), other)


def test_what_fails_uses_no_agreement_up(staffed: World) -> None:
    agree(staffed, "omar", proposed(staffed, who(staffed, "olga")))

    def fails(db: Session) -> None:
        agreement.demand(db, who(staffed, "olga"), DEED)
        raise Conflict("something else is amiss")

    with pytest.raises(Conflict, match="something else"):
        agreed(staffed.hub, who(staffed, "olga"), WHY, fails)
    do(staffed, who(staffed, "olga"))


def test_a_proposal_is_refused_and_lapses(staffed: World) -> None:
    first = proposed(staffed, who(staffed, "olga"))
    staffed.hub.store.write(lambda db: agreements.refuse(db, who(staffed, "omar"), first))
    with pytest.raises(Conflict, match="refused, done"):
        agree(staffed, "omar", first)
    second = proposed(staffed, who(staffed, "olga"))
    agree(staffed, "omar", second)
    staffed.clock.forward(days=7)
    assert proposed(staffed, who(staffed, "olga")) not in {first, second}


def test_without_two_a_day_stands_in_and_producers_are_told(any_world: World) -> None:
    report = any_world.file("producer", a_report(client_ref="in-use"))["id"]
    any_world.enrol("producer", "Rival")
    deed = Deed("report.erase", report)
    proposal = proposed(any_world, anybody(any_world), deed)
    (notice,) = any_world.send("producer", "GET", "/api/v1/notices").get_json()["items"]
    assert (notice["action"], notice["subject"], notice["state"]) == ("report.erase", report, "waits")
    assert any_world.send("producer:Rival", "GET", "/api/v1/notices").get_json()["items"] == []
    any_world.clock.forward(hours=23, minutes=59)
    assert proposed(any_world, anybody(any_world), deed) == proposal
    any_world.clock.forward(minutes=1)
    do(any_world, anybody(any_world), deed)
    (used,) = told(any_world, "agreement.use")
    assert (used["alone"], used["approver"]) == (True, None)
    (notice,) = any_world.send("producer", "GET", "/api/v1/notices").get_json()["items"]
    assert notice["state"] == "done"


def test_what_concerns_everybody_is_told_to_everybody_without_its_subject(any_world: World) -> None:
    any_world.file("producer", a_report(client_ref="in-use"))
    any_world.enrol("producer", "Rival")
    proposed(any_world, anybody(any_world))
    for producer in ("producer", "producer:Rival"):
        (notice,) = any_world.send(producer, "GET", "/api/v1/notices").get_json()["items"]
        assert (notice["action"], notice["subject"]) == ("key.epoch", None)


def test_whoever_becomes_eligible_meanwhile_may_refuse(any_world: World) -> None:
    any_world.enrol("operator", "Hub staff", person="olga")
    any_world.file("producer", a_report(client_ref="in-use"))
    proposal = proposed(any_world, anybody(any_world))
    any_world.hub.store.write(lambda db: agreements.refuse(db, who(any_world, "olga"), proposal))
    any_world.clock.forward(days=2)
    assert proposed(any_world, anybody(any_world)) != proposal


def test_a_hub_without_reports_is_being_set_up(any_world: World) -> None:
    do(any_world, anybody(any_world))
    any_world.file("producer", a_report(client_ref="in-use"))
    proposed(any_world, anybody(any_world))


def test_a_dead_token_makes_nobody_eligible(staffed: World) -> None:
    def able() -> set[str]:
        with staffed.hub.store.reading() as db:
            return agreement.eligible(db, "key.epoch", staffed.clock())

    assert able() == {"olga", "omar"}
    omar = staffed.tokens["omar"].split("_")[2]
    owner = staffed.ids["Hub staff"]
    staffed.send("operator", "DELETE", f"/api/v1/members/{owner}/tokens/{omar}")
    assert able() == {"olga"}
    staffed.clock.at += timedelta(days=400)
    assert able() == set()


def test_every_deed_asks_for_something_that_a_role_may_do() -> None:
    assert set(DEEDS.values()) <= set(Capability)
    nobody = Caller("t", "o", "O", frozenset(), frozenset())
    assert not any(nobody.may(one) for one in DEEDS.values())


def test_nobody_is_the_second_to_one_whom_nobody_can_tell(any_world: World) -> None:
    any_world.enrol("operator", "Hub staff", person="olga")
    any_world.file("producer", a_report(client_ref="in-use"))
    name = proposed(any_world, anybody(any_world))
    with pytest.raises(Conflict, match="only time agrees"):
        agree(any_world, "olga", name)
    any_world.clock.forward(days=1)
    done: list[str] = []
    do(any_world, anybody(any_world), done=done)
    assert done == ["7"]


def test_nobody_makes_herself_the_only_one_by_revoking_the_other(staffed: World) -> None:
    token = staffed.tokens["omar"].split("_")[2]
    with staffed.hub.store.writing() as db:
        membership.revoke(db, who(staffed, "olga"), token)
    name = proposed(staffed, who(staffed, "olga"))
    with pytest.raises(Conflict, match="another person agrees"):
        agree(staffed, "olga", name)
    staffed.clock.forward(days=2)
    proposed(staffed, who(staffed, "olga"))
    staffed.clock.forward(days=6)  # a week after she has to be taken at her word: nobody else came
    proposed(staffed, who(staffed, "olga"))
    staffed.clock.forward(days=1)
    done: list[str] = []
    do(staffed, who(staffed, "olga"), done=done)
    assert done == ["7"]


def test_what_was_refused_meanwhile_is_not_used(staffed: World) -> None:
    name = proposed(staffed, who(staffed, "olga"))
    agree(staffed, "omar", name)
    staffed.hub.store.write(lambda db: agreements.refuse(db, who(staffed, "omar"), name))
    with staffed.hub.store.writing() as db:
        assert not proposals.use(db, name, staffed.clock())


def test_made_up_proposals_hide_nobody_s_and_have_an_end(staffed: World) -> None:
    proposed(staffed, who(staffed, "olga"))
    for number in range(agreement.MOST):
        proposed(staffed, who(staffed, "anna"), Deed("identity.show", "R", {"purpose": f"made up {number}"}))
    with pytest.raises(Conflict, match="wait already"):
        do(staffed, who(staffed, "anna"), Deed("identity.show", "R", {"purpose": "one more"}))
    with staffed.hub.store.reading() as db:
        assert len(agreements.listed(db, who(staffed, "omar").caller, staffed.clock(), is_open=True)) == 1

"""The analyst: an acceptance reaches what its audience includes, and text is approved as it stands."""

from typing import Any

import pytest

from hub.store import audit
from tests.conftest import World
from tests.factories import a_report

READERS = {"trusted": "insider", "members": "member", "researchers": "researcher", "public": "member"}
TEXT = {"title": "A title for readers", "summary": "What readers should know."}


@pytest.fixture
def insiders(world: World) -> World:
    """A hub whose feeds all have a reader."""
    world.enrol("member", "Insider", audiences=("trusted",))
    world.tokens["insider"] = world.tokens["member:Insider"]
    return world


@pytest.mark.parametrize(
    ("audience", "reached"),
    [
        ("public", {"public", "members", "trusted"}),
        ("members", {"members", "trusted"}),
        ("trusted", {"trusted"}),
        ("researchers", {"researchers"}),
    ],
)
def test_an_acceptance_includes_what_its_audience_includes(insiders: World, audience: str, reached: set[str]) -> None:
    filed = insiders.file("producer", a_report(tlp="clear"))
    insiders.accept(filed["id"], audience)
    insiders.release()
    assert {feed for feed, who in READERS.items() if insiders.carriers(who, feed)} == reached


def test_the_first_acceptance_approves_the_organisation_and_sets_its_other_reports_going(any_world: World) -> None:
    world = any_world
    first = world.file("producer", a_report(client_ref="T-1"))
    world.file("producer", a_report(client_ref="T-2", share_redacted_with=["members"]))
    assert world.release()["members"].number is None
    world.accept(first["id"], "trusted")
    world.release()
    assert len(world.carriers("member", "members")) == 1
    with world.hub.store.reading() as db:
        assert [one["action"] for one in audit.entries(db)].count("member.approve") == 1
    world.accept(first["id"], "members")
    with world.hub.store.reading() as db:
        assert [one["action"] for one in audit.entries(db)].count("member.approve") == 1, "once and for all"


def test_approving_text_alone_does_not_let_a_report_leave_as_written(insiders: World) -> None:
    filed = insiders.file("producer", a_report(tlp="green", title="Not for you", for_release=TEXT))
    assert accept(insiders, filed["id"], "members", "for_release").status_code == 200
    insiders.release()
    assert insiders.carriers("member", "members") == []


def test_text_for_release_leaves_once_it_is_approved_and_in_its_own_words(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(share_redacted_with=["members"], for_release=TEXT))
    world.accept(filed["id"], "trusted")
    world.release()
    assert name(world).startswith("High-severity incident (M-")
    assert accept(world, filed["id"], "members", "for_release").status_code == 200
    world.release()
    assert name(world) == "A title for readers"


def test_another_text_is_not_approved(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(share_redacted_with=["members"], for_release=TEXT))
    accept(world, filed["id"], "members", "for_release")
    world.release()
    assert name(world) == "A title for readers"
    patch = {"for_release": {**TEXT, "title": "Slipped in afterwards"}}
    assert world.send("producer", "PATCH", own(filed), patch, If_Match='"r1"').status_code == 200
    world.release()
    assert name(world).startswith("High-severity incident (M-")


def test_text_approved_for_members_is_not_approved_for_the_public(insiders: World) -> None:
    for number, who in enumerate(("producer", "producer:Second Ltd", "producer:Third Ltd")):
        if number:
            insiders.enrol("producer", who.split(":")[1])
        filed = insiders.file(who, a_report(share_redacted_with=["public"], for_release=TEXT))
        accept(insiders, filed["id"], "members", "for_release")
    insiders.release()
    assert {one["name"] for one in insiders.carriers("member", "members")} == {"A title for readers"}
    assert len(insiders.carriers("member", "public")) == 3
    assert all(one["name"].startswith("High") for one in insiders.carriers("member", "public"))


def test_an_organisations_standing_acceptance_reaches_what_it_filed_and_what_it_will(any_world: World) -> None:
    world = any_world
    world.file("producer", a_report(client_ref="T-1", tlp="green", title="Filed before"))
    answer = world.send("analyst", "POST", f"/api/v1/members/{owner(world)}/accept", {"audience": "members"})
    assert answer.status_code == 200
    world.file("producer", a_report(client_ref="T-2", tlp="green", title="Filed after"))
    world.file("producer", a_report(client_ref="T-3", tlp="amber", title="Above the ceiling"))
    world.release()
    assert sorted(one["name"] for one in world.carriers("member", "members")) == ["Filed after", "Filed before"]


def test_there_must_be_a_text_to_approve(world: World) -> None:
    filed = world.file("producer", a_report())
    assert accept(world, filed["id"], "members", "for_release").status_code == 409


def test_a_withdrawn_report_cannot_be_accepted(world: World) -> None:
    filed = world.file("producer", a_report())
    world.send("producer", "POST", f"{own(filed)}/withdraw")
    assert accept(world, filed["id"], "members").status_code == 409


def test_a_report_is_accepted_by_its_id_or_its_reference(world: World) -> None:
    filed = world.file("producer", a_report())
    for named in (filed["id"], filed["ref"]):
        assert accept(world, named, "members").get_json()["id"] == filed["id"]
    for unknown in ("R-0000-0000", "nothing", filed["id"][:-1]):
        assert accept(world, unknown, "members").status_code == 404


def test_reference_is_no_audience_that_a_report_can_be_accepted_for(world: World) -> None:
    filed = world.file("producer", a_report())
    for audience in ("reference", "everyone", ""):
        assert accept(world, filed["id"], audience).status_code == 422


def test_an_acceptance_says_who_gave_it_for_which_revision(world: World) -> None:
    filed = world.file("producer", a_report())
    accept(world, filed["id"], "members")
    with world.hub.store.reading() as db:
        (entry,) = [one for one in audit.entries(db) if one["action"] == "report.accept"]
    assert entry["actor"] == f"token:{world.tokens['analyst'].split('_')[2]}"
    assert entry["details"] == {"audience": "members", "accepted": "written", "revision": 1}


def accept(world: World, named: str, audience: str, subject: str = "written") -> Any:
    """Accept as the analyst."""
    body, path = {"audience": audience, "subject": subject}, f"/api/v1/reports/{named}"
    if subject == "written":
        return world.send("analyst", "POST", f"{path}/accept", body)
    read = world.send("analyst", "GET", path).headers["ETag"]  # text is approved as it was read
    return world.send("analyst", "POST", f"{path}/accept", body, If_Match=read)


def own(filed: dict[str, Any]) -> str:
    """Where a report lives."""
    return f"/api/v1/reports/{filed['id']}"


def owner(world: World) -> str:
    """The producer's organisation."""
    return world.ids["The producer's organisation"]


def name(world: World) -> str:
    """The name of the one entry in the members' feed."""
    (carrier,) = world.carriers("member", "members")
    told: str = carrier["name"]
    return told

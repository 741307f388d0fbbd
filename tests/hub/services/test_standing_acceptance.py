"""A standing acceptance ends: what leaves by it alone is recalled, what was accepted by itself stays."""

from typing import Any

from hub.store import audit
from tests.conftest import World
from tests.factories import a_report


def test_its_end_recalls_what_left_by_it_alone(any_world: World) -> None:
    world = any_world
    give(world)
    kept = world.file("producer", a_report(client_ref="T-1", tlp="green", title="Accepted by itself"))
    world.file("producer", a_report(client_ref="T-2", tlp="green", title="By the standing word"))
    named = {"share_redacted_with": ["members"], "tlp": "green"}
    world.file("producer", a_report(client_ref="T-3", title="Named members too", **named))
    world.accept(kept["id"], "members")
    world.release()
    assert len(names(world)) == 3
    assert end(world, "members").get_json() == {"id": owner(world), "audience": "members", "subject": "standing"}
    world.release()
    assert "Accepted by itself" in names(world)
    assert "By the standing word" not in names(world)
    assert [one for one in names(world) if one.startswith("High-severity")], "redacted, as its producer allows"
    assert "Named members too" not in names(world)


def test_what_is_filed_afterwards_waits_for_a_person(world: World) -> None:
    give(world)
    end(world, "members")
    world.file("producer", a_report(tlp="green"))
    assert world.release()["members"].waiting == {"reach": 1}


def test_the_organisation_stays_approved(world: World) -> None:
    give(world)
    end(world, "members")
    world.file("producer", a_report(share_redacted_with=["members"]))
    world.release()
    assert len(names(world)) == 1, "a codes-only projection needs no person"


def test_there_must_be_one_to_end(world: World) -> None:
    give(world)
    assert end(world, "public").status_code == 404
    assert end(world, "members").status_code == 200
    assert end(world, "members").status_code == 404
    assert end(world, "everyone").status_code == 422
    with world.hub.store.reading() as db:
        (entry,) = [one for one in audit.entries(db) if one["action"] == "member.end_acceptance"]
    assert (entry["subject"], entry["details"]) == (owner(world), {"audience": "members"})


def give(world: World) -> None:
    """Accept all of the producer's reports for members."""
    path = f"/api/v1/members/{owner(world)}/accept"
    assert world.send("analyst", "POST", path, {"audience": "members"}).status_code == 200


def end(world: World, audience: str) -> Any:
    """End it."""
    return world.send("analyst", "DELETE", f"/api/v1/members/{owner(world)}/accept?audience={audience}")


def names(world: World) -> list[str]:
    """The names of the entries in the members' feed."""
    return [one["name"] for one in world.carriers("member", "members")]


def owner(world: World) -> str:
    """The producer's organisation."""
    return world.ids["The producer's organisation"]

"""The operator: organisations, grants that end, and tokens of which two are alive."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from hub.errors import Conflict
from hub.roles import Act, shell
from hub.services import membership
from hub.services.membership import Wanted
from hub.store import audit
from tests.conftest import World
from tests.factories import a_report

STAFF, MEMBER = "Hub staff", "The member's organisation"


def test_two_tokens_of_the_same_roles_are_alive_and_no_third(world: World) -> None:
    first, second = issue(world, "producer"), issue(world, "producer")
    third = issue(world, "producer")
    assert [one.status_code for one in (first, second, third)] == [201, 201, 409]
    for one in (first, second):
        assert one.get_json()["id"] in third.get_json()["detail"]
    assert issue(world, "producer", "member").status_code == 201, "other roles are another kind of token"
    assert world.send("operator", "DELETE", f"{tokens(world)}/{first.get_json()['id']}").status_code == 200
    assert issue(world, "producer").status_code == 201


def test_even_at_once_no_third_token_comes_alive(any_world: World) -> None:
    act = Act(shell("test"), any_world.clock())

    def work(_: int) -> bool:
        try:
            any_world.hub.store.write(lambda db: membership.issue(db, act, any_world.ids[STAFF], Wanted(["producer"])))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(work, range(8))) == [False] * 6 + [True] * 2


def test_a_rotated_token_lives_on_for_its_grace_and_its_successor_as_long_as_it_did(world: World) -> None:
    old = issue(world, "producer", days=90).get_json()
    world.clock.forward(days=10)
    new = world.send("operator", "POST", f"{tokens(world)}/{old['id']}/rotate", {"grace_days": 3}).get_json()
    assert (works(world, old["token"]), works(world, new["token"])) == (True, True)
    world.clock.forward(days=2, hours=23)
    assert works(world, old["token"])
    world.clock.forward(hours=1)
    assert (works(world, old["token"]), works(world, new["token"])) == (False, True)
    world.clock.forward(days=87)
    assert not works(world, new["token"]), "90 days after the rotation"


def test_a_rotation_never_lengthens_the_life_of_the_old_token(world: World) -> None:
    old = issue(world, "producer", days=2).get_json()
    world.send("operator", "POST", f"{tokens(world)}/{old['id']}/rotate", {"grace_days": 300})
    world.clock.forward(days=2)
    assert not works(world, old["token"])


def test_a_dead_token_cannot_be_rotated(world: World) -> None:
    old = issue(world, "producer").get_json()
    world.send("operator", "DELETE", f"{tokens(world)}/{old['id']}")
    assert world.send("operator", "POST", f"{tokens(world)}/{old['id']}/rotate", {}).status_code == 409


def test_a_revoked_token_ends_at_once_and_stays_revoked(world: World) -> None:
    made = issue(world, "producer").get_json()
    assert works(world, made["token"])
    first = world.send("operator", "DELETE", f"{tokens(world)}/{made['id']}").get_json()
    assert not works(world, made["token"])
    world.clock.forward(hours=1)
    again = world.send("operator", "DELETE", f"{tokens(world)}/{made['id']}").get_json()
    assert again["revoked_at"] == first["revoked_at"]


def test_a_token_expires_on_the_instant(world: World) -> None:
    made = issue(world, "producer", days=1).get_json()
    world.clock.forward(days=1, microseconds=-1)
    assert works(world, made["token"])
    world.clock.forward(microseconds=1)
    assert not works(world, made["token"])


@pytest.mark.parametrize("days", [0, 366, 10**6])
def test_no_token_lives_longer_than_a_year(world: World, days: int) -> None:
    assert issue(world, "producer", days=days).status_code == 422
    assert issue(world, "producer", days=365).status_code == 201


@pytest.mark.parametrize("roles", [["root"], ["producer", "root"]], ids=str)
def test_a_role_that_does_not_exist_is_refused_with_those_that_do(world: World, roles: Iterable[str]) -> None:
    answer = issue(world, *roles)
    assert answer.status_code == 422
    assert "root" not in answer.get_json()["detail"]
    assert "analyst" in answer.get_json()["detail"]


def test_a_token_of_another_member_is_not_there(world: World) -> None:
    world.enrol("auditor", "Spare")
    spare = world.tokens["auditor:Spare"].split("_")[2]
    assert world.send("operator", "DELETE", f"{tokens(world)}/{spare}").status_code == 404
    assert world.send("operator", "POST", f"{tokens(world)}/{spare}/rotate", {}).status_code == 404
    assert world.send("auditor:Spare", "GET", "/taxii2/").status_code == 200, "and it is still alive"


def test_a_grant_ends_on_the_instant(any_world: World) -> None:
    world = any_world
    collection = f"/taxii2/hub/collections/{world.collection('trusted')}/"
    body = {"audience": "trusted", "expires_at": world.clock().replace(day=25).isoformat()}
    path = f"/api/v1/members/{world.ids[MEMBER]}/grants"
    assert world.send("member", "GET", collection).status_code == 404
    assert world.send("operator", "POST", path, body).status_code == 201
    assert world.send("member", "GET", collection).status_code == 200
    world.clock.forward(days=2, microseconds=-1)
    assert world.send("member", "GET", collection).status_code == 200
    world.clock.forward(microseconds=1)
    assert world.send("member", "GET", collection).status_code == 404


def test_a_grant_is_of_a_feed_that_exists_and_never_for_good(world: World) -> None:
    path = f"/api/v1/members/{world.ids[STAFF]}/grants"
    for audience, until in (("nobody", "2027-01-01T00:00:00Z"), ("members", "2020-01-01T00:00:00Z")):
        assert world.send("operator", "POST", path, {"audience": audience, "expires_at": until}).status_code == 409
    forever = {"audience": "members", "expires_at": "2999-01-01T00:00:00Z"}
    assert world.send("operator", "POST", path, forever).status_code == 409


def test_a_grant_renewed_replaces_the_one_before(world: World) -> None:
    path = f"/api/v1/members/{world.ids[STAFF]}/grants"
    for until in ("2027-01-01T00:00:00Z", "2026-12-01T00:00:00Z"):
        assert world.send("operator", "POST", path, {"audience": "members", "expires_at": until}).status_code == 201
    (row,) = [one for one in members(world) if one["id"] == world.ids[STAFF]]
    assert [one["expires_at"][:10] for one in row["grants"]] == ["2026-12-01"]


def test_two_organisations_cannot_have_one_name(world: World) -> None:
    assert world.send("operator", "POST", "/api/v1/members", {"name": STAFF}).status_code == 409
    assert world.send("operator", "POST", "/api/v1/members", {"name": world.ids[STAFF]}).status_code == 409


def test_an_unknown_organisation_gets_no_token_and_no_grant(world: World) -> None:
    grant = {"audience": "members", "expires_at": "2027-01-01T00:00:00Z"}
    assert world.send("operator", "POST", "/api/v1/members/nobody/grants", grant).status_code == 404
    assert world.send("operator", "POST", "/api/v1/members/nobody/tokens", {"roles": ["member"]}).status_code == 404


def test_a_producers_token_reads_no_feed_whatever_its_organisation_was_granted(world: World) -> None:
    world.enrol("producer", "Both Ltd", audiences=("members",))
    path = f"/taxii2/hub/collections/{world.collection('members')}/"
    assert world.send("producer:Both Ltd", "GET", path).status_code == 404
    world.enrol("member", "Both Ltd")
    assert world.send("member:Both Ltd", "GET", path).status_code == 200
    assert world.send("member:Both Ltd", "POST", "/api/v1/reports", a_report()).status_code == 404


def test_every_change_is_in_the_audit_and_no_token_is(world: World) -> None:
    made = issue(world, "producer").get_json()
    world.send("operator", "POST", f"{tokens(world)}/{made['id']}/rotate", {})
    world.send("operator", "DELETE", f"{tokens(world)}/{made['id']}")
    with world.hub.store.reading() as db:
        entries = audit.entries(db)
    mine = [one["action"] for one in entries if one["subject"] == made["id"]]
    assert mine == ["token.issue", "token.rotate", "token.revoke"]
    assert made["token"] not in str(entries)


def tokens(world: World) -> str:
    """Where the staff's tokens are."""
    return f"/api/v1/members/{world.ids[STAFF]}/tokens"


def issue(world: World, *roles: str, days: int = 365) -> Any:
    """Issue a token to the staff."""
    return world.send("operator", "POST", tokens(world), {"roles": list(roles), "days": days})


def works(world: World, text: str) -> bool:
    """Whether a token is taken."""
    return world.web.get("/taxii2/", headers={"Authorization": f"Bearer {text}"}).status_code == 200


def members(world: World) -> list[dict[str, Any]]:
    """Every organisation."""
    found: list[dict[str, Any]] = world.send("operator", "GET", "/api/v1/members?limit=200").get_json()["items"]
    return found

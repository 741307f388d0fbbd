"""The operator's organisations, grants and tokens: one thing is authorised and the same thing is changed."""

from datetime import timedelta

import pytest

from tests.conftest import World
from tests.wire import REPORTS

MEMBERS = "/api/v1/members"


def add(world: World, name: str) -> str:
    answer = world.send("operator", "POST", MEMBERS, {"name": name})
    assert answer.status_code == 201
    return str(answer.get_json()["id"])


def issue(world: World, member: str, *roles: str, **more: object) -> dict[str, str]:
    answer = world.send("operator", "POST", f"{MEMBERS}/{member}/tokens", {"roles": list(roles), **more})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    body: dict[str, str] = answer.get_json()
    return body


def until(world: World, **by: float) -> str:
    return (world.clock() + timedelta(**by)).isoformat()


def test_an_organisation_is_added_granted_an_audience_and_given_a_token(any_world: World) -> None:
    world = any_world
    member = add(world, "New lab")
    grant = {"audience": "members", "expires_at": until(world, days=30)}
    assert world.send("operator", "POST", f"{MEMBERS}/{member}/grants", grant).status_code == 201
    world.tokens["new"] = issue(world, member, "member")["token"]
    assert world.objects("new", "members") == []
    assert world.send("new", "GET", f"/taxii2/hub/collections/{world.collection('trusted')}/").status_code == 404
    world.clock.forward(days=31)
    assert world.send("new", "GET", f"/taxii2/hub/collections/{world.collection('members')}/").status_code == 404


def test_a_name_is_taken_once(world: World) -> None:
    add(world, "New lab")
    assert world.send("operator", "POST", MEMBERS, {"name": "New lab"}).status_code == 409


def test_a_token_is_shown_once_and_listed_without_its_text(world: World) -> None:
    member = add(world, "New lab")
    made = issue(world, member, "producer", label="CI", days=30)
    assert made["token"].startswith("hub_live_")
    (row,) = world.send("operator", "GET", f"{MEMBERS}/{member}/tokens").get_json()["items"]
    assert "token" not in row
    assert (row["id"], row["label"], row["roles"]) == (made["id"], "CI", ["producer"])
    assert made["token"].split("_")[3] not in repr(row)


def test_two_tokens_of_a_kind_are_alive_and_a_third_is_refused_however_its_roles_are_written(world: World) -> None:
    member = add(world, "New lab")
    for _ in range(2):
        issue(world, member, "producer", "member")
    for roles in (["member", "producer"], ["producer", "member", "producer"]):
        answer = world.send("operator", "POST", f"{MEMBERS}/{member}/tokens", {"roles": roles})
        assert answer.status_code == 409, roles
    issue(world, member, "producer")


def test_a_rotated_token_lives_on_for_its_grace_only(world: World) -> None:
    member = add(world, "New lab")
    old = issue(world, member, "producer", days=100)
    path = f"{MEMBERS}/{member}/tokens/{old['id']}/rotate"
    new = world.send("operator", "POST", path, {"grace_days": 2}).get_json()
    world.tokens.update(old=old["token"], new=new["token"])
    assert [world.send(who, "GET", REPORTS).status_code for who in ("old", "new")] == [200, 200]
    world.clock.forward(days=2, seconds=1)
    assert [world.send(who, "GET", REPORTS).status_code for who in ("old", "new")] == [401, 200]
    assert world.send("operator", "POST", path, {}).status_code == 409


@pytest.mark.parametrize("days", [-1, 1.5, "7", 10**15, 10**9, None])
def test_a_grace_that_is_none_is_refused_and_a_long_one_never_prolongs(world: World, days: object) -> None:
    member = add(world, "New lab")
    old = issue(world, member, "producer", days=10)
    answer = world.send("operator", "POST", f"{MEMBERS}/{member}/tokens/{old['id']}/rotate", {"grace_days": days})
    assert answer.status_code in {201, 409, 422}, answer.get_data(as_text=True)
    rows = world.send("operator", "GET", f"{MEMBERS}/{member}/tokens").get_json()["items"]
    assert next(row["expires_at"] for row in rows if row["id"] == old["id"]) == old["expires_at"]


@pytest.mark.parametrize("days", [0, 366, 10**15, -1])
def test_a_token_lives_at_most_a_year(world: World, days: int) -> None:
    answer = world.send(
        "operator", "POST", f"{MEMBERS}/{add(world, 'Lab')}/tokens", {"roles": ["member"], "days": days}
    )
    assert answer.status_code in {409, 422}


@pytest.mark.parametrize("roles", [[], ["king"], ["producer", "king"], "producer", [5], None, [""]])
def test_a_token_without_a_role_that_exists_is_refused(world: World, roles: object) -> None:
    answer = world.send("operator", "POST", f"{MEMBERS}/{add(world, 'Lab')}/tokens", {"roles": roles})
    assert answer.status_code in {409, 422}


@pytest.mark.parametrize(
    ("audience", "days"),
    [("members", -1), ("members", 0), ("members", 5_000), ("nobody", 30), ("Members", 30), ("", 30)],
)
def test_a_grant_is_of_an_audience_that_exists_and_ends(world: World, audience: str, days: int) -> None:
    body = {"audience": audience, "expires_at": until(world, days=days)}
    assert world.send("operator", "POST", f"{MEMBERS}/{add(world, 'Lab')}/grants", body).status_code in {409, 422}


def test_a_token_is_changed_only_through_its_own_organisation(any_world: World) -> None:
    """Authorising one thing and changing another: the path's two ids must belong together."""
    world = any_world
    one, other = add(world, "One"), add(world, "Other")
    token = issue(world, one, "producer")
    world.tokens["one"] = token["token"]
    for wrong in (other, "00000000-0000-4000-8000-000000000000"):
        path = f"{MEMBERS}/{wrong}/tokens/{token['id']}"
        assert world.send("operator", "DELETE", path).status_code == 404
        assert world.send("operator", "POST", f"{path}/rotate", {}).status_code == 404
    assert world.send("one", "GET", REPORTS).status_code == 200
    assert len(world.send("operator", "GET", f"{MEMBERS}/{one}/tokens").get_json()["items"]) == 1
    assert world.send("operator", "DELETE", f"{MEMBERS}/{one}/tokens/{token['id']}").status_code == 200
    assert world.send("one", "GET", REPORTS).status_code == 401


@pytest.mark.parametrize("who", ["producer", "member", "researcher", "analyst", "auditor"])
def test_nobody_but_the_operator_sees_or_changes_members(world: World, who: str) -> None:
    member = world.ids["The producer's organisation"]
    answers = [
        world.send(who, "GET", MEMBERS),
        world.send(who, "POST", MEMBERS, {"name": "Mine"}),
        world.send(who, "GET", f"{MEMBERS}/{member}/tokens"),
        world.send(who, "POST", f"{MEMBERS}/{member}/tokens", {"roles": ["operator"]}),
        world.send(who, "POST", f"{MEMBERS}/{member}/grants", {"audience": "members", "expires_at": "2027"}),
    ]
    assert {(answer.status_code, answer.get_data()) for answer in answers} == {(404, answers[0].get_data())}


def test_only_an_analyst_gives_standing_acceptance_and_the_operator_opens_nothing(world: World) -> None:
    member = world.ids["The producer's organisation"]
    path, body = f"{MEMBERS}/{member}/accept", {"audience": "members"}
    assert world.send("operator", "POST", path, body).status_code == 404
    assert world.send("analyst", "POST", path, body).get_json() == {"id": member, "subject": "standing", **body}
    rows = world.send("operator", "GET", f"{MEMBERS}?limit=200").get_json()["items"]
    assert next(row["approved_at"] for row in rows if row["id"] == member)


@pytest.mark.parametrize("name", ["%00", "a%00b", "%ff%fe", "x" * 400])
def test_an_organisation_by_an_odd_name_is_not_found_on_either_engine(any_world: World, name: str) -> None:
    for method, path in (("GET", f"{MEMBERS}/{name}/tokens"), ("DELETE", f"{MEMBERS}/x/tokens/{name}")):
        assert any_world.send("operator", method, path).status_code in {400, 404}


@pytest.mark.parametrize("name", ["", " ", 5, None, "x" * 201, "a\x00b", ["a"]])
def test_a_name_that_is_none_is_refused(any_world: World, name: object) -> None:
    assert any_world.send("operator", "POST", MEMBERS, {"name": name}).status_code in {400, 422}

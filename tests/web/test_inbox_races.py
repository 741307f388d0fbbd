"""Many who post at once into one inbox, and an inbox that is full."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from hub.app import create_app
from hub.services import inbox as service
from tests.conftest import World
from tests.stage import POSTED, TAXII, inbox, post
from tests.web.test_inbox import INCIDENT, objects

CLIENTS, EACH = 6, 5


def numbered(number: int) -> dict[str, Any]:
    return {**POSTED, "id": f"{POSTED['type']}--{UUID(int=number, version=4)}"}


def test_posts_at_once_are_each_there_once_in_order_of_their_dates(any_world: World) -> None:
    world, path = any_world, f"/taxii2/hub/collections/{inbox(any_world, 'member')}/objects/"
    headers = {"Authorization": f"Bearer {world.tokens['member']}", "Content-Type": TAXII}
    app = create_app(world.hub)

    def send(client: int) -> list[int]:
        web = app.test_client()
        own = [numbered(1 + client * EACH + at) for at in range(EACH)]
        bodies = [json.dumps({"objects": [numbered(0), one, INCIDENT]}) for one in own]
        return [web.post(path, data=body, headers=headers).status_code for body in bodies]

    with ThreadPoolExecutor(CLIENTS) as pool:
        assert {status for statuses in pool.map(send, range(CLIENTS)) for status in statuses} == {202}
    found = objects(world)
    assert sorted(one["id"] for one in found if one["type"] == POSTED["type"]) == sorted(
        numbered(number)["id"] for number in range(1 + CLIENTS * EACH)
    )
    assert [one["id"] for one in found if one["type"] == "incident"] == [INCIDENT["id"]]
    reports = world.send("analyst", "GET", "/api/v1/reports").get_json()["items"]
    assert [one["report"]["client_ref"] for one in reports] == [INCIDENT["id"]]
    listed = world.send("member", "GET", path.replace("objects", "manifest")).get_json(force=True)["objects"]
    dates = [one["date_added"] for one in listed]
    assert dates == sorted(set(dates))
    assert [one["id"] for one in listed] == [one["id"] for one in found]


def test_an_inbox_that_is_full_says_so_and_takes_more_once_something_went(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_POSTS", 2)
    told = post(world, "member", numbered(1), numbered(2), numbered(3))
    assert (told["success_count"], told["failure_count"]) == (2, 1)
    assert "delete what you no longer need" in told["failures"][0]["message"]
    path = f"/taxii2/hub/collections/{inbox(world, 'member')}/objects/{numbered(1)['id']}/"
    assert world.send("member", "DELETE", path).status_code == 200
    assert post(world, "member", numbered(3))["success_count"] == 1
    assert [one["id"] for one in objects(world)] == [numbered(2)["id"], numbered(3)["id"]]

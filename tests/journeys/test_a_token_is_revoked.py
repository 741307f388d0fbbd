"""An operator ends a token at the shell of the host: within five seconds no process of the hub takes it any more."""

import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
import requests

from hub.roles import Act, shell
from hub.services import membership
from hub.services.membership import Wanted
from tests.conftest import World
from tests.servers import living_world, run, serving

ASKED = ("/taxii2/", "/api/v1/reports", "/feeds/members/tombstones.json")
TOLD = 5.0  # seconds, as promised
WATCHED = 6.0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = living_world(tmp_path)
    made.enrol("member", audiences=("members",))
    act, wanted = Act(shell("test"), made.clock()), Wanted(["producer", "member"])
    member = made.ids["The member's organisation"]
    made.tokens["both"] = made.hub.store.write(lambda db: membership.issue(db, act, member, wanted)).text
    yield made
    made.hub.store.close()


def test_a_revoked_token_is_refused_by_every_worker_within_five_seconds(world: World) -> None:
    sent = {"Authorization": f"Bearer {world.tokens['both']}"}
    token_id = world.tokens["both"].split("_")[2]

    def refused(url: str) -> list[bool]:
        """Each over a connection of its own, so that both workers are met."""
        return [
            requests.get(url + path, headers=sent, timeout=10).status_code == HTTPStatus.UNAUTHORIZED for path in ASKED
        ]

    home = world.hub.config.home
    with serving(home, workers=2, HUB_CREDENTIAL_SECONDS="2") as server:
        for _ in range(5):
            assert not any(refused(server.url))
        ended = run("token", "revoke", "--home", str(home), token_id)
        assert ended.returncode == 0, ended.stderr
        began, last = time.monotonic(), 0.0
        while (now := time.monotonic() - began) < WATCHED:
            last = last if all(refused(server.url)) else now
        assert last < TOLD
        assert all(refused(server.url))

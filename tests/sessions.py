"""Work sessions and second people, for tests that need them."""

from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from hub import agreement, recovering
from hub.agreement import COOLING, Deed
from hub.errors import NotAgreed
from hub.roles import Act
from hub.services import agreements, credentials
from hub.wiring import Hub
from tests.conftest import World

PURPOSE = "to see what the law makes of it"


def begun(world: World, report: str) -> str:
    """A work session of the analyst."""
    body = {"purpose": PURPOSE, "reports": [report]}
    answer = world.send("analyst", "POST", "/api/v1/sessions", body)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(answer.get_json()["id"])


def proposed(world: World, who: str, deed: Deed) -> str:
    """Somebody's proposal, as the first try of a deed leaves it."""
    with world.hub.store.reading() as db:
        caller = credentials.look_up(db, world.tokens[who], world.clock()).caller
    return world.hub.store.write(lambda db: agreement.propose(db, Act(caller, world.clock()), deed, PURPOSE).id)


def proposals(world: World, who: str) -> list[dict[str, Any]]:
    """What waits and somebody may agree to."""
    found: list[dict[str, Any]] = world.send(who, "GET", "/api/v1/proposals").get_json()["items"]
    return found


def agree(world: World, who: str, proposal: str) -> TestResponse:
    """Agree to something as somebody."""
    return world.send(who, "POST", f"/api/v1/proposals/{proposal}/agree")


def second_agrees(hub: Hub, token: str) -> None:
    """Whoever holds a token agrees to all that waits for them."""
    with hub.store.reading() as db:
        caller = credentials.look_up(db, token, hub.clock()).caller
        waiting = agreements.listed(db, caller, hub.clock(), is_open=True)
        names = [one.id for one in waiting if one.approved_at is None]
    for name in names:
        hub.store.write(partial(agreements.agree, act=Act(caller, hub.clock()), proposal_id=name))


def replayed(hub: Hub, act: Act, why_without: str | None = None) -> dict[str, Any]:
    """`hub recover` of a hub whose operators have no names: a day stands in for the second person."""
    with pytest.raises(NotAgreed):
        recovering.replay(hub, act, why_without=why_without)
    return recovering.replay(hub, Act(act.caller, act.at + COOLING), why_without=why_without)

"""What journeys of several files share."""

import pytest

from tests.journeys.desk import PUBLISHERS, REPORTS, Desk, tell
from tests.servers import living_world, serving


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    world = living_world(tmp_path_factory.mktemp("desk"))
    for name in PUBLISHERS:
        world.enrol("producer", name)
    world.enrol("analyst", "Hub staff")
    world.tokens["analyst"] = world.tokens["analyst:Hub staff"]
    world.enrol("member", audiences=("members", "public", "reference"))
    filed = [tell(world, number) for number in range(REPORTS)]
    world.release()
    who, path = f"producer:{PUBLISHERS[0]}", f"/api/v1/reports/{filed[0]['id']}"
    assert world.send(who, "PATCH", path, {"title": "Corrected"}, If_Match='"r1"').status_code == 200
    assert world.send(who, "POST", f"/api/v1/reports/{filed[3]['id']}/withdraw").status_code == 200
    world.release()
    with serving(world.hub.config.home) as server:
        yield Desk(world, server.url)
    world.hub.store.close()

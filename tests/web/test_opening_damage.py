"""A damaged report answers 409 and stays shut; a page of others opens, and so does a scan."""

import pytest
from sqlalchemy import text

from hub.store import audit
from tests.conftest import World
from tests.factories import a_report


@pytest.mark.parametrize("origins", ['{"title": 7}', '{"title": [1]}', '{"title": 99999999999}', "[1]", "null"])
def test_origins_that_name_nothing_open_nothing_and_hold_up_no_other(any_world: World, origins: str) -> None:
    world = any_world
    damaged, sound = (world.file("producer", a_report(client_ref=name, title=name))["id"] for name in ("one", "two"))
    world.release()
    spoil = f"UPDATE revision SET origins = '{origins}' WHERE report_id = :one"  # noqa: S608 - our own words
    with world.hub.store.writing() as db:
        db.connection().execute(text(spoil), {"one": damaged})
    answer = world.send("analyst", "POST", f"/api/v1/reports/{damaged}/open", {"purpose": "To look at it."})
    assert answer.status_code == 409
    page = world.send("analyst", "POST", "/api/v1/search/open", {"purpose": "To look at them."})
    assert page.status_code == 200
    told = {one["id"]: one for one in page.get_json()["items"]}
    assert "fault" in told[damaged]
    assert "fault" not in told[sound]
    scan = world.send("analyst", "POST", "/api/v1/search/sealed", {"purpose": "To find it.", "contains": "two"})
    assert scan.status_code == 200
    assert [one["id"] for one in scan.get_json()["items"]] == [sound]
    with world.hub.store.reading() as db:
        outcomes = [one for one in audit.entries(db) if one["action"] == "open.outcome"]
    assert all("fault" in one["details"] for one in outcomes if one["subject"] == damaged)
    assert len([one for one in outcomes if one["subject"] == damaged]) == 2

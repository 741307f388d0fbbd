"""A member without TAXII: a table fetched every morning, read by a script, kept up to date, and cleared of recalls."""

import csv
import io
import json

from feeds.cells import split, unmarked
from tests.conftest import World
from tests.factories import a_report
from tests.hub.services.steps import approve

TABLE, GONE = "/feeds/members/entries.csv", "/feeds/members/tombstones.json"


def test_a_member_keeps_a_table(any_world: World) -> None:
    world, tag = any_world, ""
    approve(world, "producer")

    def morning() -> dict[str, dict[str, str]] | None:
        """The table by reference, or None if nothing changed since yesterday."""
        nonlocal tag
        answer = world.send("member", "GET", TABLE, If_None_Match=tag or '""')
        tag = answer.headers["ETag"]
        if answer.status_code == 304:
            return None
        rows = csv.DictReader(io.StringIO(answer.data.decode(), newline=""), strict=True)
        return {row["reference"]: row for row in rows}

    assert morning() == {}, "a feed without entries has a header"
    systems = [{"name": "=Ops agent"}, {"name": "Second|agent"}]
    filed = world.file("producer", a_report(client_ref="T-1", tlp="green", title="=1+1", systems=systems))
    world.accept(filed["id"], "members")
    world.file("producer", a_report(client_ref="T-2", share_redacted_with=["members"], severity="low"))
    world.release()
    held = morning()
    assert held is not None
    by_mode = {row["mode"]: row for row in held.values()}
    written, redacted = by_mode["written"], by_mode["redacted"]
    assert unmarked(written["title"]) == "=1+1"
    assert written["title"] == "'=1+1", "as a spreadsheet gets it"
    assert split(unmarked(written["systems[].name"])) == ["=Ops agent", "Second|agent"]
    assert "title:withheld" in split(redacted["limits"])
    assert (redacted["severity"], redacted["systems[].name"]) == ("low", "")
    assert morning() is None
    world.send("producer", "PATCH", f"/api/v1/reports/{filed['id']}", {"severity": "low"}, If_Match='"r1"')
    world.release()
    corrected = morning()
    assert corrected is not None
    assert corrected[written["reference"]]["severity"] == "low"
    world.send("producer", "POST", f"/api/v1/reports/{filed['id']}/withdraw")
    world.release()
    left = morning()
    assert left is not None
    assert set(left) == {redacted["reference"]}
    (buried,) = json.loads(world.send("member", "GET", GONE).data)["entries"]
    assert buried["reference"] == written["reference"]
    assert written["stix_id"] in buried["stix_ids"]

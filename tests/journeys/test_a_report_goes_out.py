"""The whole flow, on both engines: filed, admitted, released, corrected, withdrawn."""

from tests.conftest import World
from tests.factories import a_report


def test_a_report_is_filed_released_corrected_and_withdrawn(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(share_redacted_with=["members"], title="Secret title"))
    assert filed["state"] == "filed"
    assert world.release()["members"].number is None, "an organisation that no analyst approved reached a feed"

    world.accept(filed["id"], "members")
    world.release()
    (carrier,) = world.carriers("member", "members")
    assert carrier["name"].startswith("High-severity incident (M-")

    path = f"/api/v1/reports/{filed['id']}"
    assert world.send("producer", "PATCH", path, {"severity": "low"}, If_Match='"r1"').status_code == 200
    world.release()
    (corrected,) = world.carriers("member", "members")
    assert corrected["id"] == carrier["id"]
    assert corrected["modified"] > carrier["modified"]
    assert corrected["name"].startswith("Low-severity incident")

    assert world.send("producer", "POST", f"{path}/withdraw").get_json()["state"] == "withdrawn"
    world.release()
    assert world.carriers("member", "members") == []
    (revoked,) = [one for one in world.objects("member", "members") if one["id"] == carrier["id"]]
    assert revoked["revoked"]
    assert revoked["name"] == f"Withdrawn ({carrier['external_references'][0]['external_id']})"


def test_an_accepted_green_report_leaves_in_its_own_words(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(tlp="green", title="In our words"))
    world.accept(filed["id"], "members")
    world.release()
    (carrier,) = world.carriers("member", "members")
    assert carrier["name"] == "In our words"

"""An observable has no versions and cannot be revoked: when it goes, its bytes go, and what spoke of it is revoked."""

from typing import Any

from feeds.edition import is_observable
from tests.conftest import World
from tests.factories import a_report

WHO = "member"


def _threat(*values: str) -> dict[str, Any]:
    return {"indicators": [{"type": "domain", "value": value, "pap": "clear"} for value in values]}


def _released(world: World, **changes: Any) -> str:
    filed = world.file("producer", a_report(report_type="threat", tlp="green", **changes))
    world.accept(filed["id"], "members")
    world.release()
    report_id: str = filed["id"]
    return report_id


def _amend(world: World, report_id: str, patch: dict[str, Any], revision: int = 1) -> None:
    path = f"/api/v1/reports/{report_id}"
    assert world.send("producer", "PATCH", path, patch, If_Match=f'"r{revision}"').status_code == 200
    world.release()


def _all(world: World) -> list[dict[str, Any]]:
    """Every version that the members' collection holds."""
    return world.objects(WHO, "members", "&match[version]=all")


def _values(world: World) -> set[str]:
    return {one["value"] for one in _all(world) if is_observable(one["id"])}


def test_a_value_that_left_its_entry_is_gone_with_every_byte(any_world: World) -> None:
    world = any_world
    report_id = _released(world, threat=_threat("one.example", "two.example"))
    assert _values(world) == {"one.example", "two.example"}
    before = {one["id"] for one in _all(world) if "one.example" in repr(one) and one["type"] != "report"}
    _amend(world, report_id, {"threat": _threat("two.example")})
    assert _values(world) == {"two.example"}
    live = world.objects(WHO, "members")
    assert "one.example" not in repr(live)
    gone = {one["id"] for one in live if one.get("revoked")}
    assert {stix_id.partition("--")[0] for stix_id in gone} == {"indicator", "observed-data", "relationship"}
    assert {stix_id for stix_id in before if not is_observable(stix_id)} <= gone


def test_a_value_that_returns_is_served_again(any_world: World) -> None:
    world = any_world
    report_id = _released(world, threat=_threat("one.example"))
    first = {one["id"] for one in _all(world) if one["type"] == "indicator"}
    _amend(world, report_id, {"threat": None})
    assert _values(world) == set()
    _amend(world, report_id, {"threat": _threat("one.example")}, revision=2)
    assert _values(world) == {"one.example"}
    again = [one for one in world.objects(WHO, "members") if one["type"] == "indicator" and not one.get("revoked")]
    assert len(again) == 1
    assert again[0]["id"] not in first, "what was revoked stays so"


def test_a_recall_leaves_no_byte_of_an_observable(any_world: World) -> None:
    world = any_world
    report_id = _released(world, threat=_threat("one.example"))
    assert world.send("producer", "POST", f"/api/v1/reports/{report_id}/withdraw").status_code == 200
    world.release()
    left = [one for one in _all(world) if one.get("created_by_ref") == world.hub.deployment.identity]
    assert left
    assert all(one["revoked"] for one in left)
    assert _values(world) == set()
    assert "one.example" not in repr(_all(world))


def test_under_a_narrower_label_an_observable_is_another_object(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(report_type="threat", tlp="clear", threat=_threat("one.example")))
    world.accept(filed["id"], "members")
    world.release()
    (first,) = (one for one in _all(world) if is_observable(one["id"]))
    _amend(world, filed["id"], {"tlp": "green"})
    (second,) = (one for one in _all(world) if is_observable(one["id"]))
    assert first["value"] == second["value"]
    assert first["id"] != second["id"]
    assert first["object_marking_refs"] != second["object_marking_refs"]


def test_taxii_gives_an_observable_the_version_of_its_release(world: World) -> None:
    _released(world, threat=_threat("one.example"))
    base = f"/taxii2/hub/collections/{world.collection('members')}"
    listed = world.send(WHO, "GET", f"{base}/manifest/").get_json()["objects"]
    (seen,) = (one for one in listed if is_observable(one["id"]))
    (carrier,) = (one for one in listed if one["id"].startswith("report--"))
    assert seen["version"] == carrier["version"]
    found = world.send(WHO, "GET", f"{base}/objects/{seen['id']}/").get_json()["objects"]
    assert [one["value"] for one in found] == ["one.example"]
    assert "modified" not in found[0]

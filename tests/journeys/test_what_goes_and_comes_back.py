"""What a producer narrows goes at once, whatever the cadence; and what may return does."""

from datetime import timedelta

from hub import rounds
from tests.conftest import World
from tests.factories import a_report


def amend(world: World, report_id: str, patch: dict[str, object], revision: int = 1) -> None:
    path = f"/api/v1/reports/{report_id}"
    answer = world.send("producer", "PATCH", path, patch, If_Match=f'"r{revision}"')
    assert answer.status_code == 200, answer.get_data(as_text=True)


def test_a_report_under_a_late_embargo_goes_and_comes_back_when_it_ends(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(tlp="green"))
    world.accept(filed["id"], "members")
    world.release()
    (before,) = world.carriers("member", "members")
    until = world.clock() + timedelta(days=1)
    amend(world, filed["id"], {"embargo_until": until.isoformat()})
    assert world.release()["members"].waiting == {"embargo": 1}
    assert world.carriers("member", "members") == []
    world.clock.forward(days=1)
    world.release()
    (after,) = world.carriers("member", "members")
    assert after["id"] != before["id"], "a re-release has new ids"


def test_what_turned_redacted_waits_for_a_batch_and_leaves_with_it(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(tlp="clear", share_redacted_with=["public"]))
    world.accept(filed["id"], "public")
    world.release()
    amend(world, filed["id"], {"tlp": "amber+strict"})
    assert world.release()["public"].waiting["batch"] == 1
    for name in ("Second", "Third"):
        world.enrol("producer", name)
        path = f"/api/v1/members/{world.ids[name]}/accept"
        assert world.send("analyst", "POST", path, {"audience": "trusted"}).status_code == 200
        world.file(f"producer:{name}", a_report(client_ref=name, share_redacted_with=["public"]))
    world.release()
    assert len(world.carriers("member", "public")) == 3


def test_a_narrowed_report_does_not_wait_for_the_cadence_to_go_and_nothing_leaves_with_it(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(tlp="clear", title="Too much"))
    world.accept(filed["id"], "public")
    rounds.tick(world.hub)
    assert [one["name"] for one in world.carriers("member", "public")] == ["Too much"]
    later = world.file("producer", a_report(tlp="clear", title="Of next week", client_ref="L"))
    world.accept(later["id"], "public")
    amend(world, filed["id"], {"tlp": "red"})
    world.clock.forward(minutes=1)
    rounds.tick(world.hub)
    assert world.carriers("member", "public") == [], "public comes round weekly; the recall does not wait for it"
    world.clock.forward(days=8)
    rounds.tick(world.hub)
    assert [one["name"] for one in world.carriers("member", "public")] == ["Of next week"]

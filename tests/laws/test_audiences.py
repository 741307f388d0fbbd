"""A researcher's token reads what is de-identified, whatever else its organisation was granted."""

from tests.conftest import World


def test_a_researchers_token_reads_no_members_feed(world: World) -> None:
    world.enrol("researcher", "Both", ("members", "researchers", "public"))
    path = "/taxii2/hub/collections/"
    seen = {one["alias"] for one in world.send("researcher:Both", "GET", path).get_json(force=True)["collections"]}
    assert seen == {"researchers", "public"}
    members = world.send("researcher:Both", "GET", f"{path}{world.collection('members')}/objects/")
    assert members.status_code == 404

"""A home is lost and comes back from an older backup: nobody sees again what was taken back since."""

import pytest
from sqlmodel import select

from hub import archive, logbook, recovering, witness
from hub.app import create_app
from hub.config import Config
from hub.errors import NotReady
from hub.roles import Act, shell
from hub.rounds import publish_all
from hub.store.tables import Entry
from hub.wiring import connect
from tests.conftest import World
from tests.factories import a_report
from tests.sessions import replayed


def act(world):
    return Act(shell("test"), world.clock())


def filed(world, name):
    said = world.file("producer", a_report(client_ref=f"T-{name}-0", tlp="green", title=name))
    world.accept(said["id"], "members")
    return said["id"]


def restored(world, tmp_path):
    """The hub out of its backup, in another home; the second place is the old one's."""
    settings = {"HUB_WITNESS": str(world.hub.config.witness)}
    config = Config.read(settings, str(tmp_path / "new"))
    archive.restore_keys(tmp_path / "keys.tar", config.keys)
    archive.restore(config, act(world), tmp_path / "hub.backup")
    hub = connect(config)
    hub.clock = world.clock
    return hub


@pytest.fixture
def lost(world, tmp_path):
    """Backed up after one release; then a report is withdrawn, another filed, and all of it released."""
    old = {name: filed(world, name) for name in ("STAYS", "GOES")}
    world.release()
    archive.keep_keys(world.hub, act(world), tmp_path / "keys.tar")
    archive.backup(world.hub, act(world), tmp_path / "hub.backup")
    assert world.send("producer", "POST", f"/api/v1/reports/{old['GOES']}/withdraw").status_code == 200
    filed(world, "LATE")
    world.clock.forward(minutes=5)
    world.release()
    logbook.keep(world.hub)
    assert recovering.keep(world.hub) == 1
    assert recovering.keep(world.hub) == 0, "an idle call writes nothing"
    return world


def test_nothing_withdrawn_reappears_and_no_number_is_used_twice(lost, tmp_path):
    world, last = lost, lost.objects("member", "members")
    added = max(row for row in positions(world.hub))
    hub = restored(world, tmp_path)
    with pytest.raises(NotReady, match="hub recover"):
        publish_all(hub, hub.feeds())
    world.clock.forward(minutes=5)
    told = replayed(hub, act(world))
    assert (told["withdrawn"], told["unreadable"]) == (1, 0)
    assert told["feeds"]["members"] == 1
    with pytest.raises(NotReady, match="nothing to replay"):
        recovering.replay(hub, act(world))
    new = World(hub, world.clock, create_app(hub).test_client(), world.tokens, world.ids)
    carriers = [one["name"] for one in new.carriers("member", "members")]
    assert len(carriers) == 2, "the backup shows the withdrawn report until the recall"
    assert new.release()["members"].number == 3
    assert len(new.carriers("member", "members")) == 1
    fresh = [row for row in positions(hub) if row > added]
    assert fresh, "a poller that goes on with its cursor sees the recall"
    assert last
    hub.store.close()


def positions(hub):
    """When and where each entry of the feed stands."""
    with hub.store.reading() as db:
        return {(row.added_at, row.position) for row in db.exec(select(Entry).where(Entry.feed == "members"))}


def test_without_the_second_place_a_reason_is_wanted_and_the_jump_is_far(lost, tmp_path):
    world = lost
    config = Config.read({}, str(tmp_path / "new"))
    archive.restore_keys(tmp_path / "keys.tar", config.keys)
    archive.restore(config, act(world), tmp_path / "hub.backup")
    hub = connect(config)
    hub.clock = world.clock
    with pytest.raises(NotReady, match="--without-witness"):
        recovering.replay(hub, act(world))
    told = replayed(hub, act(world), "it burnt")
    assert told["feeds"]["members"] == recovering.FAR
    hub.store.close()


def test_a_torn_line_is_noticed_and_the_next_is_read(tmp_path):
    witness.append(tmp_path, witness.RELEASES, [{"feed": "one", "release": 1}])
    place = tmp_path / witness.RELEASES
    place.write_bytes(place.read_bytes() + place.read_bytes()[:-9])
    assert witness.last(tmp_path, witness.RELEASES) == {"feed": "one", "release": 1}
    witness.append(tmp_path, witness.RELEASES, [{"feed": "one", "release": 2}])
    read = list(witness.every(tmp_path, witness.RELEASES))
    assert read == [{"feed": "one", "release": 1}, None, {"feed": "one", "release": 2}]

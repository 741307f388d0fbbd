"""An operator moves a hub from one engine to the other while a member's client is half-way through a feed."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from hub import receiving
from hub.app import create_app
from hub.config import Config
from hub.opening import gather, open_sealed
from hub.store import audit
from hub.store.tables import Entry, Report, Revision
from hub.warrant import Warrant, arm
from hub.wiring import connect
from tests.attaching import a_file, ask, attached, begin, chunks, place, put
from tests.conftest import World, make_world
from tests.factories import a_full_report
from tests.journeys.desk import PUBLISHERS, Desk, tell
from tests.postgres import fresh_database
from tests.receipts import check_receipt
from tests.servers import living_world, run, serving
from tests.sessions import second_agrees

REPORTS = 6
RESTORED = ["hub.restore", "agreement.propose", "agreement.agree", "agreement.use", "hub.recover"]
FILE = a_file()
pytestmark = pytest.mark.postgres


def furnish(world):
    """Three producers, two releases, of which the second changes and revokes; one not yet admitted; two files."""
    for name in PUBLISHERS:
        world.enrol("producer", name)
    for name in ("olga", "omar"):
        world.enrol("operator", "Hub staff", person=name)
    filed = [tell(world, number) for number in range(REPORTS)]
    full = world.file(f"producer:{PUBLISHERS[0]}", a_full_report(tlp="green", client_ref="FULL"))
    world.accept(full["id"], "members")
    world.release()
    who, path = f"producer:{PUBLISHERS[0]}", f"/api/v1/reports/{filed[0]['id']}"
    assert world.send(who, "PATCH", path, {"title": "Corrected"}, If_Match='"r1"').status_code == 200
    assert world.send(who, "POST", f"/api/v1/reports/{filed[3]['id']}/withdraw").status_code == 200
    world.release()
    attached(world, full["id"], FILE, f"producer:{PUBLISHERS[0]}")
    upload = begin(world, full["id"], FILE, f"producer:{PUBLISHERS[0]}", name="under way").get_json()["id"]
    put(world, full["id"], upload, *chunks(FILE)[0], who=f"producer:{PUBLISHERS[0]}")
    tell(world, REPORTS)
    return world


def move(world, place, database=None):
    """Back a hub up and restore it at a new home, keys too; the world around the new one."""
    config = world.hub.config
    data, keys = place / "hub.backup", place / "keys.tar"
    for words in (("backup", str(data)), ("backup", "--keys", str(keys))):
        told = run(*words, HUB_HOME=str(config.home), HUB_KEYS=str(config.keys), HUB_DATABASE_URL=config.database_url)
        assert told.returncode == 0, told.stderr
    settings = {"HUB_HOME": str(place / "new"), **({"HUB_DATABASE_URL": database} if database else {})}
    told = run("restore", str(data), "--keys", str(keys), **settings)
    assert told.returncode == 0, told.stderr
    settings["HUB_WITNESS"] = str(config.witness)
    hub = connect(Config.read(settings))
    hub.clock = world.clock
    told = run("recover", **settings, HUB_TOKEN=world.tokens["olga"])
    assert told.returncode == 75, told.stderr
    second_agrees(hub, world.tokens["omar"])
    told = run("recover", **settings, HUB_TOKEN=world.tokens["olga"])
    assert told.returncode == 0, told.stderr
    return World(hub, world.clock, create_app(hub).test_client(), world.tokens, world.ids), settings


def entries(world):
    """Every entry there is: what is served, and where it stands."""
    with world.hub.store.reading() as db:
        return {(row.feed, row.position): row.model_dump() for row in db.exec(select(Entry))}


def opened(world):
    """Every admitted revision with all of its sealed fields."""
    hub, found = world.hub, {}
    with hub.store.reading() as db:
        asked = select(Report.organisation_id, Revision).join(Revision, col(Revision.report_id) == Report.id)
        rows = [(owner, row) for owner, row in db.exec(asked) if row.admitted_at]
        bundles = [gather(db, hub.deployment.uid, [one])[one[1].report_id] for one in rows]
    for bundle in bundles:
        row = bundle.revision
        warrant = Warrant(row.report_id, row.revision, frozenset(row.origins), "a test")
        arm([warrant])
        found[row.report_id, row.revision] = open_sealed(hub.keyring, warrant, bundle)
    return found


def files(world):
    """The attachments of every report, as its producer sees them: by report."""
    who = f"producer:{PUBLISHERS[0]}"
    ids = [one["id"] for one in world.send(who, "GET", "/api/v1/reports?limit=100").get_json()["items"]]
    told = {one: world.send(who, "GET", place(one)).get_json()["items"] for one in ids}
    return {one: items for one, items in told.items() if items}


def receipts(world):
    """The receipt of every report, shown to its producer and verified."""
    found = {}
    for name in PUBLISHERS:
        for item in world.send(f"producer:{name}", "GET", "/api/v1/reports?limit=100").get_json()["items"]:
            said = world.send(f"producer:{name}", "GET", f"/api/v1/reports/{item['id']}/receipt").get_json()
            check_receipt(said)
            found[item["id"]] = said
    return found


def test_a_poller_goes_on_with_its_old_cursor_on_postgresql(tmp_path, cluster):
    old = living_world(tmp_path)
    old.enrol("member", audiences=("members", "public", "reference"))
    old.enrol("analyst", "Hub staff")
    old.tokens["analyst"] = old.tokens["analyst:Hub staff"]
    furnish(old)
    with serving(old.hub.config.home) as server:
        client = Desk(old, server.url).client()
        everything = [one["id"] for one in client.get_objects(limit=1000)["objects"]]
        page = client.get_objects(limit=7)
    before = [one["id"] for one in page["objects"]]
    with fresh_database(cluster) as database:
        new, settings = move(old, tmp_path, database)
        with serving(new.hub.config.home, **settings) as server:
            client, rest = Desk(new, server.url).client(), []
            while page["more"]:
                page = client.get_objects(limit=7, next=page["next"])
                rest += [one["id"] for one in page["objects"]]
        assert before + rest == everything
        new.hub.store.close()
    old.hub.store.close()


@pytest.fixture(params=["sqlite to postgresql", "postgresql to sqlite", "sqlite to sqlite"])
def houses(request, tmp_path, cluster):
    """A furnished hub, and the database into which it moves (none: SQLite)."""
    source, _, target = request.param.split()
    with fresh_database(cluster) as one, fresh_database(cluster) as other:
        old = furnish(make_world(tmp_path, one if source == "postgresql" else None))
        new, _ = move(old, tmp_path, other if target == "postgresql" else None)
        yield old, new
        for world in (old, new):
            world.hub.store.close()


def test_everything_is_there_with_the_same_bytes_and_goes_on(houses):
    old, new = houses
    assert entries(new) == entries(old)
    assert len(entries(old)) > 20
    assert opened(new) == opened(old)
    assert len(opened(old)) == REPORTS + 2
    assert receipts(new) == receipts(old)
    assert len(receipts(old)) == REPORTS + 2
    assert new.objects("member", "members") == old.objects("member", "members")
    assert files(new) == files(old)
    ((report, items),) = files(new).items()
    upload, whole = sorted(items, key=lambda one: one["state"])
    assert ask(new, report, whole["id"]).data == FILE
    for offset, chunk in chunks(FILE)[1:]:  # an upload goes on where it stood in the old house
        assert put(new, report, upload["id"], offset, chunk, who=f"producer:{PUBLISHERS[0]}").status_code == 200
    assert receiving.admit(new.hub) == 1
    assert ask(new, report, upload["id"]).data == FILE
    # Nothing is released twice or skipped: what waited in the old hub is what the new one releases.
    shown = entries(new)
    released = new.release()["members"]
    assert (released.number, released.reports) == (3, 1)
    after = entries(new)
    assert [one for one in shown if after[one]["content"] != shown[one]["content"]] == []
    ends = {feed: max(position for one, position in shown if one == feed) for feed, _ in shown}
    assert [one for one in after.keys() - shown.keys() if one[1] <= ends.get(one[0], 0)] == []
    assert new.release()["members"].number is None


def test_the_audit_goes_on_where_it_was_and_only_grows(houses):
    old, new = houses
    with new.hub.store.writing() as db:
        restored = audit.entries(db)
        audit.append(db, new.clock(), "someone", "something", "it")
    with old.hub.store.reading() as db:
        known = [one for one in audit.entries(db) if one["action"] not in {"hub.backup", "hub.backup_keys"}]
    assert restored[: len(known)] == known
    assert [one["action"] for one in restored[len(known) :]] == RESTORED
    for verb in ("DELETE FROM audit_entry", "UPDATE audit_entry SET actor = 'nobody'"):
        with pytest.raises(DBAPIError, match="only ever added"), new.hub.store.writing() as db:
            db.connection().execute(text(verb))

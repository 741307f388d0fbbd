"""Bringing a home up to date: the feeds that this version comes with, their policies, their selections."""

from hashlib import sha256

import pytest
from sqlmodel import col, delete, select, update

from feeds.feed import NotAFeed
from hub import policies
from hub.policies import INIT, definitions
from hub.store import Session, audit
from hub.store.tables import Feed as FeedRow
from hub.store.tables import FeedPolicy, Selection
from hub.wiring import Hub, set_up
from tests.conftest import World
from tests.servers import run

NEW = definitions()["members"]
OLD = NEW.partition("\n# For readers")[0]
PART = "members-indicators"


def kept_policies(hub: Hub) -> list[str]:
    with hub.store.reading() as db:
        return policies.kept(db)


def as_before(world: World, policy: str = OLD, *, applied_by: str = INIT, digest: str = "") -> None:
    """A home as an earlier version left it: another policy of the members' feed, and no selection."""
    digest = digest or sha256(policy.encode()).hexdigest()
    with world.hub.store.writing() as db:
        db.exec(delete(Selection))
        changed = update(FeedPolicy).where(col(FeedPolicy.feed) == "members")
        db.exec(changed.values(policy=policy, digest=digest, applied_by=applied_by))


def versions(db: Session) -> list[tuple[int, str]]:
    asked = select(FeedPolicy).where(FeedPolicy.feed == "members").order_by(col(FeedPolicy.version))
    return [(row.version, row.policy) for row in db.exec(asked)]


def ids(world: World) -> dict[str, str]:
    return {one.name: one.id for one in world.hub.collections()}


def test_an_old_home_gets_the_newer_definition_as_its_next_policy_with_the_selection(any_world: World) -> None:
    world = any_world
    as_before(world)
    world.hub._feeds = None
    before = ids(world)
    assert PART not in before
    again = set_up(world.hub.config)
    assert {**before, PART: ids(world)[PART]} == ids(world), "a running process sees it; every id stays"
    with world.hub.store.reading() as db:
        assert versions(db) == [(1, OLD), (2, NEW)]
        assert db.exec(select(FeedRow.policy_version).where(FeedRow.name == "members")).one() == 2
        (told,) = [one for one in audit.entries(db) if one["action"] == "feed.apply"]
    assert (told["subject"], told["actor"]) == ("members", INIT)
    assert told["details"] == {"version": 2, "digest": sha256(NEW.encode()).hexdigest()}
    assert kept_policies(again) == []
    again.store.close()


def test_to_set_up_again_changes_nothing(any_world: World) -> None:
    before = ids(any_world)
    with any_world.hub.store.reading() as db:
        entries = audit.entries(db)
    set_up(any_world.hub.config).store.close()
    any_world.hub._feeds = None
    assert ids(any_world) == before
    with any_world.hub.store.reading() as db:
        assert versions(db) == [(1, NEW)]
        assert audit.entries(db) == entries


@pytest.mark.parametrize("changes", [{"applied_by": "an operator"}, {"digest": "0" * 64}, {"policy": "not = [toml"}])
def test_a_policy_that_somebody_changed_stays_and_init_says_so(world: World, changes: dict[str, str]) -> None:
    as_before(world, **{"applied_by": "an operator", **changes})
    told = run("init", "--home", str(world.hub.config.home))
    assert told.returncode == 0, told.stderr
    assert "members keeps the policy" in told.stderr
    assert kept_policies(world.hub) == ["members"]
    with world.hub.store.reading() as db:
        assert versions(db) == [(1, changes.get("policy", OLD))]
        assert db.exec(select(Selection)).all() == []


def test_a_selection_that_lost_its_collection_gets_a_new_one(world: World) -> None:
    with world.hub.store.writing() as db:
        db.exec(delete(Selection))
    world.hub._feeds = None
    assert PART not in ids(world)
    set_up(world.hub.config).store.close()
    world.hub._feeds = None
    assert PART in ids(world)


@pytest.mark.parametrize("name", ["public", PART])
def test_no_two_collections_have_one_name(world: World, name: str) -> None:
    text = NEW.replace(PART, name)
    with pytest.raises(NotAFeed, match=f"selections.{name}: another collection has that name"):
        world.hub.store.write(lambda db: policies.add(db, "sector", text, world.clock()))
    assert "sector" not in ids(world)

"""Secrets change their root all together or not at all, and nothing else changes with them."""

import pytest
from sqlmodel import select

from hub import rounds
from hub.errors import Busy, Tampered
from hub.keys import new_epoch
from hub.roles import Act, shell
from hub.roots import KeyFile, RootProvider
from hub.seal import new_key
from hub.services import rooting
from hub.store import Session, audit, deployments
from hub.store.tables import DataKey, Revision, Secret
from tests.conftest import World
from tests.factories import a_report


@pytest.fixture
def filed(any_world: World) -> World:
    any_world.file("producer", a_report())
    rounds.admit_all(any_world.hub)
    return any_world


def secrets(world: World) -> dict[tuple[str, int], Secret]:
    with world.hub.store.reading() as db:
        return {(row.name, row.number): row for row in rooting.secrets(db)}


def put(world: World, root: RootProvider, made: list[rooting.Rewrapped]) -> None:
    world.hub.store.write(lambda db: rooting.put(db, Act(shell("test"), world.clock()), root, made))


class Moving(KeyFile):
    """From the hub's own root to another."""

    old: RootProvider

    def rewrap(self, wrapped: bytes, *context: str) -> bytes:
        return self.wrap(self.old.unwrap(wrapped, *context), *context)


def moving(world: World) -> Moving:
    made = Moving(new_key())
    object.__setattr__(made, "old", world.hub.directory.root())
    return made


def test_every_secret_moves_and_no_data_key_or_revision_does(filed: World) -> None:
    def others(db: Session) -> list[object]:
        return [row.model_dump() for kind in (DataKey, Revision) for row in db.exec(select(kind))]

    with filed.hub.store.reading() as db:
        before = others(db)
    old, new = filed.hub.directory.root(), moving(filed)
    kept = secrets(filed)
    put(filed, new, rooting.rewrap(new, list(kept.values())))
    for (name, number), row in secrets(filed).items():
        assert new.unwrap(row.wrapped, name, str(number)) == old.unwrap(kept[name, number].wrapped, name, str(number))
        with pytest.raises(Tampered):
            old.unwrap(row.wrapped, name, str(number))
    with filed.hub.store.reading() as db:
        assert others(db) == before
        (entry,) = [one for one in audit.entries(db) if one["action"] == "keys.root"]
    assert entry["details"] == {"secrets": 3, "before": ["keyfile"]}


def test_a_secret_made_meanwhile_stops_the_whole(filed: World) -> None:
    new, kept = moving(filed), secrets(filed)
    made = rooting.rewrap(new, list(kept.values()))
    later = new_epoch(2, filed.hub.directory.root())
    filed.hub.store.write(lambda db: deployments.add_epoch(db, later, filed.clock()))
    with pytest.raises(Busy, match="run it again"):
        put(filed, new, made)
    assert {at: secrets(filed)[at].wrapped for at in kept} == {at: row.wrapped for at, row in kept.items()}
    put(filed, new, rooting.rewrap(new, list(secrets(filed).values())))
    assert len(secrets(filed)) == 5


def test_a_secret_changed_meanwhile_stops_the_whole(filed: World) -> None:
    new, kept = moving(filed), secrets(filed)
    made = rooting.rewrap(new, list(kept.values()))
    again = filed.hub.directory.root()
    put(filed, again, rooting.rewrap(again, list(kept.values())))
    between = secrets(filed)
    with pytest.raises(Busy):
        put(filed, new, made)
    assert secrets(filed) == between


def test_a_provider_that_fails_half_way_has_changed_nothing(filed: World) -> None:
    class Failing(Moving):
        def wrap(self, secret: bytes, *context: str) -> bytes:
            if context[0] == "private":
                message = "try again"
                raise Busy(message)
            return super().wrap(secret, *context)

    failing = Failing(new_key())
    object.__setattr__(failing, "old", filed.hub.directory.root())
    kept = secrets(filed)
    with pytest.raises(Busy):
        rooting.rewrap(failing, list(kept.values()))
    assert secrets(filed) == kept

"""A small run of what tests/figures/test_transplants.py does at length."""

from sqlmodel import select

from hub import rounds
from hub.store.tables import Release
from tests.conftest import World
from tests.transplanting import KINDS, accepted, flips, forge, loot, opens, transplants


def test_no_ciphertext_opens_anywhere_but_in_its_place(world: World) -> None:
    found = loot(world, 6)
    assert {one.purpose for one in found} == {"report", "identity"}
    assert {one.place.revision for one in found} == {1, 2}
    assert all(opens(one) for one in found), "where they belong they open"
    tried, taken = transplants(found, 400, seed=1)
    assert set(tried) == {
        "organisation", "report", "revision", "deployment", "field", "into another report", "purpose", "epoch",
    }  # fmt: skip
    assert taken == []


def test_no_sealed_value_survives_a_flipped_bit() -> None:
    tried, taken = flips(6)
    assert tried > 3000
    assert taken == 0


def test_no_forged_row_is_admitted_opened_or_released(any_world: World) -> None:
    world = any_world
    loot(world, 4)
    world.release()
    forged = forge(world, 3 * len(KINDS), seed=2)
    rounds.admit_all(world.hub)
    assert accepted(world, forged) == []
    with world.hub.store.reading() as db:
        before = len(db.exec(select(Release)).all())
    outcomes = world.release()
    with world.hub.store.reading() as db:
        assert len(db.exec(select(Release)).all()) == before, {name: one.counts for name, one in outcomes.items()}

"""Policies applied: by whom, what they let out and take back, and that nothing of it happens at once and unseen."""

import pytest

from feeds.feed import NotAFeed, parse
from hub import policies
from hub.errors import Conflict, NotAgreed
from hub.roles import Act, Capability, shell
from hub.services import revealing
from hub.store import audit
from tests.conftest import World
from tests.factories import a_report
from tests.sessions import PURPOSE

MEMBERS = policies.definitions()["members"]
NARROW = MEMBERS.replace("[schedule]", '[narrow]\nwithhold = ["description"]\n\n[schedule]', 1)


def act(world: World) -> Act:
    return Act(shell("shell", "", Capability.FEED_ADMIN), world.clock())


def apply(world: World, text: str, name: str = "members") -> policies.Applied:
    return world.hub.store.write(lambda db: policies.apply(db, act(world), name, text))


def shown(world: World) -> str:
    (carrier,) = world.carriers("member", "members")
    return str(carrier.get("description", ""))


@pytest.fixture
def released(any_world: World) -> World:
    filed = any_world.file("producer", a_report(client_ref="one", tlp="green", description=PURPOSE))
    any_world.accept(filed["id"], "members")
    any_world.release()
    assert PURPOSE in shown(any_world)
    return any_world


def test_a_narrower_policy_takes_one_and_takes_back_what_was_shown(released: World) -> None:
    made = apply(released, NARROW)
    assert (made.version, any(one.is_wider for one in made.changes)) == (2, False)
    released.clock.forward(minutes=15)
    released.release()
    assert PURPOSE not in shown(released)
    with released.hub.store.reading() as db:
        (entry,) = [one for one in audit.entries(db) if one["action"] == "feed.apply" and one["actor"] != policies.INIT]
    assert entry["details"]["wider"] == []


def test_a_wider_policy_takes_two(released: World) -> None:
    apply(released, NARROW)
    with pytest.raises(NotAgreed):
        apply(released, MEMBERS)
    released.release()
    assert PURPOSE not in shown(released)


def test_another_policys_agreement_is_no_good(released: World) -> None:
    apply(released, NARROW)
    other = MEMBERS.replace("*/15", "*/30", 1)
    for text in (MEMBERS, other):
        with pytest.raises(NotAgreed) as refused:
            apply(released, text)
        assert refused.value.deed.details["to"] == parse("members", text).digest


def test_the_same_policy_or_anothers_letter_is_refused(released: World) -> None:
    with pytest.raises(Conflict, match="this is the policy"):
        apply(released, MEMBERS)
    with pytest.raises(Conflict, match="letter"):
        apply(released, MEMBERS.replace('letter = "M"', 'letter = "P"'))
    with pytest.raises(NotAFeed, match="above amber"):
        apply(released, MEMBERS.replace('"green"', '"red"'))


def test_a_feed_is_added_by_its_text_alone(any_world: World) -> None:
    text = MEMBERS.replace('audience = "members"', 'audience = "sector"\nmarks_of = "members"', 1)
    text = text.replace('letter = "M"', 'letter = "X"', 1).partition("# For readers")[0]
    apply(any_world, text, "sector")  # nothing was filed yet: the hub is being set up
    filed = any_world.file("producer", a_report(client_ref="one", tlp="green"))
    any_world.accept(filed["id"], "members")
    assert any_world.release()["sector"].number == 1


def test_what_a_policy_would_reveal_is_counted_over_the_store(released: World) -> None:
    for number in range(3):
        released.file("producer", a_report(client_ref=f"n-{number}", tlp="amber"))
    accepted = released.file("producer", a_report(client_ref="amber", tlp="amber"))
    released.accept(accepted["id"], "trusted")
    released.release()
    trusted = policies.checked("trusted", policies.definitions()["trusted"])
    low = policies.checked("trusted", policies.definitions()["trusted"].replace('"amber"', '"green"', 1))
    with released.hub.store.reading() as db:
        found = revealing.revealed(db, low, trusted, released.clock())
        same = revealing.revealed(db, trusted, trusted, released.clock())
    assert found.reports == 5
    assert {way: number for way, number in found.ways.items() if way[0] != way[1]} == {
        (revealing.NOWHERE, "as written"): 1
    }
    assert found.fields["title", "withheld", "keep"] == 1
    assert not same.fields

"""The publisher: everything that may leave leaves once, nothing stale leaves, and two publishers are as good as one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from hub import rounds
from hub.errors import Busy
from hub.store import audit
from hub.store.tables import Entry
from tests.conftest import World
from tests.factories import a_report
from tests.hub.services.steps import PRODUCERS, Steps, approve, due_in, enrol_three, releases_of, rows_of, turn
from tests.hub.services.test_admission import ciphertext, spoil_row

REDACTED = {"share_redacted_with": ["public", "researchers"]}


@pytest.mark.parametrize("feed", ["researchers", "public"])
def test_redacted_projections_wait_for_a_batch_of_three_approved_organisations(any_world: World, feed: str) -> None:
    world = any_world
    enrol_three(world)
    for who in PRODUCERS:
        for number in range(2):
            world.file(who, a_report(client_ref=f"T-{number}", **REDACTED))
    reader = "researcher" if feed == "researchers" else "member"
    for approved, who in enumerate(PRODUCERS):
        outcome = world.release()[feed]
        assert world.carriers(reader, feed) == []
        assert outcome.waiting.get("batch", 0) == 2 * approved
        approve(world, who)
    world.release()
    assert len(world.carriers(reader, feed)) == 6


def test_a_later_report_of_one_organisation_waits_for_a_batch_of_its_own(world: World) -> None:
    enrol_three(world)
    approve(world, *PRODUCERS)
    for who in PRODUCERS:
        world.file(who, a_report(client_ref="T-1", **REDACTED))
    world.release()
    for who in PRODUCERS[:2]:
        world.file(who, a_report(client_ref="T-2", **REDACTED))
    world.release()
    assert len(world.carriers("researcher", "researchers")) == 3
    world.file(PRODUCERS[2], a_report(client_ref="T-2", **REDACTED))
    world.release()
    assert len(world.carriers("researcher", "researchers")) == 6


def test_a_batch_that_shrinks_between_plan_and_release_is_no_batch(any_world: World) -> None:
    """Of three organisations one amends meanwhile: the two that are left must not leave without it."""
    world = any_world
    enrol_three(world)
    approve(world, *PRODUCERS)
    ids = {who: world.file(who, a_report(client_ref="T-1", **REDACTED))["id"] for who in PRODUCERS}
    steps = Steps(world, "researchers").prepare()
    path = f"/api/v1/reports/{ids['producer']}"
    assert world.send("producer", "PATCH", path, {"severity": "low"}, If_Match='"r1"').status_code == 200
    steps.finish()
    assert len(world.carriers("researcher", "researchers")) in {0, 3}
    world.release()
    assert len(world.carriers("researcher", "researchers")) == 3


def test_as_written_and_corrections_never_wait_for_a_batch(world: World) -> None:
    filed = world.file("producer", a_report(tlp="clear", title="As written"))
    world.accept(filed["id"], "public")
    world.release()
    assert [one["name"] for one in world.carriers("member", "public")] == ["As written"]
    path = f"/api/v1/reports/{filed['id']}"
    world.send("producer", "PATCH", path, {"title": "Corrected"}, If_Match='"r1"')
    world.release()
    assert [one["name"] for one in world.carriers("member", "public")] == ["Corrected"]


def test_an_embargo_passes_with_time_alone(any_world: World) -> None:
    world = any_world
    until = world.clock() + timedelta(days=2)
    filed = world.file("producer", a_report(tlp="green", embargo_until=until.isoformat()))
    world.accept(filed["id"], "members")
    assert world.release()["members"].waiting == {"embargo": 1}
    assert world.release()["members"].waiting == {"embargo": 1}, "what waits is told each time"
    world.clock.forward(days=2, microseconds=-1)
    world.release()
    assert world.carriers("member", "members") == []
    world.clock.forward(microseconds=1)
    world.release()
    assert len(world.carriers("member", "members")) == 1


def test_a_hold_that_is_lifted_opens_at_once(world: World) -> None:
    hold = {"expires_at": "2027-06-01T00:00:00Z", "reason": "Still mending it."}
    filed = world.file("producer", a_report(tlp="green", hold=hold))
    world.accept(filed["id"], "members")
    world.release()
    assert world.carriers("member", "members") == []
    world.send("producer", "PATCH", f"/api/v1/reports/{filed['id']}", {"hold": None}, If_Match='"r1"')
    world.release()
    assert len(world.carriers("member", "members")) == 1


def test_nothing_is_released_twice_and_an_idle_publisher_writes_nothing(any_world: World) -> None:
    world = any_world
    approve(world, "producer")
    for number in range(5):
        world.file("producer", a_report(client_ref=f"T-{number}", share_redacted_with=["members"]))
    world.release()
    before = [(one.position, one.version, one.content) for one in rows_of(world, "members")]
    assert len(releases_of(world, "members")) == 1
    with world.hub.store.reading() as db:
        entries = len(audit.entries(db))
    for _ in range(3):
        world.clock.forward(hours=1)
        assert [one.number for one in world.release().values()] == [None] * 5
    assert [(one.position, one.version, one.content) for one in rows_of(world, "members")] == before
    with world.hub.store.reading() as db:
        assert len(audit.entries(db)) == entries, "nothing was opened, so there is nothing to tell"


def test_a_release_costs_what_changed_and_not_what_exists(world: World) -> None:
    approve(world, "producer")
    world.file("producer", a_report(client_ref="first", share_redacted_with=["members"]))
    world.release()

    def statements_of_one_more(ref: str) -> int:
        world.file("producer", a_report(client_ref=ref, share_redacted_with=["members"]))
        rounds.admit_all(world.hub)
        ran: list[str] = []

        def note(*given: str) -> None:
            ran.append(given[2])

        event.listen(world.hub.store.engine, "before_cursor_execute", note)
        (members,) = [one for one in world.hub.feeds() if one.name == "members"]
        (outcome,) = rounds.publish_all(world.hub, [members])
        event.remove(world.hub.store.engine, "before_cursor_execute", note)
        assert outcome.reports == 1
        return len(ran)

    few = statements_of_one_more("second")
    for number in range(60):
        world.file("producer", a_report(client_ref=f"T-{number}", share_redacted_with=["members"]))
    world.release()
    assert statements_of_one_more("last") == few
    assert max(one.release for one in rows_of(world, "members")) == 4
    assert len([one for one in rows_of(world, "members") if one.release == 4]) <= 3


def test_a_report_amended_between_plan_and_release_is_not_released_stale(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(tlp="green", title="Too much said"))
    world.accept(filed["id"], "members")
    steps = Steps(world, "members").prepare()
    path = f"/api/v1/reports/{filed['id']}"
    assert world.send("producer", "PATCH", path, {"title": "Better said"}, If_Match='"r1"').status_code == 200
    steps.finish()
    assert world.carriers("member", "members") == []
    assert not any(b"Too much said" in one.content for one in rows_of(world, "members"))
    assert due_in(world, "members") == [filed["id"]], "it stays due"
    world.release()
    assert [one["name"] for one in world.carriers("member", "members")] == ["Better said"]


@pytest.mark.parametrize("change", ["withdraw", "tlp", "embargo"])
def test_a_gate_that_closes_between_plan_and_release_is_closed(any_world: World, change: str) -> None:
    """Everything is checked when a release is built, never when it is queued."""
    world = any_world
    filed = world.file("producer", a_report(tlp="green"))
    world.accept(filed["id"], "members")
    steps = Steps(world, "members").prepare()
    path = f"/api/v1/reports/{filed['id']}"
    if change == "withdraw":
        assert world.send("producer", "POST", f"{path}/withdraw").status_code == 200
    else:
        patch = {"tlp": "red"} if change == "tlp" else {"embargo_until": "2027-01-01T00:00:00Z"}
        assert world.send("producer", "PATCH", path, patch, If_Match='"r1"').status_code == 200
    steps.finish()
    world.release()
    assert world.carriers("member", "members") == []
    assert all(one.report_id is None for one in rows_of(world, "members"))


def test_a_lost_lease_raises_busy_and_writes_nothing(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(tlp="green"))
    world.accept(filed["id"], "members")
    slow = Steps(world, "members").prepare()
    fence = turn(world, "the slow one")
    with pytest.raises(Busy):
        turn(world, "the quick one")
    world.clock.forward(minutes=6)  # the lease runs out
    quick = Steps(world, "members").prepare()
    newer = turn(world, "the quick one")
    with pytest.raises(Busy):
        slow.release(fence)
    assert rows_of(world, "members") == []
    assert quick.release(newer).number == 1
    with pytest.raises(Busy):
        slow.release(fence)
    assert len(releases_of(world, "members")) == 1


def test_a_plan_that_was_carried_out_already_is_refused_by_the_database_itself(any_world: World) -> None:
    """The fence keeps this from happening; should it ever not, a report still enters a feed once."""
    world = any_world
    filed = world.file("producer", a_report(tlp="green"))
    world.accept(filed["id"], "members")
    first, second = Steps(world, "members").prepare(), Steps(world, "members").prepare()
    assert first.finish().number == 1
    before = [one.stix_id for one in rows_of(world, "members")]
    with pytest.raises(IntegrityError):
        second.finish()
    assert [one.stix_id for one in rows_of(world, "members")] == before
    assert len(world.carriers("member", "members")) == 1


def test_two_publishers_at_once_release_everything_once_and_number_without_gap(any_world: World) -> None:
    world = any_world
    approve(world, "producer")
    for batch in range(3):
        for number in range(4):
            world.file("producer", a_report(client_ref=f"T-{batch}-{number}", share_redacted_with=["members"]))
        rounds.admit_all(world.hub)
        with ThreadPoolExecutor(2) as pool:
            chosen = world.hub.feeds()
            for done in [pool.submit(rounds.publish_all, world.hub, chosen) for _ in range(2)]:
                done.result(60)
        world.clock.forward(minutes=10)
    assert [one.number for one in releases_of(world, "members")] == [1, 2, 3]
    assert len(world.carriers("member", "members")) == 12
    assert_in_order(rows_of(world, "members"))


def test_positions_and_dates_grow_together_even_if_the_clock_stands_still_or_goes_back(any_world: World) -> None:
    world = any_world
    approve(world, "producer")
    for number in range(4):
        world.file("producer", a_report(client_ref=f"T-{number}", share_redacted_with=["members"]))
        world.release()
        world.clock.forward(seconds=-30 * (number % 2))
    assert [one.number for one in releases_of(world, "members")] == [1, 2, 3, 4]
    assert_in_order(rows_of(world, "members"))


def test_one_report_that_cannot_be_opened_is_set_aside_and_the_others_leave(any_world: World) -> None:
    world = any_world
    ids = [world.file("producer", a_report(client_ref=f"T-{number}", tlp="green"))["id"] for number in range(3)]
    rounds.admit_all(world.hub)
    spoil_row(world, ids[0], ciphertext)
    for one in ids:
        world.accept(one, "members")
    outcome = world.release()["members"]
    assert set(outcome.faults) == {ids[0]}
    assert len(world.carriers("member", "members")) == 2
    assert world.release()["members"].number is None, "it is not tried again until it changes"


def assert_in_order(rows: list[Entry]) -> None:
    """Positions without gap, dates strictly growing, and releases in the order of both."""
    assert [one.position for one in rows] == list(range(1, len(rows) + 1))
    dates = [one.added_at for one in rows]
    assert dates == sorted(set(dates))
    assert [one.release for one in rows] == sorted(one.release for one in rows)
    last = {one.release: one.added_at for one in rows}
    assert not [at for at in last.values() if at.microsecond % 1000], "a client may keep milliseconds alone"

"""Opening: what was filed comes back by keyring and warrant, also across amendments, and nothing that was moved."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from hub import rounds
from hub.errors import NotSealed, Tampered
from hub.opening import Bundle, gather, open_sealed
from hub.seal import frame, unframe
from hub.store import audit, reports
from hub.store.tables import DataKey, Revision
from hub.warrant import Warrant
from schemas.anatomy import LEAVES
from schemas.marks import Kept
from tests.conftest import World
from tests.factories import a_full_report, a_report

EVERYTHING = frozenset(path for path, leaf in LEAVES.items() if leaf.mark.kept in {Kept.SEALED, Kept.IDENTITY})


def test_what_was_filed_is_what_opens(any_world: World) -> None:
    body = a_full_report(client_ref="full")
    report_id = filed(any_world, body)
    assert opened(any_world, report_id) == body


def test_an_amendment_keeps_ciphertexts_and_keys_of_what_it_leaves_alone_byte_for_byte(any_world: World) -> None:
    world, body = any_world, a_full_report(client_ref="full")
    report_id = filed(world, body)
    before, keys_before = stored(world, report_id)
    amend(world, report_id, 1, title="Better words", systems=[{"name": "Another system"}])
    after, keys_after = stored(world, report_id)

    assert after[0].sealed == before[0].sealed
    assert after[0].manifest == before[0].manifest
    assert {key: keys_after[key] for key in keys_before} == keys_before
    assert set(unframe(after[1].sealed)) == {"title", "systems[].name"}, "only what it changes is sealed again"
    assert after[1].origins["description"] == 1
    assert after[1].origins["title"] == 2
    assert set(keys_after) - set(keys_before) == {(2, "report")}, "identity was not touched, and has no new key"


def test_an_amended_report_opens_with_old_and_new_values_together(any_world: World) -> None:
    world, body = any_world, a_full_report(client_ref="full")
    report_id = filed(world, body)
    amend(world, report_id, 1, title="Better words")
    amend(world, report_id, 2, systems=[{"name": "Another system", "kind": "agent"}], poc=None)
    expected = {**body, "title": "Better words", "systems": [{"name": "Another system", "kind": "agent"}]}
    expected.pop("poc")
    assert opened(world, report_id) == expected


def test_each_purpose_opens_with_its_own_key(world: World) -> None:
    report_id = filed(world, a_full_report(client_ref="full"))
    bundle = bundle_of(world, report_id)
    bundle.keys.pop((1, "identity"))  # type: ignore[attr-defined]  # purged
    assert open_sealed(world.hub.keyring, armed(world, report_id, {"title"}), bundle)["title"]
    with pytest.raises(NotSealed, match="erased"):
        open_sealed(world.hub.keyring, armed(world, report_id, {"reporter.name"}), bundle)


def test_what_was_not_admitted_does_not_open(world: World) -> None:
    report_id = world.file("producer", a_report())["id"]
    with pytest.raises(NotSealed, match="not admitted"):
        open_sealed(world.hub.keyring, armed(world, report_id, {"title"}), bundle_of(world, report_id))


SPOILT: dict[str, Callable[[bytes, bytes], bytes]] = {
    "another report's": lambda _, other: other,
    "another field's": lambda own, _: frame({**unframe(own), "title": unframe(own)["description"]}),
    "gone": lambda own, _: frame({"description": unframe(own)["description"]}),
    "a bit flipped": lambda own, _: own[:-1] + bytes([own[-1] ^ 1]),
    "cut": lambda own, _: own[:-1],
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_row_that_was_spoilt_after_admission_does_not_open(
    world: World, spoil: Callable[[bytes, bytes], bytes]
) -> None:
    report_id, other_id = filed(world, a_report(client_ref="one")), filed(world, a_report(client_ref="two"))
    bundle, other = bundle_of(world, report_id), bundle_of(world, other_id)
    bundle.sources[1].sealed = spoil(bundle.sources[1].sealed, other.sources[1].sealed)
    warrant = armed(world, report_id, {"title", "description", "systems[].name"})
    with pytest.raises(Tampered):
        open_sealed(world.hub.keyring, warrant, bundle)


def test_another_reports_key_opens_nothing(world: World) -> None:
    report_id, other_id = filed(world, a_report(client_ref="one")), filed(world, a_report(client_ref="two"))
    mine, theirs = bundle_of(world, report_id), bundle_of(world, other_id)
    swapped = Bundle(mine.deployment, mine.organisation, mine.revision, mine.sources, theirs.keys)
    with pytest.raises(Tampered):
        open_sealed(world.hub.keyring, armed(world, report_id, {"title"}), swapped)


@pytest.mark.parametrize("changed", [{"deployment": "d-2"}, {"organisation": "o-2"}], ids=str)
def test_a_report_moved_to_another_owner_does_not_open(world: World, changed: dict[str, str]) -> None:
    report_id = filed(world, a_report())
    mine = bundle_of(world, report_id)
    place = {"deployment": mine.deployment, "organisation": mine.organisation, **changed}
    moved = Bundle(place["deployment"], place["organisation"], mine.revision, mine.sources, mine.keys)
    with pytest.raises(Tampered):
        open_sealed(world.hub.keyring, armed(world, report_id, {"title"}), moved)


def test_gathering_many_asks_no_more_than_gathering_one(world: World, count_statements: Callable[[], int]) -> None:
    ids = [filed(world, a_report(client_ref=f"r-{number}")) for number in range(12)]
    rows = [row for report_id in ids for row in stored(world, report_id)[0]]
    owner = world.ids["The producer's organisation"]
    asked = []
    for some in (rows[:1], rows):
        before = count_statements()
        with world.hub.store.reading() as db:
            found = gather(db, world.hub.deployment.uid, [(owner, row) for row in some])
        assert set(found) == {row.report_id for row in some}
        asked.append(count_statements() - before)
    assert asked[0] == asked[1]


@pytest.fixture
def count_statements(world: World) -> Callable[[], int]:
    """How many statements ran so far."""
    ran: list[str] = []
    event.listen(world.hub.store.engine, "before_cursor_execute", lambda *given: ran.append(given[2]))
    return lambda: len(ran)


def filed(world: World, body: dict[str, Any]) -> str:
    """File and admit; the id."""
    report_id: str = world.file("producer", body)["id"]
    rounds.admit_all(world.hub)
    return report_id


def amend(world: World, report_id: str, was: int, **patch: Any) -> None:
    """Amend and admit."""
    answer = world.send("producer", "PATCH", f"/api/v1/reports/{report_id}", patch, If_Match=f'"r{was}"')
    assert answer.status_code == 200, answer.get_data(as_text=True)
    rounds.admit_all(world.hub)


def stored(world: World, report_id: str) -> tuple[list[Revision], dict[tuple[int, str], DataKey]]:
    """Every revision of a report, and its keys."""
    with world.hub.store.reading() as db:
        report = reports.find(db, report_id)
        assert report
        rows = [reports.revision(db, report_id, number) for number in range(1, report.revision + 1)]
        keys = {(number, purpose): key for (_, number, purpose), key in reports.keys(db, [report_id]).items()}
    return [row for row in rows if row], keys


def bundle_of(world: World, report_id: str) -> Bundle:
    """All that it takes to open the current revision."""
    row = stored(world, report_id)[0][-1]
    with world.hub.store.reading() as db:
        owner = world.ids["The producer's organisation"]
        return gather(db, world.hub.deployment.uid, [(owner, row)])[report_id]


def armed(world: World, report_id: str, paths: set[str]) -> Warrant:
    """A warrant whose intent is on record."""
    number = stored(world, report_id)[0][-1].revision
    warrant = Warrant(report_id, number, frozenset(paths), "the test asks")
    with world.hub.store.writing() as db:
        audit.intend(db, world.clock(), "test", [warrant])
    return warrant


def opened(world: World, report_id: str) -> dict[str, Any]:
    """A report with everything opened that its current revision holds."""
    bundle = bundle_of(world, report_id)
    paths = EVERYTHING & set(bundle.revision.origins)
    return open_sealed(world.hub.keyring, armed(world, report_id, set(paths)), bundle)

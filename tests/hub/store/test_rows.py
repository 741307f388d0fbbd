"""Rows past the unit of work: stored as it would store them, all of a report or none, in as few trips as can be."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import column, event
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, select

from feeds.names import reference
from hub.store.rows import Rows
from hub.store.tables import AuditEntry, DataKey, Receipt, Replay, Report, Revision
from tests.conftest import World
from tests.factories import a_full_report, a_report
from tests.wire import REPORTS, listed

WRITTEN = (Report, Revision, DataKey, Receipt, Replay)


@pytest.fixture
def statements(any_world: World) -> Iterator[list[str]]:
    """What the database was asked to do."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: Any) -> None:
        seen.append(statement.partition(" (")[0])

    event.listen(any_world.hub.store.engine, "before_cursor_execute", note)
    yield seen
    event.remove(any_world.hub.store.engine, "before_cursor_execute", note)


def test_a_new_report_asks_nothing_before_it_is_written(any_world: World, statements: list[str]) -> None:
    any_world.file("producer", a_report(client_ref="T-0"))  # what a process asks once
    statements.clear()
    any_world.file("producer", a_report(client_ref="T-1"))
    credential, *wrote = [one for one in statements if not one.startswith("BEGIN")]
    assert credential.startswith("SELECT token"), "which a hub that keeps credentials does not ask either"
    if any_world.hub.store.engine.dialect.name == "postgresql":
        assert wrote == ['WITH "new" AS \n(INSERT INTO report']
    else:
        names = ["report", "revision", "data_key", "receipt", "audit_entry"]
        assert wrote == [f"INSERT INTO {name}" for name in names]


def test_a_single_filing_is_stored_as_a_line_of_a_batch_is(any_world: World) -> None:
    """Two ways to write one row: whatever reads it must not see which was taken."""
    world = any_world
    single = world.send("producer", "POST", REPORTS, whole("T-1"), Idempotency_Key="one")
    assert single.status_code == 201, single.get_json()
    with world.hub.store.writing() as db:
        by_lines = Rows()
        for table, row in copied(world, single.get_json()["id"]):
            by_lines.add(table, row)
        by_lines.insert(db)
    for table in WRITTEN:
        first, second = raw(world, table)
        assert first == second, table.__name__


def whole(client_ref: str) -> dict[str, Any]:
    later = "2026-12-24T10:00:00+01:00"
    shared: dict[str, Any] = {"share_redacted_with": ["members"], "urgent": True, "tlp": "green"}
    return a_full_report(client_ref=client_ref, embargo_until=later, **shared)


def copied(world: World, report_id: str) -> Iterator[tuple[type[SQLModel], dict[str, Any]]]:
    """The rows of a report under another id, without the columns that have defaults."""
    left_out = {"stamp", "indexed_stamp", "triage", "is_admitted"}
    changed = {"id": "other", "report_id": "other", "ref": "other", "client_ref": "other", "key": "other"}
    with world.hub.store.reading() as db:
        for table in WRITTEN:
            for row in db.exec(select(table)).all():
                values = {name: value for name, value in row.model_dump().items() if name not in left_out}
                assert report_id in values.values()
                yield table, {**values, **{name: value for name, value in changed.items() if name in values}}


def raw(world: World, table: type[SQLModel]) -> list[list[tuple[Any, ...]]]:
    """What lies in the columns of a table, as the driver gives it, but for what tells the two reports apart."""
    told = {"id", "report_id", "ref", "client_ref", "key"}
    names = [one for one in table.model_fields if one not in told]
    own = column("id" if table is Report else "report_id") == "other"
    asked: Any = sqlalchemy.select(own, *map(column, names)).select_from(sqlalchemy.table(str(table.__tablename__)))
    with world.hub.store.reading() as db:
        rows = [tuple(row) for row in db.connection().execute(asked.order_by(*map(column, names[:3])))]
    assert rows
    return [[row[1:] for row in rows if bool(row[0]) is is_copy] for is_copy in (False, True)]


def test_of_a_known_client_ref_nothing_is_written(any_world: World) -> None:
    world = any_world
    first = world.file("producer", a_report(client_ref="T-1"))
    before = counted(world)
    again = world.send("producer", "POST", REPORTS, a_report(client_ref="T-1"))
    assert (again.status_code, again.get_json()["id"]) == (200, first["id"])
    other = world.send("producer", "POST", REPORTS, a_report(client_ref="T-1", severity="low"))
    assert other.status_code == 409
    assert counted(world) == before


def test_a_key_that_finds_a_known_client_ref_is_kept_with_its_answer(any_world: World) -> None:
    world, body = any_world, a_report(client_ref="T-1")
    first = world.file("producer", body)
    found = [world.send("producer", "POST", REPORTS, body, Idempotency_Key="late") for _ in range(2)]
    assert [(one.status_code, one.get_json()["id"]) for one in found] == [(200, first["id"])] * 2
    assert counted(world)["Replay"] == 1


def test_another_organisation_has_client_refs_of_its_own(any_world: World) -> None:
    any_world.enrol("producer", "Second Ltd")
    ids = {any_world.file(who, a_report(client_ref="T-1"))["id"] for who in ("producer", "producer:Second Ltd")}
    assert len(ids) == 2


def test_if_one_row_cannot_be_written_none_is(any_world: World) -> None:
    any_world.file("producer", whole("T-1"), key="one")
    rows = Rows()
    for table, row in copied(any_world, listed(any_world)[0]):
        rows.add(table, {**row, **({"epoch": 99} if table is DataKey else {})})  # there is no such epoch
    before = counted(any_world)
    with pytest.raises(IntegrityError), any_world.hub.store.writing() as db:
        rows.insert_new(db)
    assert counted(any_world) == before


def test_a_reference_that_is_taken_is_drawn_again(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = any_world.file("producer", a_report(client_ref="T-1"))
    drawn = [first["ref"]]

    def unlucky(letter: str, random: bytes) -> str:
        return drawn.pop() if drawn else reference(letter, random)

    monkeypatch.setattr("hub.services.intake.reference", unlucky)
    second = any_world.file("producer", a_report(client_ref="T-2"))
    assert drawn == []
    assert second["ref"] != first["ref"]
    assert counted(any_world)["Report"] == 2


def counted(world: World) -> dict[str, int]:
    with world.hub.store.reading() as db:
        return {table.__name__: len(db.exec(select(table)).all()) for table in (*WRITTEN, AuditEntry)}

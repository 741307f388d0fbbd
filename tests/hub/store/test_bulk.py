"""Rows read in bulk are those that the unit of work reads, and their errors those of any other statement."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from hub import rounds
from hub.errors import Busy, TooLong
from hub.store import bulk
from hub.store.bulk import Asked
from hub.store.tables import DataKey, Report, Revision
from tests.conftest import World, make_world
from tests.factories import a_report
from tests.postgres import fresh_database

REPORTS = Asked("report r", "r.id", {"r.id": bulk.text, "r.client_ref": bulk.text, "r.revision": bulk.number})
SEALED = Asked("revision v", "v.report_id", {"v.report_id": bulk.text, "v.sealed": bulk.blob}, " AND v.revision = ?")
KEYS = Asked(
    "data_key k",
    "k.report_id",
    {"k.report_id": bulk.text, "k.epoch": bulk.number, "k.is_admitted": bulk.flag, "k.wrapped": bulk.blob},
)
ENDLESS = "(WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n) > 0"
STRANGE = ["", 'a "quoted" one', "back\\slash", "{braces}, commas", "NULL", "o'clock", "zwölf", "tab\tand\nline"]


@pytest.fixture
def pg_world(cluster: str, tmp_path: Path) -> Iterator[World]:
    """A hub on PostgreSQL."""
    with fresh_database(cluster) as url:
        made = make_world(tmp_path, url)
        yield made
        made.hub.store.close()


def file(world: World, number: int) -> str:
    """File a report; its id."""
    report_id: str = world.file("producer", a_report(client_ref=f"r-{number}"))["id"]
    return report_id


def test_every_kind_of_value_comes_back_as_it_was_stored(any_world: World) -> None:
    ids = [file(any_world, number) for number in range(3)]
    rounds.admit_all(any_world.hub)
    file(any_world, 4)
    with any_world.hub.store.reading() as db:
        reports = db.exec(select(Report)).all()
        revisions, keys = db.exec(select(Revision)).all(), db.exec(select(DataKey)).all()
        every = [one.id for one in reports]
        found = bulk.rows(db, REPORTS, every), bulk.rows(db, SEALED, every, 1), bulk.rows(db, KEYS, every)
        some = bulk.rows(db, REPORTS, ids[:1])
    assert sorted(map(tuple, found[0])) == sorted((one.id, one.client_ref, one.revision) for one in reports)
    assert sorted(map(tuple, found[1])) == sorted((one.report_id, one.sealed) for one in revisions)
    wrapped = sorted((one.report_id, one.epoch, one.is_admitted, one.wrapped) for one in keys)
    assert sorted(map(tuple, found[2])) == wrapped
    assert {one.is_admitted for one in keys} == {True, False}
    assert [row[0] for row in some] == ids[:1]


def test_text_beyond_ascii_comes_back_as_it_is(any_world: World) -> None:
    any_world.enrol("member", "Zwölf & Söhne ✓")
    names = Asked("organisation o", "o.id", {"o.name": bulk.text})
    with any_world.hub.store.reading() as db:
        (row,) = bulk.rows(db, names, [any_world.ids["Zwölf & Söhne ✓"]])
    assert tuple(row) == ("Zwölf & Söhne ✓",)


def test_nothing_is_found_by_ids_and_numbers_that_are_not_there(any_world: World) -> None:
    report_id = file(any_world, 1)
    with any_world.hub.store.reading() as db:
        assert bulk.rows(db, REPORTS, []) == []
        assert bulk.rows(db, REPORTS, STRANGE) == []
        assert len(bulk.rows(db, REPORTS, [*STRANGE, report_id])) == 1
        for number in (-1, 0, 2, 2**31 - 1):
            assert bulk.rows(db, SEALED, [report_id], number) == []


def test_what_is_null_is_none(any_world: World) -> None:
    report_id = file(any_world, 1)
    withdrawn = Asked("report r", "r.id", {"r.withdrawn_at": bulk.text})
    with any_world.hub.store.reading() as db:
        assert [tuple(row) for row in bulk.rows(db, withdrawn, [report_id])] == [(None,)]


def test_what_takes_too_long_is_broken_off(any_world: World) -> None:
    store, report_id, before = any_world.hub.store, file(any_world, 1), time.monotonic()
    endless = Asked("report r", "r.id", {"r.id": bulk.text}, f" AND {ENDLESS}")
    with pytest.raises(TooLong), store.brief(0.2) as db:
        bulk.rows(db, endless, [report_id])
    assert time.monotonic() - before < 10
    with store.brief() as db:
        assert len(bulk.rows(db, REPORTS, [report_id])) == 1


def test_a_snapshot_is_one_from_its_first_rows_on(any_world: World) -> None:
    first, store = file(any_world, 1), any_world.hub.store
    with store.snapshot() as db:
        assert len(bulk.rows(db, REPORTS, [first])) == 1
        second = file(any_world, 2)
        assert len(bulk.rows(db, REPORTS, [first, second])) == 1
    with store.snapshot() as db:
        assert len(bulk.rows(db, REPORTS, [first, second])) == 2


def test_a_connection_that_was_lost_is_busy_and_the_next_one_works(pg_world: World) -> None:
    report_id = file(pg_world, 1)
    with pytest.raises(Busy):
        read_over_a_lost_connection(pg_world, report_id)
    with pg_world.hub.store.reading() as db:
        assert len(bulk.rows(db, REPORTS, [report_id])) == 1


def read_over_a_lost_connection(world: World, report_id: str) -> None:
    """Have the server end the connection that reads."""
    with world.hub.store.reading() as db:
        own = db.connection().execute(text("SELECT pg_backend_pid()")).scalar_one()
        with world.hub.store.writing() as other:
            other.connection().execute(text("SELECT pg_terminate_backend(:own, 5000)"), {"own": own})
        bulk.rows(db, REPORTS, [report_id])

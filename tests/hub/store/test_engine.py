"""Transactions on either engine: durable once acknowledged, alone while they write, run again when they lose a race."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlmodel import col, select, update

from hub.errors import Busy
from hub.store import Session, Store, deployments, feeds, organisations, releases
from hub.store.engine import TRIES
from hub.store.tables import Feed, Organisation, Publisher
from tests.conftest import World
from tests.postgres import NoPostgres, postgres

MANY, THREADS = 40, 4


@pytest.fixture(scope="module")
def durable_cluster() -> Iterator[str]:
    """A PostgreSQL as it is run in earnest, which the tests' own is not."""
    try:
        with postgres(fsync=True) as url:
            yield url
    except NoPostgres as none:
        pytest.skip(str(none))


@pytest.fixture
def second(any_world: World) -> Iterator[Store]:
    """The same database as another process has it: with connections and a writers' lock of its own."""
    store = Store(any_world.hub.store.url)
    yield store
    store.close()


def test_an_acknowledged_report_survives_a_power_cut_on_sqlite(world: World) -> None:
    assert world.hub.store.durability() == {"journal_mode": "wal", "synchronous": "2"}


def test_an_acknowledged_report_survives_a_power_cut_on_postgresql(durable_cluster: str) -> None:
    store = Store(durable_cluster)
    assert store.durability() == {"fsync": "on", "synchronous_commit": "on"}
    store.close()


def test_every_connection_of_sqlite_has_the_same_settings(world: World) -> None:
    asked = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout", "temp_store")
    barrier = Barrier(THREADS)

    def settings(_: int) -> tuple[Any, ...]:
        with world.hub.store.reading() as db:
            barrier.wait(20)  # so that no two threads share one connection of the pool
            return tuple(db.connection().execute(text(f"PRAGMA {name}")).scalar_one() for name in asked)

    with ThreadPoolExecutor(THREADS) as pool:
        assert set(pool.map(settings, range(THREADS))) == {("wal", 2, 1, 1, 20000, 2)}


def test_both_spellings_of_a_postgresql_url_mean_psycopg_3(tmp_path: Path) -> None:
    assert Store("postgresql://db/hub").engine.driver == "psycopg"
    assert Store("postgresql+psycopg://db/hub").engine.driver == "psycopg"


def test_nothing_that_is_not_committed_can_be_read(any_world: World) -> None:
    store = any_world.hub.store
    with store.writing() as writer:
        organisations.add(writer, named("new", any_world))
        with store.reading() as reader:
            assert organisations.find(reader, "new") is None
    with store.reading() as reader:
        assert organisations.find(reader, "new") is not None


def test_a_transaction_that_fails_leaves_nothing(any_world: World) -> None:
    def work(db: Session) -> None:
        organisations.add(db, named("new", any_world))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        any_world.hub.store.write(work)
    with any_world.hub.store.reading() as db:
        assert organisations.find(db, "new") is None


def test_rows_outlive_the_transaction_that_read_them(any_world: World) -> None:
    with any_world.hub.store.reading() as db:
        row = deployments.deployment(db)
    assert row
    assert row.identity.startswith("identity--")
    row.name = "changed in memory alone"
    with any_world.hub.store.reading() as db:
        again = deployments.deployment(db)
    assert again
    assert again.name != row.name


def test_no_update_is_lost_between_two_processes_that_write(any_world: World, second: Store) -> None:
    def add_one(store: Store) -> None:
        def work(db: Session) -> None:
            feed = feeds.lock(db, "members")
            assert feed
            db.exec(update(Feed).where(col(Feed.name) == "members").values(last_position=feed.last_position + 1))

        store.write(work)

    in_turns([any_world.hub.store, second], add_one)
    with second.reading() as db:
        assert db.exec(select(Feed.last_position).where(Feed.name == "members")).one() == MANY


def test_no_update_is_lost_on_sqlite_even_by_a_writer_that_locks_nothing(world: World) -> None:
    # BEGIN IMMEDIATE takes the lock before the first read; a deferred one would read, wait, and write what it read.
    other = Store(world.hub.store.url)

    def add_one(store: Store) -> None:
        def work(db: Session) -> None:
            fence = db.exec(select(Publisher.fence)).one()
            db.exec(update(Publisher).values(fence=fence + 1))

        store.write(work)

    in_turns([world.hub.store, other], add_one)
    with other.reading() as db:
        assert db.exec(select(Publisher.fence)).one() == MANY
    other.close()


def test_of_many_who_ask_for_the_lease_at_once_one_gets_it(any_world: World, second: Store) -> None:
    now = any_world.clock()
    taken: list[int | None] = []

    def ask(store: Store) -> None:
        owner = f"owner {id(store)} {len(taken)}"
        taken.append(store.write(lambda db: releases.take_lease(db, owner, now, now.replace(year=2027))))

    in_turns([any_world.hub.store, second], ask)
    # An owner may take its own lease again: one owner has it, whoever that is, and all fences are different.
    assert len(taken) == MANY
    fences = [fence for fence in taken if fence is not None]
    assert fences
    assert len(set(fences)) == len(fences)


def test_a_transaction_that_lost_a_race_for_a_key_runs_again_and_sees_who_won(any_world: World, second: Store) -> None:
    tries: list[str | None] = []

    def work(db: Session) -> None:
        found = organisations.find(db, "taken")
        tries.append(found.id if found else None)
        if found is None:
            if len(tries) == 1 and db.get_bind().dialect.name == "postgresql":
                second.write(lambda other: organisations.add(other, named("taken", any_world)))
            organisations.add(db, named("taken", any_world))
            if len(tries) == 1 and db.get_bind().dialect.name == "sqlite":
                # Its writers take turns, so that no real race for a key can be lost; the error is the same one.
                raise IntegrityError("INSERT", {}, sqlite3.IntegrityError("UNIQUE constraint failed"))

    any_world.hub.store.write(work)
    assert len(tries) == 2
    with second.reading() as db:
        assert len(db.exec(select(Organisation).where(Organisation.name == "taken")).all()) == 1


@pytest.mark.parametrize("any_world", ["postgresql"], indirect=True)
def test_two_transactions_in_a_deadlock_both_succeed(any_world: World, second: Store) -> None:
    barrier, runs = Barrier(2), []

    def crossing(first: str, then: str) -> Callable[[Session], None]:
        def work(db: Session) -> None:
            runs.append(first)
            feeds.lock(db, first)
            if runs.count(first) == 1:
                barrier.wait(20)
            feeds.lock(db, then)

        return work

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(any_world.hub.store.write, crossing("members", "public"))
        other = pool.submit(second.write, crossing("public", "members"))
        one.result(30)
        other.result(30)
    assert len(runs) >= 3, "PostgreSQL ends one of the two, and that one runs again"


def test_whoever_keeps_losing_is_told_that_the_hub_is_busy(world: World) -> None:
    runs = []

    def losing(_: Session) -> None:
        runs.append(1)
        raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))

    with pytest.raises(Busy):
        world.hub.store.write(losing)
    assert len(runs) == TRIES


@pytest.mark.parametrize(
    ("error", "runs_expected"),
    [
        (ProgrammingError("SELECT", {}, sqlite3.ProgrammingError("no such column")), 1),
        (OperationalError("SELECT", {}, sqlite3.OperationalError("disk I/O error")), 1),
        (IntegrityError("INSERT", {}, sqlite3.IntegrityError("FOREIGN KEY constraint failed")), TRIES),
    ],
    ids=["wrong statement", "broken disk", "key that stays taken"],
)
def test_what_is_no_race_is_raised_as_it_is(world: World, error: Exception, runs_expected: int) -> None:
    runs = []

    def failing(_: Session) -> None:
        runs.append(1)
        raise error

    with pytest.raises(type(error)):
        world.hub.store.write(failing)
    assert len(runs) == runs_expected


def test_an_error_of_the_database_hides_what_its_statement_was_given(any_world: World) -> None:
    # PostgreSQL itself names the value of a taken key in its DETAIL; so the log may not repeat messages (tests/laws).
    with pytest.raises(IntegrityError) as raised, any_world.hub.store.writing() as db:
        db.connection().execute(text("UPDATE organisation SET name = :name"), {"name": "SECRET-7391"})
    assert "SQL parameters hidden" in str(raised.value)
    assert "SECRET-7391" not in str(raised.value).partition("DETAIL")[0]


def test_what_is_deleted_on_sqlite_is_overwritten(world: World) -> None:
    with world.hub.store.writing() as db:
        organisations.add(db, named("DELETED-7391", world))
    with world.hub.store.writing() as db:
        db.connection().execute(text("DELETE FROM organisation WHERE name = 'DELETED-7391'"))
        assert organisations.find(db, "DELETED-7391") is None
    world.hub.store.close()  # the last connection folds the log into the database
    assert b"DELETED-7391" not in (world.hub.config.home / "hub.sqlite3").read_bytes()


def named(name: str, world: World) -> Organisation:
    """A row for an organisation."""
    return Organisation(id=name, name=name, created_at=world.clock())


def in_turns(stores: list[Store], work: Callable[[Store], None]) -> None:
    """Run work many times, on several threads and stores at once."""
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, (stores[number % len(stores)] for number in range(MANY))))


def test_a_database_that_does_not_answer_is_busy_and_not_a_fault_of_ours(tmp_path: Path) -> None:
    gone = Store(f"postgresql+psycopg://nobody@/nothing?host={tmp_path}")
    assert not gone.is_alive()
    with pytest.raises(Busy, match="does not answer"):
        gone.write(lambda db: db.connection())
    gone.close()

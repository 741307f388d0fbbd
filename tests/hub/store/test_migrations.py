"""Migrations: from nothing to the newest, back, and up again, on both engines, with the tables that the code has."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from hub.errors import NotReady
from hub.store import Store, migrations
from hub.wiring import connect
from tests.conftest import World
from tests.factories import a_report
from tests.postgres import fresh_database

TABLES = set(SQLModel.metadata.tables)
OWN = {"alembic_version"}


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty database of each engine in turn."""
    if request.param == "sqlite":
        made = Store(f"sqlite:///{tmp_path / 'hub.sqlite3'}")
        yield made
        made.close()
        return
    with fresh_database(request.getfixturevalue("cluster")) as url:
        made = Store(url)
        yield made
        made.close()


def tables(store: Store) -> set[str]:
    """Every table but those of the text index, which each engine keeps in its own way."""
    return {name for name in inspect(store.engine).get_table_names() if not name.startswith("search_text")}


def test_an_upgrade_from_nothing_makes_the_tables_that_the_code_has(store: Store) -> None:
    assert migrations.current(store) is None
    migrations.upgrade(store)
    assert tables(store) == TABLES | OWN
    assert migrations.drift(store) == []
    assert migrations.current(store) == migrations.newest(store)


def test_drift_is_noticed(store: Store) -> None:
    migrations.upgrade(store)
    with store.writing() as db:
        db.connection().execute(text("ALTER TABLE organisation ADD COLUMN shoe_size INTEGER"))
    assert "shoe_size" in str(migrations.drift(store))
    with store.writing() as db:
        db.connection().execute(text("DROP TABLE acceptance"))
    assert "acceptance" in str(migrations.drift(store))


def test_a_downgrade_leaves_nothing_and_an_upgrade_brings_all_back(store: Store) -> None:
    migrations.upgrade(store)
    migrations.downgrade(store)
    assert set(inspect(store.engine).get_table_names()) <= OWN
    assert migrations.current(store) is None
    migrations.upgrade(store)
    assert migrations.drift(store) == []
    assert tables(store) == TABLES | OWN


def test_every_single_step_can_be_taken_down_and_up_again(store: Store) -> None:
    script = ScriptDirectory.from_config(migrations._config(store))
    steps = [step.revision for step in reversed(list(script.walk_revisions()))]
    assert steps[-1] == migrations.newest(store)
    for before, step in zip(["base", *steps], steps, strict=False):
        migrations.upgrade(store, step)
        migrations.downgrade(store, before)
        migrations.upgrade(store, step)
        assert migrations.current(store) == step


def test_there_is_one_newest_revision(store: Store) -> None:
    assert len(ScriptDirectory.from_config(migrations._config(store)).get_heads()) == 1


def test_an_upgrade_repeated_changes_nothing(store: Store) -> None:
    migrations.upgrade(store)
    migrations.upgrade(store)
    assert migrations.drift(store) == []


def test_an_upgrade_that_fails_halfway_leaves_nothing(store: Store) -> None:
    with store.writing() as db:
        db.connection().execute(text("CREATE TABLE revision (in_the_way INTEGER)"))
    with pytest.raises(DBAPIError):
        migrations.upgrade(store)
    assert set(inspect(store.engine).get_table_names()) - OWN == {"revision"}
    assert migrations.current(store) is None


def test_an_upgrade_keeps_the_audit_append_only(store: Store) -> None:
    for again in (False, True):
        if again:
            migrations.downgrade(store)
        migrations.upgrade(store)
        with store.writing() as db:
            db.connection().execute(
                text(
                    "INSERT INTO audit_entry (at, actor, action, subject, details, salt)"
                    " VALUES (:at, 'a', 'b', 'c', '{}', 'd')"
                ),
                {"at": "2026-11-23 12:00:00.000000"},
            )
        with pytest.raises(DBAPIError, match="only ever added"), store.writing() as db:
            db.connection().execute(text("DELETE FROM audit_entry"))


def test_an_upgrade_keeps_what_is_stored(any_world: World) -> None:
    filed = any_world.file("producer", a_report())
    migrations.upgrade(any_world.hub.store)
    assert any_world.send("producer", "GET", f"/api/v1/reports/{filed['id']}").status_code == 200


def test_a_hub_does_not_start_on_tables_of_another_version(any_world: World) -> None:
    connect(any_world.hub.config).store.close()
    with any_world.hub.store.writing() as db:
        db.connection().execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NotReady, match="run `hub init`"):
        connect(any_world.hub.config)

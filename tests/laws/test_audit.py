"""The audit table only ever grows, whoever asks: code, a service or a careless hand at a database prompt."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub.store import audit
from tests.conftest import World
from tests.factories import a_report

STATEMENTS = {
    "update": "UPDATE audit_entry SET actor = 'nobody'",
    "update of one": "UPDATE audit_entry SET details = details WHERE seq = 1",
    "delete": "DELETE FROM audit_entry",
    "delete of one": "DELETE FROM audit_entry WHERE seq = 1",
    "upsert": "INSERT INTO audit_entry SELECT * FROM audit_entry WHERE seq = 1"
    " ON CONFLICT (seq) DO UPDATE SET actor = 'nobody'",
}
POSTGRESQL = {"truncate": "TRUNCATE audit_entry", "truncate, cascading": "TRUNCATE audit_entry CASCADE"}
SQLITE = {  # SQLite fires no delete trigger for the rows that a REPLACE takes away, unless recursive_triggers is on
    "replace": "INSERT OR REPLACE INTO audit_entry"
    " SELECT seq, at, 'nobody', action, subject, details, salt FROM audit_entry",
    "update or replace": "UPDATE OR REPLACE audit_entry SET seq = 1 WHERE seq = 2",
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_the_audit_table_refuses_every_change(any_world: World, statement: str) -> None:
    """What was done stays on record even if the hub's own code is at fault."""
    refused(any_world, statement)


@pytest.mark.parametrize("statement", POSTGRESQL.values(), ids=POSTGRESQL)
@pytest.mark.parametrize("any_world", ["postgresql"], indirect=True)
def test_the_audit_table_refuses_to_be_emptied_at_once(any_world: World, statement: str) -> None:
    """TRUNCATE fires no row trigger; it needs one of its own. (SQLite has no TRUNCATE.)"""
    refused(any_world, statement)


@pytest.mark.parametrize("statement", SQLITE.values(), ids=SQLITE)
def test_the_audit_table_refuses_replacement(world: World, statement: str) -> None:
    """A REPLACE is a deletion by another name. (PostgreSQL has none.)"""
    refused(world, statement)


def refused(world: World, statement: str) -> None:
    """Run a statement that must fail and change nothing."""
    world.file("producer", a_report())
    with world.hub.store.reading() as db:
        before = audit.entries(db)
    assert len(before) > 5
    with pytest.raises(DBAPIError, match="only ever added"), world.hub.store.writing() as db:
        db.connection().execute(text(statement))
    with world.hub.store.reading() as db:
        assert audit.entries(db) == before

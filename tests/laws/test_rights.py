"""The database gives each face what is listed, and what is not listed nobody: `hub/store/rights.py`.

A table that somebody adds has no right until it is named there.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hub import faces
from hub.examination.walls import rights
from hub.roles import ROLES
from hub.store import breaches, walls
from hub.store.rights import ADD, CHANGE, READ, REMOVE, RIGHTS, WALLED, WHOSE
from hub.store.tables import METADATA
from tests.conftest import World
from tests.faced import FacedWorld, faced_world
from tests.laws.test_routes import BODIES, every_call, fault_of, send
from tests.servers import run

BY_HAND = {"search_text", "alembic_version"}  # which no model describes
ASKED_FIRST = {"organisation", "token", "audience_grant"}  # to find out whose request it is
RELEASED = {"entry"}  # belongs to whoever may read the feed; of intake's columns none has content


@pytest.fixture(scope="module")
def faced(cluster: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FacedWorld]:
    with faced_world(tmp_path_factory.mktemp("faced"), cluster) as world:
        yield world


def test_every_table_is_named_and_every_name_is_a_table() -> None:
    """Whoever adds a table says there which face does what with it; until then none does."""
    assert set(RIGHTS) == set(METADATA.tables) | BY_HAND
    for table, of in RIGHTS.items():
        assert set(of) <= faces.ALL, table
        for one in (right for rights_ in of.values() for right in rights_):
            assert one.verb in {READ, ADD, CHANGE, REMOVE}
            assert table in BY_HAND or set(one.columns) <= set(METADATA.tables[table].columns.keys()), table


def test_only_who_opens_may_read_a_wrapped_key() -> None:
    """The wall between what is sealed and what would open it."""
    readers = {face for table in ("secret", "data_key") for face, of in RIGHTS[table].items() if _may(of, READ)}
    assert readers == faces.OPENING
    assert {face for face, of in RIGHTS["revision"].items() if _may(of, READ)} == {"intake", "console", "publisher"}


def test_the_audit_is_only_added_to() -> None:
    """By every face; that the publisher deletes what an erasure names, the triggers hold it to."""
    assert not any(_may(of, CHANGE) for of in RIGHTS["audit_entry"].values())
    assert {face for face, of in RIGHTS["audit_entry"].items() if _may(of, REMOVE)} == {"publisher"}
    assert RIGHTS["audit_entry"]["intake"][0].columns == ("seq",), "of what others did intake reads nothing"
    assert "feeds" not in RIGHTS["audit_entry"]


def test_whatever_belongs_to_somebody_is_walled() -> None:
    """A table of which intake or feeds read rows, and which names an organisation or a report, shows its own alone."""
    owned = {
        name
        for name, table in METADATA.tables.items()
        if {"organisation_id", "report_id"} & set(table.columns.keys()) and RIGHTS[name].keys() & WALLED
    }
    assert owned - ASKED_FIRST - RELEASED <= set(WHOSE)
    assert {name for name, column in WHOSE.items() if column not in METADATA.tables[name].columns} == set()


def _may(of: Any, verb: str) -> bool:
    return any(one.verb == verb for one in of)


@pytest.mark.postgres
@pytest.mark.slow
def test_the_database_holds_exactly_the_list_and_a_gap_is_found(faced: FacedWorld) -> None:
    """A right that somebody gave by hand is told by `hub doctor`, and taken back by the command that it names."""
    hub, own = faced.hub, faced.prefix
    hub.config = replace(hub.config, role_prefix=own)
    assert (breaches.beyond(hub.store, own), breaches.lacking(hub.store, own)) == ([], [])
    assert list(rights(hub)) == []
    gaps = (
        f"GRANT SELECT (wrapped) ON data_key TO {own}intake", "GRANT SELECT ON report TO PUBLIC",
        f"GRANT {own}console TO {own}feeds", "ALTER TABLE revision DISABLE ROW LEVEL SECURITY",
        f"CREATE POLICY more ON report TO {own}intake USING (true)", f"REVOKE INSERT ON report FROM {own}intake",
        "CREATE TABLE newcomer (id int)", f"CREATE TABLE theirs (id int); ALTER TABLE theirs OWNER TO {own}feeds",
    )  # fmt: skip
    with hub.store.writing() as db:
        for one in gaps:
            db.connection().execute(text(one))
    assert breaches.beyond(hub.store, own) == [
        "PUBLIC SELECT report", f"{own}intake SELECT data_key.wrapped", f"{own}feeds owns theirs",
        f"{own}feeds has all that {own}console has", "revision shows every row",
        "report has a policy more, which is not ours",
    ]  # fmt: skip
    assert breaches.lacking(hub.store, own) == [f"{own}intake INSERT report"]
    (more, less) = rights(hub)
    assert (more.check, more.mend, less.mend) == ("faces", "hub database grant", "hub database grant")
    with hub.store.writing() as db:  # what no GRANT made no REVOKE takes back
        db.connection().execute(text(f"DROP TABLE theirs; DROP TABLE newcomer; REVOKE {own}console FROM {own}feeds"))
    walls.raise_walls(hub.store, own, faced.clock(), "a test")
    assert (breaches.beyond(hub.store, own), breaches.lacking(hub.store, own)) == ([], [])


@pytest.mark.postgres
@pytest.mark.slow
def test_the_command_makes_the_roles_and_init_keeps_them(faced: FacedWorld) -> None:
    """`--print` says what it would do and does nothing."""
    told = {
        "HUB_DATABASE_URL": faced.hub.config.database_url, "HUB_ROLE_PREFIX": faced.prefix,
        "HUB_HOME": str(faced.hub.config.home),
    }  # fmt: skip
    shown = run("database", "grant", "--print", **told)
    assert shown.returncode == 0, shown.stderr
    assert f"GRANT SELECT ON secret TO {faced.prefix}console;" in shown.stdout
    with faced.hub.store.writing() as db:
        db.connection().execute(text(f"REVOKE INSERT ON report FROM {faced.prefix}intake"))
    assert run("init", **told).returncode == 0
    assert breaches.lacking(faced.hub.store, faced.prefix) == []
    done = run("database", "grant", **told)
    assert (done.returncode, f"{faced.prefix}publisher" in done.stdout) == (0, True)


@pytest.mark.postgres
@pytest.mark.slow
def test_the_publisher_may_take_out_of_the_files_what_was_erased(faced: FacedWorld) -> None:
    """PostgreSQL passes over a table that one may not VACUUM, with a warning that nobody would read."""
    hub, told = faced.hubs[faces.PUBLISHER], list[str]()
    with hub.store.engine.connect() as base:
        driver: Any = base.connection.driver_connection
        driver.add_notice_handler(lambda said: told.append(said.message_primary or ""))
        base.rollback()
        driver.autocommit = True
        for statement in ("VACUUM (FULL, ANALYZE) secret", f"VACUUM {', '.join(walls.REWRITTEN)}"):
            driver.execute(statement)
        assert told == []
        driver.execute("VACUUM epoch")
        assert "permission denied to vacuum" in told[0], "the law saw nothing"
        driver.autocommit = False


def test_sqlite_has_no_such_walls_and_says_so(world: World, tmp_path: Path) -> None:
    done = run("database", "grant", "--home", str(world.hub.config.home))
    assert done.returncode == 1
    assert "SQLite has no roles" in done.stderr
    assert list(rights(world.hub)) == []


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.parametrize("who", ["", *ROLES])
def test_no_route_meets_a_right_that_its_role_lacks(cluster: str, tmp_path: Path, who: str) -> None:
    """Every route does its work under its face's role: what is denied would be a 500."""
    with faced_world(tmp_path, cluster) as world:
        wrong = []
        for call in every_call(world):
            for body in (None, BODIES.get(call.endpoint)):
                answer = send(world, who, call, body)
                if fault := fault_of(world, who, call, answer):
                    wrong.append(f"{call.method} {call.path} {body!s:.40}: {answer.status_code}, {fault}")
        assert wrong == []

"""What was erased is in no file of the database: searched byte by byte."""

from tests.burying import MARK, Found, bury, files_of, look
from tests.conftest import World

SIZE = 5


def test_nothing_erased_is_left_in_the_files_of_sqlite(world: World) -> None:
    found = bury(world, SIZE)
    assert found.before["home"] >= SIZE, "the search finds what is there"
    assert (found.erased, found.settled) == (SIZE, SIZE)
    assert (found.keys, found.words) == ({"home": 0}, {"home": 0})


def test_nothing_erased_is_left_in_the_tables_of_postgresql_once_they_are_written_anew(any_world: World) -> None:
    if any_world.hub.store.is_sqlite:
        return
    found: Found = bury(any_world, SIZE)
    assert (found.erased, found.settled) == (SIZE, SIZE)
    any_world.hub.store.scour(is_full=True)
    with any_world.hub.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CHECKPOINT")
    assert look(files_of(any_world), [MARK.encode()])["tables"] == 0

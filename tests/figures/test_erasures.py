"""A thousand erased reports on each engine: the counts that docs/figures.md shows."""

import time

import pytest
from sqlalchemy import text

from tests.burying import MARK, bury, files_of, look
from tests.page import write

pytestmark = pytest.mark.figures
SIZE = 1000
COMMAND = "make figures"
WHAT = ("what", "count")


def test_a_thousand_erased_reports_leave_nothing_on_sqlite(world):
    began = time.monotonic()
    found = bury(world, SIZE)
    rows = [
        ("reports erased, each with a signed record", found.erased),
        ("of them settled: the journal was emptied behind them", found.settled),
        ("wrapped keys found in the files before", found.before["home"]),
        ("wrapped keys found in the files after", found.keys["home"]),
        ("files that hold a word of them after", found.words["home"]),
        ("seconds, with filing and releasing", round(time.monotonic() - began)),
    ]
    told = "Reports with every field, released, then erased by a rule; every file of the home is searched byte by byte."
    print(write("Erased on sqlite", COMMAND, told, WHAT, rows))
    assert found.before["home"] >= SIZE
    assert (found.erased, found.settled, found.keys, found.words) == (SIZE, SIZE, {"home": 0}, {"home": 0})


def test_a_thousand_erased_reports_on_postgresql(any_world):
    if any_world.hub.store.is_sqlite:
        pytest.skip("the same figure on PostgreSQL")
    began = time.monotonic()
    found = bury(any_world, SIZE)
    any_world.hub.store.scour(is_full=True)
    with any_world.hub.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
    after = look(files_of(any_world), [MARK.encode()])
    rows = [
        ("reports erased, each with a signed record", found.erased),
        ("wrapped keys found in tables before", found.before["tables"]),
        ("wrapped keys found in tables after VACUUM", found.keys["tables"]),
        ("files of tables with a word of them after VACUUM", found.words["tables"]),
        ("files of tables with a word of them after `hub erase --rewrite`", after["tables"]),
        ("wrapped keys found in the server's journal after", found.keys["journal"]),
        ("files of the journal with a word of them after", after["journal"]),
        ("seconds, with filing and releasing", round(time.monotonic() - began)),
    ]
    told = (
        "The same. What lies in the server's journal stays until the server writes over its segments; "
        "its wrapped keys are noise once the erasure epoch has destroyed what they hang on (docs/erasure.md)."
    )
    print(write("Erased on postgresql", COMMAND, told, WHAT, rows))
    assert (found.erased, found.settled, after["tables"]) == (SIZE, SIZE, 0)

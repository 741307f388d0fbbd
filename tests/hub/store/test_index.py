"""Writing the index: two writers at the same report."""

import pytest
from sqlalchemy import text

from hub.services import indexing
from hub.store import index
from tests.conftest import World
from tests.factories import a_report


@pytest.mark.parametrize("any_world", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_who_indexes_a_report_keeps_others_from_changing_what_is_read(any_world: World) -> None:
    """Else what a release marks stale meanwhile is taken for seen, and two indexers count a value away twice."""
    filed = any_world.file("producer", a_report(client_ref="a"))
    any_world.release()
    store = any_world.hub.store
    with store.writing() as db:
        assert index.material(db, [filed["id"]])
        with store.reading() as other:
            free = text("SELECT id FROM report WHERE id = :id FOR UPDATE SKIP LOCKED")
            assert other.connection().execute(free, {"id": filed["id"]}).all() == []
        assert indexing.refresh(db, [filed["id"]]) == 1

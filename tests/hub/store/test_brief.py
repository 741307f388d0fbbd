"""A search that takes too long is broken off, on both engines, and leaves the connection as it was."""

import time

import pytest
from sqlalchemy import text

from hub.errors import TooLong
from tests.conftest import World

ENDLESS = text("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n")
LONG = text("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 400000) SELECT count(*) FROM n")


def test_what_never_ends_is_broken_off_and_the_next_may_take_its_time(any_world: World) -> None:
    store, before = any_world.hub.store, time.monotonic()
    with pytest.raises(TooLong, match=r"longer than 0\.2 s"), store.brief(0.2) as db:
        db.connection().execute(ENDLESS)
    assert time.monotonic() - before < 10
    for _ in range(6):  # whichever pooled connection it was
        with store.reading() as db:
            assert db.connection().execute(LONG).scalar_one() == 400_000
    with store.writing() as db:
        assert db.connection().execute(text("SELECT 1")).scalar_one() == 1


def test_what_is_done_in_time_is_answered(any_world: World) -> None:
    with any_world.hub.store.brief() as db:
        assert db.connection().execute(text("SELECT 1")).scalar_one() == 1

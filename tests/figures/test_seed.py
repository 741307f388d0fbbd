"""A seed that is killed, wherever it was, goes on to the same store."""

import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from sqlmodel import col, func, select

from hub.store.tables import METADATA, Due, Report, Revision
from hub.wiring import connect
from tests.bench import seed
from tests.servers import ROOT, environment

pytestmark = pytest.mark.figures


def contents(place):
    """What the reports of a seed say in clear, who filed them and when: the same under every run."""
    hub = connect(seed.config_of(place))
    with hub.store.reading() as db:
        rows = db.exec(
            select(Report, Revision).join(Revision, col(Revision.report_id) == Report.id).order_by(col(Report.id))
        )
        found = [
            (
                row.model_dump(exclude={"filed_code", "upserted_code", "stamp", "indexed_stamp"}),
                revision.clear,
                revision.sealed_pointers,
            )
            for row, revision in rows
        ]
        due = db.exec(select(func.count()).select_from(Due)).one()
        entries = db.exec(select(func.count()).select_from(METADATA.tables["entry"])).one()
    hub.store.close()
    return found, due, entries


def sow(place, size):
    words = [sys.executable, "-m", "tests.bench.seed", str(size), str(place), "--chunk", "25"]
    pipe = subprocess.PIPE
    return subprocess.Popen(words, env=environment(), cwd=ROOT, stdout=pipe, stderr=pipe, start_new_session=True)


def reports_in(place):
    """How many reports a store holds by now, asked beside whoever writes it."""
    if not (place / "home" / "hub.sqlite3").exists():
        return 0
    opened = sqlite3.connect(f"file:{place / 'home' / 'hub.sqlite3'}?mode=ro", uri=True)
    try:
        return opened.execute("SELECT count(*) FROM report").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    finally:
        opened.close()


def test_a_seed_that_is_killed_goes_on_to_the_same_store(tmp_path):
    whole = sow(tmp_path / "whole", 300)
    told = whole.communicate(timeout=300)
    assert whole.returncode == 0, told
    place, seen = tmp_path / "killed", []
    for enough in (25, 300):  # while it fills, and while it releases
        child = sow(place, 300)
        while child.poll() is None and reports_in(place) < enough:
            time.sleep(0.005)
        assert child.poll() is None, child.communicate()
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        seen.append(reports_in(place))
    assert seen[0] < 300 == seen[1]
    last = sow(place, 300)
    told = last.communicate(timeout=300)
    assert last.returncode == 0, told
    assert contents(place) == contents(tmp_path / "whole")
    other = sow(place, 1_000)
    _, said = other.communicate()
    assert other.returncode == 1
    assert b"seed of 300 reports" in said

"""Whose turn it is to write: one at a time over threads and processes, and who dies leaves it."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hub.errors import Busy
from hub.store import Store, turn
from hub.store.turn import Turn
from tests.conftest import World
from tests.servers import ROOT

HOLDING = """
import sys, time
from hub.store.turn import Turn
with Turn(sys.argv[1]):
    print("held", flush=True)
    time.sleep(600)
"""
FORKING = """
import os, sys
from hub.store.turn import Turn
turn = Turn(sys.argv[1])
with turn:
    pass
told, tell = os.pipe()
go, come = os.pipe()
if os.fork() == 0:
    with turn:
        os.write(tell, b"held")
        os.read(go, 1)
    os._exit(0)
os.read(told, 4)
try:
    turn._lock(__import__("fcntl").LOCK_EX | __import__("fcntl").LOCK_NB)
    print("shared")
except BlockingIOError:
    print("apart")
os.write(come, b"x")
os.wait()
"""


def test_a_process_waits_for_another_until_that_one_dies(tmp_path: Path) -> None:
    place, taken = str(tmp_path / "turn"), threading.Event()
    other = subprocess.Popen([sys.executable, "-c", HOLDING, place], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert other.stdout
    assert other.stdout.readline() == "held\n"

    def write() -> None:
        with Turn(place):
            taken.set()

    waiting = threading.Thread(target=write)
    waiting.start()
    assert not taken.wait(0.3)
    other.kill()
    assert taken.wait(20)
    waiting.join()
    other.wait()
    other.stdout.close()


def test_a_forked_process_has_a_turn_of_its_own(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", FORKING, str(tmp_path / "turn")], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout == "apart\n"


def test_a_thread_that_waits_too_long_is_told_that_the_database_is_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "PATIENCE", 0.05)
    one = Turn(str(tmp_path / "turn"))
    with one, pytest.raises(Busy), one:
        pass
    with one:  # and it was not left locked
        pass


def test_a_database_in_memory_locks_no_file() -> None:
    store = Store("sqlite://")
    with store.writing() as db:
        db.connection()
    store.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can leave a file to another")
def test_what_root_makes_belongs_to_whom_the_home_belongs_to(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    with Turn(str(tmp_path / "turn")):
        pass
    assert (tmp_path / "turn").stat().st_uid == 65534


def test_a_failed_transaction_leaves_its_turn(world: World) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), world.hub.store.writing():
            raise ZeroDivisionError
    assert (world.hub.config.home / "hub.sqlite3-turn").stat().st_mode & 0o777 == 0o600

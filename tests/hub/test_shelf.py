"""The shelf: files written once, by one at a time, whole or not at all, and gone when their edition is."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.errors import Busy, NoRoom
from hub.shelf import Label, Shelf

OLD, NEW = "a" * 32, "b" * 32
HOLD = """
import sys
from pathlib import Path
from hub.shelf import Label, Shelf

def pieces():
    yield b"x" * (2 << 20)
    print("writing", flush=True)
    sys.stdin.read()
    yield b"end"

label = Label("members", "bundle.json", "a" * 32, "a" * 32)
shelf = Shelf(Path(sys.argv[1]))
with shelf.alone("members", "bundle.json"):
    shelf.put(label, pieces()).close()
"""


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty one; its folder is not there yet."""
    return Shelf(tmp_path / "home" / "files")


def label(edition: str = OLD, tag: str = OLD, name: str = "bundle.json") -> Label:
    """A file of the members' feed."""
    return Label("members", name, edition, tag)


def put(shelf: Shelf, which: Label, *pieces: bytes) -> None:
    """Write a file and close it."""
    with shelf.alone(which.feed, which.format):
        shelf.put(which, pieces).close()


def names(shelf: Shelf) -> set[str]:
    """What lies on the shelf, but for the locks, which are empty."""
    found = {path for path in shelf.place.rglob("*") if path.is_file()}
    assert all(path.stat().st_size == 0 for path in found if path.name.startswith("lock-"))
    return {path.name for path in found if not path.name.startswith("lock-")}


@pytest.fixture
def writer(shelf: Shelf) -> Iterator["subprocess.Popen[str]"]:
    """Another process, in the middle of writing the members' bundle."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(shelf.place)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        yield process
        process.kill()


def test_a_file_is_there_once_it_is_written_and_for_its_owner_alone(shelf: Shelf) -> None:
    assert shelf.find(label()) is None
    put(shelf, label(), b"one", b"two")
    found = shelf.find(label())
    assert found is not None
    with found:
        assert found.read() == b"onetwo"
    assert shelf.find(label(NEW)) is None
    assert {path.stat().st_mode & 0o077 for path in (shelf.place, *shelf.place.rglob("*"))} == {0}


def test_of_many_who_ask_at_once_one_writes(shelf: Shelf) -> None:
    written = []

    def ask() -> None:
        with shelf.alone("members", "bundle.json"):
            if (found := shelf.find(label())) is None:
                written.append(1)
                found = shelf.put(label(), [b"one"])
            found.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert written == [1]


def test_who_waits_for_another_process_too_long_is_told(
    shelf: Shelf, writer: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.shelf.PATIENCE", 0.05)
    with pytest.raises(Busy, match="being written"), shelf.alone("members", "bundle.json"):
        pass
    put(shelf, label(name="entries.csv"), b"another format does not wait")


def test_a_draft_goes_when_its_writer_has_ended_and_not_before(shelf: Shelf, writer: "subprocess.Popen[str]") -> None:
    shelf.clear("members", NEW)
    assert names(shelf) == {"part-bundle.json"}
    assert shelf.find(label()) is None, "half a file has no name"
    writer.kill()
    writer.wait()
    shelf.clear("members", NEW)
    assert names(shelf) == set()


def test_a_format_has_one_file_whatever_the_host_is_called(shelf: Shelf) -> None:
    put(shelf, label(name="entries.csv"), b"")
    for number in range(5):
        put(shelf, label(OLD, f"{number:032}"), b"x")
    assert names(shelf) == {label(OLD, f"{4:032}").name, label(name="entries.csv").name}


def test_what_is_of_another_edition_goes_and_who_reads_it_reads_on(shelf: Shelf) -> None:
    put(shelf, label(), b"old")
    put(shelf, label(NEW, name="entries.csv"), b"new")
    (shelf.place / "members" / "notes.txt").write_text("an operator's own", "utf-8")
    (shelf.place / "notes.txt").write_text("another", "utf-8")
    reading = shelf.find(label())
    assert reading is not None
    shelf.sweep({"members": NEW})
    with reading:
        assert reading.read() == b"old"
    assert names(shelf) == {label(NEW, name="entries.csv").name, "notes.txt"}
    shelf.sweep({})
    assert names(shelf) == {"notes.txt"}, "a feed that is no more keeps nothing"


def test_an_error_on_the_way_leaves_nothing(shelf: Shelf) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"x"
        message = "the database went away"
        raise Busy(message)

    with shelf.alone("members", "bundle.json"), pytest.raises(Busy, match="went away"):
        shelf.put(label(), pieces())
    assert names(shelf) == set()


def test_a_disk_below_the_floor_is_not_filled(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.shelf.STEP", 4096)
    asked = []

    def pieces() -> Iterator[bytes]:
        for number in range(10):
            asked.append(number)
            yield b"x" * 4096
            monkeypatch.setattr("hub.shelf.FLOOR", 1 << 62)  # somebody else fills the disk meanwhile

    for _ in range(2):
        with shelf.alone("members", "bundle.json"), pytest.raises(NoRoom):
            shelf.put(label(), pieces())
        assert names(shelf) == set()
    assert asked == [0, 1], "broken off at the next look, and not begun again"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_full_disk_is_told_as_one(shelf: Shelf) -> None:
    with shelf.alone("members", "bundle.json"):
        (shelf.place / "members" / "part-bundle.json").symlink_to("/dev/full")
        with pytest.raises(NoRoom):
            shelf.put(label(), [b"x" * (2 << 20)])
    assert names(shelf) == set()

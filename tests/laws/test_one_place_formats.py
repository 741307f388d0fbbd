"""Adding a format is one file: shown on a copy of the house, with nothing else touched."""

import shutil
from pathlib import Path

import pytest

from tests.laws.test_one_place import ROOMS, ROOT, _tests

FORMAT = '''
"""`names.txt`: the name of each entry, one a line."""

from collections.abc import Iterator

from feeds.format import Format, Heading, Source


def write(heading: Heading, source: Source) -> Iterator[bytes]:
    """One line an entry."""
    for entry in source.entries():
        yield f"{entry.reference}\\n".encode()


FORMAT = Format("names.txt", "text/plain; charset=utf-8", write)
'''
WALK = '''
"""The new format is served with every feed, described, and refused to whom the feed is refused."""
from tests.conftest import World, world
from tests.factories import a_report


def test_the_new_format(world: World) -> None:
    filed = world.file("producer", a_report(client_ref="1", tlp="green"))
    world.accept(filed["id"], "members")
    world.release()
    (carrier,) = world.carriers("member", "members")
    answer = world.send("member", "GET", "/feeds/members/names.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.get_data(as_text=True) == carrier["external_references"][0]["external_id"] + chr(10)
    assert world.send("researcher", "GET", "/feeds/members/names.txt").status_code == 404
    told = world.send("", "GET", "/.well-known/incident-hub.json").get_json()
    assert "names.txt" in told["feeds"]["members"]["files"]
'''


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The house, copied, with one file more."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "feeds" / "formats" / "names.py").write_text(FORMAT, "utf-8")
    (tmp_path / "tests" / "journeys" / "test_one_format_walk.py").write_text(WALK, "utf-8")
    return tmp_path


def test_a_format_is_one_file(copy: Path) -> None:
    done = _tests(copy, "tests/journeys/test_one_format_walk.py")
    assert done.returncode == 0, done.stdout + done.stderr

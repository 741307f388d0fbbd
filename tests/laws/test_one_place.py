"""Adding a field, a feed or an importer is one place to edit: shown on a copy of the house, with nothing else touched.

The copy gets one line in `schemas/report.py` and one TOML in `feeds/definitions/`; then its own leak law and a walk run
in it, in a process that knows nothing of this one.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("schemas", "feeds", "hub", "tests")
FIELD = '    whistle = sealed(Text(500), written(trusted="keep"))\n'
AFTER = "    reproduction = sealed(Text(20_000))\n"
FEED = """title = "Insurers"
description = "What a fourth kind of reader sees."
audience = "insurers"
marks_of = "members"
ceiling = "green"
carries = ["reports"]
letter = "U"

[schedule]
cron = "0 * * * *"
time_zone = "Europe/Berlin"

[narrow]
withhold = ["systems"]
"""
WALK = '''
"""The new field is stored sealed and leaves where its line says; the new feed is released and narrowed."""
from pathlib import Path

from feeds.mapping.extension import AI_EXTENSION
from tests.conftest import AUDIENCES, World, make_world
from tests.factories import a_report
import tests.conftest as conftest

conftest.AUDIENCES = (*AUDIENCES, "insurers")


def test_the_new_field_and_the_new_feed(tmp_path: Path) -> None:
    world: World = make_world(tmp_path)
    world.enrol("member", "All", conftest.AUDIENCES)
    filed = world.file("producer", a_report(tlp="amber", whistle="CANARY-whistle"))
    later = world.file("producer", a_report(tlp="green", title="Second", whistle="CANARY-whistle"))
    assert "/whistle" in world.send("producer", "GET", f"/api/v1/reports/{filed['id']}").get_json()["sealed"]
    assert b"CANARY-whistle" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    world.accept(filed["id"], "trusted")
    world.accept(later["id"], "members")
    world.release()
    seen = {feed: world.carriers("member:All", feed) for feed in ("trusted", "members", "insurers")}
    fields = {feed: [one["extensions"][AI_EXTENSION]["fields"] for one in found] for feed, found in seen.items()}
    assert [one["whistle"] for one in fields["trusted"]] == ["CANARY-whistle", "CANARY-whistle"]
    assert ["whistle" in one for one in (*fields["members"], *fields["insurers"])] == [False, False]
    assert ["systems" in one for one in fields["members"]] == [True]
    assert ["systems" in one for one in fields["insurers"]] == [False]
    world.hub.store.close()
'''


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The house, copied, with one line and one file more."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    report = tmp_path / "schemas" / "report.py"
    before = report.read_text("utf-8")
    report.write_text(before.replace(AFTER, AFTER + FIELD), "utf-8")
    assert report.read_text("utf-8") != before
    (tmp_path / "feeds" / "definitions" / "insurers.toml").write_text(FEED, "utf-8")
    (tmp_path / "tests" / "journeys" / "test_one_place_walk.py").write_text(WALK, "utf-8")
    return tmp_path


def test_a_field_is_one_line_and_a_feed_one_file(copy: Path) -> None:
    done = _tests(copy, "tests/journeys/test_one_place_walk.py")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_leak_law_covers_a_new_field_by_itself(copy: Path) -> None:
    redacted = "tests/laws/test_no_leak.py::test_redacted_no_canary_reaches_any_feed"
    raw = "tests/laws/test_no_leak.py::test_no_sealed_canary_lies_in_the_files_of_a_hub"
    done = _tests(copy, redacted, raw, "-k", "not postgresql")
    assert done.returncode == 0, done.stdout + done.stderr
    # As written, the expectation is by hand: a new field that leaves must be written there too, and is found missing.
    done = _tests(copy, "tests/laws/test_no_leak.py", "-k", "exactly_the_promised and not postgresql")
    assert done.returncode == 1, "a field that nobody expected left, and the law did not notice"
    assert "whistle" in done.stdout


def _tests(copy: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    return subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=300, check=False)

"""Rooms say what they may not do; files and functions keep to their budget; names mean something."""

import ast
import re
from statistics import median

from tests.laws.house import ROOT, imports, length, modules

LAW = re.compile(r"\bmay\s+not\b|\bpure:\s+nothing\b", re.IGNORECASE)
LONGEST_FILE, MEDIAN_FILE, LONGEST_FUNCTION = 300, 100, 40
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "core", "misc"}
MIGRATIONS = ROOT / "hub" / "store" / "migrations" / "versions"  # a revision is written once, and read never again


def test_every_room_says_what_it_may_not_do() -> None:
    """Who enters a room reads its law first; a room without one collects whatever has no place."""
    rooms = [module for module in modules() if module.path.name == "__init__.py"]
    assert len(rooms) > 8, "the law looked at nothing"
    silent = [room.name for room in rooms if not LAW.search(ast.get_docstring(room.tree) or "")]
    assert silent == []


def test_a_file_does_one_thing_in_at_most_300_lines() -> None:
    """At 300 lines a file is two."""
    long = {module.name: module.lines for module in modules() if module.path.parent != MIGRATIONS}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FILE} == {}
    tests = {str(path): len(path.read_text("utf-8").splitlines()) for path in (ROOT / "tests").rglob("*.py")}
    assert {name: lines for name, lines in tests.items() if lines > LONGEST_FILE} == {}


def test_most_files_fit_on_two_screens() -> None:
    """The median tells what the longest file does not: whether small is the habit."""
    assert median(module.lines for module in modules()) <= MEDIAN_FILE


def test_a_function_fits_the_eye() -> None:
    """40 lines from the first statement to the last. The docstring is not counted: it is what one reads instead."""
    long = {
        f"{module.name}.{function.name}": length(function)
        for module in modules()
        if module.path.parent != MIGRATIONS
        for function in module.functions()
    }
    assert len(long) > 300, "the law looked at nothing"
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FUNCTION} == {}


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    """What is called `utils` grows for ever, because nothing does not belong there."""
    places = [
        path.relative_to(ROOT) for floor in ("schemas", "feeds", "hub", "tests") for path in (ROOT / floor).rglob("*")
    ]
    assert [str(place) for place in places if EMPTY_NAMES & {part.split(".")[0] for part in place.parts}] == []


def test_the_environment_is_read_in_one_room() -> None:
    """A setting that is read anywhere is a setting that nobody can list."""
    reading = set()
    for module in modules():
        attributes = {
            f"{node.value.id}.{node.attr}"
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        }
        imported = {f"{place}.{what}" for place, what in imports(module)}
        if (attributes | imported) & {"os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv"}:
            reading.add(module.name)
    assert reading == {"hub.config"}

import subprocess
import sys

import pytest
from click.testing import CliRunner

from hub.cli import COMMANDS, hub
from tests.servers import ROOT, environment, run

GROUPS = {"member": ("add", "list", "grant"), "token": ("issue", "rotate", "revoke", "list"), "feed": ("list",)}
EVERY = [(), *((name,) for name in COMMANDS), *((group, name) for group, names in GROUPS.items() for name in names)]


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_every_command_has_help(words):
    done = CliRunner().invoke(hub, [*words, "--help"], prog_name="hub")
    assert done.exit_code == 0, done.output
    assert done.output.startswith(f"Usage: {' '.join(['hub', *words])} ")
    assert len(done.output.splitlines()) > 4


def test_help_lists_every_command_with_a_sentence():
    told = run("--help").stdout.partition("Commands:")[2].splitlines()
    lines = [line.split(None, 1) for line in told if line.strip() and not line.startswith(" " * 8)]  # not a line's rest
    assert {name for name, *_ in lines} == set(COMMANDS)
    assert [words for words in lines if len(words) < 2] == []


def test_help_loads_no_server_library():
    script = (
        "import sys\nsys.argv = ['hub', '--help']\nfrom hub.cli import main\n"
        "main()\nprint(sorted({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(), cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.splitlines()[-1]
    assert "'click'" in loaded
    assert [room for room in ("flask", "sqlalchemy", "stix2", "cryptography") if f"'{room}'" in loaded] == []


@pytest.mark.parametrize("words", [("nonsense",), ("publish", "--nonsense"), ("report",), ("accept", "one")])
def test_wrong_usage_exits_2_and_shows_no_traceback(words):
    done = run(*words)
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: ") or "Usage: " in done.stderr
    assert "Traceback" not in done.stderr


def test_the_version_is_told():
    done = run("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("hub, version ")

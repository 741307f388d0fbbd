"""The README does what it says: a newcomer who pastes its blocks, in order, in one terminal, gets what it shows.

Every block runs but those that say why not. Addresses and tokens come from a demo; an id that an output shows stands
for the real one from then on, in outputs and commands.
"""

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from hub.config import Config
from hub.store import feeds
from hub.wiring import connect
from tests.documents import README, ROOT, Block, blocks, matched, orphans
from tests.servers import PATIENCE, command, environment, free_port

TEXT = README.read_text("utf-8")
BLOCKS = blocks(TEXT)
DONE = "--- done "
ADMITTED = re.compile(r"^admitted \d+\n", re.MULTILINE)  # told by whoever of publisher and ticker comes first
ADVISORY = {"id": "PYSEC-2021-839", "summary": "A path traversal", "published": "2021-11-23T21:59:00Z"}


@dataclass
class Terminal:
    """A shell in which the blocks are pasted, and what their ids stand for."""

    place: Path
    names: dict[str, str]
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        told = environment(HOME=str(self.place), PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        self.shell = subprocess.Popen(
            ["bash"],
            cwd=self.place,
            env=told,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def paste(self, text: str) -> str:
        """Run a text in the shell; what it prints, on either channel. Its last command must succeed."""
        for shown, real in self.ids.items():
            text = text.replace(shown, real)
        assert self.shell.stdin is not None
        assert self.shell.stdout is not None
        self.shell.stdin.write(f"{{\n{text}\n}} </dev/null\necho; echo '{DONE}'$?\n")
        self.shell.stdin.flush()
        lines: list[str] = []
        for line in self.shell.stdout:
            if line.startswith(DONE):
                assert line.removeprefix(DONE).strip() == "0", f"{text}\n{''.join(lines)}"
                return ADMITTED.sub("", "".join(lines))
            lines.append(line)
        raise AssertionError("the shell ended: " + "".join(lines))

    def close(self) -> None:
        self.shell.communicate()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A demo whose feeds wait for `hub publish`: a tick between two blocks would release what the next one shows."""
    place = tmp_path_factory.mktemp("demo")
    with (place / "log").open("wb") as log:
        started = subprocess.Popen(
            command("demo", "--json", "--home", str(place / "home")),
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=log,
        )
    assert started.stdout is not None
    try:
        told = json.loads(started.stdout.readline() or "null")
        assert told, (place / "log").read_text("utf-8")
        _stop_the_schedule(place / "home")
        yield told
    finally:
        started.terminate()
        started.wait(timeout=30)
        started.stdout.close()


def _stop_the_schedule(home: Path) -> None:
    hub = connect(Config.read({}, str(home)))
    last = time.monotonic() + PATIENCE
    while True:
        with hub.store.reading() as db:
            # The first tick says when each feed is due next; before it, it would overwrite what we say.
            if all(row.next_at for row, _ in feeds.all_feeds(db)):
                break
        assert time.monotonic() < last, "the demo's clock does not tick"
        time.sleep(0.1)
    with hub.store.writing() as db:
        for row, _ in feeds.all_feeds(db):
            feeds.set_next(db, row.name, datetime.now(UTC) + timedelta(days=1))
    hub.store.close()


@pytest.fixture
def terminal(demo: dict[str, Any], tmp_path: Path) -> Iterator[Terminal]:
    names = {"HUB_URL": demo["url"], "HUB_HOME": demo["home"], "MEMBERS": demo["collections"]["members"]}
    names |= {role.upper(): token for role, token in demo["tokens"].items()}
    (tmp_path / "advisories.jsonl").write_text(json.dumps(ADVISORY) + "\n", "utf-8")
    opened = Terminal(tmp_path, names)
    yield opened
    opened.close()


def test_whoever_pastes_the_readme_gets_what_it_shows(terminal: Terminal) -> None:
    for block in BLOCKS:
        real = _run(terminal, block)
        if block.output is not None:
            found = matched(block.output, real, terminal.ids)
            assert found is not None, f"README.md:{block.line} shows\n{block.output}\nbut this came out\n{real}"
            terminal.ids |= found


def _run(terminal: Terminal, block: Block) -> str:
    kind, _, argument = block.note.partition(": ")
    if kind == "file" or block.language == "python":
        (terminal.place / (argument or "pasted.py")).write_text(block.text, "utf-8")
        return "" if argument else terminal.paste("python pasted.py")
    ways = {
        "": lambda: terminal.paste(block.text),
        "names": lambda: terminal.paste(_named(block.text, terminal.names)),
        "serves": lambda: _serve(terminal, block.text),
        "workflow": lambda: _work(terminal, block.text),
    }
    is_run = kind not in {"not run", "tree"}
    assert kind in ways or not is_run, f"README.md:{block.line}: nobody knows how to run this"
    return ways[kind]() if is_run else ""


def _named(text: str, names: dict[str, str]) -> str:
    used = set(re.findall(r"\b([A-Z_]+)=(?!\$)", text))
    assert used <= set(names), "a name that the demo does not tell"
    for name in used:
        text = re.sub(rf"\b{name}=\S+", f"{name}={shlex.quote(names[name])}", text)
    return text.replace(".venv/bin/python", shlex.quote(sys.executable))


def _work(terminal: Terminal, text: str) -> str:
    """Run the steps of a workflow as its runner would, first with the hub down."""
    (job,) = yaml.safe_load(text)["jobs"].values()
    assert set(job["env"]) == {"HUB_URL", "HUB_TOKEN"}
    (terminal.place / "red-team").write_text("#!/bin/sh\ncat found.yaml\n", "utf-8")
    (terminal.place / "red-team").chmod(0o755)
    terminal.paste("cp finding.yaml found.yaml")
    *_, last = steps = [step["run"] for step in job["steps"]]
    terminal.paste(f"( export HUB_TOKEN=$PRODUCER HUB_URL=http://127.0.0.1:{free_port()}\n{last}\n)")
    assert len(list((terminal.place / ".hub-spool").iterdir())) == 1
    terminal.paste("rm -r ~/.hub-spool")
    return terminal.paste("( set -e; export HUB_TOKEN=$PRODUCER\n" + "\n".join(steps) + "\n)")


def _serve(terminal: Terminal, text: str) -> str:
    first, *words = shlex.split(text)
    assert first == "hub"
    at, port = words.index("--port"), free_port()
    words[at + 1] = str(port)
    told = environment(HUB_HOME=str(terminal.place / "incident-hub"))
    served = subprocess.Popen(command(*words), env=told, stderr=subprocess.DEVNULL)
    try:
        last = time.monotonic() + PATIENCE
        while served.poll() is None and time.monotonic() < last:
            with contextlib.suppress(requests.RequestException):
                assert requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).json() == {"status": "ready"}
                break
            time.sleep(0.05)
        else:
            pytest.fail("`hub serve` does not answer")
    finally:
        served.terminate()
        assert served.wait(timeout=30) == 0
    return ""


def test_no_output_stands_alone_and_few_blocks_are_not_run() -> None:
    assert orphans(TEXT) == []
    assert [block.text.split()[:2] for block in BLOCKS if block.note.startswith("not run")] == [["make", "demo"]]


def test_a_shown_output_that_is_not_the_real_one_is_noticed() -> None:
    real = '{"id": "af9196b1-63c2-4164-bb6a-c1adef4650cd", "ref": "R-78WQ-SZV1", "severity": "medium", "count": 3}'
    shown = '{"id": "00000000-0000-4000-8000-000000000000", … "severity": "medium"'
    found = {"00000000-0000-4000-8000-000000000000": "af9196b1-63c2-4164-bb6a-c1adef4650cd"}
    assert matched(shown, real, {}) == found
    assert matched(shown.replace("medium", "high"), real, {}) is None
    assert matched(shown, real, dict.fromkeys(found, "another")) is None


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z]+)", TEXT, re.MULTILINE)) <= targets


def test_every_room_of_the_house_is_in_the_tree_and_is_there() -> None:
    tree = next(block.text for block in BLOCKS if block.note == "tree")
    listed = {line.split()[0].rstrip("/") for line in tree.splitlines()}
    assert [name for name in listed if not (ROOT / name).is_dir()] == []
    rooms = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()} | {"tests", "docs"}
    rooms |= {f"hub/{path.parent.name}" for path in ROOT.glob("hub/*/__init__.py")}
    assert rooms <= listed

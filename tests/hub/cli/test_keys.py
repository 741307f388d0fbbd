"""`hub keys` at the shell: what it shows, what it asks for, and what a run that was cut off leaves."""

import os
import subprocess
from pathlib import Path

import pytest

from hub.config import Config
from hub.errors import Tampered
from hub.roles import Act, shell
from hub.roots import changing
from hub.services import rooting
from hub.wiring import Hub, set_up
from tests.servers import command, environment, run

WORDS = "correct horse battery staple six words"


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    made = set_up(Config.read({}, str(tmp_path / "home")))
    made.store.close()
    return made


def keys(hub: Hub, *words: str, code: int = 0, passphrase: Path | str = "") -> str:
    told = run("keys", *words, HUB_HOME=str(hub.config.home), HUB_PASSPHRASE_FILE=str(passphrase))
    assert told.returncode == code, told.stdout + told.stderr
    return told.stdout + told.stderr


def at_a_terminal(hub: Hub, typed: str, *words: str) -> str:
    """Run a command whose standard input is a terminal, type into it, and return what it showed."""
    ours, theirs = os.openpty()
    told = environment(HUB_HOME=str(hub.config.home))
    with subprocess.Popen(
        command("keys", *words),
        env=told,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        assert process.stdout is not None
        shown = ""
        # A line may be typed only once it is asked for: hiding the terminal throws away what was typed before.
        for line in typed.splitlines():
            asked = ""
            while not asked.endswith(": ") and (more := os.read(process.stdout.fileno(), 1).decode("latin-1")):
                asked += more
            os.write(ours, f"{line}\n".encode())
            shown += asked
        shown += process.stdout.read().decode()
        os.close(ours)
    assert process.returncode == 0, shown
    return shown


def test_what_is_shown_holds_no_secret(hub: Hub) -> None:
    shown = keys(hub, "show")
    assert "root     keyfile: root.key, print " in shown
    assert "epoch 1  since " in shown
    assert "seals and opens; 0 data keys; secrets under keyfile" in shown
    content = (hub.config.keys / "root.key").read_text("utf-8")
    assert not any(content[at : at + 16] in shown for at in range(10, len(content) - 26))


def test_a_person_at_a_terminal_types_the_passphrase_unseen(hub: Hub) -> None:
    shown = at_a_terminal(hub, f"{WORDS}\n{WORDS}\n", "root", "--to", "passphrase")
    assert "3 secrets are under passphrase" in shown
    assert WORDS not in shown
    shown = at_a_terminal(hub, f"{WORDS}\n", "root")
    assert "3 secrets are under passphrase" in shown
    assert "HUB_PASSPHRASE_FILE" in keys(hub, "root", code=1)


def test_a_passphrase_gives_way_to_another_and_the_old_one_opens_nothing(hub: Hub, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text(WORDS, "utf-8")
    new.write_text(f"{WORDS} and two more", "utf-8")
    keys(hub, "root", "--to", "passphrase", passphrase=old)
    keys(hub, "root", "--to", "passphrase", "--passphrase", str(new), passphrase=old)
    assert "the passphrase is another one" in keys(hub, "root", code=1, passphrase=old)
    assert "3 secrets are under passphrase" in keys(hub, "root", passphrase=new)


def test_settings_that_do_not_work_never_become_the_root(hub: Hub, tmp_path: Path) -> None:
    before = {one.name: one.read_bytes() for one in hub.config.keys.iterdir()}
    (tmp_path / "token").write_text("token", "utf-8")
    (tmp_path / "transit.toml").write_text(
        f'provider = "transit"\naddress = "http://127.0.0.1:9"\nkey = "hub"\ntoken_file = "{tmp_path}/token"\n', "utf-8"
    )
    assert "cannot be reached" in keys(hub, "root", "--to", str(tmp_path / "transit.toml"), code=1)
    (tmp_path / "short").write_text("short", "utf-8")
    told = keys(hub, "root", "--to", "passphrase", "--passphrase", str(tmp_path / "short"), code=1)
    assert "shorter than 16" in told
    keys(hub, "root", "--to", str(tmp_path / "nothing"), code=1)
    assert {one.name: one.read_bytes() for one in hub.config.keys.iterdir()} == before


@pytest.mark.parametrize("cut_off_after", ["begin", "put", "finish"])
def test_a_change_that_was_cut_off_leaves_a_hub_that_starts_and_is_gone_on_with(hub: Hub, cut_off_after: str) -> None:
    place = hub.config.keys
    old = hub.directory.root()
    changing.begin(place, {"provider": "keyfile"})
    if cut_off_after != "begin":
        root = hub.directory.root()
        with hub.store.reading() as db:
            made = rooting.rewrap(root, rooting.secrets(db))
        hub.store.write(lambda db: rooting.put(db, Act(shell("test"), hub.clock()), root, made))
    if cut_off_after == "finish":
        changing.finish(place)
    hub.take_keys()
    if cut_off_after != "finish":
        assert "a change of root is under way" in keys(hub, "show")
    assert "3 secrets are under keyfile: root-" in keys(hub, "root")
    assert not (place / "root.key").exists()
    with hub.store.reading() as db:
        row = rooting.secrets(db)[0]
    with pytest.raises(Tampered):
        old.unwrap(row.wrapped, row.name, str(row.number))
    assert "root.next.toml" not in {one.name for one in place.iterdir()}
    hub.store.close()

import re
import signal

import pytest
import requests

from tests.factories import a_report
from tests.servers import Group, run, start

pytestmark = pytest.mark.slow

WHO, ANALYST = "producer:Filer", "analyst:Hub staff"


def test_init_makes_a_hub_and_says_where_its_keys_lie(tmp_path):
    home = tmp_path / "home"
    done = run("init", "--home", str(home))
    assert done.returncode == 0, done.stderr
    assert f"home  {home}" in done.stdout
    assert str(tmp_path / "home.keys") in done.stdout
    assert run("publish", "--home", str(home)).returncode == 0


def test_init_twice_changes_nothing(tmp_path):
    home = str(tmp_path / "home")
    keys = tmp_path / "home.keys"
    assert run("init", "--home", home).returncode == 0
    before = {path.name: path.read_bytes() for path in keys.iterdir()}
    feeds = run("feed", "list", "--home", home).stdout
    assert run("init", HUB_HOME=home).returncode == 0
    assert {path.name: path.read_bytes() for path in keys.iterdir()} == before
    assert run("feed", "list", HUB_HOME=home).stdout == feeds
    assert len(feeds.splitlines()) == 6
    assert "of members: indicator, observed-data, identity, marking-definition" in feeds.splitlines()[-1]


def test_the_keys_are_their_owners_alone_and_not_in_the_home(tmp_path):
    run("init", "--home", str(tmp_path / "home"))
    files = list((tmp_path / "home.keys").iterdir())
    assert files
    open_to_others = {path.name for path in files if path.stat().st_mode & 0o077}
    assert open_to_others <= {"epoch.pub"}, "only what intake seals to is no secret"
    assert (tmp_path / "home.keys").stat().st_mode & 0o077 == 0
    assert {path.name for path in (tmp_path / "home").iterdir()} & {path.name for path in files} == set()


@pytest.mark.parametrize("command", ["init", "publish", "serve", "schedule"])
def test_without_a_home_a_command_says_how_to_name_one(command):
    done = run(command)
    assert done.returncode == 1
    assert "--home" in done.stderr
    assert "HUB_HOME" in done.stderr


@pytest.mark.parametrize("command", ["publish", "serve", "schedule"])
def test_a_home_that_is_not_set_up_is_told_apart(command, tmp_path):
    done = run(command, "--home", str(tmp_path / "nothing"))
    assert done.returncode == 1
    assert "hub init" in done.stderr
    assert not (tmp_path / "nothing").exists()


def test_publish_counts_what_it_releases_and_what_waits_at_each_gate(office):
    office.shell("publish")
    accepted = office.world.file(WHO, a_report(client_ref="PUBLISH-1", tlp="green"))
    waits = a_report(client_ref="PUBLISH-2", share_redacted_with=["members"], embargo_until="2099-01-01T00:00:00Z")
    office.world.file(WHO, waits)
    office.client(ANALYST, "accept", accepted["id"], "members")
    done = office.shell("publish", "members")
    assert done.returncode == 0, done.stderr
    assert "admitted 2" in done.stdout
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("members:")]
    counts = re.fullmatch(r"members: release \d+, 1 reports?: (\d+) added, 0 changed, 0 revoked; waiting: (.+)", line)
    assert counts, line
    assert int(counts[1]) > 1
    assert "1 at embargo" in counts[2]
    assert "trusted:" not in done.stdout


def test_publish_exits_0_when_nothing_is_due(office):
    office.shell("publish")
    done = office.shell("publish")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 5
    assert all("nothing to release" in line for line in done.stdout.splitlines())


def test_publish_refuses_a_feed_that_does_not_exist(office):
    done = office.shell("publish", "everybody")
    assert done.returncode == 2
    assert "members" in done.stderr


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_serve_ends_with_all_its_parts(tmp_path, by):
    home = tmp_path / "home"
    run("init", "--home", str(home))
    server = start(home, tmp_path / "log", workers=1)
    server.group.leader.send_signal(by)
    assert server.group.leader.wait(timeout=30) == 0
    assert not server.group.has_members
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{server.url}/healthz", timeout=5)
    assert "Traceback" not in (tmp_path / "log").read_text("utf-8")


def test_serve_fails_when_its_port_is_taken(office):
    port = office.url.rsplit(":", 1)[1]
    log = office.world.hub.config.home.with_name("second.log")
    second = Group(("serve", "--faces", "web", "--port", port, "--home", office.home), log)
    assert second.leader.wait(timeout=60) == 1
    assert not second.has_members

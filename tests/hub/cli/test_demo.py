"""`hub demo --json` is a contract: tools start a hub by it and read one line."""

import json
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from hub.cli.demo import guide
from tests.factories import a_report
from tests.servers import command, environment, run

pytestmark = pytest.mark.slow

KEYS = {"home", "url", "taxii", "tokens", "collections"}
ROLES = {"producer", "member", "researcher", "analyst", "operator", "auditor"}
FEEDS = {"trusted", "members", "researchers", "public", "reference"}
READS = {"member": {"members", "public", "reference"}, "researcher": {"researchers", "public", "reference"}}
TAXII = {"Accept": "application/taxii+json;version=2.1"}


@dataclass
class Demo:
    """A running demo and what it told."""

    process: "subprocess.Popen[str]"
    told: dict[str, Any]

    def ask(self, role, path, method="GET", body=None, **headers):
        """Send a request as one of the roles."""
        told = {"Authorization": f"Bearer {self.told['tokens'][role]}", **headers}
        return requests.request(method, self.told["url"] + path, json=body, headers=told, timeout=30)

    def reports(self):
        """Every report, as the analyst lists them."""
        return self.ask("analyst", "/api/v1/reports?limit=200").json()["items"]

    def objects(self, role, feed):
        """The first thousand objects of a feed."""
        path = f"/taxii2/hub/collections/{self.told['collections'][feed]}/objects/?limit=1000"
        answer = self.ask(role, path, **TAXII)
        return answer.json().get("objects", []) if answer.ok else None

    def interrupt(self):
        """Ctrl-C for the demo alone; what else it wrote to standard output."""
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=60)
        return rest


@pytest.fixture
def demo(tmp_path):
    """Starts demos and sees that none stays."""
    started = []

    def begin(*words, **variables):
        log = (tmp_path / "demo.err").open("a")
        with log:
            process = subprocess.Popen(
                command("demo", "--json", *words),
                env=environment(TMPDIR=str(tmp_path), **variables),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        started.append(process)
        first = process.stdout.readline() if process.stdout else ""
        assert first, (tmp_path / "demo.err").read_text("utf-8")
        return Demo(process, json.loads(first))

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_a_demo_keeps_its_contract_and_carries_on_where_it_was(demo, tmp_path):
    home = tmp_path / "home"
    first = demo("--home", str(home))
    check_contract(first, str(home))
    check_readers(first)
    check_producer(first)
    before, old = {one["id"] for one in first.reports()}, first.told["tokens"]
    assert first.interrupt() == "", "more than one line on standard output"
    assert first.process.returncode == 0
    check_all_ended(first)

    second = demo(HUB_HOME=str(home))
    check_contract(second, str(home))
    assert {one["id"] for one in second.reports()} == before, "a demo that carried on filed something again"
    assert second.told["collections"] == first.told["collections"]
    assert set(second.told["tokens"].values()).isdisjoint(old.values())
    for token in old.values():
        answer = requests.get(second.told["taxii"], headers={"Authorization": f"Bearer {token}", **TAXII}, timeout=30)
        assert answer.status_code == 401
    check_readers(second)
    second.interrupt()
    check_all_ended(second)


def check_contract(found, home):
    told = found.told
    assert set(told) == KEYS
    assert told["home"] == home
    assert set(told["tokens"]) == ROLES
    assert set(told["collections"]) == {*FEEDS, "inbox"}
    assert told["url"].startswith("http://127.0.0.1:")
    assert not told["url"].endswith("/")
    assert requests.get(f"{told['url']}/readyz", timeout=30).status_code == 200
    assert found.ask("member", told["taxii"].removeprefix(told["url"]), **TAXII).json()["api_roots"]
    assert {token[:9] for token in told["tokens"].values()} == {"hub_demo_"}
    refused = found.ask("producer", "/api/v1/reports", **{"X-Forwarded-For": "192.0.2.1"})
    assert refused.status_code == 401, "a demo token works on loopback only"


def check_readers(found):
    for role in ROLES:
        listed = found.ask(role, "/taxii2/hub/collections/", **TAXII).json().get("collections", [])
        wanted = {found.told["collections"][feed] for feed in READS.get(role, ())}
        assert {one["id"] for one in listed if one["alias"] in FEEDS} == wanted, role
        assert ("members-indicators" in {one["alias"] for one in listed}) == ("members" in READS.get(role, ()))
        for feed in FEEDS - READS.get(role, set()):
            assert found.objects(role, feed) is None, f"{role} reads {feed}"
    kinds = {feed: {one["type"] for one in found.objects("member", feed)} for feed in ("members", "public")}
    assert all("report" in found for found in kinds.values()), kinds
    assert "report" in {one["type"] for one in found.objects("researcher", "researchers")}


def check_producer(found):
    """The producer is approved without standing acceptance: what it shares redacted leaves, its own words do not."""
    assert len({one["links"]["self"] for one in found.reports()}) >= 20
    body = a_report(title="In our own words", tlp="green", share_redacted_with=["members"])
    filed = found.ask("producer", "/api/v1/reports", "POST", body, **{"Idempotency-Key": "demo-1"})
    assert filed.status_code == 201
    before = {one["id"] for one in found.objects("member", "members")}
    done = run("publish", "members", "--home", found.told["home"])
    assert done.returncode == 0, done.stdout + done.stderr
    fresh = [one for one in found.objects("member", "members") if one["id"] not in before]
    (carrier,) = [one for one in fresh if one["type"] == "report"]
    assert carrier["name"].startswith("High-severity incident")


def alive(group):
    """The processes of a group that still run: one that ended and waits to be reaped by somebody else does not."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = entry.read_text("utf-8").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        if told[2] == str(group) and told[0] != "Z":
            found.append(entry.parent.name)
    return found


def check_all_ended(found):
    patience = time.monotonic() + 20
    while alive(found.process.pid) and time.monotonic() < patience:
        time.sleep(0.1)
    assert alive(found.process.pid) == [], "its children share its process group: nobody is left in it"
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{found.told['url']}/healthz", timeout=5)


def test_without_a_home_a_demo_makes_one_and_takes_it_away_again(demo, tmp_path):
    found = demo()
    made = found.told["home"]
    assert made.startswith(str(tmp_path))
    check_contract(found, made)
    found.interrupt()
    check_all_ended(found)
    assert [path.name for path in tmp_path.iterdir()] == ["demo.err"]


def test_a_home_that_is_not_a_demos_is_refused_and_left_alone(tmp_path):
    home = tmp_path / "home"
    assert run("init", "--home", str(home)).returncode == 0
    before = sorted(path.name for path in home.iterdir())
    done = run("demo", "--json", "--home", str(home))
    assert (done.returncode, done.stdout) == (1, "")
    assert "not empty" in done.stderr
    assert sorted(path.name for path in home.iterdir()) == before


def test_what_it_prints_for_a_second_terminal_works_in_any_directory(tmp_path):
    told = {
        "url": "http://127.0.0.1:1", "home": str(tmp_path), "tokens": dict.fromkeys(ROLES, "x"),
        "taxii": "http://127.0.0.1:1/taxii2/", "collections": dict.fromkeys({*FEEDS, "inbox"}, "x"),
    }  # fmt: skip
    (line,) = [one for one in guide(told).splitlines() if one.startswith("hub() {")]
    bare = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    done = subprocess.run(
        ["bash", "-c", f"{line}\nhub --version"], cwd=tmp_path, env=bare, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.startswith("hub, version")) == (0, True), done.stderr

"""What was acknowledged is never lost, and what is released is released once, whenever the machine dies.

Real processes and SIGKILL: gunicorn with its workers, `hub publish`, the ticker. `make figures` does the same a hundred
times each.
"""

import time

import pytest

from tests.conftest import World
from tests.factories import a_report
from tests.killing import kill_while_filing
from tests.killing_publishers import is_publishing, kill_while_releasing
from tests.servers import Group, living_world, run

KILLS = 4


@pytest.fixture
def living(tmp_path):
    made = living_world(tmp_path)
    yield made
    made.hub.store.close()


@pytest.mark.slow
def test_no_acknowledged_report_is_lost_or_doubled_when_the_hub_is_killed_while_it_files(living: World) -> None:
    found = kill_while_filing(living, KILLS, seed=1)
    assert (found.lost, found.doubled, found.damaged, found.others) == ([], [], [], {})
    assert found.acknowledged > KILLS
    assert found.cut_off > 0, "no kill hit a request: this proved nothing"


@pytest.mark.slow
def test_no_entry_is_missed_or_doubled_when_publishers_are_killed_while_reports_arrive(living: World) -> None:
    found = kill_while_releasing(living, KILLS, seed=2)
    assert (found.missed, found.doubled, found.disorder) == ([], [], [])
    assert found.withdrawn > 0
    assert found.in_turn > 0, "no kill hit a release: this proved nothing"


@pytest.mark.slow
def test_a_killed_publisher_leaves_the_next_one_waiting_no_longer_than_urgent_reports_may_wait(living: World) -> None:
    living.enrol("producer", "Producer")
    living.enrol("analyst", "Hub staff")
    reports = [
        living.file("producer:Producer", a_report(client_ref=f"CASE-{number}", tlp="green")) for number in range(30)
    ]
    living.send(
        "analyst:Hub staff", "POST", f"/api/v1/members/{living.ids['Producer']}/accept", {"audience": "members"}
    )
    home = living.hub.config.home
    publisher = Group(("publish", "--home", str(home)), home.with_name("publish.log"))
    while publisher.is_alive and not is_publishing(living):
        time.sleep(0.01)  # another process's progress has no clock that we could move
    publisher.kill()
    assert is_publishing(living), "it was faster than its death"
    before = time.monotonic()
    after = run("publish", "--home", str(home))
    assert (after.returncode, after.stderr) == (0, "")
    assert time.monotonic() - before < 30
    assert f"members: release 1, {len(reports)} reports" in after.stdout

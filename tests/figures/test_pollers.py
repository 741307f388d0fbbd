"""Ten thousand releases by publishers that are killed, polled in eight ways: the counts that docs/figures.md shows."""

import os
import time

import pytest

from tests.page import write
from tests.polling_run import poll_while_killing
from tests.servers import living_world

pytestmark = pytest.mark.figures
RELEASES = int(os.environ.get("RELEASES", "10000"))
COMMAND = "make figures" if RELEASES == 10_000 else f"RELEASES={RELEASES} make figures"


def test_pollers_miss_and_double_nothing_while_publishers_and_servers_are_killed(tmp_path):
    began = time.monotonic()
    found = poll_while_killing(living_world(tmp_path), RELEASES, seed=300, pause=(0.5, 5.0))
    rows = [
        ("releases, of three feeds, by 4 publishers that share one lease", found.releases),
        ("object versions released", found.entries),
        ("`kill -9` of a publisher at a random moment", found.kills),
        ("of them while it held the right to publish", found.in_turn),
        ("`kill -9` of the process group of `hub serve` (gunicorn, 2 workers)", found.server_kills),
        ("answers to 8 pollers", found.answers),
        ("requests that a kill left without an answer", found.cut_off),
        ("answers other than 200 and 304", sum(found.others.values())),
        ("object versions missed", len(found.missed)),
        ("object versions doubled", len(found.doubled)),
        ("object versions out of order, or that never were", len(found.disordered)),
        ("seconds, with start-ups", round(time.monotonic() - began)),
    ]
    told = (
        "Reports are filed, corrected and withdrawn all the while. Eight pollers: cursor alone; date alone; both; both"
        " by turns with changing limits; types with all versions; the manifest; If-None-Match; taxii2-client's as_pages"
        " on members-indicators. A version superseded or deleted before a poller came by may be skipped, no other; what"
        " is missed is judged by a journal that triggers in the database keep (tests/polling.py)."
    )
    print(write("Polled while publishers are killed", COMMAND, told, ("what", "count"), rows))
    assert (found.missed, found.doubled, found.disordered, found.others) == ([], [], [], {})
    assert found.in_turn > 0
    assert found.releases >= RELEASES

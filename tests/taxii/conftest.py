"""A black-box suite for TAXII 2.1: every check asks a running `hub demo` and names the section that it holds.

It knows the standard and the contract of `hub demo --json`, and nothing of the hub's inside. A check's docstring begins
with its section and MUST or SHOULD (`test_suite.py` sees to it); where the standard says MAY, the words after it say
what the hub chose.
"""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.servers import command, environment, run
from tests.taxii.standard import TAXII, Taxii

REPORT = {
    "report_type": "incident",
    "title": "Told twice",
    "description": "First one thing, then another.",
    "aware_at": "2026-11-20T10:00:00Z",
    "severity": "low",
    "systems": [{"name": "A system"}],
    "share_redacted_with": ["members", "public"],
}


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A demo, and what it told of itself."""
    place = tmp_path_factory.mktemp("taxii")
    with (place / "demo.err").open("w") as log:
        process = subprocess.Popen(
            command("demo", "--json", "--port", "0", "--home", str(place / "home")),
            env=environment(HUB_LIMIT_READING="0", HUB_LIMIT_WRITING="0"),
            stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True,
        )  # fmt: skip
    try:
        first = process.stdout.readline() if process.stdout else ""
        assert first, (place / "demo.err").read_text("utf-8")
        yield json.loads(first)
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.fixture(scope="session")
def taxii(told: dict[str, Any]) -> Taxii:
    """The hub as a member meets it, beginning at what it told."""
    path = told["taxii"].removeprefix(told["url"])
    sent = {"Accept": TAXII, "Authorization": f"Bearer {told['tokens']['member']}"}
    found = requests.get(told["taxii"], headers=sent, timeout=60).json()
    root = found["default"].removeprefix(told["url"])
    return Taxii(told["url"], {**told, "discovery": path, "root": root})


@pytest.fixture(scope="session")
def history(taxii: Taxii) -> str:
    """The STIX id of a carrier that members saw in two versions: a report that was filed, released and amended."""
    sent = {"Authorization": f"Bearer {taxii.told['tokens']['producer']}", "Idempotency-Key": "told-twice"}
    reports = f"{taxii.url}/api/v1/reports"
    filed = requests.post(reports, json=REPORT, headers=sent, timeout=60)
    assert filed.status_code == 201, filed.text
    before = {one["id"] for one in taxii.objects(taxii.at())}
    _publish(taxii)
    (carrier,) = {one["id"] for one in taxii.objects(taxii.at(rest="objects/?match[type]=report"))} - before
    change = {**sent, "If-Match": '"r1"'}
    amended = requests.patch(f"{reports}/{filed.json()['id']}", json={"severity": "high"}, headers=change, timeout=60)
    assert amended.status_code == 200, amended.text
    _publish(taxii)
    return str(carrier)


def _publish(taxii: Taxii) -> None:
    done = run("publish", "members", HUB_HOME=taxii.told["home"])
    assert done.returncode == 0, done.stderr

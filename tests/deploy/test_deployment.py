"""A hub stands by the files in deploy/: what the README shows works through nginx, and no process that dies loses
what was acknowledged.
"""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from hub.config import Config
from hub.demo.playing import READERS, STAFF, Stage, enrol, play
from hub.demo.sampling import organisations
from hub.roles import Act, shell
from hub.services import membership
from hub.services.membership import Wanted
from hub.store import feeds
from hub.wiring import Hub, connect
from tests.deploy.standing import NGINX, Deployment, awaited, standing
from tests.documents import matched
from tests.killing import PAGE, Client, Ledger, filing
from tests.laws import test_readme as readme
from tests.postgres import NoPostgres

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgres,
    pytest.mark.nginx,
    pytest.mark.skipif(NGINX is None, reason="there is no nginx on this machine"),
]
KILLED = ("web1", "schedule", "nginx", "postgresql", "web2")


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    try:
        with standing(tmp_path_factory.mktemp("deployment")) as made:
            yield made
    except NoPostgres as none:
        pytest.skip(str(none))


@pytest.fixture(scope="module")
def hub(deployment: Deployment) -> Iterator[Hub]:
    found = connect(Config.read(deployment.settings))
    yield found
    found.store.close()


def token(hub: Hub, name: str, role: str) -> str:
    with hub.store.writing() as db:
        return membership.issue(db, Act(shell("test"), hub.clock()), name, Wanted([role])).text


def test_the_readme_s_transcript_works_through_nginx(deployment: Deployment, hub: Hub, tmp_path: Path) -> None:
    stage = Stage(hub, deployment.url)
    enrol(stage)
    as_demo = requests.get(f"{deployment.url}/api/v1/reports", auth=("x", stage.tokens["producer"]), timeout=9)
    assert as_demo.status_code == 401, "demo tokens do not work behind a proxy"
    for one in organisations():
        stage.producers[one.slug] = token(hub, one.name, "producer")
        if one.is_producer:
            stage.tokens["producer"] = stage.producers[one.slug]
    for role, (name, _) in READERS.items():
        stage.tokens[role] = token(hub, name, role)
    for role in ("analyst", "operator", "auditor"):
        stage.tokens[role] = token(hub, STAFF, role)
    play(stage, lambda _: None)
    with hub.store.writing() as db:
        for row, _ in feeds.all_feeds(db):  # the schedule would release what the next block releases
            feeds.set_next(db, row.name, datetime.now(UTC) + timedelta(days=1))
    names = {role.upper(): text for role, text in stage.tokens.items()}
    names |= {one.name.upper(): one.id for one in hub.collections()}
    names |= {"HUB_URL": deployment.url, "HUB_HOME": deployment.settings["HUB_HOME"]}
    (tmp_path / "advisories.jsonl").write_text(json.dumps(readme.ADVISORY) + "\n", "utf-8")
    shown = paste(readme.Terminal(tmp_path, names), deployment)
    assert shown > 5


def paste(terminal: readme.Terminal, deployment: Deployment) -> int:
    """Paste the README as its own test does; how many outputs were as shown."""
    shown = 0
    try:
        ours = {name: deployment.settings[name] for name in ("HUB_KEYS", "HUB_DATABASE_URL_FILE")}
        terminal.paste("\n".join(f"export {name}={value}" for name, value in ours.items()))
        for block in readme.BLOCKS:
            if "hub init" in block.text:  # a second hub, which the reader makes
                terminal.paste(f"unset {' '.join(ours)}")
            real = readme._run(terminal, block)
            if block.output is not None:
                found = matched(block.output, real, terminal.ids)
                assert found is not None, f"README.md:{block.line} shows\n{block.output}\nbut this came out\n{real}"
                terminal.ids |= found
                shown += 1
    finally:
        terminal.close()
    return shown


def listed(url: str, text: str) -> dict[str, str]:
    """A producer's reports by their ids: the state of each."""
    found: dict[str, str] = {}
    cursor: dict[str, str] = {}
    while True:
        asked = {"limit": str(PAGE), **cursor}
        headers = {"Authorization": f"Bearer {text}"}
        page = requests.get(f"{url}/api/v1/reports", params=asked, headers=headers, timeout=30).json()
        found |= {one["id"]: one["state"] for one in page["items"]}
        if not page["next"]:
            return found
        cursor = {"next": page["next"]}


def test_no_process_that_dies_loses_what_was_acknowledged(deployment: Deployment, hub: Hub) -> None:
    with hub.store.writing() as db:
        membership.add(db, Act(shell("test"), hub.clock()), "Filer")
    text, ledger = token(hub, "Filer", "producer"), Ledger()
    clients = [Client(f"c{one}", text, lambda: deployment.url, ledger, random.Random(one), 0.2) for one in range(4)]
    told: list[int] = []
    with filing(clients):
        for name in KILLED:
            time.sleep(0.7)  # some filing, then death at no particular moment
            deployment.parts[name].kill()
            time.sleep(0.3)
            deployment.parts[name].start()
            deployment.await_ready()
            told.append(len(ledger.told))
            before = len(ledger.told)
            awaited(lambda before=before: len(ledger.told) > before + 5, f"nothing is filed after {name} died")  # type: ignore[misc]
    found = listed(deployment.url, text)
    assert Counter(found.keys()) == ledger.ids, "lost or filed twice"
    assert ledger.cut_off + sum(ledger.others.values()) > 0, "no request was hit: this tested nothing"
    # The schedule was killed too; what was filed is admitted all the same, as long as it takes on a busy machine.
    waiting = len(found)
    while waiting:
        before = waiting
        awaited(lambda before=before: filed(deployment, text) < before, f"{before} are never admitted")  # type: ignore[misc]
        waiting = filed(deployment, text)


def filed(deployment: Deployment, text: str) -> int:
    """How many of a producer's reports nobody admitted yet."""
    deployment.keep_up()  # the schedule may have been on its way up when its database died
    return sum(state == "filed" for state in listed(deployment.url, text).values())

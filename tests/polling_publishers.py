"""A publisher as a process of its own, made to be killed: it files, corrects, withdraws and releases without pause.

`python -m tests.polling_publishers HOME SEED`; the producers' tokens lie beside the home. Several of them on one home
take turns by the lease in the database, as publishers on several hosts do.
"""

import json
import random
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from hub import rounds
from hub.app import create_app
from hub.config import Config
from hub.errors import Busy
from hub.wiring import connect
from tests.conftest import EXACT, Clock, World
from tests.factories import a_report
from tests.servers import ROOT, environment

PRODUCERS = ("producer:One", "producer:Two", "producer:Three")
FEEDS = ("trusted", "members", "public")
RECENT = 20  # of its reports a producer still changes these


def people(home: Path) -> Path:
    """Where the producers' tokens lie."""
    return home.with_name("people.json")


@dataclass
class Publisher:
    """A publisher's process; it can be killed at any moment, and be started again."""

    home: Path
    seed: int

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin, as another process than before."""
        self.seed += 100
        words = [sys.executable, "-m", "tests.polling_publishers", str(self.home), str(self.seed)]
        with self.home.with_name("publishers.log").open("ab") as log:
            self.process = subprocess.Popen(words, env=environment(), cwd=ROOT, stdout=log, stderr=log)

    def kill(self) -> int:
        """SIGKILL; its process id."""
        assert self.process.poll() is None, "a publisher ended by itself: see publishers.log"
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        return self.process.pid


def act(world: World, chance: random.Random) -> None:
    """File a report, or correct or withdraw one."""
    who, what = chance.choice(PRODUCERS), chance.random()
    listed = world.send(who, "GET", f"/api/v1/reports?limit={RECENT}").get_json()["items"] if what > 0.55 else []
    standing = [one for one in listed if one["state"] != "withdrawn"]
    if not standing:
        threat = {"indicators": [{"type": "domain", "value": f"d{chance.randrange(10**9)}.example", "pap": "clear"}]}
        changes = {"report_type": "threat", "threat": threat} if chance.random() < 0.3 else {}
        body = a_report(title=f"Report {chance.randrange(10**9)}", tlp="clear", **changes)
        world.file(who, body, key=f"{chance.getrandbits(64):x}")
        return
    path = f"/api/v1/reports/{chance.choice(standing)['id']}"
    if what > 0.88:
        world.send(who, "POST", f"{path}/withdraw")
        return
    etag = world.send(who, "GET", path).headers["ETag"]
    patch = {"title": f"Corrected {chance.randrange(10**9)}"}
    # Somebody else may have changed it meanwhile; then this is refused, and the next turn does something else.
    world.send(who, "PATCH", path, patch, If_Match=etag)


def main() -> None:
    """Work until killed."""
    home, seed = Path(sys.argv[1]), int(sys.argv[2])
    hub, chance = connect(Config.read(EXACT, str(home))), random.Random(seed)
    world = World(hub, Clock(hub.clock()), create_app(hub).test_client(), json.loads(people(home).read_text("utf-8")))
    while True:
        try:
            act(world, chance)
            rounds.admit_all(hub)
            rounds.publish_all(hub, [feed for feed in hub.feeds() if feed.name in FEEDS])
        except Busy:  # another publisher took the turn over, or the database was held for long: as `hub publish`, again
            continue


if __name__ == "__main__":
    main()

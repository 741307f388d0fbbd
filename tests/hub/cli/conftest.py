"""One served hub for the command line's tests: every command works beside a running hub."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import World
from tests.servers import living_world, run, serving


@dataclass
class Office:
    """A served hub, its people, and the shell that they sit at."""

    world: World
    url: str

    @property
    def home(self) -> str:
        """Where it lives."""
        return str(self.world.hub.config.home)

    def client(self, who: str, *words: str, stdin: str = "", **variables: str):
        """Run a client command as somebody, as from another machine: with an address and a token, and no home."""
        told = {"HUB_URL": self.url, "HUB_TOKEN": self.world.tokens[who], **variables}
        return run(*words, stdin=stdin, **told)

    def shell(self, *words: str, who: str = ""):
        """Run an operator's command on the hub's own host, as a person or nobody in particular."""
        return run(*words, HUB_HOME=self.home, **({"HUB_TOKEN": self.world.tokens[who]} if who else {}))

    def filed(self, who: str = "producer:Filer"):
        """The reports of a producer, the newest first."""
        return self.world.send(who, "GET", "/api/v1/reports?limit=200").get_json()["items"]


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    place: Path = tmp_path_factory.mktemp("office")
    world = living_world(place)
    world.enrol("producer", "Filer")
    world.enrol("analyst", "Hub staff")
    for role, name in (("operator", "olga"), ("operator", "omar"), ("analyst", "anna"), ("analyst", "abel")):
        world.enrol(role, "Hub staff", person=name)
    world.enrol("member", "Reader", audiences=("members", "public", "reference"))
    with serving(world.hub.config.home, workers=1) as server:
        yield Office(world, server.url)
    world.hub.store.close()

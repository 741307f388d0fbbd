"""An analyst at two desks: each question is asked by API and by command line, over HTTP, and answered the same."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from click.testing import CliRunner

from hub.cli import hub as command
from tests.conftest import World
from tests.servers import serving


@dataclass
class Analyst:
    """Somebody with questions, and the hub that is asked."""

    world: World
    url: str

    def ask(self, filter_: str, **query: str) -> dict[str, Any]:
        """What a filter finds, both ways: all of it, with facets if they are asked for."""
        found = self._api(filter_, query)
        options = [word for name, value in query.items() for word in (f"--{name}", value)]
        told = json.loads(self.shell("search", filter_, *options, "--limit", "5000", "--json"))
        assert told["items"] == found["items"]
        assert told.get("facets") == found.get("facets")
        assert told["next"] is None
        return found

    def refs(self, filter_: str, **query: str) -> list[str]:
        """Their filers' own names of what a filter finds, in order."""
        return [one["report"]["client_ref"] for one in self.ask(filter_, **query)["items"]]

    def counts(self, filter_: str, field: str) -> dict[str, int]:
        """How many matches hold each value of a field."""
        return {one["value"]: one["reports"] for one in self.ask(filter_, facets=field)["facets"]["values"][field]}

    def scan(self, contains: str, filter_: str = "") -> list[str]:
        """The references of the reports whose sealed text holds words, both ways."""
        purpose = "the analysts' journey"
        narrowed = {"filter": filter_} if filter_ else {}
        body = {"contains": contains, "purpose": purpose, **narrowed}
        answer = requests.post(f"{self.url}/api/v1/search/sealed", json=body, headers=self._headers, timeout=60)
        assert answer.status_code == 200, answer.text
        options = ["--filter", filter_] if filter_ else []
        told = self.shell("scan", contains, "--purpose", purpose, "--json", *options)
        found = answer.json()
        assert found["is_complete"], "the samples fit into one page"
        assert json.loads(told)["items"] == found["items"]
        return [one["ref"] for one in found["items"]]

    def get(self, path: str) -> dict[str, Any]:
        """What the hub answers under a path."""
        answer = requests.get(f"{self.url}{path}", headers=self._headers, timeout=60)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def shell(self, *words: str) -> str:
        """What a command prints that asks the hub over HTTP."""
        told = {"HUB_URL": self.url, "HUB_TOKEN": self.world.tokens["analyst"]}
        done = CliRunner().invoke(command, [*words], env=told)
        assert done.exit_code == 0, done.output
        return done.stdout

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.world.tokens['analyst']}"}

    def _api(self, filter_: str, query: dict[str, str]) -> dict[str, Any]:
        given = {"filter": filter_, "limit": "200", **query}
        whole: dict[str, Any] = {}
        while True:
            answer = requests.get(f"{self.url}/api/v1/search", params=given, headers=self._headers, timeout=60)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            whole = {**page, **whole, "items": [*whole.get("items", ()), *page["items"]]}
            if not page["next"]:
                return whole
            given = {**{name: value for name, value in given.items() if name != "facets"}, "next": page["next"]}


@contextmanager
def at_work(world: World) -> Iterator[Analyst]:
    """An analyst of a hub that is served until the end of the block."""
    world.enrol("analyst", "Hub staff")
    world.tokens["analyst"] = world.tokens["analyst:Hub staff"]
    with serving(world.hub.config.home) as server:
        yield Analyst(world, server.url)
    world.hub.store.close()

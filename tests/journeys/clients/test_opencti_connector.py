"""OpenCTI's connector `taxii2` (external-import), its requests replayed through the library that it uses.

From OpenCTI-Platform/connectors, external-import/taxii2/src/connector/client_taxii.py and connector.py, over
taxii2-client 2.3.0, which is run, not modelled:
- Discovery URL; the API root is found by the last part of its path, the collection by its title: `hub.<title>`.
- The first page's first object says by its `spec_version` whether this is TAXII 2.1; without one it would be 2.0.
- From the second page on `added_after` is dropped and `next` is sent. Nothing ever takes `next` away again: a later run
  sends the cursor of an earlier one together with a new `added_after`.
- Without `next`, `more: true` would be asked for again without end.
- Between runs it keeps the time of the last run's start, in whole seconds of its own clock, and asks for what was added
  after it: what came in the second of a run comes twice, by design.
"""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from requests.auth import HTTPBasicAuth
from requests.exceptions import HTTPError
from taxii2client import v20, v21
from taxii2client.common import TokenAuth

from tests.journeys.clients import opencti
from tests.journeys.clients.hubs import Served, assert_each_once, version_of
from tests.journeys.clients.reading import expected

TITLE = "Member organisations"
INITIAL_HISTORY = 24  # hours


class Connector:
    """A running connector: its client, whose filters live as long as it does, and its state on the platform."""

    def __init__(self, discovery: str, auth: Any, limit: int | None, *, is_v21: bool = True) -> None:
        self.limit = limit
        self.server = (v21 if is_v21 else v20).Server(discovery, auth=auth, verify=True)
        self.filters: dict[str, Any] = {"limit": limit} if limit else {}
        self.last_run: int | None = None

    def run(self, collections: str = f"hub.{TITLE}") -> list[dict[str, Any]]:
        """One run, `process_message`: everything of its collection since the last."""
        now = datetime.now(UTC)
        if self.limit:
            self.filters["limit"] = self.limit
        if self.last_run is not None:
            since = datetime.fromtimestamp(self.last_run, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            self.filters["added_after"] = since
        else:
            self.filters["added_after"] = now.replace(tzinfo=None) - timedelta(hours=INITIAL_HISTORY)
        root_path, title = collections.split(".")
        found = self.poll(self._collection(self._root(root_path), title))
        self.last_run = int(now.timestamp())
        return found

    def poll(self, collection: Any) -> list[dict[str, Any]]:
        """`Taxii2.poll`, the branch of TAXII 2.1."""
        objects: list[dict[str, Any]] = []
        response = collection.get_objects(**self.filters)
        if not response.get("objects"):
            return objects
        assert response["objects"][0]["spec_version"] == "2.1", "it would go on as with TAXII 2.0, by manifests"
        while True:
            objects += response.get("objects", [])
            if response.get("more") is not True:
                return objects
            assert "next" in response, "it would ask for this page again without end"
            self.filters.pop("added_after", None)
            self.filters["next"] = response["next"]
            response = collection.get_objects(**self.filters)

    def _root(self, path: str) -> Any:
        return next(root for root in self.server.api_roots if root.url.split("/")[-2] == path)

    def _collection(self, root: Any, title: str) -> Any:
        return next(one for one in root.collections if one.title == title)


def a_connector(served: Served, limit: int | None = 6, **options: Any) -> Connector:
    """The connector, as docs/clients.md says to set it up."""
    return Connector(served.discovery, HTTPBasicAuth("opencti", served.token), limit, **options)


def in_mid_second() -> None:
    """Wait for the second half of a second.

    It keeps whole seconds: were a release dated before the turn of a second and committed after the run that began
    there, that release would be lost to it. Its interval is hours, and docs/clients.md says so.
    """
    part = datetime.now(UTC).microsecond / 1e6
    time.sleep(0.5 - part if part < 0.5 else 0)


@pytest.mark.slow
def test_it_misses_nothing_while_more_is_released_and_shows_every_report(served):
    connector = a_connector(served)
    in_mid_second()
    got = connector.run()
    with served.releasing() as is_going_on:
        while is_going_on():
            in_mid_second()
            got += connector.run()
    got += connector.run()
    served.restart()
    served.release_more(1)
    got += connector.run()
    served.withdraw("written")
    got += connector.run()
    once = {version_of(one): one for one in got}
    assert_each_once(list(once.values()), served)
    shown, wanted = opencti.reports(got), expected(served)
    assert {name: shown[name] for name in wanted} == wanted
    assert opencti.dropped(got) == {"extension-definition"}


@pytest.mark.slow
def test_what_comes_twice_was_added_in_the_second_of_a_run(served):
    time.sleep(1)
    connector = a_connector(served)
    first = connector.run()
    assert set(Counter(map(version_of, first)).values()) == {1}
    time.sleep(1)
    assert connector.run() == []
    served.release_more(1)
    again = connector.run() + connector.run()
    assert {one["name"] for one in again if one["type"] == "report"} == {list(served.expected.values())[-1].name}


def test_the_cursor_that_it_never_forgets_does_no_harm(served):
    connector = a_connector(served, limit=5)
    connector.run()
    assert "next" in connector.filters
    assert connector.last_run is not None
    connector.last_run -= 3600  # an hour later, by its clock
    served.release_more(2)
    got = connector.run()
    names = {one["name"] for one in got if one["type"] == "report"}
    assert {shown.name for shown in list(served.expected.values())[-2:]} <= names


def test_a_second_collection_is_never_read_for_it_is_asked_with_the_cursor_of_the_first(served):
    connector = a_connector(served, limit=5)
    connector.run()
    with pytest.raises(HTTPError, match="400"):  # which the connector logs before it goes on to the next collection
        connector.run("hub.Public")
    assert a_connector(served, limit=5).run("hub.Public"), "one connector for each"


def test_its_other_scheme_of_credentials_is_known(served):
    connector = Connector(served.discovery, TokenAuth(served.token), None)
    assert_each_once(connector.run(), served)


def test_set_to_taxii_2_0_it_is_told_at_once(served):
    with pytest.raises(HTTPError, match="406"):
        a_connector(served, is_v21=False).run()

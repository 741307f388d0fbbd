"""Palo Alto Cortex XSOAR, integration "TAXII 2 Feed", its requests replayed through the library that it uses.

From demisto/content: Packs/FeedTAXII/Integrations/FeedTAXII2/FeedTAXII2.py and .yml, and
Packs/ApiModules/Scripts/TAXII2ApiModule/TAXII2ApiModule.py (class Taxii2FeedClient), over taxii2-client 2.3.0, which is
run, not modelled:
- Discovery URL; TAXII 2.1 first, and 2.0 only if the answer is 406; then the API root set, or the server's default, or
  its first; then the collection by its title.
- Credentials: Basic; with the user `_api_token_key` the scheme Token; with `_header:NAME` the password as that header.
- `match[type]` lists the types chosen, and `relationship`; pages of 100 by default (`limit_per_request`).
- It ends at the first page without objects, even if that said `more`.
- The greatest `modified` of what it parsed becomes the next `added_after`. So the objects of the last release are
  fetched with every poll until something newer comes; what came with the fetch before, unchanged, is not created again.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from requests.exceptions import HTTPError
from taxii2client import v20, v21
from taxii2client.common import TokenAuth, _HTTPConnection

from tests.journeys.clients.hubs import Served
from tests.journeys.clients.xsoar import Parser

TITLE = "Member organisations"
DEFAULT = (  # "STIX Objects To Fetch" as the form proposes them
    "indicator",
    "report",
    "malware",
    "campaign",
    "attack-pattern",
    "course-of-action",
    "intrusion-set",
    "tool",
    "threat-actor",
    "infrastructure",
)
CHOSEN = (*DEFAULT, "vulnerability")


class Feed:
    """An instance of the integration: what it is set to, and the last run that the platform keeps for it."""

    def __init__(
        self, url: str, user: str, password: str, *, kinds: tuple[str, ...] = CHOSEN, limit: int = 100
    ) -> None:
        self.url, self.user, self.password, self.kinds, self.limit = url, user, password, list(kinds), limit
        self.most: int | None = None
        self.last_run: dict[str, Any] = {}
        self.fetched: list[dict[str, Any]] = []
        self.passed_over: set[str] = set()

    def fetch(self) -> list[dict[str, Any]]:
        """`fetch-indicators`, in a process of its own each time: what it creates."""
        collection = self._collection()
        began = datetime.now(UTC) - timedelta(days=365)  # "First Fetch Time", 1 year
        added_after = self.last_run.get(collection.id) or began.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        kinds = (
            [*self.kinds, "relationship"] if len(self.kinds) > 1 and "relationship" not in self.kinds else self.kinds
        )
        parser = Parser("GREEN", most=self.most)
        filters = {"added_after": added_after, **({"type": kinds} if kinds else {})}
        for envelope in v21.as_pages(collection.get_objects, per_request=self.limit, **filters):
            if not envelope.get("objects"):
                break
            self.fetched += envelope["objects"]
            parser.parse(envelope["objects"])
            if parser.is_full:
                break
        self.passed_over |= parser.passed_over
        self.last_run[collection.id] = parser.last_modified or added_after
        return self._new(parser.made)

    def _new(self, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """`filter_previously_fetched_indicators`: without what the fetch before brought unchanged."""
        before: dict[str, str | None] = self.last_run.get("latest_indicators", {})
        self.last_run["latest_indicators"] = {one["rawJSON"]["id"]: one["rawJSON"].get("modified") for one in found}
        return [one for one in found if not _is_known(one["rawJSON"], before)]

    def _connection(self, version: str) -> Any:
        if self.user == "_api_token_key":
            return _HTTPConnection(version=version, auth=TokenAuth(key=self.password))
        if self.user.startswith("_header:"):
            made = _HTTPConnection(version=version)
            made.session.headers[self.user.removeprefix("_header:")] = self.password
            return made
        return _HTTPConnection(version=version, auth=requests.auth.HTTPBasicAuth(self.user, self.password))

    def _collection(self) -> Any:
        """`initialise`: discovery, API root, collections, one of them by its title."""
        connection = self._connection("2.1")
        server = v21.Server(self.url if self.url.endswith("/") else f"{self.url}/", conn=connection)
        roots = {root.url.split("/")[-2]: root for root in server.api_roots}
        root = server.default or next(iter(roots.values()))
        root._conn = connection
        (found,) = [one for one in root.collections if one.title == TITLE]
        return found


def _is_known(raw: dict[str, Any], before: dict[str, str | None]) -> bool:
    saved, now = before.get(raw["id"]), raw.get("modified")
    return bool(saved and now and now <= saved)


def a_feed(served: Served, **options: Any) -> Feed:
    """The instance, as docs/clients.md says to set it up."""
    return Feed(f"{served.url}/taxii2", "xsoar", served.token, **options)


def reports(created: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The reports that somebody sees, by STIX id, as they were created or updated last."""
    return {one["rawJSON"]["id"]: one for one in created if one["type"] == "Report"}


@pytest.mark.slow
@pytest.mark.parametrize("limit", [6, 1000])
def test_it_creates_every_version_once_and_misses_none(served, limit):
    feed = a_feed(served, limit=limit)
    created = feed.fetch()
    with served.releasing() as is_going_on:
        while is_going_on():
            created += feed.fetch()
    created += feed.fetch()
    served.restart()
    assert feed.fetch() == []
    served.release_more(1)
    created += feed.fetch()
    served.correct(f"more-{served._more - 1}", {"title": "Now corrected", "description": "So.", "severity": "high"})
    created += feed.fetch()
    versions = Counter((one["rawJSON"]["id"], one["rawJSON"].get("modified"), one["value"]) for one in created)
    assert set(versions.values()) == {1}
    wanted = {one["id"]: one for one in served.truth() if one["type"] in CHOSEN and not one.get("revoked")}
    last = {one["rawJSON"]["id"]: one["rawJSON"] for one in created}
    assert {one_id: last.get(one_id) for one_id in wanted} == wanted


def test_a_report_shows_name_summary_severity_techniques_and_the_colour_set(served):
    seen = {one["value"]: one for one in reports(a_feed(served, limit=1000).fetch()).values()}
    names = {
        one["external_references"][0]["external_id"]: one["name"]
        for one in served.truth()
        if one["type"] == "attack-pattern" and not one.get("revoked")
    }
    for shown in served.expected.values():
        report = seen[shown.name]
        assert report["fields"]["description"] == (shown.summary or "")
        assert f"severity:{shown.severity}" in report["fields"]["tags"]
        assert {names[one] for one in shown.techniques} <= set(report["relationships"])
        assert set(shown.indicators) <= set(report["relationships"])
        assert report["fields"]["trafficlightprotocol"] == "GREEN", (
            "TLP 2.0 is unknown to it: the colour of the instance"
        )


def test_what_it_passes_over(served):
    feed = a_feed(served, kinds=(), limit=1000)
    found = feed.fetch()
    assert feed.passed_over == {"incident", "note", "observed-data", "marking-definition", "extension-definition"}
    values = {(one["type"], one["value"]) for one in found}
    assert {("IP", "203.0.113.7"), ("Domain", "notes.attacker.example"), ("CVE", "CVE-2026-12345")} <= values


def test_with_a_limit_on_what_it_creates_it_sticks_at_a_release_greater_than_that(served):
    feed = a_feed(served)
    feed.most = 3
    assert feed.fetch()
    assert [feed.fetch(), feed.fetch()] == [[], []], "each fetch begins at the release that the first broke off"


def test_a_recall_makes_the_report_a_withdrawn_one(served):
    feed = a_feed(served)
    before = reports(feed.fetch())
    (gone,) = [one_id for one_id, one in before.items() if one["value"] == served.expected["worded"].name]
    served.withdraw("worded")
    after = reports(feed.fetch())[gone]
    assert after["value"] == served.expected["worded"].name
    assert after["value"].startswith("Withdrawn")
    assert (after["fields"]["description"], after["rawJSON"]["revoked"]) == ("", True)


@pytest.mark.parametrize("user", ["xsoar", "_api_token_key", "_header:Authorization"])
def test_each_way_to_give_the_token_does(served, user):
    password = f"Bearer {served.token}" if user.startswith("_header") else served.token
    assert Feed(f"{served.url}/taxii2/", user, password).fetch()


def test_a_server_of_taxii_2_0_would_have_said_so(served):
    with pytest.raises(HTTPError, match="406"):
        v20.Server(served.discovery, user="xsoar", password=served.token).refresh()

"""OpenCTI's own TAXII ingester ("TAXII feed" under Ingestion), its requests replayed.

From OpenCTI-Platform/opencti, opencti-platform/opencti-graphql/src/manager/ingestion/: ingestionTaxii.ts
(prepareTaxiiGetParam, taxiiHttpGet, processTaxiiResponse) and ingestionExecutor.ts:
- `GET {uri}/collections/{collection}/objects/`, one page a run; a slash is added to the address if it has none.
- `next` goes together with the `added_after` that the sync began with; `limit` only if the platform sets one.
- `Accept: application/taxii+json;version=2.1`; Basic of `user:password` as typed, or Bearer.
- With `more` and `next`, the state keeps the cursor. Otherwise it forgets it and keeps X-TAXII-Date-Added-Last, cut to
  milliseconds as JavaScript writes an instant, or the present time if the header is missing. A page without objects
  changes nothing.
"""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from tests.journeys.clients import opencti
from tests.journeys.clients.hubs import Served, assert_each_once
from tests.journeys.clients.reading import expected, follow

ACCEPT = "application/taxii+json;version=2.1"


class Ingester:
    """A TAXII feed as it is set up in OpenCTI, with the state that it keeps between runs."""

    def __init__(self, uri: str, collection: str, kind: str, value: str, limit_per_request: int = 0) -> None:
        self.uri, self.collection, self.limit = uri, collection, limit_per_request
        credentials = base64.b64encode(value.encode()).decode() if kind == "Basic" else value
        self.headers = {"Accept": ACCEPT, "Authorization": f"{kind} {credentials}"}
        self.cursor: str | None = None
        self.added_after: str | None = None

    def run(self) -> list[dict[str, Any]]:
        """One run: one page, handed to the workers, and the state moved on."""
        address = self.uri if self.uri.endswith("/") else f"{self.uri}/"
        said = {"next": self.cursor, "added_after": self.added_after, "limit": self.limit or None}
        params = {
            name: value for name, value in said.items() if value is not None
        }  # axios leaves out what is undefined
        url = f"{address}collections/{self.collection}/objects/"
        answer = requests.get(url, params=params, headers=self.headers, timeout=30)
        answer.raise_for_status()
        data: dict[str, Any] = answer.json()
        if not data.get("objects"):
            return []
        if data.get("more") and data.get("next"):
            self.cursor = data["next"]
        else:
            self.cursor = None
            self.added_after = iso(answer.headers.get("x-taxii-date-added-last"))
        return list(data["objects"])

    def catch_up(self) -> list[dict[str, Any]]:
        """Run after run, as the platform's clock does, until one brings nothing."""
        got: list[dict[str, Any]] = []
        while page := self.run():
            got += page
        return got


def iso(header: str | None) -> str:
    """`utcDate(header).toISOString()`, or `now()`."""
    at = datetime.fromisoformat(header) if header else datetime.now(UTC)
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def an_ingester(served: Served, limit: int = 0) -> Ingester:
    """The feed for members, as docs/clients.md says to set it up."""
    return Ingester(served.api_root, served.collection_id(), "Basic", f"opencti:{served.token}", limit)


@pytest.mark.slow
@pytest.mark.parametrize("limit", [0, 7])
def test_it_gets_every_object_once_and_shows_every_report(served, limit):
    ingester = an_ingester(served, limit)
    got = follow(served, ingester.catch_up) if limit else ingester.catch_up()
    assert_each_once(got, served)
    shown, wanted = opencti.reports(got), expected(served)
    assert {name: shown[name] for name in wanted} == wanted
    assert opencti.dropped(got) == {"extension-definition"}
    names = opencti.identities(got)
    assert len(names) == len(set(names)), "OpenCTI would make one report of two"


@pytest.mark.slow
def test_a_restart_of_the_hub_between_two_pages_loses_nothing(served):
    ingester = an_ingester(served, limit=5)
    got = ingester.run()
    assert ingester.cursor
    served.restart()
    served.release_more(1)
    got += ingester.catch_up()
    assert_each_once(got, served)


def test_milliseconds_are_enough_to_go_on(served):
    ingester = an_ingester(served)
    before = len(ingester.catch_up())
    assert ingester.added_after
    assert len(ingester.added_after) == len("2026-11-20T10:00:00.000Z")
    assert ingester.run() == [], f"the end of the release again, of {before} objects"
    (more,) = served.release_more(1)
    reports = [one["name"] for one in ingester.catch_up() if one["type"] == "report"]
    assert reports == [served.expected[more].name]


def test_bearer_and_an_address_without_its_slash_do_as_well(served):
    ingester = Ingester(served.api_root.rstrip("/"), served.collection_id(), "Bearer", served.token)
    assert_each_once(ingester.catch_up(), served)


def test_an_incident_has_no_severity_but_in_its_label(served):
    incidents = [one for one in opencti.kept(an_ingester(served).catch_up()).values() if one["type"] == "incident"]
    live = [one for one in incidents if not one.get("revoked")]
    assert live
    assert not [one for one in live if "severity" in one], "the field of the incident's page"
    assert all(any(label.startswith("severity:") for label in one["labels"]) for one in live)

"""Microsoft Sentinel, data connector "Threat Intelligence - TAXII": its documented requests replayed.

Its source is not published. What is known: articles/sentinel/connect-threat-intelligence-taxii.md of
MicrosoftDocs/azure-docs (API root URL, collection ID, user name and password: Basic or nothing; once a minute, an hour
or a day; everything, or what is at most a day, a week or a month old), and what its people said in
Azure/Azure-Sentinel: it goes on from X-TAXII-Date-Added-Last, and asks for everything again where that header is
missing (#12234) or does not hold the date of adding (#14172). How it turns pages is not said, so that each way which
the standard allows is replayed: `next` with the query that began, `next` alone, and `added_after` alone.

What it keeps: of indicators a row in ThreatIntelIndicators, of attack patterns, identities, threat actors and
relationships one in ThreatIntelObjects (azure/sentinel/stix-objects-api, work-with-stix-objects-indicators); the row
holds the object whole in `Data`. Rows are only ever added, and each is paid for: so that an object must come again only
when it changed.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from tests.journeys.clients.hubs import Served, version_of

ACCEPT = "application/taxii+json;version=2.1"
OBJECTS = {"attack-pattern", "identity", "relationship", "threat-actor"}
AGES = {"All available": None, "At most one month old": timedelta(days=30), "At most one day old": timedelta(days=1)}


@dataclass
class Connector:
    """A connection as the form makes it, and the rows of the workspace."""

    api_root: str
    collection: str
    user: str
    password: str
    turning: str = "next and query"
    oldest: timedelta | None = None
    since: str | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)

    def poll(self) -> int:
        """One poll, all pages of it: how many rows it added."""
        if self.since is None and self.oldest:
            self.since = f"{datetime.now(UTC) - self.oldest:%Y-%m-%dT%H:%M:%S.%fZ}"
        query = {"added_after": self.since} if self.since else {}
        before, more = len(self.rows), True
        while more:
            body = self._page(query)
            self.rows += [_row(one) for one in body.get("objects", []) if one["type"] in OBJECTS | {"indicator"}]
            more = body.get("more", False)
            if self.turning == "added_after":
                query = {"added_after": self.since} if self.since else {}
            else:
                kept = query if self.turning == "next and query" else {}
                query = {**kept, "next": body["next"]} if more else {}
        return len(self.rows) - before

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        url = f"{self.api_root.rstrip('/')}/collections/{self.collection}/objects/"
        answer = requests.get(
            url, params=query, headers={"Accept": ACCEPT}, auth=(self.user, self.password), timeout=30
        )
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        if body.get("objects"):
            self.since = answer.headers["X-TAXII-Date-Added-Last"]
        return body


def _row(one: dict[str, Any]) -> dict[str, Any]:
    table = "ThreatIntelIndicators" if one["type"] == "indicator" else "ThreatIntelObjects"
    return {"Table": table, "Id": one["id"], "Data": one, "Revoked": one.get("revoked", False)}


def a_connector(served: Served, name: str = "members-indicators", **options: Any) -> Connector:
    """The connection, as docs/clients.md says to set it up."""
    return Connector(served.api_root, served.collection_id(name), "sentinel", served.token, **options)


def once(connector: Connector) -> bool:
    """Whether no version of an object has two rows."""
    return set(Counter(version_of(row["Data"]) for row in connector.rows).values()) <= {1}


@pytest.mark.slow
@pytest.mark.parametrize("turning", ["next and query", "next", "added_after"])
@pytest.mark.parametrize("name", ["members-indicators", "members"])
def test_each_version_is_one_row(served, name, turning):
    connector = a_connector(served, name, turning=turning)
    connector.poll()
    with served.releasing(times=3) as is_going_on:
        while is_going_on():
            connector.poll()
    connector.poll()
    assert once(connector)
    wanted = [one for one in served.truth(name) if one["type"] in OBJECTS | {"indicator"}]
    last = {row["Id"]: row["Data"] for row in connector.rows}
    assert {one["id"]: last.get(one["id"]) for one in wanted} == {one["id"]: one for one in wanted}


@pytest.mark.slow
def test_nothing_new_costs_no_row_nor_does_a_restart(served):
    connector = a_connector(served)
    connector.poll()
    assert connector.poll() == 0
    served.restart()
    assert connector.poll() == 0
    served.release_more(3)
    assert connector.poll() == 0, "the new reports have no indicators"
    served.correct("codes", {"title": "Sealed still", "description": "Sealed.", "severity": "critical"})
    assert connector.poll() == 0, "nor is a row added because something else changed"


@pytest.mark.parametrize("oldest", list(AGES))
def test_every_age_that_the_form_offers_works(served, oldest):
    connector = a_connector(served, oldest=AGES[oldest])
    connector.poll()
    assert connector.rows


def test_an_indicator_s_row_says_its_value_its_labels_and_its_marking(served):
    connector = a_connector(served)
    connector.poll()
    rows = [row["Data"] for row in connector.rows if row["Table"] == "ThreatIntelIndicators"]
    assert {one["name"] for one in rows} == set(served.expected["written"].indicators)
    assert all(one["pattern_type"] == "stix" for one in rows)
    assert {label for one in rows for label in one["labels"]} == {"untrusted-content", "pap:clear", "pap:green"}
    (green,) = [one["id"] for one in served.truth() if one.get("name") == "TLP:GREEN"]
    assert {tuple(one["object_marking_refs"]) for one in rows} == {(green,)}, "an id: markings have no row of their own"


def test_of_reports_there_are_techniques_and_nothing_else(served):
    connector = a_connector(served, "members")
    connector.poll()
    kinds = {row["Data"]["type"] for row in connector.rows}
    assert kinds == {"attack-pattern", "identity", "indicator", "relationship"}
    techniques = {shown for case in served.expected.values() for shown in case.techniques}
    numbers = [one["Data"]["external_references"][0]["external_id"] for one in connector.rows if _is_technique(one)]
    assert set(numbers) == techniques
    names = {row["Data"].get("name") for row in connector.rows}
    assert not names & {shown.name for shown in served.expected.values()}


def _is_technique(row: dict[str, Any]) -> bool:
    return bool(row["Data"]["type"] == "attack-pattern")


def test_a_recall_is_one_more_row_that_is_revoked_and_matches_nothing(served):
    connector = a_connector(served)
    connector.poll()
    before = [row["Id"] for row in connector.rows if row["Table"] == "ThreatIntelIndicators"]
    served.withdraw("written")
    assert connector.poll() == len(before)
    last = {row["Id"]: row for row in connector.rows}
    assert all(last[one]["Revoked"] for one in before)
    assert not {value for one in before for value in ("203.0.113.7", "notes.attacker") if value in str(last[one])}

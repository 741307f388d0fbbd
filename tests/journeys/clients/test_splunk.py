"""Splunk Enterprise Security, a TAXII 2.1 intelligence source: its documented requests replayed.

Its source is not published. What is documented: Splunk Lantern, "CTIS Integration: Overview" and "ES Ingestion
Configuration" (TAXII 2 from ES 8.2 on; before, 1.x or a file; a credential, and one source for each collection;
addresses with https only in Splunk Cloud); ES 7.0 "Upload a STIX or OpenIOC structured threat intelligence file" (of
STIX 2 documents, observed-data are read; the pattern syntax of indicators is not); ES 5.x to 7.x "Supported types of
threat intelligence" (the KV Store collections). How it finds the collection and turns pages is not said: replayed is
what the standard asks of a client (API root, collections, one of them by id or by title, objects with `added_after`,
`next` with the same query), and then both readers, that of patterns and that of observables.

KV Store rows go by their value: what comes again overwrites itself. Old ones leave by age.

Splunk's open app for submissions (splunk/ctis-taxii-splunk-app, TA_CTIS_TAXII/package/bin/common.py: get_api_root,
get_taxii_collection, submit_grouping) posts through taxii2-client, which is run: the API root, its collections, one of
them by id; and as the envelope a whole STIX bundle, with the bundle's own `type` and `id` beside `objects`. OpenCTI's
connector `taxii-post` does the same.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import stix2
from taxii2client.v21 import ApiRoot

from tests.journeys.clients.hubs import Served, assert_each_once

ACCEPT = "application/taxii+json;version=2.1"
STORES = {"ipv4-addr": "ip_intel", "ipv6-addr": "ip_intel", "domain-name": "ip_intel", "url": "http_intel"}
PATTERN = re.compile(r"\[(?P<kind>[a-z0-9-]+):value = '(?P<value>[^']*)'\]")


@dataclass
class Source:
    """An intelligence source as it is set up, and where it stands."""

    api_root: str
    collection: str
    user: str
    password: str
    earliest: timedelta = timedelta(days=30)
    since: str | None = None
    got: list[dict[str, Any]] = field(default_factory=list)

    def download(self) -> list[dict[str, Any]]:
        """One interval."""
        self._ask(self.api_root)
        listed = self._ask(f"{self.api_root}collections/").json()["collections"]
        (found,) = [one["id"] for one in listed if self.collection in {one["id"], one["title"]}]
        since = self.since or f"{datetime.now(UTC) - self.earliest:%Y-%m-%dT%H:%M:%S.%fZ}"
        query, new = {"added_after": since}, list[dict[str, Any]]()
        while query:
            answer = self._ask(f"{self.api_root}collections/{found}/objects/", **query)
            body = answer.json()
            if body.get("objects"):
                self.since = answer.headers["X-TAXII-Date-Added-Last"]
            new += body.get("objects", [])
            query = {"added_after": since, "next": body["next"]} if body.get("more") else {}
        self.got += new
        return new

    def _ask(self, url: str, **query: str) -> requests.Response:
        headers = {"Accept": ACCEPT}
        answer = requests.get(url, params=query, headers=headers, auth=(self.user, self.password), timeout=30)
        answer.raise_for_status()
        return answer


def by_patterns(objects: Iterable[dict[str, Any]]) -> dict[str, set[str]]:
    """KV Store collections as a reader of indicators' patterns fills them."""
    stores: dict[str, set[str]] = {}
    for one in objects:
        matched = PATTERN.fullmatch(one["pattern"]) if one["type"] == "indicator" else None
        if matched and matched["kind"] in STORES:
            stores.setdefault(STORES[matched["kind"]], set()).add(matched["value"])
    return stores


def by_observables(objects: Iterable[dict[str, Any]]) -> dict[str, set[str]]:
    """KV Store collections as a reader of observed data fills them, with what they refer to."""
    known = {one["id"]: one for one in objects}
    seen = [
        known[ref]
        for one in known.values()
        if one["type"] == "observed-data"
        for ref in one.get("object_refs", ())
        if ref in known
    ]
    stores: dict[str, set[str]] = {}
    for one in seen:
        if one["type"] in STORES:
            stores.setdefault(STORES[one["type"]], set()).add(one["value"])
    return stores


def a_source(served: Served, name: str = "members-indicators") -> Source:
    """The source, as docs/clients.md says to set it up."""
    return Source(served.api_root, served.collection_id(name), "splunk", served.token)


@pytest.mark.slow
def test_it_gets_every_object_once(served):
    source = a_source(served)
    source.download()
    with served.releasing() as is_going_on:
        while is_going_on():
            source.download()
    source.download()
    assert_each_once(source.got, served, "members-indicators")
    served.restart()
    assert source.download() == []


def test_the_collection_is_found_by_its_title_too(served):
    source = a_source(served)
    source.collection = "Member organisations: indicators"
    source.download()
    assert_each_once(source.got, served, "members-indicators")


def test_a_reader_of_patterns_fills_its_stores_from_the_selection(served):
    source = a_source(served)
    source.download()
    wanted = {"203.0.113.7", "notes.attacker.example"}
    assert wanted == set(served.expected["written"].indicators)
    assert by_patterns(source.got) == {"ip_intel": wanted}
    assert {one["type"] for one in source.got} == {"indicator", "observed-data", "identity", "marking-definition"}


def test_a_reader_of_observed_data_needs_the_whole_feed(served):
    selection, whole = a_source(served), a_source(served, "members")
    selection.download()
    whole.download()
    assert by_observables(selection.got) == {}, "the observables are not in the selection"
    assert by_observables(whole.got) == {"ip_intel": set(served.expected["written"].indicators)}


def test_what_a_report_says_is_not_shown(served):
    source = a_source(served)
    text = str(source.download())
    assert not [shown.name for shown in served.expected.values() if shown.name in text]
    assert "severity" not in text


def test_a_recall_brings_no_value_and_takes_none_out(served):
    source = a_source(served)
    before = by_patterns(source.download())
    served.withdraw("written")
    new = source.download()
    assert {one["type"] for one in new if one.get("revoked")} == {"indicator", "observed-data"}
    matched = {value for values in by_patterns(new).values() for value in values}
    assert not matched & before["ip_intel"], "the row stays until its age ends it, or somebody takes it out"


def test_a_grouping_submitted_by_its_app_arrives_sealed(served):
    identity = stix2.v21.Identity(name="The reader", identity_class="organization")
    seen = stix2.v21.Indicator(
        created_by_ref=identity.id, pattern="[ipv4-addr:value = '198.51.100.9']", pattern_type="stix"
    )
    said = "A stranger's prompts came from one address"
    grouping = stix2.v21.Grouping(
        created_by_ref=identity.id, name=said, context="suspicious-activity", object_refs=[seen.id]
    )
    bundle = stix2.v21.Bundle(grouping, identity, seen)
    root = ApiRoot(url=served.api_root, user="splunk", password=served.token)
    (inbox,) = [one for one in root.collections if one.can_write]
    status = {one.id: one for one in root.collections}[inbox.id].add_objects(bundle.serialize())
    assert (status.status, status.success_count, status.failure_count) == ("complete", 3, 0)
    back = {one["id"]: one for one in inbox.get_objects()["objects"]}
    assert back.keys() == {identity.id, seen.id, grouping.id}
    assert said not in json.dumps(back)
    assert back[grouping.id]["context"] == "suspicious-activity"
    assert back[seen.id] == json.loads(seen.serialize())

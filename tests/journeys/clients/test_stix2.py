"""stix2 3.0.2, TAXIICollectionSource over taxii2-client: objects of Python's STIX library."""

import pytest
from stix2 import Filter, TAXIICollectionSink, TAXIICollectionSource
from stix2.v21 import Incident, Indicator, Report, Sighting

from feeds.mapping.extension import AI_EXTENSION, CORE_EXTENSION
from tests.journeys.clients.fetching import Poller, collection, inbox
from tests.journeys.clients.hubs import version_of
from tests.journeys.clients.reading import expected, follow, newest, seen


@pytest.fixture
def source(served):
    return TAXIICollectionSource(collection(served), items_per_page=7)


def test_query_finds_each_entry_once_and_reads_it_as_what_it_is(served, source):
    reports = source.query([Filter("type", "=", "report")])
    assert all(type(one) is Report for one in reports)
    assert sorted(one.name for one in reports) == sorted(expected(served))
    indicators = source.query([Filter("type", "=", "indicator"), Filter("labels", "contains", "pap:clear")])
    assert [(type(one), one.name) for one in indicators] == [(Indicator, "notes.attacker.example")]


def test_query_holds_what_the_server_filters_and_what_it_does_not(served, source):
    incidents = source.query([Filter("type", "=", "incident"), Filter("labels", "contains", "severity:critical")])
    assert [one.name for one in incidents] == [served.expected["corrected"].name]
    assert type(incidents[0]) is Incident
    assert incidents[0].extensions[CORE_EXTENSION]["criticality"] == 90
    assert incidents[0].extensions[AI_EXTENSION]["fields"]["severity"] == "critical"
    assert source.query([Filter("type", "=", "malware")]) == []


def test_get_gives_the_last_version_and_all_versions_what_came_before(served, source):
    (report,) = source.query([Filter("name", "=", served.expected["corrected"].name), Filter("type", "=", "report")])
    assert source.get(report.id).name == report.name
    versions = source.all_versions(report.id)
    assert [one.name for one in versions] == ["A ranking model hid a warning", report.name]
    assert source.get("report--00000000-0000-4000-8000-000000000000") is None


def test_it_keeps_up_and_shows_what_was_meant(served):
    poll = Poller(collection(served))

    def query():
        """The incremental poll: `added_after` is the server's own filter."""
        after = [Filter("added_after", "=", value) for value in poll.after.values()]
        asked = TAXIICollectionSource(collection(served), items_per_page=20).query(after)
        fetched = poll()
        assert {version_of(one)[0] for one in asked} <= {one["id"] for one in fetched}
        return fetched

    follow(served, query)
    objects = TAXIICollectionSource(collection(served)).query()
    assert seen(newest(objects).values()) == expected(served)


def test_of_what_was_withdrawn_the_revocation_is_all_that_all_versions_shows(served, source):
    served.release_more(1)
    name = next(name for name in reversed(served.expected) if not served.expected[name].is_withdrawn)
    (report,) = source.query([Filter("name", "=", served.expected[name].name), Filter("type", "=", "report")])
    served.withdraw(name)
    (left,) = source.all_versions(report.id)
    assert (left.revoked, left.name) == (True, served.expected[name].name)
    assert "description" not in left


def test_what_was_seen_is_posted_and_read_back(served):
    _, box = inbox(served)
    weakness = next(one for one in TAXIICollectionSource(collection(served)).query() if one.type == "vulnerability")
    seen_here = Sighting(sighting_of_ref=weakness.id, count=3)
    TAXIICollectionSink(box).add(seen_here)  # it sends a bundle, as TAXII 2.0 had it
    assert TAXIICollectionSource(box).get(seen_here.id) == seen_here

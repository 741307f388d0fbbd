"""pycti 7.261026.0, OpenCTI's Python side: what its connectors' worker makes of what the reference client fetched.

OpenCTI stores the entries as reports and incidents. It knows no extension of ours: it shows severity as a label.
"""

import pytest

from tests.journeys.clients.cases import Shown
from tests.journeys.clients.fetching import Poller, collection
from tests.journeys.clients.installed import NotInstalled, python_of, read_by
from tests.journeys.clients.reading import expected, follow


@pytest.fixture(scope="module")
def pycti():
    try:
        return python_of("pycti")
    except NotInstalled as why:
        pytest.skip(f"pycti: {why}")


@pytest.fixture(scope="module")
def imported(served, pycti):
    poll = Poller(collection(served))
    follow(served, poll)
    return read_by(pycti, "by_pycti.py", poll.polls)


def stored(told, call):
    """The last that the platform was told of each object that a call makes, by STIX id."""
    return {one["stix_id"]: one for one in told if one["call"] == call}


def shown(told):
    """What an analyst sees of each report in OpenCTI."""
    patterns, indicators = stored(told, "attackPatternAdd"), stored(told, "indicatorAdd")
    markings = stored(told, "markingDefinitionAdd")
    for one in stored(told, "reportAdd").values():
        severities = [label.partition(":")[2] for label in one["objectLabel"] if label.startswith("severity:")]
        held = [] if one["revoked"] else one["objects"]
        yield Shown(
            name=one["name"],
            summary=one["description"],
            severity=severities[0] if severities else "unknown",
            techniques=tuple(patterns[ref]["x_mitre_id"] for ref in held if ref in patterns),
            tlp=markings[one["objectMarking"][0]]["definition"].removeprefix("TLP:").lower(),
            indicators=tuple(sorted(indicators[ref]["name"] for ref in held if ref in indicators)),
            is_withdrawn=bool(one["revoked"]),
        )


def test_an_analyst_sees_each_entry_as_it_was_meant(served, imported):
    assert {one.name: one for one in shown(imported["told"])} == expected(served)


def test_nothing_is_left_out_but_the_definition_of_our_extension(imported):
    assert set(imported["left_out"]) == {"extension-definition"}


def test_each_incident_is_stored_beside_its_report_and_says_the_same(served, imported):
    incidents = {one["name"]: one for one in stored(imported["told"], "incidentAdd").values()}
    reports = {one["name"]: one for one in stored(imported["told"], "reportAdd").values()}
    (weakness,) = reports.keys() - incidents.keys()
    assert weakness == served.expected["vulnerability"].name
    for name, one in incidents.items():
        report = reports[name]
        assert [one[key] for key in ("description", "objectMarking", "revoked")] == [
            report[key] for key in ("description", "objectMarking", "revoked")
        ]


def test_what_is_two_here_does_not_become_one_there(served, imported):
    ids = imported["ids"]
    assert len(set(ids.values())) == len(ids), "OpenCTI tells reports and incidents apart by name and date"


def test_everything_an_entry_says_carries_its_marking(imported):
    marked = [one for one in imported["told"] if "objectMarking" in one and one["call"] != "organizationAdd"]
    assert {"reportAdd", "incidentAdd", "indicatorAdd", "noteAdd", "stixCoreRelationshipAdd"} <= {
        one["call"] for one in marked
    }
    assert not [one["call"] for one in marked if len(one["objectMarking"] or ()) != 1]


def test_who_comes_after_a_recall_is_told_of_nothing_that_is_not_there(served, pycti, imported):
    told = read_by(pycti, "by_pycti.py", [served.truth()])["told"]
    known = {one["stix_id"] for one in told if one.get("stix_id")}
    missing = {
        one["call"]: ref
        for one in told
        for key in ("createdBy", "fromId", "toId", "objects", "objectMarking")
        for ref in (one.get(key) if isinstance(one.get(key), list) else [one.get(key)])
        if ref and ref not in known
    }
    # Observed data cannot be without the observable that was deleted: OpenCTI leaves them out, and had them never.
    assert set(missing) == {"observedDataAdd"}

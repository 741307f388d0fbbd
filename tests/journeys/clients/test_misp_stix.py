"""misp-stix 2026.10.12, MISP's converter: the events that it makes of what the reference client fetched.

MISP shows an entry as an event: name, TLP and severity as tags, techniques as galaxy clusters, indicators as
attributes, the summary as an event report. It drops `incident` and `infrastructure`.
"""

import pytest

from tests.journeys.clients.cases import CASES, Shown
from tests.journeys.clients.fetching import Poller, collection, paged
from tests.journeys.clients.installed import NotInstalled, python_of, read_by
from tests.journeys.clients.reading import expected, follow

WITHDRAWN = "urn:withdrawn:indicator--"  # what a revoked indicator looks for: nothing


@pytest.fixture(scope="module")
def misp_stix():
    try:
        return python_of("misp-stix")
    except NotInstalled as why:
        pytest.skip(f"misp-stix: {why}")


@pytest.fixture(scope="module")
def converted(served, misp_stix):
    follow(served, Poller(collection(served)))
    return read_by(misp_stix, "by_misp_stix.py", paged(collection(served).get_objects, per_request=50))


def tagged(event, prefix):
    found = [tag["name"].removeprefix(prefix) for tag in event["Tag"] if tag["name"].startswith(prefix)]
    return found[0] if found else "unknown"


def values(event):
    return [one["value"] for one in event.get("Attribute", ())]


def shown(event):
    """What a person sees of an event in MISP."""
    clusters = [one for galaxy in event.get("Galaxy", ()) for one in galaxy["GalaxyCluster"]]
    patterns = [one for one in clusters if one["type"] == "stix-2.1-attack-pattern"]
    reports = [one["content"] for one in event.get("EventReport", ())]
    return Shown(
        name=event["info"],
        summary=reports[0] if reports else None,
        severity=tagged(event, "severity:"),
        techniques=tuple(one["meta"]["external_id"] for one in patterns if "external_id" in one["meta"]),
        tlp=tagged(event, "tlp:"),
        indicators=tuple(sorted(value for value in values(event) if not value.startswith(WITHDRAWN))),
        is_withdrawn=event["info"].startswith("Withdrawn ("),
    )


def test_a_person_sees_each_entry_as_an_event(served, converted):
    assert {event["info"]: shown(event) for event in converted["events"]} == expected(served)


def test_what_it_drops_is_named_in_the_docs(converted):
    dropped = {error.rpartition(": ")[2] for error in converted["errors"] if "STIX object type" in error}
    assert dropped == {"incident", "infrastructure"}
    # It misses the deleted observables of the recalled entry, and nothing else.
    others = [error for error in converted["errors"] if "STIX object type" not in error]
    assert len(others) == len(CASES["written"].shown.indicators)
    assert all(error.startswith("Missing observable object") for error in others)


def test_advice_is_a_note_on_its_event(converted):
    notes = {note["note"]: event["info"] for event in converted["events"] for note in event.get("Note", ())}
    assert notes["Give no agent a payment tool without a limit."] == CASES["worded"].shown.name


def test_of_a_recalled_entry_no_value_is_left_to_look_for(served, converted):
    (event,) = [one for one in converted["events"] if one["info"] == served.expected["written"].name]
    assert len(values(event)) == len(CASES["written"].shown.indicators)
    assert all(value.startswith(WITHDRAWN) for value in values(event))
    assert not [value for one in converted["events"] if one is not event for value in values(one)]

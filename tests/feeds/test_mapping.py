"""Every type of report becomes STIX 2.1 that passes our own gate and the OASIS validator, in every feed and mode."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orjson import loads
from stix2validator import ValidationOptions, validate_instance

from feeds.edition import changes, is_observable, preamble, withdrawn
from feeds.mapping import to_stix
from feeds.mapping.extension import AI_EXTENSION, CORE_EXTENSION
from feeds.mapping.marking import MARKING_IDS
from schemas import vocabulary
from schemas.anatomy import LEAVES
from schemas.audience import Mode
from schemas.tlp import TLP
from tests.factories import a_full_report, a_report
from tests.feeds.definitions import FEEDS
from tests.feeds.shown import HUB, NAMING, projected
from tests.feeds.test_edition import FIRST, LATER
from tests.strategies import FEW, LAW, of, reports

TYPES = list(vocabulary.enumeration("report_type").terms)
TYPE = pytest.mark.parametrize("report_type", TYPES)
EVERY = pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
BOTH = pytest.mark.parametrize("mode", Mode)
MEMBERS = next(feed for feed in FEEDS if feed.name == "members")
MAIN = {
    "incident": "incident", "near_miss": "incident", "hazard": "incident", "compromise": "incident",
    "vulnerability": "vulnerability", "threat": None, "audit_finding": None, "risk_assessment": None,
}  # fmt: skip
OPTIONS = ValidationOptions(version="2.1", silent=True)


def objects(report, feed=MEMBERS, mode=Mode.WRITTEN):
    """What leaves, having passed the gate."""
    return [loads(version.content) for version in changes(to_stix(projected(report, feed, mode), NAMING), {}, FIRST)]


def errors(bodies):
    found = (validate_instance(dict(body), OPTIONS) for body in bodies)
    return [str(error) for one in found for error in one.errors]


@TYPE
@EVERY
@BOTH
def test_a_full_report_of_every_type_passes_the_gate_and_the_validator(report_type, feed, mode):
    made = objects(a_full_report(report_type=report_type), feed, mode)
    assert errors(made) == []
    assert made[0]["type"] == "report"
    assert set(made[0]["object_refs"]) == {body["id"] for body in made[1:]} or made[0]["object_refs"] == [HUB]
    assert len({body["id"] for body in made}) == len(made)


@TYPE
@BOTH
def test_a_minimal_report_of_every_type_passes_too(report_type, mode):
    made = objects(a_report(report_type=report_type, tlp="green"), mode=mode)
    assert errors(made) == []
    expected = {"report", MAIN[report_type]} - {None}
    if mode is Mode.WRITTEN:
        expected |= {"infrastructure", *({"relationship"} if MAIN[report_type] else ())}
    assert {body["type"] for body in made} == expected


@TYPE
def test_what_is_taken_back_passes_as_well(report_type):
    threat = {"actor": "Someone", "indicators": [{"type": "ipv4", "value": "192.0.2.7", "pap": "green"}]}
    made = changes(
        to_stix(projected(a_full_report(report_type=report_type, threat=threat), MEMBERS, Mode.WRITTEN), NAMING),
        {},
        FIRST,
    )
    taken = withdrawn({version.stix_id: version.content for version in made}, LATER)
    assert len(taken) == len(made) - 1, "all but the observable"
    assert errors(loads(version.content) for version in taken) == []


def test_the_preamble_of_every_feed_passes():
    for feed in FEEDS:
        assert errors(loads(version.content) for version in preamble(HUB, "Hub", FIRST, feed.ceiling)) == []


@LAW
@given(reports(), st.sampled_from(FEEDS), st.sampled_from(list(Mode)))
def test_any_report_that_the_hub_takes_passes_the_gate(report, feed, mode):
    assert objects(report, feed, mode)


@FEW
@given(st.lists(of(LEAVES["references[].url"].kind), min_size=1, max_size=3))
def test_any_address_that_the_hub_takes_passes_the_validator(urls):
    made = objects(a_report(references=[{"url": url} for url in urls]))
    assert errors(made[:1]) == []


@pytest.mark.parametrize("number", ["CVE-2026-1234", "CVE-1999-0001", "CVE-2026-1234567"])
def test_any_cve_number_that_the_hub_takes_passes_the_validator(number):
    report = a_report(report_type="vulnerability", vulnerability={"cve": [number]})
    assert errors(objects(report)) == []


@pytest.mark.parametrize("number", ["CVE-2026-12345", "GHSA-xxxx-yyyy-zzzz", "CAPEC-242"])
def test_an_identifier_of_a_reference_passes_the_validator(number):
    assert errors(objects(a_report(references=[{"id": number}]))[:1]) == []


@pytest.mark.parametrize("held", vocabulary.schemes().values(), ids=lambda one: f"{one.scheme}-{one.version}")
@FEW
@given(data=st.data())
def test_a_code_of_any_scheme_passes_the_validator(held, data):
    pattern = st.from_regex(held.pattern, fullmatch=True, alphabet=st.characters(codec="ascii"))
    code = data.draw(st.sampled_from(list(held.terms)) if held.terms else pattern)
    report = a_report(taxonomy=[{"scheme": held.scheme, "version": held.version, "code": code}])
    assert errors(objects(report)[:1]) == []


@TYPE
def test_every_entry_is_the_hub_s_marked_and_labelled_as_untrusted(report_type):
    made = objects(a_full_report(report_type=report_type))
    assert {body["created_by_ref"] for body in made if not is_observable(body["id"])} == {HUB}
    assert {tuple(body["object_marking_refs"]) for body in made} == {(MARKING_IDS[TLP.GREEN],)}
    assert "untrusted-content" in made[0]["labels"]
    assert {"source_name": "incident-hub", "external_id": NAMING.reference} in made[0]["external_references"]


@pytest.mark.parametrize(("severity", "labels"), [("high", ["severity:high"]), ("unknown", [])])
def test_carrier_and_incident_are_labelled_with_the_severity_if_it_is_known(severity, labels):
    made = objects(a_report(severity=severity))
    for kind in ("report", "incident"):
        (one,) = [body for body in made if body["type"] == kind]
        assert [label for label in one["labels"] if label.startswith("severity")] == labels


def test_redacted_the_name_is_the_approved_title_or_made_of_codes():
    report = a_full_report(severity="high", report_type="near_miss")
    assert objects(report, mode=Mode.REDACTED)[0]["name"] == report["for_release"]["title"]
    bare = a_report(severity="high", report_type="near_miss")
    assert objects(bare, mode=Mode.REDACTED)[0]["name"] == f"High-severity near miss ({NAMING.reference})"
    assert "description" not in objects(bare, mode=Mode.REDACTED)[0]


def test_an_incident_carries_both_extensions_and_the_carrier_ours():
    carrier, incident, *_ = objects(a_report(harm_status="imminent", severity="critical"))
    assert set(carrier["extensions"]) == {AI_EXTENSION}
    assert set(incident["extensions"]) == {AI_EXTENSION, CORE_EXTENSION}
    core = incident["extensions"][CORE_EXTENSION]
    assert (core["determination"], core["criticality"], core["investigation_status"]) == ("blocked", 90, "new")


def test_techniques_become_attack_patterns_related_to_what_happened():
    steps = [
        {
            "scheme": "ATLAS",
            "version": "5.6.0",
            "technique": "AML.T0051",
            "tactic": "AML.TA0004",
            "description": "One.",
        },
        {"scheme": "ATLAS", "version": "5.6.0", "technique": "AML.T0051", "description": "Two."},
        {"scheme": "ATTACK", "version": "20.0", "technique": "T1566"},
        {"description": "Without a code."},
    ]
    made = objects(a_report(attack_steps=steps))
    patterns = [body for body in made if body["type"] == "attack-pattern"]
    assert [body["external_references"][0]["external_id"] for body in patterns] == ["AML.T0051", "T1566"]
    assert patterns[0]["description"] == "One.\n\nTwo."
    ties = {
        (body["source_ref"], body["relationship_type"], body["target_ref"])
        for body in made
        if body.get("relationship_type") == "uses"
    }
    incident = next(body["id"] for body in made if body["type"] == "incident")
    assert ties == {(incident, "uses", body["id"]) for body in patterns}


def test_each_cve_becomes_one_vulnerability_and_a_weakness_without_one_too():
    numbers = ["CVE-2026-1111", "CVE-2026-2222", "CVE-2026-1111"]
    made = objects(a_report(report_type="vulnerability", vulnerability={"cve": numbers, "cwe": ["CWE-79"]}))
    assert [body["name"] for body in made if body["type"] == "vulnerability"] == ["CVE-2026-1111", "CVE-2026-2222"]
    bare = objects(a_report(report_type="vulnerability"))
    assert [body["name"] for body in bare if body["type"] == "vulnerability"] == ["An agent deleted a table"]


def test_a_developer_is_named_as_written_and_a_pseudonym_redacted():
    report = a_report(systems=[{"name": "A", "developer": "Acme"}, {"name": "B", "developer": "Acme"}])
    for mode, name in ((Mode.WRITTEN, "Acme"), (Mode.REDACTED, "dev-7K3M9Q")):
        assert [body["name"] for body in objects(report, mode=mode) if body["type"] == "identity"] == [name]


def test_the_same_projection_and_naming_give_the_same_objects():
    report = a_full_report()
    assert to_stix(projected(report, MEMBERS, Mode.WRITTEN), NAMING) == to_stix(
        projected(report, MEMBERS, Mode.WRITTEN), NAMING
    )


def test_no_object_has_a_time_of_the_report_outside_our_extension():
    for body in to_stix(projected(a_full_report(), MEMBERS, Mode.WRITTEN), NAMING):
        assert {"created", "modified", "published"}.isdisjoint(body)

"""Systems, mitigations, notes, indicators, actors and places: what the carrier and the main object do not hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stix2patterns.v21.pattern import Pattern

from feeds.edition import is_observable
from feeds.mapping.observable import observable
from schemas import vocabulary
from schemas.audience import Mode
from tests.factories import a_report
from tests.feeds.definitions import FEEDS
from tests.feeds.shown import NAMING
from tests.feeds.test_mapping import MEMBERS, errors, objects
from tests.strategies import CHARACTERS, FEW, LAW

ATLAS = {"scheme": "ATLAS", "version": "5.6.0"}
PUBLIC = next(feed for feed in FEEDS if feed.name == "public")
TYPES = list(vocabulary.enumeration("indicator_type").terms)


def of(made, kind):
    return [body for body in made if body["type"] == kind]


def ties(made):
    """Every relationship as the types and names of its ends."""
    by_id = {body["id"]: body for body in made}
    return {
        (by_id[one["source_ref"]]["type"], one["relationship_type"], by_id[one["target_ref"]]["type"])
        for one in of(made, "relationship")
    }


def only(made, kind):
    (found,) = of(made, kind)
    return found


# Systems


def test_a_system_is_infrastructure_by_name_with_its_version_and_numbers():
    system = {"name": "Ops agent", "kind": "agent", "version": "2.1", "cpe": "cpe:2.3:a:x:y", "purl": "pkg:pypi/ops"}
    made = objects(a_report(systems=[system]))
    found = only(made, "infrastructure")
    assert (found["name"], found["description"], found["infrastructure_types"]) == (
        "Ops agent",
        "Version 2.1",
        ["ai-agent"],
    )
    assert {one["source_name"]: one["external_id"] for one in found["external_references"]} == {
        "cpe": "cpe:2.3:a:x:y", "purl": "pkg:pypi/ops",
    }  # fmt: skip
    assert ("infrastructure", "related-to", "incident") in ties(made)
    assert errors(made) == []


def test_two_systems_of_one_name_are_two_and_a_system_has_a_vulnerability():
    made = objects(a_report(report_type="vulnerability", systems=[{"name": "A"}, {"name": "A"}]))
    assert len({one["id"] for one in of(made, "infrastructure")}) == 2
    assert ("infrastructure", "has", "vulnerability") in ties(made)


def test_redacted_a_system_is_named_by_codes_and_the_reference_alone():
    system = {"name": "Ops agent", "developer": "Acme", "kind": "agent", "version": "2.1.7"}
    found = only(objects(a_report(systems=[system, system]), mode=Mode.REDACTED), "infrastructure")
    assert found["name"] == f"Agent by dev-7K3M9Q, version 2 ({NAMING.reference})"
    public = only(objects(a_report(systems=[system]), PUBLIC, Mode.REDACTED), "infrastructure")
    assert public["name"] == f"Agent ({NAMING.reference})"
    assert of(objects(a_report(), PUBLIC, Mode.REDACTED), "infrastructure") == [], "nothing known, nothing said"


# Mitigations


def test_mitigations_bear_the_names_of_the_taxonomy_and_mitigate_what_the_standard_lets_them():
    actions = [
        {**ATLAS, "code": "AML.M0015", "text": "First.", "status": "in_progress"}, {**ATLAS, "code": "AML.M0015"},
        {"text": "Unplugged it.\nAt once."}, {**ATLAS, "code": "AML.M0001", "status": "rejected"},
    ]  # fmt: skip
    made = objects(a_report(report_type="vulnerability", mitigations=actions))
    first, second = of(made, "course-of-action")
    assert first["name"] == vocabulary.scheme("ATLAS").terms["AML.M0015"]
    assert first["external_references"] == [{"source_name": "mitre-atlas", "external_id": "AML.M0015"}]
    assert (first["description"], first["labels"]) == ("First.", ["mitigation", "in-progress", "untrusted-content"])
    assert (second["name"], second["description"]) == ("Unplugged it.", "Unplugged it.\nAt once.")
    assert ("course-of-action", "mitigates", "vulnerability") in ties(made)
    assert errors(made) == []


def test_what_was_done_about_an_incident_is_related_to_it():
    done = [{**ATLAS, "code": "AML.M0015", "status": "done"}]
    made = objects(a_report(actions_taken=done, mitigations=[{**ATLAS, "code": "AML.M0015"}]))
    assert only(made, "course-of-action")["labels"] == ["mitigation", "action-taken", "done"]
    assert {one for one in ties(made) if one[0] == "course-of-action"} == {
        ("course-of-action", "related-to", "incident")
    }


def test_without_a_main_object_a_mitigation_mitigates_the_techniques():
    steps = [{**ATLAS, "technique": "AML.T0051"}]
    report = a_report(report_type="threat", attack_steps=steps, mitigations=[{**ATLAS, "code": "AML.M0015"}])
    assert ("course-of-action", "mitigates", "attack-pattern") in ties(objects(report))


# Notes


@pytest.mark.parametrize(
    ("report_type", "changes", "abstract", "content"),
    [
        ("audit_finding", {"audit": {"result": "fail"}}, "Result of the audit", "Fail: the criterion is not met."),
        ("risk_assessment", {"risk_assessment": {"conclusion": "at_threshold"}}, "Conclusion of the risk assessment",
         "At threshold: at the threshold or too near to tell."),
        ("incident", {"recommendation": "Unplug."}, "Recommendation", "Unplug."),
        ("incident", {"root_cause": "Haste."}, "Root cause", "Haste."),
    ],
)  # fmt: skip
def test_results_and_what_is_said_about_an_entry_are_notes(report_type, changes, abstract, content):
    made = objects(a_report(report_type=report_type, **changes))
    note = only(made, "note")
    assert (note["abstract"], note["content"]) == (abstract, content)
    assert note["object_refs"] == [made[0]["id"], *(one["id"] for one in of(made, "incident"))]
    assert ("untrusted-content" in note.get("labels", ())) is (report_type == "incident")
    assert errors(made) == []


def test_redacted_only_approved_advice_is_a_note_in_its_language():
    report = a_report(
        recommendation="Unplug.", root_cause="Haste.", for_release={"advice": "Abraten.", "language": "de"}
    )
    note = only(objects(report, mode=Mode.REDACTED), "note")
    assert (note["content"], note["lang"]) == ("Abraten.", "de")


# Indicators

GOOD = {
    "ipv4": ("192.0.2.7", "[ipv4-addr:value = '192.0.2.7']"),
    "ipv6": ("2001:DB8::1", "[ipv6-addr:value = '2001:db8::1']"),
    "domain": ("Sink.Example", "[domain-name:value = 'sink.example']"),
    "url": ("https://sink.example/a?b='c'", r"[url:value = 'https://sink.example/a?b=\'c\'']"),
    "email": ("o.neil@sink.example", "[email-addr:value = 'o.neil@sink.example']"),
    "file_hash": ("AB" * 32, f"[file:hashes.'SHA-256' = '{'ab' * 32}']"),
}


def with_indicators(*found, **changes):
    threat = {"indicators": [{"type": kind, "value": value, "pap": "green"} for kind, value in found]}
    return a_report(**{"threat": threat, "report_type": "threat", "aware_at": "2026-11-20T10:00:00Z", **changes})


@pytest.mark.parametrize("kind", GOOD)
def test_a_value_is_a_pattern_an_observable_and_observed_data(kind):
    value, pattern = GOOD[kind]
    made = objects(with_indicators((kind, value)))
    indicator, data = only(made, "indicator"), only(made, "observed-data")
    assert (indicator["name"], indicator["pattern"], indicator["pattern_type"]) == (value, pattern, "stix")
    assert indicator["valid_from"] == indicator["created"]
    assert set(indicator["labels"]) == {"untrusted-content", "pap:green"}
    (seen,) = (body for body in made if is_observable(body["id"]))
    assert data["object_refs"] == [seen["id"]]
    assert (data["first_observed"], data["last_observed"]) == ("2026-11-20T00:00:00.000Z", "2026-11-20T23:59:59.000Z")
    assert ("indicator", "based-on", "observed-data") in ties(made)
    assert errors(made) == []


def test_a_range_of_addresses_is_a_subset():
    for kind, value in (("ipv4", "192.0.2.0/24"), ("ipv6", "2001:db8::/32")):
        made = objects(with_indicators((kind, value)))
        assert only(made, "indicator")["pattern"] == f"[{kind}-addr:value ISSUBSET '{value}']"
        assert errors(made) == []


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("ipv4", "300.1.2.3"), ("ipv4", "192.0.2.7/24"), ("ipv4", "2001:db8::1"), ("ipv4", "127.1"),
        ("ipv6", "192.0.2.7"), ("ipv6", "fe80::1%eth0"), ("domain", "localhost"), ("domain", "a b.example"),
        ("domain", "x' OR domain-name:value != '"), ("url", "hxxp://sink.example/"), ("url", "javascript:alert(1)"),
        ("url", "https://user@sink.example/"), ("email", "nobody"), ("email", "a' b@sink.example"),
        ("email", "ceo@ba\u017f.example"), ("file_hash", "abc"), ("file_hash", "g" * 64),
        ("package", "pkg:npm/evil"), ("prompt_pattern", "ignore all"), ("other", "x"),
    ],
)  # fmt: skip
def test_a_value_that_is_not_what_its_type_says_stays_in_the_extension(kind, value):
    made = objects(with_indicators((kind, value)))
    assert {body["type"] for body in made} == {"report", "infrastructure"}
    (fields,) = (one["fields"] for one in made[0]["extensions"].values())
    assert fields["threat"]["indicators"][0]["value"] == value


@pytest.mark.parametrize("pap", ["amber", "red", None])
def test_a_value_that_pap_keeps_is_in_no_object(pap):
    one = {"type": "domain", "value": "sink.example"} | ({"pap": pap} if pap else {})
    made = objects(a_report(threat={"indicators": [one]}))
    assert "sink.example" not in repr(made)
    assert not of(made, "indicator")


def test_redacted_and_to_the_public_no_indicator_leaves():
    report = with_indicators(*((kind, value) for kind, (value, _) in GOOD.items()))
    for feed, mode in ((MEMBERS, Mode.REDACTED), (PUBLIC, Mode.WRITTEN)):
        made = objects(report, feed, mode)
        assert not any(one["type"] in {"indicator", "observed-data"} or is_observable(one["id"]) for one in made)


@LAW
@given(
    st.sampled_from(TYPES),
    st.text(CHARACTERS, min_size=1, max_size=60) | st.sampled_from(["' OR '1'='1", "\\'] OR [", "a\\"]),
)
def test_no_value_breaks_out_of_its_pattern(kind, value):
    seen = observable(kind, value)
    if seen:
        (found,) = Pattern(seen.pattern).inspect().comparisons.values()
        ((_, operator, literal),) = found
        assert operator in {"=", "ISSUBSET"}
        assert literal[1:-1].replace("\\'", "'").replace("\\\\", "\\") in {value, value.lower()}


@FEW
@given(st.ip_addresses().map(str) | st.emails() | st.from_regex(r"[a-z]{1,9}\.[a-z]{2,5}", fullmatch=True))
def test_what_becomes_an_indicator_passes_the_validator(value):
    made = objects(with_indicators(*((kind, value) for kind in TYPES)))
    assert errors(made) == []


# Actors


def test_an_actor_is_named_with_its_motivation_and_how_sure_that_is():
    made = objects(a_report(threat={"actor": "Sandpiper", "motive": "financial", "confidence": "moderate"}))
    actor = only(made, "threat-actor")
    assert (actor["name"], actor["primary_motivation"], actor["confidence"]) == ("Sandpiper", "personal-gain", 50)
    assert ("incident", "attributed-to", "threat-actor") in ties(made)
    assert errors(made) == []


def test_an_indicator_indicates_the_actor_and_a_threat_s_actor_uses_its_techniques():
    threat = {"actor": "Sandpiper", "indicators": [{"type": "domain", "value": "sink.example", "pap": "clear"}]}
    made = objects(a_report(report_type="threat", threat=threat, attack_steps=[{**ATLAS, "technique": "AML.T0051"}]))
    assert {("indicator", "indicates", "threat-actor"), ("threat-actor", "uses", "attack-pattern")} <= ties(made)


@pytest.mark.parametrize(
    ("changes", "is_actor"),
    [
        ({"report_type": "vulnerability"}, False),
        ({"report_type": "vulnerability", "vulnerability": {"exploited": "poc"}}, False),
        ({"report_type": "vulnerability", "vulnerability": {"exploited": "in_the_wild"}}, True),
        ({"report_type": "audit_finding"}, False),
        ({"report_type": "risk_assessment"}, False),
        ({"report_type": "compromise"}, True),
    ],
)
def test_who_found_showed_or_audited_something_is_no_threat_actor(changes, is_actor):
    made = objects(a_report(threat={"actor": "Red team"}, **changes))
    assert bool(of(made, "threat-actor")) is is_actor


def test_a_motive_alone_names_nobody():
    assert not of(objects(a_report(threat={"motive": "grudge", "actor": "X"}), mode=Mode.REDACTED), "threat-actor")


# Places


def test_a_place_is_a_country_with_its_region_or_the_region_alone():
    report = a_report(location={"country": "CH"})
    place = only(objects(report), "location")
    assert (place["name"], place["country"], place["region"]) == ("Switzerland", "CH", "europe")
    public = objects(report, PUBLIC)
    assert "CH" not in {value for value in only(public, "location").values() if isinstance(value, str)}
    assert only(public, "location")["name"] == "Europe"
    assert ("incident", "related-to", "location") in ties(public)


def test_every_region_of_a_place_passes_the_validator_without_a_warning():
    regions = {one["region"]: code for code, one in vocabulary.enumeration("country").terms.items()}
    for code in regions.values():
        for feed in (MEMBERS, PUBLIC):
            assert errors([only(objects(a_report(location={"country": code}), feed), "location")]) == []


def test_both_ends_of_every_relationship_are_in_the_entry():
    steps, done = [{**ATLAS, "technique": "AML.T0051"}], [{**ATLAS, "code": "AML.M0015"}]
    for kind in vocabulary.enumeration("report_type").terms:
        report = with_indicators(
            *((one, value) for one, (value, _) in GOOD.items()),
            report_type=kind, attack_steps=steps, mitigations=done, location={"country": "CH"},
        )  # fmt: skip
        made = objects(report)
        assert len(ties(made)) > 1
        assert set(made[0]["object_refs"]) == {body["id"] for body in made[1:]}

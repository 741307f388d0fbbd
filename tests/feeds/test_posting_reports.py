"""From a posted object to a report, and to what stands in for it."""

import json
from typing import Any

import pytest

from feeds.conformance import check
from feeds.mapping.extension import AI_EXTENSION, CORE_EXTENSION
from feeds.posting_reports import report_of, stand_in
from schemas.errors import Invalid

ID = "0b9e9a9e-2f5c-4a52-8a3b-3f1d1d6f0c11"
TIMES = {"created": "2026-11-20T10:00:00.000Z", "modified": "2026-11-20T10:00:00.000Z"}
GREEN, TLP1_RED = (
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
)
RECEIPT = {"commitment": "ab", "salt": "cd", "signature": "ef"}


def an(kind: str, **more: object) -> dict[str, Any]:
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{ID}", **TIMES, "name": "Canary word", **more}


def test_an_incident_with_what_stands_beside_it():
    incident = an("incident", description="More", lang="en", object_marking_refs=[GREEN],
                  extensions={CORE_EXTENSION: {"extension_type": "property-extension", "criticality": 72}})  # fmt: skip
    beside = [
        incident,
        an("infrastructure", name="Ops agent"),
        an("vulnerability", name="CVE-2026-12345"),
        an("attack-pattern", external_references=[
            {"source_name": "mitre-atlas", "external_id": "AML.T0051"},
            {"source_name": "mitre-atlas", "external_id": "AML.T9999"},
        ]),
    ]  # fmt: skip
    report = report_of(incident, beside)
    assert report["report_type"], report["title"] == ("incident", "Canary word")
    assert (report["severity"], report["tlp"], report["language"]) == ("high", "green", "en")
    assert report["systems"] == [{"name": "Ops agent"}]
    assert report["vulnerability"] == {"cve": ["CVE-2026-12345"]}
    assert [step["technique"] for step in report["attack_steps"]] == ["AML.T0051"]
    assert json.loads(report["original"]) == incident
    assert report["client_ref"] == incident["id"]


@pytest.mark.parametrize(
    ("refs", "tlp"),
    [
        ([], "amber+strict"),
        ([GREEN], "green"),
        ([GREEN, TLP1_RED], "red"),
        ([GREEN, f"marking-definition--{ID}"], "amber+strict"),
    ],
)
def test_the_strictest_marking_counts_and_an_unknown_one_keeps_it_here(refs, tlp):
    marked = {"object_marking_refs": refs} if refs else {}
    assert report_of(an("incident", **marked), [])["tlp"] == tlp


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (an("report", published=TIMES["created"], object_refs=[f"tool--{ID}"]), "threat"),
        (an("report", published=TIMES["created"], object_refs=[f"incident--{ID}"]), "incident"),
        (an("report", published=TIMES["created"], object_refs=[f"tool--{ID}"], report_types=["hazard"]), "hazard"),
        (an("grouping", context="suspicious-activity", object_refs=[f"indicator--{ID}"]), "threat"),
        (an("grouping", context="canary", object_refs=[f"vulnerability--{ID}"]), "vulnerability"),
    ],
)
def test_kinds_and_what_stands_in(body, kind):
    assert report_of(body, [body])["report_type"] == kind
    stands = json.loads(stand_in(body, "R-7K3M-92QX", RECEIPT))
    check(stands)
    assert stands["name"] == "Report R-7K3M-92QX"
    assert {name: stands[name] for name in ("type", "id", *TIMES)} == {
        name: body[name] for name in ("type", "id", *TIMES)
    }
    assert stands["extensions"][AI_EXTENSION]["receipt"] == RECEIPT
    assert "canary" not in json.dumps(stands).lower()


def test_a_wrong_code_in_our_extension_is_named():
    ours = {"extension_type": "property-extension", "fields": {"severity": "CANARY", "title": "ignored"}}
    with pytest.raises(Invalid, match="/severity") as refused:
        report_of(an("incident", extensions={AI_EXTENSION: ours}), [])
    assert "CANARY" not in str(refused.value)


def test_a_long_text_is_cut_and_whole_in_the_original():
    report = report_of(an("incident", description="x" * 30_000), [])
    assert len(report["description"]) == 20_000
    assert len(json.loads(report["original"])["description"]) == 30_000

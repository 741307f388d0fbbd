from typing import Any

import pytest

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
RECORD: dict[str, Any] = {
    "metadata": {"report_id": "AVID-2031-R0007"},
    "affects": {
        "developer": ["Gadgetworks"],
        "deployer": ["Corner Shop", "n/a"],
        "artifacts": [{"type": "Model", "name": "doorman-2b"}, {"type": "System", "name": ""}],
    },
    "problemtype": {"classof": "CVE Entry", "description": {"lang": "eng", "value": "Weakness CVE-2031-12345"}},
    "description": {"lang": "eng", "value": "Unlike CVE-2030-1111, it opens the door."},
    "impact": {
        "avid": {
            "risk_domain": ["Security"],
            "sep_view": ["S0100: Software Vulnerability", "P0402: Physical Safety"],
            "lifecycle_view": ["L06: Deployment"],
            "taxonomy_version": "0.1",
            "vuln_id": "AVID-2031-V001",
        },
        "cvss": {"vectorString": VECTOR, "baseSeverity": "HIGH"},
        "cwe": [{"cweId": "CWE-20"}, {"cweId": "NVD-CWE-noinfo"}],
    },
    "references": [{"label": "Entry", "url": "https://cve.example/CVE-2031-99999"}],
    "reported_date": "2031-02-03",
}


def changed(**fields):
    return {**RECORD, **fields}


def classed(classof, **fields):
    return changed(problemtype={**RECORD["problemtype"], "classof": classof}, **fields)


def impacted(**impact):
    return changed(impact={**RECORD["impact"], **impact})


def test_a_record_becomes_a_report(reported):
    report = reported("avid", RECORD)
    assert report["title"] == "Weakness CVE-2031-12345"
    assert report["description"] == "Unlike CVE-2030-1111, it opens the door."
    assert (report["language"], report["aware_at"], report["severity"]) == ("en", "2031-02-03", "high")
    assert report["vulnerability"] == {"cve": ["CVE-2031-12345"], "cwe": ["CWE-20"], "cvss_vector": VECTOR}
    assert report["systems"] == [
        {"name": "doorman-2b", "kind": "model", "developer": "Gadgetworks"},
        {"name": "unknown", "kind": "system", "developer": "Gadgetworks"},
    ]
    assert report["affected_parties"] == [{"name": "Corner Shop", "role": "deployer"}]
    assert report["references"][-1] == {"id": "AVID-2031-V001"}
    assert report["origin"]["url"] == "https://avidml.org/database/avid-2031-r0007/"


@pytest.mark.parametrize(
    ("classof", "becomes"),
    [
        ("CVE Entry", "vulnerability"),
        ("LLM Evaluation", "audit_finding"),
        ("llm_evaluation", "audit_finding"),
        ("Third-party Report", "vulnerability"),
        ("AIID Incident", "incident"),
        ("ATLAS Case Study", "vulnerability"),
        ("Undefined", "vulnerability"),
        ("", "vulnerability"),
        (None, "vulnerability"),
        ("Something of next year", "vulnerability"),
    ],
)
def test_the_class_gives_the_type_however_it_is_spelt(reported, classof, becomes):
    assert reported("avid", classed(classof))["report_type"] == becomes


def test_codes_are_read_by_their_prefix(reported):
    drifted = ["p0402 - something else", "E0101", "Fairness, of a kind", "S9999: New"]
    avid = {"risk_domain": ["security", "Joy"], "sep_view": drifted, "lifecycle_view": "L05: Evaluation"}
    codes = [(code["scheme"], code["code"]) for code in reported("avid", impacted(avid=avid))["taxonomy"]]
    assert codes == [
        ("AVID-risk-domain", "Security"),
        ("AVID-SEP", "P0402"),
        ("AVID-SEP", "E0101"),
        ("AVID-lifecycle", "L05"),
    ]


@pytest.mark.parametrize(
    ("cvss", "severity", "vector"),
    [
        pytest.param([{}, {"vectorString": VECTOR, "baseSeverity": "low"}], "low", VECTOR, id="list"),
        pytest.param({"vectorString": VECTOR, "baseSeverity": "NONE"}, "info", VECTOR, id="none"),
        pytest.param({"vectorString": VECTOR}, "unknown", VECTOR, id="no-word"),
        pytest.param({"vectorString": "AV:N/AC:L", "baseSeverity": "MEDIUM"}, "medium", None, id="version-2"),
        pytest.param(None, "unknown", None, id="absent"),
        pytest.param("7.5", "unknown", None, id="a-number"),
    ],
)
def test_cvss_gives_severity_and_vector(reported, cvss, severity, vector):
    report = reported("avid", impacted(cvss=cvss))
    assert report["severity"] == severity
    assert report["vulnerability"].get("cvss_vector") == vector


def test_a_title_without_a_number_takes_it_from_the_references(reported):
    problem = {**RECORD["problemtype"], "description": {"value": "The door again"}}
    assert reported("avid", changed(problemtype=problem))["vulnerability"]["cve"] == ["CVE-2031-99999"]


def test_several_developers_are_parties_for_nobody_says_who_made_what(reported):
    affects = {**RECORD["affects"], "developer": ["Gadgetworks", "Hingeworks"], "deployer": []}
    report = reported("avid", changed(affects=affects))
    assert [party["role"] for party in report["affected_parties"]] == ["developer", "developer"]
    assert not any("developer" in system for system in report["systems"])


def test_measurements_are_criterion_and_evidence_and_no_verdict(reported):
    metrics = [
        {"name": "", "results": {"rows": [{"detector": "knock.Knock", "passed": 3, "total_evaluated": 8}]}},
        {"scorer": "listener", "metrics": "accuracy", "value": 0.25},
        {"name": "Politeness"},
    ]
    audit = reported("avid", classed("LLM Evaluation", metrics=metrics))["audit"]
    assert audit == {
        "criterion": "knock.Knock, listener accuracy, Politeness",
        "evidence": "knock.Knock: passed 3 of 8; listener accuracy: 0.25",
    }
    assert "audit" not in reported("avid", classed("CVE Entry", metrics=metrics))


def test_a_vulnerability_refers_to_its_reports(reported):
    general = {
        **RECORD,
        "metadata": {"vuln_id": "AVID-2031-V001"},
        "reports": [{"report_id": "AVID-2031-R0007", "name": "The door"}],
        "published_date": "2031-03-04",
    }
    del general["reported_date"]
    report = reported("avid", general)
    assert report["client_ref"] == "avid:AVID-2031-V001"
    assert report["aware_at"] == "2031-03-04"
    assert {"title": "The door", "id": "AVID-2031-R0007"} in report["references"]


def test_a_bare_record_is_enough(reported):
    bare = {key: RECORD[key] for key in ("metadata", "problemtype", "description", "reported_date")}
    report = reported("avid", {**bare, "affects": None, "impact": [], "credit": None})
    assert report["systems"] == [{"name": "unknown"}]
    assert report["severity"] == "unknown"


def test_more_references_than_fit_are_cut(importing):
    many = [{"url": f"https://door.example/{n}"} for n in range(130)]
    [imported] = importing("avid", changed(references=many))
    assert len(imported.report["references"]) == 100
    assert len(imported.left_out) == 32  # 30, the general vulnerability after them, and the weakness without a number

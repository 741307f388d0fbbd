from typing import Any

import pytest

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
RECORD: dict[str, Any] = {
    "id": "PYSEC-2031-7",
    "details": "The teapot pours through its lid.",
    "published": "2031-08-09T10:11:12.345678Z",
    "modified": "2031-09-01T00:00:00Z",
    "aliases": ["CVE-2031-4242", "GHSA-aaaa-bbbb-cccc"],
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "teapot", "purl": "pkg:pypi/teapot"},
            "ranges": [{"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "abc"}]}],
            "versions": ["1.0", "1.1"],
        }
    ],
    "severity": [{"type": "CVSS_V2", "score": "AV:N/AC:L/Au:N/C:P/I:P/A:P"}, {"type": "CVSS_V3", "score": VECTOR}],
    "references": [{"type": "FIX", "url": "https://teapot.example/fix"}, {"type": "WEB", "url": "urn:gone"}],
}


def with_events(*events, kind="ECOSYSTEM"):
    affected = {**RECORD["affected"][0], "ranges": [{"type": kind, "events": list(events)}]}
    return {**RECORD, "affected": [affected]}


def test_an_advisory_becomes_a_report(reported):
    report = reported("osv", RECORD)
    assert (report["report_type"], report["title"]) == ("vulnerability", "PYSEC-2031-7")
    assert report["description"] == RECORD["details"]
    assert report["aware_at"] == "2031-08-09T10:11:12.345678Z"
    assert report["severity"] == "unknown"  # a vector is no score
    assert report["systems"] == [{"name": "teapot", "kind": "tool", "purl": "pkg:pypi/teapot"}]
    assert report["vulnerability"] == {"cve": ["CVE-2031-4242"], "cvss_vector": VECTOR}
    assert report["references"] == [{"id": "GHSA-aaaa-bbbb-cccc"}, {"url": "https://teapot.example/fix"}]
    assert report["origin"]["url"] == "https://osv.dev/vulnerability/PYSEC-2031-7"


@pytest.mark.parametrize(
    ("events", "version"),
    [
        pytest.param([{"introduced": "0"}, {"fixed": "1.2"}], "<1.2", id="from-the-first"),
        pytest.param([{"introduced": "1.0"}, {"last_affected": "1.1"}], ">=1.0,<=1.1", id="last-affected"),
        pytest.param([{"introduced": "0"}], ">=0", id="all"),
        pytest.param(
            [{"introduced": "2.0"}, {"fixed": "2.1"}, {"introduced": "0"}, {"fixed": "1.9"}],
            ">=2.0,<2.1 || <1.9",
            id="two-spans",
        ),
        pytest.param([{"introduced": "1"}, {"introduced": "2"}, {"fixed": "3"}], None, id="not-in-turns"),
        pytest.param([{"fixed": "3"}], None, id="no-start"),
        pytest.param([{"introduced": "1" * 50}, {"fixed": "2" * 50}], None, id="too-long"),
        pytest.param([], None, id="none"),
    ],
)
def test_ranges_are_the_version_where_they_are_whole_and_short(reported, events, version):
    assert reported("osv", with_events(*events))["systems"][0].get("version") == version


def test_a_summary_is_a_title_and_words_are_a_severity(reported):
    said = {"severity": "MODERATE", "cwe_ids": ["CWE-20"]}
    report = reported("osv", {**RECORD, "summary": "Pours through the lid", "database_specific": said})
    assert report["title"] == "Pours through the lid"
    assert report["severity"] == "medium"
    assert report["vulnerability"]["cwe"] == ["CWE-20"]


def test_a_bare_advisory_is_enough(reported):
    report = reported("osv", {"id": "CVE-2031-4242", "modified": "2031-09-01T00:00:00Z", "affected": "see text"})
    assert report["aware_at"] == "2031-09-01T00:00:00Z"
    assert report["systems"] == [{"name": "unknown"}]
    assert report["vulnerability"] == {"cve": ["CVE-2031-4242"]}
    assert "at the source" in report["description"]


def test_a_withdrawn_advisory_is_refused(importing):
    [refused] = importing("osv", {**RECORD, "withdrawn": "2031-10-01T00:00:00Z"})
    assert refused.refusal.startswith("/withdrawn ")


def test_more_packages_than_fit_are_cut(importing):
    [imported] = importing("osv", {**RECORD, "affected": RECORD["affected"] * 104})
    assert len(imported.report["systems"]) == 100
    assert "/systems/103" in imported.left_out

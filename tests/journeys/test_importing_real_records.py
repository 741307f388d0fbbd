"""The public records that the hub is tried on: every one of them becomes a report.

Some of them quote attack prompts; this test compares strings and prints none.
"""

import json
from pathlib import Path

import pytest

from hub.importers import count, read, sources

PUBLIC = Path(__file__).parents[2].parent / "shared" / "data"

pytestmark = pytest.mark.skipif(not PUBLIC.is_dir(), reason="the public records are not beside this checkout")


def records(*files):
    return [json.loads(line) for file in files for line in (PUBLIC / file).read_text("utf-8").splitlines()]


def atlas_titles():
    return {record["id"]: record["name"] for record in records("atlas/case_studies.jsonl")}


def avid_titles():
    found = records("avid/reports.jsonl", "avid/vulnerabilities.jsonl")
    keys = [record["metadata"].get("report_id") or record["metadata"]["vuln_id"] for record in found]
    return dict(zip(keys, (record["problemtype"]["description"]["value"] for record in found), strict=True))


def aiid_titles():
    return {str(record["incident_id"]): record["title"] for record in records("aiid/incidents.jsonl")}


def osv_titles():
    return {record["id"]: record["id"] for record in records("osv/advisories.jsonl")}


@pytest.mark.parametrize(
    ("code", "expected", "titles_of"),
    [
        ("atlas", 57, atlas_titles),
        ("avid", 913, avid_titles),
        ("aiid", 1137, aiid_titles),
        ("osv", 284, osv_titles),
    ],
)
def test_every_record_is_accepted_under_its_own_title(code, expected, titles_of):
    source = sources()[code]
    found = list(read(source, PUBLIC))
    assert count(source, PUBLIC) == len(found) == expected
    assert [imported.key for imported in found if imported.report is None] == []
    assert {imported.key: imported.report["title"] for imported in found if imported.report} == titles_of()


@pytest.mark.parametrize("code", ["atlas", "avid", "aiid", "osv"])
def test_nothing_is_left_out_but_references_that_are_no_web_address(code):
    left_out = [pointer for imported in read(sources()[code], PUBLIC) for pointer in imported.left_out]
    assert [pointer for pointer in left_out if not pointer.startswith("/references/")] == []
    assert len(left_out) < 20


def test_the_duplicates_between_sources_can_be_found():
    assert len(numbers("osv") & numbers("avid")) > 50


def numbers(code):
    reports = [imported.report or {} for imported in read(sources()[code], PUBLIC)]
    return {cve for report in reports for cve in report.get("vulnerability", {}).get("cve", [])}

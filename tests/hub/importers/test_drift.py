"""Whatever shape a record takes, reading it ends in a report or a refusal."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.importers import read, sources

WORDS = """
    id name summary incident-date incident-date-granularity case-study-type target actor procedure tactic technique
    description references title url metadata report_id vuln_id affects developer deployer artifacts type problemtype
    classof value lang metrics scorer results rows detector passed label impact avid risk_domain sep_view lifecycle_view
    cvss vectorString baseSeverity cwe cweId reports reported_date incident_id date alleged_deployer gmf details aliases
    alleged_harmed_or_nearly_harmed implicated_systems published modified affected package purl ranges events introduced
    fixed severity score database_specific cwe_ids withdrawn
"""
NAMES = WORDS.split()
STRINGS = st.sampled_from(
    ["", " ", "n/a", "2031", "2031-02-30", "CVE-2031-1234", "AML.T0000", "S0403: x", "CVSS:", "a" * 400]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | STRINGS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=25,
)


@pytest.mark.parametrize("code", ["aiid", "atlas", "avid", "osv"])
def test_no_shape_breaks_the_reading(code, tmp_path_factory):
    path = tmp_path_factory.mktemp("drift") / "records.jsonl"

    @settings(deadline=None)
    @given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=12))
    def reads(record):
        path.write_text(json.dumps(record))
        [imported] = read(sources()[code], path)
        assert (imported.report is None) == bool(imported.refusal)

    reads()

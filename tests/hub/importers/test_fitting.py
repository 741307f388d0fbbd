import copy
from typing import Any

import pytest

from hub.importers.fitting import NEEDED, fit
from schemas.errors import Invalid

REPORT: dict[str, Any] = {
    "report_type": "vulnerability",
    "title": "Kettle obeys strangers",
    "description": "It boils for anyone.",
    "aware_at": "2031-04",
    "severity": "unknown",
    "systems": [{"name": "Kettle"}],
    "tlp": "clear",
    "client_ref": "osv:K-1",
    "origin": {"source": "osv", "id": "K-1", "licence": "CC-BY-4.0"},
}
GOOD = {"url": "https://kettle.example/advisory"}


def test_a_report_that_fits_stays_as_it_is():
    before = copy.deepcopy(REPORT)
    fitted = fit(REPORT)
    assert fitted.report == before == REPORT
    assert fitted.left_out == ()


def test_lists_are_cut_where_the_schema_ends_them():
    fitted = fit(
        {**REPORT, "references": [GOOD] * 103, "vulnerability": {"cve": [f"CVE-2031-{n}" for n in range(1000, 1052)]}}
    )
    assert fitted.report["references"] == [GOOD] * 100
    assert len(fitted.report["vulnerability"]["cve"]) == 50
    assert "/references/102" in fitted.left_out
    assert len(fitted.left_out) == 5


def test_an_optional_value_that_is_refused_is_left_out_and_told():
    references = [{"title": "A photograph", "url": "../kettle.png"}, GOOD, {"url": "urn:gone"}]
    fitted = fit({**REPORT, "references": references})
    assert fitted.report["references"] == [{"title": "A photograph"}, GOOD]
    assert fitted.left_out == ("/references/0/url", "/references/2/url")


def test_a_part_that_cannot_be_without_a_value_goes_with_it():
    codes = [{"scheme": "CWE", "code": "CWE-20"}, {"scheme": "CWE", "code": "no code at all"}, {"scheme": "CWE"}]
    fitted = fit({**REPORT, "taxonomy": codes})
    assert [code["code"] for code in fitted.report["taxonomy"]] == ["CWE-20"]
    assert fitted.left_out == ("/taxonomy/1", "/taxonomy/2")


def test_nothing_empty_remains():
    fitted = fit({**REPORT, "vulnerability": {"cwe": ["NVD-CWE-noinfo"]}, "references": [{}]})
    assert not {"vulnerability", "references"} & fitted.report.keys()


@pytest.mark.parametrize("field", ["title", "description", "aware_at", "severity", "report_type", "systems", "origin"])
def test_what_every_report_needs_is_refused_rather_than_left_out(field):
    with pytest.raises(Invalid) as refused:
        fit({**REPORT, field: [["nonsense"]], "language": "no language"})
    assert [fault.pointer for fault in refused.value.problems] == [f"/{field}"] or field in ("systems", "origin")


def test_an_import_never_loses_its_origin_or_its_marking():
    for pointer in ("/tlp", "/client_ref", "/origin/source", "/origin/id", "/origin/licence"):
        assert pointer in NEEDED
        broken = copy.deepcopy(REPORT)
        *parents, last = pointer.split("/")[1:]
        (broken[parents[0]] if parents else broken)[last] = "  "
        with pytest.raises(Invalid):
            fit(broken)


def test_a_report_without_one_named_system_is_refused():
    with pytest.raises(Invalid, match="/systems"):
        fit({**REPORT, "systems": [{"kind": "tool"}]})

"""The sample reports of `hub demo`: every kind of report, audience and fate occurs, and nothing in them is real."""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas import instant, vocabulary
from schemas.audience import Audience, reached
from schemas.loading import load
from schemas.part import Part
from schemas.report import AMENDED, FILED
from schemas.tlp import TLP

SAMPLES = Path(__file__).parents[3] / "hub/demo/samples"
CEILINGS = {"trusted": TLP.AMBER, "members": TLP.GREEN, "researchers": TLP.GREEN, "public": TLP.CLEAR}
FOUNDING = "2026-11-23T00:00:00Z"


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


REPORTS = {
    str(path.relative_to(SAMPLES)): _read(path)
    for path in sorted(SAMPLES.glob("*/*.yaml"))
    if path.name != "organisation.yaml"
}
ORGANISATIONS = {path.parent.name: _read(path) for path in sorted(SAMPLES.glob("*/organisation.yaml"))}
STORY = _read(SAMPLES / "story.yaml")
SHOWCASE = REPORTS["plumstone-labs/003-attempt-on-the-weights.yaml"]


def _tlp(report: dict[str, Any]) -> TLP:
    return TLP(report.get("tlp", "amber+strict"))


def _organisation(path: str) -> str:
    return path.split("/", maxsplit=1)[0]


def _accepted(path: str) -> frozenset[Audience]:
    """The audiences that a report is accepted for: one by one, or by its organisation's standing acceptance."""
    standing = ORGANISATIONS[_organisation(path)]["standing_acceptance"]
    named = [step["audience"] for step in STORY["accept"] if step["report"] == path]
    return reached(named if standing == "none" else [*named, standing])


def _leaves_as_written(path: str, audience: str) -> bool:
    return audience in _accepted(path) and _tlp(REPORTS[path]).is_within(CEILINGS[audience])


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("path", REPORTS)
def test_a_sample_is_the_body_that_one_would_file(path: str) -> None:
    json.dumps(REPORTS[path])  # YAML makes dates of unquoted instants, and JSON refuses them
    load(FILED, REPORTS[path])


@pytest.mark.parametrize("path", REPORTS)
def test_no_sample_is_filed_twice_and_none_is_long(path: str) -> None:
    references = [report["client_ref"] for report in REPORTS.values()]
    assert references.count(REPORTS[path]["client_ref"]) == 1
    assert re.fullmatch(rf"demo-{_organisation(path).split('-')[0]}-{Path(path).name[:3]}", REPORTS[path]["client_ref"])
    assert (SAMPLES / path).read_text("utf-8").count("\n") <= (160 if REPORTS[path] is SHOWCASE else 50)


@pytest.mark.parametrize("path", REPORTS)
def test_every_address_in_a_sample_is_reserved_for_examples(path: str) -> None:
    text = (SAMPLES / path).read_text("utf-8")
    hosts = re.findall(r"(?:https?://|@)([a-z0-9.-]+\.[a-z]+)", text)
    hosts += re.findall(r"type: (?:domain|url|email), value: \"([^\"]+)\"", text)
    assert all(re.search(r"(^|\.)example\.(org|net|com)$", host) for host in hosts)
    assert all(address.startswith("192.0.2.") for address in re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", text))


def test_four_organisations_file_twenty_one_reports_of_all_types() -> None:
    assert len(ORGANISATIONS) == 4
    assert {_organisation(path) for path in REPORTS} == set(ORGANISATIONS)
    assert len(REPORTS) == 21
    assert {report["report_type"] for report in REPORTS.values()} == set(vocabulary.enumeration("report_type").terms)


def test_all_markings_but_red_occur_and_most_samples_keep_the_default() -> None:
    marked = [_tlp(report) for report in REPORTS.values()]
    assert set(marked) == set(TLP) - {TLP.RED}
    assert marked.count(TLP.AMBER_STRICT) > len(marked) / 2
    assert marked.count(TLP.CLEAR) >= 2
    assert marked.count(TLP.GREEN) >= 2


def test_enough_organisations_name_each_de_identified_audience_for_its_first_batch() -> None:
    named: dict[Audience, set[str]] = defaultdict(set)
    for path, report in REPORTS.items():
        for audience in reached(report.get("share_redacted_with", [])):
            if not _leaves_as_written(path, audience) and report.get("embargo_until", "") < "2030":
                named[audience].add(_organisation(path))
    assert len(named[Audience.RESEARCHERS]) >= 3
    assert len(named[Audience.PUBLIC]) >= 3


def test_one_sample_names_no_audience_and_the_others_differ_in_whom_they_name() -> None:
    confined = [report for report in REPORTS.values() if _tlp(report) is TLP.AMBER_STRICT]
    assert [report["client_ref"] for report in confined if not report.get("share_redacted_with")] == [
        "demo-tidelark-003"
    ]
    assert len({tuple(report.get("share_redacted_with", [])) for report in confined}) >= 4


def test_one_sample_is_minimal() -> None:
    six = {"report_type", "title", "description", "aware_at", "systems", "severity"}
    minimal = [report for report in REPORTS.values() if set(report) == six | {"client_ref"}]
    assert [[*system] for report in minimal for system in report["systems"]] == [["name"]]


def _unfilled(part: Part, value: Any, path: str = "") -> list[str]:
    given = value if isinstance(value, list) else [value]
    missing = []
    for name, field in part.fields.items():
        held = [item[name] for item in given if name in item]
        inner: Any = getattr(field, "inner", field)
        if not held:
            missing.append(f"{path}/{name}")
        elif isinstance(getattr(inner, "schema", None), Part):
            deeper = [item for one in held for item in (one if isinstance(one, list) else [one])]
            missing += _unfilled(inner.schema, deeper, f"{path}/{name}")
    return missing


def test_the_showcase_fills_nearly_every_field_there_is() -> None:
    # Nearly: a new field is one line in one place, and must not oblige anyone to come here.
    assert len(_unfilled(FILED, SHOWCASE)) < len(FILED.fields) / 10


def test_one_embargo_lies_in_the_future_and_one_sample_is_urgent() -> None:
    now = instant.read(FOUNDING).at
    embargoes = [report["embargo_until"] for report in REPORTS.values() if "embargo_until" in report]
    assert [until for until in embargoes if instant.read(until).at > now] == ["2031-03-01T00:00:00Z"]
    assert [path for path, report in REPORTS.items() if report.get("urgent")] == [
        "quillmere-ai/002-package-that-agents-invent.yaml"
    ]
    assert _leaves_as_written("quillmere-ai/002-package-that-agents-invent.yaml", "members")


def test_one_sample_is_in_another_language_than_english() -> None:
    assert {report.get("language", "en") for report in REPORTS.values()} == {"en", "de"}


def test_the_story_names_samples_that_exist() -> None:
    assert set(STORY) == {"accept", "approve", "amend", "withdraw"}
    assert {step["report"] for steps in STORY.values() for step in steps} <= set(REPORTS)


def test_every_acceptance_in_the_story_lets_its_report_leave_as_written() -> None:
    assert all(_leaves_as_written(step["report"], step["audience"]) for step in STORY["accept"])
    assert {path for path, report in REPORTS.items() if _tlp(report) is TLP.CLEAR} == {
        path for path in REPORTS if _leaves_as_written(path, "public")
    }
    green = [path for path, report in REPORTS.items() if _tlp(report) is TLP.GREEN]
    assert all(_leaves_as_written(path, "members") for path in green)


def test_every_organisation_is_approved_and_the_producer_without_a_standing_acceptance() -> None:
    standing = {slug: one["standing_acceptance"] for slug, one in ORGANISATIONS.items()}
    approved = {_organisation(step["report"]) for step in STORY["accept"]}
    assert {slug for slug, audience in standing.items() if audience != "none"} | approved == set(ORGANISATIONS)
    assert "members" in standing.values()
    assert [standing[slug] for slug, one in ORGANISATIONS.items() if one.get("demo_token") == "producer"] == ["none"]


def test_the_amended_sample_fits_and_changes_what_a_redacted_reader_sees() -> None:
    [step] = STORY["amend"]
    load(AMENDED, step["patch"])
    before = REPORTS[step["report"]]
    load(FILED, before | step["patch"])
    assert before["severity"] != step["patch"]["severity"]
    assert "members" in before["share_redacted_with"]


def test_the_withdrawn_sample_had_been_released_as_written() -> None:
    [step] = STORY["withdraw"]
    assert _leaves_as_written(step["report"], "members")
    assert step["reason"]


def test_text_for_release_waits_in_one_sample_and_is_approved_in_another() -> None:
    written = {path for path, report in REPORTS.items() if "for_release" in report}
    approved = {step["report"] for step in STORY["approve"]}
    assert approved < written
    assert len(written - approved) == 1


@pytest.mark.parametrize("path", [path for path, report in REPORTS.items() if "for_release" in report])
def test_text_for_release_names_nothing_that_its_report_withholds(path: str) -> None:
    report = REPORTS[path]
    outgoing = " ".join(_texts(report["for_release"])).casefold()
    names = [text for system in report["systems"] for key, text in system.items() if key in {"name", "developer"}]
    parties = [party["name"] for party in report.get("affected_parties", [])]
    titles = [report["title"], *re.split(r"(?<=[.!?])\s+", report["description"])]
    assert not [text for text in [*names, *parties, *titles] if text.casefold() in outgoing]

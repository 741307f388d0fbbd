"""What analysts ask of the public records: each answer is compared with one worked out from the records themselves."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub import rounds
from hub.importers import read, sources
from schemas import instant
from tests.journeys.analysts import Analyst, at_work
from tests.servers import living_world, run

PUBLIC = Path(__file__).parents[2].parent / "shared" / "data"
SOURCES = ("aiid", "atlas", "avid", "osv")
ALL_YEAR = "aware_at <= 2025-03 and aware_at >= 2025-04"  # known to the year only: of no quarter
BETWEEN = r"[\W_]*"
FRAMEWORKS = ("langchain", "llama index", "AutoGPT", "CrewAI", "MindsDB", "Flowise", "lollms")
pytestmark = pytest.mark.skipif(not PUBLIC.is_dir(), reason="the public records are not beside this checkout")


@pytest.fixture(scope="module")
def records() -> dict[str, dict[str, Any]]:
    """Every record as a report, by the hub's importers but without the hub."""
    found = (one.report for code in SOURCES for one in read(sources()[code], PUBLIC))
    return {report["client_ref"]: report for report in found if report}


@pytest.fixture(scope="module")
def analyst(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Analyst]:
    world = living_world(tmp_path_factory.mktemp("records"))
    home = str(world.hub.config.home)
    for source in SOURCES:
        done = run("import", source, str(PUBLIC / source), "--home", home)
        assert done.returncode == 0, done.stderr
    done = run("publish", "reference", "--home", home)
    assert done.returncode == 0, done.stderr
    rounds.index_all(world.hub)
    with at_work(world) as made:
        yield made


def test_which_critical_vulnerabilities_of_agent_frameworks_were_reported_in_two_sources_within_30_days(
    analyst: Analyst, records: dict[str, dict[str, Any]]
) -> None:
    named = " or ".join(f'systems.name begins "{one}"' for one in FRAMEWORKS)
    numbers = sorted(
        analyst.counts(f"severity = critical and has vulnerability.cve and ({named})", "vulnerability.cve")
    )
    found = analyst.ask(f"vulnerability.cve in ({', '.join(numbers)})", sort="aware_at")["items"]
    answer = set()
    for number in numbers:
        seen = [one["report"] for one in found if number in one["report"]["vulnerability"]["cve"]]
        answer |= {number} if _two_within_30_days(seen) else set()

    def is_asked(report: dict[str, Any]) -> bool:
        names = [re.sub(r"[\W_]", "", one["name"]).lower() for one in report["systems"]]
        wanted = tuple(re.sub(r"[\W_]", "", one).lower() for one in FRAMEWORKS)
        return report["severity"] == "critical" and any(name.startswith(wanted) for name in names)

    asked = {cve for one in records.values() if is_asked(one) for cve in one.get("vulnerability", {}).get("cve", ())}
    held = {
        cve: [one for one in records.values() if cve in one.get("vulnerability", {}).get("cve", ())] for cve in asked
    }
    assert answer == {cve for cve, seen in held.items() if _two_within_30_days(seen)}
    assert answer


def _two_within_30_days(reports: list[dict[str, Any]]) -> bool:
    seen = [(one["origin"]["source"], instant.read(one["aware_at"]).at) for one in reports]
    return any(
        one != other and abs(at - then) <= timedelta(days=30)
        for place, (one, at) in enumerate(seen)
        for other, then in seen[:place]
    )


def test_which_techniques_rose_this_quarter(analyst: Analyst, records: dict[str, dict[str, Any]]) -> None:
    quarters = (("2025-01", "2025-03"), ("2025-04", "2025-06"))
    before, now = (
        analyst.counts(f"aware_at >= {first} and aware_at <= {last} and not ({ALL_YEAR})", "attack_steps.technique")
        for first, last in quarters
    )
    rose = {code: now[code] - before.get(code, 0) for code in now if now[code] > before.get(code, 0)}
    counted = [Counter[str](), Counter[str]()]
    for one in records.values():
        for place, (first, last) in enumerate(quarters):
            if first <= one["aware_at"][:7] <= last:
                counted[place].update(
                    {step["technique"] for step in one.get("attack_steps", ()) if "technique" in step}
                )
    assert before == counted[0]
    assert now == counted[1]
    assert rose == dict(counted[1] - counted[0])
    assert len(rose) > 5


@pytest.mark.parametrize("name", ["llama-index", "GPT-4", "Py Torch", "anything_llm"])
def test_which_reports_mention_a_system_under_any_spelling(
    analyst: Analyst, records: dict[str, dict[str, Any]], name: str
) -> None:
    parts = re.split(r"[\W_]", name)
    found = analyst.refs(f'systems.name = "{name}" or text ~ {"-".join(parts)}')
    spelt = re.compile(rf"(?<![^\W_]){BETWEEN.join(parts)}(?![^\W_])", re.IGNORECASE)
    said = {
        ref: "\n".join(
            [one["title"], one["description"], *(system["name"] for system in one["systems"])]
            + [one.get("recommendation", ""), one.get("root_cause", "")]
            + [step.get("description", "") for step in one.get("attack_steps", ())]
            + [cited.get("title", "") for cited in one.get("references", ())]
            + [done.get("text", "") for name in ("mitigations", "actions_taken") for done in one.get(name, ())]
        )
        for ref, one in records.items()
    }
    assert set(found) == {ref for ref, text in said.items() if spelt.search(text)}
    assert len({hit.lower() for text in said.values() for hit in spelt.findall(text)}) > 1, "there is one spelling only"


def test_what_is_known_about_one_vulnerability_and_who_else_has_it(analyst: Analyst) -> None:
    (one, other) = analyst.ask("vulnerability.cve = cve-2023-38699", sort="-severity")["items"]
    assert {one["report"]["origin"]["source"], other["report"]["origin"]["source"]} == {"avid", "osv"}
    assert one["report"]["severity"] == "critical"
    related = analyst.get(f"/api/v1/reports/{one['id']}/related")["items"]
    assert other["id"] in {found["id"] for found in related}


def test_which_reports_of_last_year_say_nothing_of_how_severe_they_are(
    analyst: Analyst, records: dict[str, dict[str, Any]]
) -> None:
    found = analyst.refs("severity = unknown and aware_at = 2025", sort="aware_at")
    assert set(found) == {
        name for name, one in records.items() if one["severity"] == "unknown" and one["aware_at"].startswith("2025")
    }
    assert found


def test_how_many_records_each_source_gave(analyst: Analyst) -> None:
    counts = analyst.counts("is_import = true", "origin.source")
    assert counts == {"aiid": 1137, "avid": 913, "osv": 284, "atlas": 57}

"""Related reports: what shares a rare value comes first, and what everybody shares relates nothing.

The index is filled here by hand, so that its counts are what a test says.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert
from sqlmodel import delete

from hub.store import relations
from hub.store.tables import SearchCount, SearchRow, SearchTerm
from tests.conftest import World
from tests.factories import a_report

AT = datetime(2026, 11, 23, tzinfo=UTC)


def test_the_rarer_and_the_more_values_the_stronger(any_world: World) -> None:
    world, filed = any_world, reports(any_world, 5)
    index(
        world,
        filed,
        {
            ("vulnerability.cve", "CVE-2026-1"): [0, 1],
            ("systems.name", "ops agent"): [0, 2, 3, 4],
            ("attack_steps.technique", "AML.T0051"): [0, 1, 3],
        },
    )
    found = related(world, filed[0])["items"]
    assert [one["id"] for one in found] == [filed[place]["id"] for place in (1, 3)] + sorted(
        (filed[place]["id"] for place in (2, 4)), key=lambda one: ref(filed, one)
    )
    assert {(one["by"], one["value"], one["reports"]) for one in found[0]["shares"]} == {
        ("cve", "CVE-2026-1", 2), ("technique", "AML.T0051", 3),
    }  # fmt: skip
    assert found[0]["strength"] > found[1]["strength"] > found[2]["strength"] == found[3]["strength"]


def test_what_an_analyst_asserts_relates_as_what_a_producer_files(any_world: World) -> None:
    world, filed = any_world, reports(any_world, 3)
    index(
        world,
        filed,
        {
            ("attack_steps.technique", "AML.T0051"): [0],
            ("triage.attack_steps.technique", "AML.T0051"): [1],
            ("triage.family", "gpt-4"): [1, 2],
        },
    )
    assert shares(world, filed[0]) == {filed[1]["id"]: {("technique", "AML.T0051")}}
    assert shares(world, filed[1]) == {
        filed[0]["id"]: {("technique", "AML.T0051")}, filed[2]["id"]: {("family", "gpt-4")},
    }  # fmt: skip


def test_the_same_text_in_another_field_relates_nothing(world: World) -> None:
    filed = reports(world, 3)
    terms = {("systems.name", "gpt-4"): [0], ("triage.family", "gpt-4"): [1], ("title", "gpt-4"): [0, 2]}
    index(world, filed, terms)
    assert related(world, filed[0])["items"] == []


def test_a_value_that_too_many_hold_is_named_and_not_followed(any_world: World) -> None:
    world, filed = any_world, reports(any_world, 3)
    index(world, filed, {("systems.name", "chatbot"): [0, 1], ("systems.purl", "pkg:pypi/x"): [0, 2]})
    with world.hub.store.writing() as db:
        db.merge(SearchCount(field="systems.name", value="chatbot", reports=relations.RARE + 1))
    body = related(world, filed[0])
    assert [one["id"] for one in body["items"]] == [filed[2]["id"]]
    assert body["too_common"] == [{"by": "system", "value": "chatbot", "reports": relations.RARE + 1}]


def test_what_the_index_does_not_count_is_counted_as_far_as_it_matters(any_world: World) -> None:
    world, filed = any_world, reports(any_world, 3)
    index(world, filed, {("systems.name", "opsagent"): [0, 1], ("systems.name", "chatbot"): [0, 2]})
    rows = [{"field": "systems.name", "value": "chatbot", "number": 1000 + n, "upto": ""} for n in range(400)]
    with world.hub.store.writing() as db:
        db.exec(delete(SearchCount))
        db.connection().execute(insert(SearchTerm), rows)
    body = related(world, filed[0])
    assert [one["id"] for one in body["items"]] == [filed[1]["id"]]
    assert body["items"][0]["shares"] == [{"by": "system", "value": "opsagent", "reports": 2}]
    assert body["too_common"] == [{"by": "system", "value": "chatbot", "reports": relations.RARE + 1}]


def test_a_related_report_names_its_case(world: World) -> None:
    filed = reports(world, 2)
    body = {"title": "One event", "reports": [filed[1]["id"]], "why": "x"}
    case = world.send("analyst", "POST", "/api/v1/cases", body).get_json()["ref"]
    index(world, filed, {("vulnerability.cve", "CVE-2026-1"): [0, 1]})
    assert [one["case"] for one in related(world, filed[0])["items"]] == [case]


def test_at_most_fifty_are_told(world: World) -> None:
    filed = reports(world, 53)
    index(world, filed, {("vulnerability.cve", "CVE-2026-1"): list(range(53))})
    assert len(related(world, filed[0])["items"]) == 50


def test_a_report_that_the_index_has_not_seen_says_so(world: World) -> None:
    filed = reports(world, 1)
    index(world, filed, {})
    with world.hub.store.writing() as db:
        db.exec(delete(SearchRow))
    assert related(world, filed[0]) == {"items": [], "next": None, "too_common": [], "is_indexed": False}


def test_what_is_looked_at_grows_with_the_report_and_not_with_the_store(any_world: World) -> None:
    """The plan starts from the report's own values and looks the others up by key, on either engine."""
    world, filed = any_world, reports(any_world, 3)
    index(world, filed, {("vulnerability.cve", "CVE-2026-1"): [0, 1]})
    rows = [
        {"field": "language", "value": f"v{place % 7}", "number": 10_000 + place, "upto": ""} for place in range(20_000)
    ]
    with world.hub.store.writing() as db:
        db.connection().execute(insert(SearchTerm), rows)
    if world.hub.store.engine.dialect.name == "postgresql":
        with world.hub.store.engine.connect() as bare:
            bare.exec_driver_sql("ANALYZE search_term")
    with world.hub.store.reading() as db:
        asked = relations.meeting_query(filed[0]["id"])
        bound = asked.compile(db.get_bind(), compile_kwargs={"literal_binds": True})
        word = "EXPLAIN QUERY PLAN" if world.hub.store.engine.dialect.name == "sqlite" else "EXPLAIN"
        found = [" ".join(map(str, row)) for row in db.connection().exec_driver_sql(f"{word} {bound}")]
    whole = "\n".join(found)
    assert "SEARCH" in whole or "on search_term" in whole, whole
    assert [word for word in ("SCAN search", "SCAN mine", "SCAN counted") if word in whole] == [], whole
    assert "SCAN report" not in whole, whole
    assert "Seq Scan on search_term" not in whole, whole


def reports(world: World, number: int) -> list[dict[str, Any]]:
    """Some reports."""
    return [world.file("producer", a_report(client_ref=f"T-{place}")) for place in range(number)]


def index(world: World, filed: list[dict[str, Any]], terms: dict[tuple[str, str], list[int]]) -> None:
    """Fill the index with these values, by the reports that hold them, and nothing else."""
    own = world.ids["The producer's organisation"]
    with world.hub.store.writing() as db:
        for table in (SearchTerm, SearchCount, SearchRow):
            db.exec(delete(table))
        for number, one in enumerate(filed):
            times = {"filed_at": AT, "revised_at": AT, "aware_at": AT}
            db.add(SearchRow(number=number, report_id=one["id"], organisation_id=own, severity=1, **times))
        for (field, value), holders in terms.items():
            db.add(SearchCount(field=field, value=value, reports=len(holders)))
            db.add_all(SearchTerm(field=field, value=value, number=number, upto="") for number in holders)


def related(world: World, filed: dict[str, Any]) -> dict[str, Any]:
    """What is related, as the analyst sees it."""
    answer = world.send("analyst", "GET", f"/api/v1/reports/{filed['ref']}/related")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def shares(world: World, filed: dict[str, Any]) -> dict[str, set[tuple[str, str]]]:
    """What each related report shares."""
    items = related(world, filed)["items"]
    return {one["id"]: {(held["by"], held["value"]) for held in one["shares"]} for one in items}


def ref(filed: list[dict[str, Any]], report_id: str) -> str:
    """The reference of a report."""
    return next(one["ref"] for one in filed if one["id"] == report_id)

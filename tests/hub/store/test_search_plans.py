"""How searches are carried out on 30,000 reports: by an index, whatever is asked, and never through a whole table."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import event, text

from hub.filters import NEWEST, catalogue, query
from hub.store import index, searching
from hub.store.index import Document
from hub.wiring import Hub
from tests.conftest import World, make_world
from tests.factories import a_report
from tests.postgres import fresh_database

ROWS, ORGANISATIONS = 30_000, 40
FIELDS = catalogue(is_staff=True)
COUNTED = frozenset(name for name, one in FIELDS.items() if one.is_counted)
QUERIES = (
    "",
    "severity = critical",
    "severity >= high and report_type = vulnerability",
    "not severity = low and state = admitted",
    "vulnerability.cve = CVE-2026-10007",
    "severity = low or vulnerability.cve = CVE-2026-10007",
    "vulnerability.cve = CVE-2026-10007 or vulnerability.cve begins CVE-2026-1000",
    "has case",
    "has vulnerability.cve and not state = withdrawn",
    "aware_at = 2026-03 and severity = high",
    "aware_at < 2026-01-03",
    "embargo_until < 2026-06 and released is missing",
    "systems.name begins agent1 and organisation.id = org-7",
    "text ~ rare or severity = critical",
    "text ~ common and severity = high",
    "text ~ '\"common words\"' and text ~ gpt-4",
)
SORTS = (NEWEST, "-filed_at", "severity", "aware_at")


def documents(ids: list[str], owner: str) -> list[Document]:
    """Reports as the index holds them, with the skew of real ones."""
    chance, first = Random(4), datetime(2026, 1, 1, tzinfo=UTC)
    return [_document(chance, place, (one, owner), first + timedelta(minutes=place)) for place, one in enumerate(ids)]


def _document(chance: Random, number: int, ids: tuple[str, str], at: datetime) -> Document:
    severities = FIELDS["severity"].terms
    rank = chance.choices(range(6), (30, 5, 25, 25, 12, 3))[0]
    values = {
        ("state", "admitted" if number % 20 else "withdrawn"): "",
        ("severity", severities[rank]): "",
        ("report_type", chance.choice(FIELDS["report_type"].terms)): "",
        ("organisation.id", f"org-{number % ORGANISATIONS}"): "",
        ("systems.name", f"agent{number % 300}"): "",
        ("aware_at", f"{at:%Y-%m-%dT%H:%M:%S.000000Z}"): f"{at + timedelta(days=1):%Y-%m-%dT%H:%M:%S.000000Z}",
    }
    if number % 10 == 0:
        values["vulnerability.cve", f"CVE-2026-{10_000 + number // 100}"] = ""
    if number % 500 == 0:
        values["case", f"C-{number}"] = ""
        values["embargo_until", f"{at:%Y-%m-%dT%H:%M:%S.000000Z}"] = f"{at:%Y-%m-%dT%H:%M:%S.000001Z}"
    row = {"organisation_id": ids[1], "filed_at": at, "revised_at": at, "aware_at": at, "severity": rank}
    return Document(ids[0], 1, row, values, "common words of gpt 4" + (" rare" if number % 3000 == 0 else ""))


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "postgresql, never analysed"])
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    place = tmp_path_factory.mktemp("large")
    if request.param == "sqlite":
        world = make_world(place)
        yield stock(world)
        world.hub.store.close()
        return
    with fresh_database(request.getfixturevalue("cluster")) as url:
        world = make_world(place, url)
        hub = stock(world)
        if request.param == "postgresql":
            with hub.store.writing() as db:
                db.connection().execute(text("ANALYZE"))
        yield hub
        hub.store.close()


def stock(world: World) -> Hub:
    """30,000 rows of the index: copies of one report, as far as the rest of the database is concerned."""
    world.file("producer", a_report(client_ref="one"))
    with world.hub.store.writing() as db:
        connection = db.connection()
        row = connection.execute(text("SELECT * FROM report")).mappings().one()
        ids = [f"{ROWS + number}" for number in range(ROWS)]
        names = [name for name in row if name not in {"id", "ref", "client_ref"}]
        columns = ", ".join(names)
        first = "CAST(:first AS INTEGER)"
        numbered = f"WITH RECURSIVE n (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < 2 * {first})"  # noqa: S608
        copied = f"INSERT INTO report (id, ref, {columns}) {numbered} SELECT CAST(i AS TEXT), CAST(i AS TEXT), {columns} FROM report, n"  # noqa: S608, E501
        connection.execute(text(copied), {"first": ROWS})
        made = documents(ids, row["organisation_id"])
        for start in range(0, ROWS, 5_000):
            index.put(db, made[start : start + 5_000], COUNTED)
    return world.hub


def plans(hub: Hub, filter_: str, sort: str) -> Iterator[tuple[str, str]]:
    """Each statement of a search, with facets under `newest`, with how the engine carries it out."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(hub.store.engine, "before_cursor_execute", note)
    asked = query(filter_, sort, FIELDS)
    with hub.store.reading() as db:
        found = searching.select_numbers(db, asked, None, 51)
        searching.placed(db, asked, found.numbers)
        if sort == NEWEST:
            searching.facets(db, asked, ["severity", "report_type"])
        event.remove(hub.store.engine, "before_cursor_execute", note)
        word = "EXPLAIN QUERY PLAN " if hub.store.engine.dialect.name == "sqlite" else "EXPLAIN "
        for statement, parameters in seen:
            lines = db.connection().exec_driver_sql(word + statement, parameters)
            yield statement, "\n".join(str(line[-1]) for line in lines)


def walks(plan: str, statement: str) -> list[str]:
    """What of a plan goes through a whole table without an order that it could stop in."""
    scans = [
        line
        for line in plan.splitlines()
        if re.search(r"SCAN (s|d|t|search_\w+)\b|Seq Scan on search_(row|term)", line)
    ]
    # A walk along the order of the list stops when the page is full.
    is_bounded = "LIMIT" in statement and "TEMP B-TREE FOR ORDER BY" not in plan
    return [line for line in scans if not (is_bounded and re.search(r"SCAN s\b", line))]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("filter_", QUERIES)
def test_no_search_goes_through_a_whole_table(large: Hub, filter_: str, sort: str) -> None:
    for statement, plan in plans(large, filter_, sort):
        assert walks(plan, statement) == [], f"{statement}\n{plan}"

"""Searching a million reports: first pages, later pages and facets, over the API, on both engines.

On the stores that `make seed` built; HUB_TEST_SEED names their directory, HUB_TEST_SEED_SMALL one of 10,000.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import func, select

from hub.app import create_app
from hub.config import UNLIMITED, Config
from hub.store.tables import SearchRow
from hub.wiring import Hub, connect
from tests.bench.seed_postgres import seeded
from tests.page import write
from tests.servers import ROOT

pytestmark = pytest.mark.figures
TURNS = 7
FILTERS = (
    "",
    "severity = critical",
    "severity >= high and report_type = vulnerability",
    "report_type = near_miss and risk_area = cbrn",
    "state = admitted and tlp = green",
    "attack_steps.technique = AML.T0051",
    "has vulnerability.cve and severity = critical",
    "aware_at >= 2026-06 and aware_at < 2026-09 and severity = high",
    "filed_at >= 2026-10-01 and report_type in (incident, compromise)",
    "not state = withdrawn and harm_types = physical",
    "released = members",
    "embargo_until < 2026-11-01 and not has released",
)
SORTS = ("newest", "-filed_at", "-severity", "aware_at")
FACETS = "severity,report_type,tlp"
FIRST, FACETED, LATER = 0.100, 0.300, 1.2  # seconds, seconds, times the first


@contextmanager
def stored(engine: str, place: Path) -> Iterator[Hub]:
    """The seed's hub on an engine."""
    if engine == "postgresql":
        if not (place / "postgresql.done").exists():
            pytest.skip(f"no PostgreSQL store in {place}; run `make seed N=1000000 ENGINE=postgresql`")
        with seeded(place) as hub:
            hub.config = replace(hub.config, limits=UNLIMITED)
            yield hub
        return
    hub = connect(Config.read(UNLIMITED.environment(), str(place / "home")))
    yield hub
    hub.store.close()


def place_of(name: str, default: Path | None) -> Path:
    found = os.environ.get(name) or default
    if found is None or not (Path(found) / "seed.json").exists():
        pytest.skip(f"no store at {found}; run `make seed N=1000000`, or name one with {name}")
    return Path(found)


class Asker:
    """An analyst who asks, and how long each answer took."""

    def __init__(self, hub: Hub, token: str) -> None:
        self.client = create_app(hub).test_client()
        self.headers = {"Authorization": f"Bearer {token}"}

    def ask(self, **query: str) -> tuple[float, dict[str, object]]:
        """The median of some turns, and the answer."""
        found, took = {}, []
        for _ in range(TURNS):
            before = time.perf_counter()
            answer = self.client.get("/api/v1/search", query_string=query, headers=self.headers)
            took.append(time.perf_counter() - before)
            assert answer.status_code == 200, answer.get_data(as_text=True)
            found = answer.get_json()
        return median(took), found


def measure(hub: Hub, token: str) -> tuple[int, dict[str, list[float]]]:
    """How many reports there are, and what first pages, fifth pages over first ones, and facets took."""
    asker = Asker(hub, token)
    with hub.store.reading() as db:
        size = db.connection().execute(select(func.count()).select_from(SearchRow)).scalar_one()
    took: dict[str, list[float]] = {"first": [], "later": [], "facets": []}
    slow = []
    for filter_ in FILTERS:
        for sort in SORTS:
            first, page = asker.ask(filter=filter_, sort=sort)
            took["first"].append(first)
            slow.append((round(first * 1000), filter_, sort))
            deep, pages = page, 1
            while deep["next"] and pages < 5:
                later, deep = asker.ask(filter=filter_, sort=sort, next=str(deep["next"]))
                pages += 1
                if deep["items"]:
                    took["later"].append(later / first)
        took["facets"].append(asker.ask(filter=filter_, facets=FACETS, limit="1")[0])
    print(*sorted(slow, reverse=True)[:8], sep="\n")
    return size, took


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_million_reports_are_searched_within_a_tenth_of_a_second(engine: str) -> None:
    place = place_of("HUB_TEST_SEED", ROOT / ".seed")
    token = json.loads((place / "tokens.json").read_text())["analyst"]
    with stored(engine, place) as hub:
        size, took = measure(hub, token)
    first, later, faceted = (median(took[name]) for name in ("first", "later", "facets"))
    rows = [
        ("first page, the middle of all", f"{first * 1000:.0f} ms", f"≤ {FIRST * 1000:.0f} ms"),
        ("first page, the slowest", f"{max(took['first']) * 1000:.0f} ms", "-"),
        ("later page : its first, the middle of all", f"{later:.2f}", f"≤ {LATER}"),
        ("facets, the middle of all", f"{faceted * 1000:.0f} ms", f"≤ {FACETED * 1000:.0f} ms"),
        ("facets, the slowest", f"{max(took['facets']) * 1000:.0f} ms", "-"),
        *grown(engine, first),
    ]
    told = (
        f"{size:,} reports; {len(FILTERS)} filters by {len(SORTS)} sorts, pages of 50 over the API in one process, the "
        f"median of {TURNS} turns each; facets over {FACETS}, counted over at most 5,000 matches."
    )
    print(write(f"Searching on {engine}", "make figures", told, ("what", "found", "wanted"), rows))
    assert first <= FIRST
    assert later <= LATER
    assert faceted <= FACETED


def grown(engine: str, first: float) -> list[tuple[str, str, str]]:
    """How the first page grew from the small store, if there is one."""
    small = os.environ.get("HUB_TEST_SEED_SMALL")
    if engine != "sqlite" or not small:
        return []
    token = json.loads((Path(small) / "tokens.json").read_text())["analyst"]
    with stored(engine, Path(small)) as hub:
        size, took = measure(hub, token)
    return [(f"first page : that of {size:,} reports", f"{first / median(took['first']):.1f}", "-")]

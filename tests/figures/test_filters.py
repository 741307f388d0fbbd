"""A hundred thousand filters, random and mutated: each is refused with a column or becomes statements that end."""

import time
from collections import Counter
from pathlib import Path

import pytest

from tests import page
from tests.conftest import make_world
from tests.factories import a_report
from tests.filters import filters, tried, watching

pytestmark = pytest.mark.figures
COUNT, OVER_HTTP, REPORTS = 100_000, 5_000, 20


def test_a_hundred_thousand_filters(tmp_path: Path) -> None:
    world, outcomes, longest = make_world(tmp_path), Counter[str](), 0.0
    for number in range(REPORTS):
        world.file("producer", a_report(client_ref=f"r{number}", risk_area=["cbrn"], tlp="green"))
    world.release()
    with watching(world.hub) as seen, world.hub.store.reading() as db:
        for text, sort, chance in filters(100, COUNT):
            begun = time.perf_counter()
            outcomes[tried(db, seen, text, sort, chance)] += 1
            longest = max(longest, time.perf_counter() - begun)
    statuses = Counter[int]()
    for text, sort, _ in filters(101, OVER_HTTP):
        said = {"filter": text.encode("utf-8", "replace").decode(), "sort": sort}
        headers = {"Authorization": f"Bearer {world.tokens['analyst']}"}
        statuses[world.web.get("/api/v1/search", query_string=said, headers=headers).status_code] += 1
    world.hub.store.close()
    assert set(statuses) <= {200, 400, 422}
    assert min(outcomes.values()) > COUNT / 20
    told = (
        "Each filter is refused with a column within it, or becomes SELECT statements with a LIMIT whose text holds "
        "nothing of it; asserted for every statement executed (tests/filters.py)."
    )
    rows = [
        ("filters, random and mutated", f"{COUNT:,}"),
        ("refused with a column or a remedy", f"{outcomes['refused']:,}"),
        ("searched for", f"{outcomes['found']:,}"),
        ("over HTTP, by status", ", ".join(f"{status}: {count:,}" for status, count in sorted(statuses.items()))),
        ("5xx, statements without end, words of a filter in SQL", "0"),
        ("the longest took", f"{longest * 1000:.0f} ms"),
    ]
    print(page.write("Fuzzing filters", "make figures", told, ("what", "count"), rows))

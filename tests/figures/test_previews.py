"""Ten thousand generated reports, each previewed and then released: the bytes are the same, but for names and times."""

import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import World, make_world
from tests.laws.test_preview_is_the_release import SHARED, TLPS, filed
from tests.page import write
from tests.previewing import compared, previewed, released_of
from tests.strategies import reports

pytestmark = pytest.mark.figures
SIZE = int(os.environ.get("HUB_TEST_PREVIEWS", "10000"))
TOGETHER = 50  # reports of one release
AUDIENCES = st.lists(st.sampled_from(["trusted", "members", "public", "researchers"]), unique=True, max_size=3)


class Count:
    """Reports that were filed and previewed and wait for their release together."""

    def __init__(self, world: World) -> None:
        self.world, self.number, self.found = world, 0, list[str]()
        self.ways: Counter[str] = Counter()
        self.waiting: dict[str, Any] = {}

    def take(self, report: dict[str, Any], audiences: list[str], *, approves: bool) -> None:
        """File one and preview it; release all when there are enough."""
        self.number += 1
        one = filed(self.world, report, f"n-{self.number}", audiences, approves=approves)
        self.waiting[one] = previewed(self.world, one)[0]
        if len(self.waiting) >= TOGETHER:
            self.settle()

    def settle(self) -> None:
        """Release what waits and compare."""
        left = released_of(self.world, self.waiting)
        for one, shown in self.waiting.items():
            self.found += compared(self.world, shown, left[one])
            self.ways.update(f"{feed}, {mode}" for feed, mode in shown)
        self.waiting.clear()
        self.world.clock.forward(minutes=1)


def test_ten_thousand_reports_leave_as_they_were_previewed(tmp_path: Path) -> None:
    began, count = time.monotonic(), Count(make_world(tmp_path))

    @settings(
        max_examples=SIZE, phases=[Phase.generate], database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(data=st.data())
    def every(data: st.DataObject) -> None:
        report = data.draw(reports(tlp=TLPS, share_redacted_with=SHARED))
        count.take(report, data.draw(AUDIENCES), approves=data.draw(st.booleans()))

    every()
    count.settle()
    rows = [
        ("reports of any type and form, filed, previewed and released", count.number),
        *((f"entries compared: {way}", number) for way, number in sorted(count.ways.items())),
        ("differences", len(count.found)),
        ("seconds", round(time.monotonic() - began)),
    ]
    told = (
        "Each with what it was accepted for, its text approved or not. Left out of the comparison: ids, references, "
        "pseudonyms, times; and redacted entries that wait for others to leave with."
    )
    print(write("A preview is its release", "make figures", told, ("what", "count"), rows))
    assert count.found[:5] == []
    assert count.number >= SIZE
    count.world.hub.store.close()

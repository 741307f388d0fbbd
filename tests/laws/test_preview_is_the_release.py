"""What a preview shows is what leaves: on any report, with any acceptance, byte for byte but for names and times.

A preview that showed less than leaves would have a producer agree to what they did not see.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub import rounds
from hub.services.publishing import pressing
from tests.conftest import World
from tests.factories import a_full_report, a_report
from tests.previewing import differences, previewed
from tests.strategies import FEW, reports

SHARED = st.lists(st.sampled_from(["trusted", "members", "researchers", "public"]), unique=True, max_size=3)
TLPS = st.sampled_from(["clear", "green", "amber", "amber+strict"])


def filed(world: World, report: dict[str, Any], key: str, audiences: list[str], *, approves: bool) -> str:
    """A report, filed and admitted, accepted for some audiences, its text approved or not."""
    body = {name: value for name, value in report.items() if name not in {"client_ref", "embargo_until", "hold"}}
    made: str = world.file("producer", {**body, "client_ref": key})["id"]
    rounds.admit_all(world.hub)
    world.accept(made, *audiences)
    if approves and "for_release" in body:
        text = world.send("analyst", "GET", f"/api/v1/reports/{made}/release-text")
        told = {"audience": "public", "subject": "for_release"}
        world.send("analyst", "POST", f"/api/v1/reports/{made}/accept", told, If_Match=text.headers["ETag"])
    return made


@pytest.mark.slow
@FEW
@given(data=st.data())
def test_any_report_leaves_as_it_was_previewed(world: World, data: st.DataObject) -> None:
    report = data.draw(reports(tlp=TLPS, share_redacted_with=SHARED))
    audiences = data.draw(st.lists(st.sampled_from(["trusted", "members", "public", "researchers"]), max_size=2))
    world.clock.forward(minutes=1)
    key = f"n-{world.clock():%d%H%M}"
    one = filed(world, report, key, audiences, approves=data.draw(st.booleans()))
    assert differences(world, one) == []


def test_a_full_report_leaves_as_it_was_previewed_overlaid_and_amended(world: World) -> None:
    body = a_full_report(tlp="green", share_redacted_with=["members"], client_ref="full")
    one = filed(world, body, "full", ["public"], approves=True)
    assert differences(world, one) == []
    told = {"why": "Read with the filer.", "assert": {"severity": "critical"}}
    said = world.send("analyst", "PATCH", f"/api/v1/reports/{one}/triage", told, If_Match='"t0"')
    assert said.status_code == 200, said.get_data(as_text=True)
    assert differences(world, one) == []
    other = filed(world, {**body, "title": "Another"}, "other", ["members"], approves=False)
    assert differences(world, other) == []


def test_a_preview_that_pressed_otherwise_would_be_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one = filed(world, a_report(tlp="green"), "one", ["members"], approves=False)
    shown, _ = previewed(world, one)
    assert ("members", "written") in shown
    usual = pressing.marking_of
    calls = iter(range(100))
    monkeypatch.setattr(
        pressing, "marking_of", lambda *given: usual(*given) if next(calls) > 2 else type(given[2])("clear")
    )
    assert differences(world, one)

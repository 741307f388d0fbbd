"""What becomes of each field: every field that is held has one fate, and what is shown is in the projection."""

from typing import Any

import pytest

from feeds.policy import policy_of
from feeds.projection import project
from feeds.transforms import Scene
from hub import policies
from hub.services.publishing.fates import COARSENED, KEPT, WITHHELD, Fate, fates
from schemas.anatomy import present
from schemas.audience import Mode
from schemas.loading import load
from schemas.report import FILED
from tests.factories import a_full_report

MEMBERS = policies.checked("members", policies.definitions()["members"])


def found(mode: Mode, **changes: Any) -> dict[str, Fate]:
    report = load(FILED, a_full_report(**changes))
    policy = policy_of(MEMBERS, mode)
    projection = project(report, policy, Scene())
    return {one.field: one for one in fates(projection, policy, present(report))}


@pytest.mark.parametrize("mode", list(Mode))
def test_every_field_has_one_fate_and_only_what_is_shown_shows(mode: Mode) -> None:
    every = found(mode)
    assert len(every) > 60
    for one in every.values():
        assert bool(one.shows) is (one.fate != WITHHELD), one.field
        assert one.rule
    assert {one.fate for one in every.values()} == {KEPT, COARSENED, WITHHELD}


def test_why_a_field_is_withheld_is_said_in_words() -> None:
    every = found(Mode.REDACTED, systems=[{"name": "Ops agent", "version": "v5.6"}])
    assert every["reporter.name"].rule == "who reported is in no feed"
    assert every["for_release.title"].rule == "an analyst approves text for release first"
    assert every["title"].rule == "not for this audience in a redacted projection"
    assert every["poc"].rule == "in no feed's policy"
    assert every["systems[].version"] == Fate("systems[].version", COARSENED, "major", {"/systems/0/version": "5"})

"""The catalogue is the report's own fields: nothing is listed twice, and who reported is not in it."""

import pytest

from hub.errors import BadFilter
from hub.filters import Kind, catalogue, parse
from schemas.anatomy import LEAVES
from schemas.marks import Kept

STAFF, PRODUCER = catalogue(is_staff=True), catalogue(is_staff=False)


def test_every_leaf_is_in_it_but_who_reported() -> None:
    for path, leaf in LEAVES.items():
        name = path.replace("[]", "")
        assert (name in STAFF) == (leaf.mark.kept is not Kept.IDENTITY), path
        if name in STAFF:
            assert STAFF[name].is_sealed == (leaf.mark.kept is Kept.SEALED), path


def test_what_analysts_say_is_for_staff_alone() -> None:
    hidden = STAFF.keys() - PRODUCER.keys()
    assert {"organisation", "organisation.id", "case", "triage.severity", "triage.family"} <= hidden
    assert all(one.startswith(("triage.", "organisation")) or one == "case" for one in hidden)


@pytest.mark.parametrize(
    "name", ["poc", "prompts", "triggers.discovered_at", "harm_quantity.deaths", "evidence.sha256"]
)
def test_a_field_that_never_leaves_as_it_stands_is_said_to_be_shut(name: str) -> None:
    assert STAFF[name].is_shut
    with pytest.raises(BadFilter, match=r"column 1: .* is sealed and never leaves as written"):
        parse(f"has {name}", STAFF)


@pytest.mark.parametrize("name", ["title", "systems.name", "systems.purl", "threat.indicators.value", "audit.result"])
def test_a_sealed_field_that_leaves_as_written_can_be_asked_for(name: str) -> None:
    assert STAFF[name].is_sealed
    assert not STAFF[name].is_shut


def test_ranks_are_the_least_first() -> None:
    assert STAFF["severity"].kind is Kind.RANK
    assert STAFF["severity"].terms == ("unknown", "info", "low", "medium", "high", "critical")
    assert STAFF["tlp"].terms == ("clear", "green", "amber", "amber+strict", "red")

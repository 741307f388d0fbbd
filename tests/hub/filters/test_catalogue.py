"""The catalogue has every leaf of a report but who reported, and says of each what may be asked."""

from hub.filters import Kind, catalogue
from schemas.anatomy import LEAVES
from schemas.marks import Kept

STAFF, PRODUCERS = catalogue(is_staff=True), catalogue(is_staff=False)


def test_every_leaf_can_be_named_but_who_reported() -> None:
    named = {path.replace("[]", "") for path, leaf in LEAVES.items() if leaf.mark.kept is not Kept.IDENTITY}
    assert named <= set(STAFF)
    assert not any(name.startswith("reporter") for name in STAFF)


def test_a_producer_knows_no_word_of_the_analysts() -> None:
    hidden = set(STAFF) - set(PRODUCERS)
    assert {"organisation", "case", "triage.severity", "triage.family", "triage.credibility"} <= hidden
    assert not any(name.startswith("triage.") for name in PRODUCERS)


def test_what_never_leaves_as_written_is_shut_and_never_counted() -> None:
    shut = {name for name, one in STAFF.items() if one.is_shut}
    assert {"poc", "prompts", "outputs", "reproduction", "affected_parties.name"} <= shut
    assert not any(STAFF[name].is_counted for name in shut)


def test_ranks_begin_with_the_least() -> None:
    assert STAFF["severity"].terms == ("unknown", "info", "low", "medium", "high", "critical")
    assert STAFF["tlp"].terms == ("clear", "green", "amber", "amber+strict", "red")
    assert STAFF["triage.credibility"].terms[0] == "unknown"
    assert {one.kind for one in STAFF.values() if one.name.endswith("severity")} == {Kind.RANK}

"""Every field says in its own line where it goes; who reported goes nowhere."""

from pathlib import Path

import pytest

from feeds import transforms
from feeds.feed import Feed
from feeds.policy import policy_of
from hub import policies
from schemas.anatomy import LEAVES
from schemas.audience import Audience, Mode
from schemas.fields import Text
from schemas.marks import Kept, Unmarked, clear, identity, mark_of, parts, redacted, sealed, written
from schemas.part import Of, Part
from schemas.report import Report
from tests.laws.house import ROOT

FEEDS = {name: policies.checked(name, text) for name, text in policies.definitions().items()}
NEVER = ("reporter.", "evidence[].")
NEVER_ALONE = {"prompts", "outputs", "reproduction", "poc"}


def test_identity_fields_carry_no_policy_at_all() -> None:
    """A reporter's name in any feed, under any TLP, ends trust in every hub."""
    named = {path for path, leaf in LEAVES.items() if leaf.mark.kept is Kept.IDENTITY}
    assert named == {"reporter.mode", "reporter.name", "reporter.contact", "reporter.relationship"}
    assert [path for path in named if LEAVES[path].mark.policy] == []


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
@pytest.mark.parametrize("mode", Mode)
def test_no_feed_in_any_mode_lets_reporters_evidence_or_prompts_leave(feed: Feed, mode: Mode) -> None:
    """The compiled policy is what projections read: what it does not allow is never looked at."""
    allowed = policy_of(feed, mode).allows
    assert len(allowed) > 20, "the law looked at nothing"
    assert [path for path in allowed if path.startswith(NEVER) or path in NEVER_ALONE] == []


def test_no_feed_can_say_more_than_the_marks() -> None:
    """A feed's file narrows; there is no key in it that widens."""
    text = (Path(ROOT) / "feeds" / "definitions" / "members.toml").read_text("utf-8")
    with pytest.raises(ValueError, match="no such key"):
        policies.checked("members", text + '\n[widen]\nshow = ["reporter.name"]\n')
    narrowed = policies.checked("members", text + '\n[narrow]\nwithhold = ["title"]\n')
    for mode in Mode:
        assert set(policy_of(narrowed, mode).allows) <= set(policy_of(FEEDS["members"], mode).allows)
    assert "title" not in policy_of(narrowed, Mode.WRITTEN).allows


def test_a_part_with_an_unmarked_field_fails_at_import() -> None:
    """A field whose line says nothing must stop the hub, not leave by default."""
    with pytest.raises(Unmarked, match="'witness' carries no mark"):

        class Careless(Part):
            title = sealed(Text(300))
            witness = Text(200)


def test_a_report_with_an_unmarked_field_fails_at_import() -> None:
    """The report itself is no exception, nor is a part inside a part."""
    with pytest.raises(Unmarked, match="'insurer' carries no mark"):

        class Wider(Report):
            insurer = Text(200)

    with pytest.raises(Unmarked, match="'note' carries no mark"):

        class Outer(Part):
            inner = parts(Of(type("Inner", (Part,), {"note": Text(10)})))


def test_free_text_cannot_be_marked_to_leave_redacted_as_it_stands() -> None:
    """In a redacted projection no free text leaves as written, titles included."""
    for spelling in ("keep", "day", "without:x"):
        with pytest.raises(Unmarked, match="free text may not leave redacted"):
            clear(Text(10), redacted(members=spelling))
    allowed = sealed(Text(10), written(everyone="keep"), redacted(everyone="approved"))
    assert mark_of(allowed).policy[Mode.REDACTED, Audience.MEMBERS] == "approved"


def test_identity_cannot_be_given_a_rule() -> None:
    """`identity(…)` takes a field and nothing else, so that no line can open it by mistake."""
    with pytest.raises(TypeError):
        identity(Text(10), written(everyone="keep"))  # type: ignore[call-arg]


def test_redacted_every_sealed_value_leaves_coarsened_or_not_at_all() -> None:
    """`keep` on a sealed free text in redacted mode would undo the sealing for the audience that trusts it least."""
    kept = [
        f"{path} to {audience}"
        for path, leaf in LEAVES.items()
        for (mode, audience), spelling in leaf.mark.policy.items()
        if mode is Mode.REDACTED and leaf.mark.kept is Kept.SEALED and getattr(leaf.kind, "free_text", False)
        if transforms.named(spelling)[0].name == "keep"
    ]
    assert kept == []
    assert set(Audience) == {"trusted", "members", "researchers", "public"}, "an audience joined: read the marks anew"

"""The mark in a field's line decides where it goes; without one, or with one that breaks the rules, nothing starts."""

import pytest
from marshmallow import fields

from schemas.anatomy import LEAVES
from schemas.audience import Audience, Mode
from schemas.fields import Count, Many, OneOf, Text, Url
from schemas.marks import Kept, Mark, Unmarked, both, clear, identity, mark_of, parts, redacted, sealed, written
from schemas.part import Of, Part
from schemas.report import Report


def policy_of(field):
    return mark_of(field).policy


def test_a_field_without_a_mark_fails_when_its_part_is_imported():
    with pytest.raises(Unmarked, match="field 'secret' carries no mark"):
        type("Forgetful", (Part,), {"secret": Text(10)})


def test_a_field_of_plain_marshmallow_fails_too():
    with pytest.raises(Unmarked, match="field 'anything'"):
        type("Careless", (Part,), {"anything": fields.Raw()})


def test_a_part_of_marked_fields_is_taken():
    made = type("Careful", (Part,), {"secret": sealed(Text(10))})
    assert made().load({"secret": "x"}) == {"secret": "x"}


def test_a_field_added_by_inheritance_needs_its_mark_as_well():
    parent = type("Parent", (Part,), {"secret": sealed(Text(10))})
    with pytest.raises(Unmarked, match="'more'"):
        type("Child", (parent,), {"more": Count()})


@pytest.mark.parametrize("mark", [clear, sealed])
@pytest.mark.parametrize(
    "kind",
    [lambda: Text(10), Url, lambda: Many(Text(10), most=2), lambda: Many(Url(), most=2)],
    ids=["text", "url", "texts", "urls"],
)
@pytest.mark.parametrize("transform", ["keep", "day", "without:x", "by_pap", "no_such_transform"])
def test_free_text_cannot_be_marked_to_leave_redacted_as_it_stands(mark, kind, transform):
    with pytest.raises(Unmarked, match="free text may not leave redacted"):
        mark(kind(), redacted(members=transform))
    with pytest.raises(Unmarked, match="free text may not leave redacted to public"):
        mark(kind(), both(public=transform))


@pytest.mark.parametrize("transform", ["approved", "pseudonym", "major"])
def test_free_text_may_leave_redacted_once_approved_or_as_a_form_that_says_less(transform):
    field = sealed(Text(10), redacted(members=transform))
    assert policy_of(field) == {(Mode.REDACTED, Audience.MEMBERS): transform}


def test_free_text_may_leave_as_written():
    assert policy_of(sealed(Text(10), written(trusted="keep"))) == {(Mode.WRITTEN, Audience.TRUSTED): "keep"}


def test_a_line_that_is_silent_lets_nothing_leave():
    assert policy_of(clear(Count())) == {}
    assert policy_of(sealed(OneOf("severity"))) == {}


def test_identity_and_parts_take_no_rule_at_all():
    assert mark_of(identity(Text(10))) == Mark(Kept.IDENTITY, {})
    assert mark_of(parts(Of(Report))) == Mark(Kept.PARTS, {})
    with pytest.raises(TypeError):
        identity(Text(10), written(everyone="keep"))  # type: ignore[call-arg]


def test_everyone_is_every_audience_and_one_named_apart_differs():
    rule = both(everyone="keep", public="month")
    assert len(rule) == len(Mode) * len(Audience)
    assert {key for key, transform in rule.items() if transform == "month"} == {
        (mode, Audience.PUBLIC) for mode in Mode
    }


def test_an_audience_that_does_not_exist_cannot_be_marked():
    with pytest.raises(ValueError, match="everybody"):
        written(everybody="keep")


def test_who_reported_is_kept_as_identity_and_never_leaves():
    reporter = {path: leaf.mark for path, leaf in LEAVES.items() if path.startswith("reporter.")}
    assert set(reporter) == {f"reporter.{name}" for name in ("mode", "name", "contact", "relationship")}
    assert set(map(repr, reporter.values())) == {repr(Mark(Kept.IDENTITY, {}))}
    assert {path for path, leaf in LEAVES.items() if leaf.mark.kept is Kept.IDENTITY} == set(reporter)


@pytest.mark.parametrize("path", ["evidence[]", "poc", "prompts", "outputs", "reproduction", "affected_parties[].name"])
def test_evidence_prompts_outputs_and_names_of_the_harmed_are_in_no_policy(path):
    found = [leaf for leaf in LEAVES.values() if leaf.path.startswith(path)]
    assert found
    assert [leaf.path for leaf in found if leaf.mark.policy or leaf.mark.kept is Kept.CLEAR] == []


@pytest.mark.parametrize("leaf", LEAVES.values(), ids=lambda leaf: leaf.path)
def test_no_field_leaves_redacted_that_does_not_leave_as_written_but_text_made_for_release(leaf):
    for audience in Audience:
        redacted_as = leaf.mark.policy.get((Mode.REDACTED, audience))
        if redacted_as and redacted_as != "approved":
            assert leaf.mark.policy.get((Mode.WRITTEN, audience))

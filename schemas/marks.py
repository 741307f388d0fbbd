"""The mark that every field carries in its own line: how it is kept, and what leaves, to whom, in which mode.

1. Kept `clear`, `sealed` (under the revision's data key) or as `identity` (under a second key that is purged alone).
2. What leaves is said per mode, `written` or `redacted` (or `both`), and per audience, as the name of a transform.
   Absent means never. A feed may only narrow it.
3. `identity` never leaves: it takes no rule.
4. Redacted, free text leaves only as `approved` text, and a sealed value only as a code or coarsened.
5. A sealed value of so many possible ones that nobody tries them all may be `found_equal`: by a truncated keyed hash
   of it. A value of a vocabulary, a flag, a count, an instant or a free text may not: its hash would give it away.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from marshmallow import fields

from schemas.audience import Audience, Mode
from schemas.equality import Form, is_guessable

# A redacted projection may show free text only through these: text an analyst approved, or a form that says less.
SAFE_FOR_TEXT = frozenset({"approved", "pseudonym", "major"})

Policy = Mapping[tuple[Mode, Audience], str]
AnyField = TypeVar("AnyField", bound="fields.Field[Any]")


class Kept(StrEnum):
    """How a field's value is kept at rest."""

    CLEAR = "clear"
    SEALED = "sealed"
    IDENTITY = "identity"
    PARTS = "parts"  # holds other fields, which carry marks of their own


@dataclass(frozen=True)
class Mark:
    """How a field is kept, and the transform under which it leaves, by (mode, audience)."""

    kept: Kept
    policy: Policy
    equal: Form | None = None  # in which form its value is looked for by equality


class Unmarked(TypeError):
    """A field carries no mark, or one that breaks the rules above. Raised at import: such a hub never starts."""


def written(everyone: str | None = None, **audiences: str) -> Policy:
    """Say what leaves in a report that travels as written."""
    return _rule(Mode.WRITTEN, everyone, audiences)


def redacted(everyone: str | None = None, **audiences: str) -> Policy:
    """Say what leaves in a redacted projection."""
    return _rule(Mode.REDACTED, everyone, audiences)


def both(everyone: str | None = None, **audiences: str) -> Policy:
    """Say what leaves in either mode."""
    return {**written(everyone, **audiences), **redacted(everyone, **audiences)}


def _rule(mode: Mode, everyone: str | None, audiences: Mapping[str, str]) -> Policy:
    rule = dict.fromkeys(((mode, audience) for audience in Audience), everyone)
    rule.update({(mode, Audience(name)): transform for name, transform in audiences.items()})
    return {key: transform for key, transform in rule.items() if transform}


def clear(field: AnyField, *rules: Policy) -> AnyField:
    """Mark a field that is kept readable, so that it can be searched."""
    return _mark(field, Kept.CLEAR, rules)


def sealed(field: AnyField, *rules: Policy) -> AnyField:
    """Mark a field that is kept encrypted and opened only under a warrant."""
    return _mark(field, Kept.SEALED, rules)


def found_equal(field: AnyField, form: Form) -> AnyField:
    """Have a sealed field's value found by equality; refused for what could be guessed."""
    mark = mark_of(field)
    if mark.kept is not Kept.SEALED or is_guessable(field, form):
        message = "only a sealed value that nobody could try out may be found by equality"
        raise Unmarked(message)
    field.metadata = {**field.metadata, "mark": replace(mark, equal=form)}
    return field


def identity(field: AnyField) -> AnyField:
    """Mark a field that says who reported: kept under a key of its own, in no feed whatever the TLP."""
    return _mark(field, Kept.IDENTITY, ())


def parts(field: AnyField) -> AnyField:
    """Mark a field that only holds other fields."""
    return _mark(field, Kept.PARTS, ())


def _mark(field: AnyField, kept: Kept, rules: tuple[Policy, ...]) -> AnyField:
    policy = {key: transform for rule in rules for key, transform in rule.items()}
    free_text = getattr(field, "free_text", False)
    for (mode, audience), transform in policy.items():
        if free_text and mode is Mode.REDACTED and transform not in SAFE_FOR_TEXT:
            message = f"free text may not leave redacted to {audience} as {transform}"
            raise Unmarked(message)
    field.metadata = {**field.metadata, "mark": Mark(kept, policy)}
    return field


def mark_of(field: fields.Field[Any]) -> Mark:
    """The mark in a field's line; raises Unmarked if there is none."""
    mark = field.metadata.get("mark")
    if not isinstance(mark, Mark):
        message = f"field {field.name!r} carries no mark: say clear(…), sealed(…), identity(…) or parts(…) in its line"
        raise Unmarked(message)
    return mark

"""The columns of a feed: every schema path that its policy lets out, what may stand in it, and an entry laid flat.

1. Columns follow from the field marks and the feed's policy: a field added to a report, or narrowed by a feed, is here
   without an edit.
2. A list gives a list; a list within a list gives a list of lists. The n-th value of every `systems[]` column belongs
   to the n-th system, so that what one of them does not show is null.
3. What an entry shows nothing of is left out; which of it was withheld, `limits` says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from feeds.feed import Feed
from feeds.mapping.extension import ELSEWHERE
from feeds.policy import policy_of
from feeds.transforms import named
from schemas.anatomy import LEAVES, Leaf
from schemas.audience import Mode
from schemas.fields import JsonSchema, Many, OneOf

FIXED = {  # what every entry has beside its fields
    "reference": "Name of the entry in this feed, short enough for the phone",
    "stix_id": "STIX id of the entry's carrier",
    "mode": "`written`: in its producer's words; `redacted`: codes, bands and approved text",
    "tlp": "Traffic Light Protocol 2.0 label: how far it may be passed on",
    "title": "Title as written, or as approved for release, or made of codes",
    "summary": "Description as written, or the summary approved for release",
    "language": "Language of title and summary (BCP 47)",
    "released": "When this feed first released the entry (UTC)",
    "modified": "When this feed last changed it (UTC)",
}
LIMITS = "limits"
LIMITS_MEANING = (
    "Which fields were withheld or coarsened, as `field:rule`; a field that is not here and empty was not said"
)


@dataclass(frozen=True)
class Column:
    """One column: its schema path, how deep its lists lie, its rule by mode, and the shapes of its values."""

    path: str
    depth: int
    rules: Mapping[str, str]
    shapes: tuple[JsonSchema, ...]
    vocabulary: str | None  # the name of the list its terms are from


@cache
def columns_of(feed: Feed) -> tuple[Column, ...]:
    """The columns of a feed, in the order of the report's lines."""
    policies = {str(mode): policy_of(feed, mode).allows for mode in Mode}
    found = []
    for path, leaf in LEAVES.items():
        rules = {mode: allows[path] for mode, allows in policies.items() if path in allows}
        if rules and path not in ELSEWHERE:
            found.append(_column(leaf, rules))
    return tuple(found)


def _column(leaf: Leaf, rules: Mapping[str, str]) -> Column:
    kind = leaf.kind
    inner = kind.inner if isinstance(kind, Many) else kind
    vocabulary = inner.vocabulary if isinstance(inner, OneOf) else None
    depth = leaf.path.count("[]") + (isinstance(kind, Many) and "count" not in rules.values())
    return Column(leaf.path, depth, rules, shapes(leaf, set(rules.values())), vocabulary)


def shapes(leaf: Leaf, spellings: set[str]) -> tuple[JsonSchema, ...]:
    """What one value of a leaf looks like behind each of some transforms."""
    found: list[JsonSchema] = []
    for spelling in sorted(spellings):
        whole = named(spelling)[0].schema(leaf.kind.json_schema())
        shape = whole["items"] if whole.get("type") == "array" else whole
        if shape not in found:
            found.append(shape)
    return tuple(found)


def flat(fields: Mapping[str, Any], feed: Feed) -> dict[str, Any]:
    """The fields of an entry by schema path."""
    found = ((column.path, value_at(fields, column.path)) for column in columns_of(feed))
    return {path: value for path, value in found if value is not None}


def value_at(fields: Mapping[str, Any], path: str) -> Any:
    """What stands at a schema path: a value, a list with null in its gaps, or None if there is nothing."""
    steps = _steps(path)
    if steps[0][0] not in fields:
        return None
    found = _at(fields, steps)
    return None if _is_nothing(found) else found


@cache
def _steps(path: str) -> tuple[tuple[str, bool], ...]:
    """The names on a path, each with whether a list stands there."""
    return tuple((step.removesuffix("[]"), step.endswith("[]")) for step in path.split("."))


def _at(value: Any, steps: tuple[tuple[str, bool], ...]) -> Any:
    if value is None or not steps:
        return value
    (name, is_list), *_ = steps
    inner, rest = value.get(name), steps[1:]
    return [_at(item, rest) for item in inner or ()] if is_list else _at(inner, rest)


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(_is_nothing(item) for item in value))


def single_values(value: Any) -> list[Any]:
    """Every single value in what `value_at` gives."""
    if isinstance(value, list):
        return [single for item in value for single in single_values(item)]
    return [] if value is None else [value]

"""Fitting a public record into our schema, without refusing it for a trifle and without dropping anything unsaid.

1. A list longer than the schema takes is cut at its limit.
2. An optional value that the schema refuses is left out: a reference that is no web address, a code that no scheme here
   knows. Where a part cannot be without it, the part is left out.
3. A field that every report must have, and the origin, are never left out: without them the record is refused.

What was cut or left out is told by its pointer into the document at that moment. Nothing is ever shortened inside or
put right: what stays is as the source has it.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from schemas.anatomy import LEAVES, lines, part_of
from schemas.errors import Invalid
from schemas.fields import Many
from schemas.loading import load, pointer
from schemas.part import Part
from schemas.report import IMPORTED, Report

Steps = tuple[str, ...]

# An import without its origin would need acceptance like a filed report; one without its TLP would go nowhere.
OURS = ("tlp", "client_ref", "origin", "origin/source", "origin/id", "origin/licence")
NEEDED = {"", *(f"/{name}" for name in (*OURS, *(name for name, kind in lines(Report).items() if kind.required)))}


@dataclass(frozen=True)
class Fitted:
    """A checked report, and the pointers of what was left out of it."""

    report: dict[str, Any]
    left_out: tuple[str, ...]


def fit(document: Mapping[str, Any]) -> Fitted:
    """Check a document and leave out what may be left out; raises Invalid for what may not."""
    left_out: list[str] = []
    fitted = _without(_cut(Report, document, (), left_out), frozenset())
    while True:
        try:
            return Fitted(load(IMPORTED, fitted), tuple(left_out))
        except Invalid as wrong:
            faults = wrong.problems
        fatal = [fault for fault in faults if fault.pointer in NEEDED]
        refused = {_refused(fitted, tuple(fault.pointer.split("/")[1:])) for fault in faults if fault not in fatal}
        if fatal or () in refused:  # what is left takes at least one value away, so the rounds come to an end
            raise Invalid(fatal or faults)
        left_out.extend(pointer(*steps) for steps in sorted(refused))
        fitted = _without(fitted, refused)


def _cut(part: type[Part], values: Mapping[str, Any], steps: Steps, left_out: list[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in values.items():
        kind, here = lines(part).get(name), (*steps, name)
        inner = part_of(kind) if kind else None
        if isinstance(kind, Many) and isinstance(value, list):
            left_out.extend(pointer(*here, at) for at in range(kind.most, len(value)))
            kept[name] = value[: kind.most]
        elif inner and isinstance(value, Mapping):
            kept[name] = _cut(inner, value, here, left_out)
        else:
            kept[name] = value
    return kept


def _refused(document: Any, steps: Steps) -> Steps:
    """The value that a fault names, or the part that cannot be without it."""
    path = "".join("[]" if step.isdigit() else f".{step}" for step in steps)[1:]
    is_required = path in LEAVES and LEAVES[path].kind.required
    for step in steps[:-1]:
        document = document[int(step)] if isinstance(document, list) else document[step]
    is_there = isinstance(document, list) or steps[-1] in document
    return steps if is_there and not is_required else steps[:-1]


def _without(value: Any, refused: AbstractSet[Steps], here: Steps = ()) -> Any:
    """The value without what was refused, nor what is empty for it."""
    if not isinstance(value, dict | list):
        return value
    items = value.items() if isinstance(value, dict) else enumerate(value)
    kept = {
        step: _without(item, refused, (*here, str(step))) for step, item in items if (*here, str(step)) not in refused
    }
    kept = {step: item for step, item in kept.items() if item not in ({}, [])}
    return kept if isinstance(value, dict) else list(kept.values())

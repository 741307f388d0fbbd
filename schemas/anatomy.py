"""The anatomy of a report: its leaves, and how a document is divided into what is clear and what is sealed.

A schema path names a leaf (`systems[].name`); a pointer names one value of it (`/systems/0/name`). Sealed values are
kept by path, so that one path is one ciphertext and can be opened alone. The clear document keeps the skeleton, so that
joining the two gives back exactly what was divided.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import fields

from schemas.fields import Many
from schemas.loading import pointer
from schemas.marks import Kept, Mark, mark_of
from schemas.part import Of, Part
from schemas.report import Report

Values = dict[str, dict[str, Any]]  # schema path → pointer → value


@dataclass(frozen=True)
class Leaf:
    """One field that holds a value: its schema path, its mark, its kind."""

    path: str
    mark: Mark
    kind: Any


@dataclass
class Divided:
    """A report taken apart: the clear document, and the sealed and identity values by schema path."""

    clear: dict[str, Any] = field(default_factory=dict)
    sealed: Values = field(default_factory=dict)
    identity: Values = field(default_factory=dict)


def part_of(kind: fields.Field[Any]) -> type[Part] | None:
    """The part that a field holds, if it holds one, alone or in a list."""
    inner = kind.inner if isinstance(kind, Many) else kind
    return inner.part if isinstance(inner, Of) else None


def lines(part: type[Part]) -> Mapping[str, fields.Field[Any]]:
    """The fields of a part, by name."""
    declared: Mapping[str, fields.Field[Any]] = part._declared_fields  # noqa: SLF001 - marshmallow has no public name for it
    return declared


def leaves(part: type[Part] = Report, prefix: str = "") -> Iterator[Leaf]:
    """Every leaf of a part, in the order of the lines."""
    for name, kind in lines(part).items():
        inner = part_of(kind)
        if inner is None:
            yield Leaf(prefix + name, mark_of(kind), kind)
        else:
            yield from leaves(inner, f"{prefix}{name}{'[]' if isinstance(kind, Many) else ''}.")


LEAVES: Mapping[str, Leaf] = {leaf.path: leaf for leaf in leaves()}


def divide(report: Mapping[str, Any]) -> Divided:
    """Take a checked report apart by its marks."""
    divided = Divided()
    divided.clear = _divide(divided, Report, report, "", ())
    return divided


def _divide(
    into: Divided, part: type[Part], values: Mapping[str, Any], path: str, steps: tuple[object, ...]
) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in values.items():
        kind = lines(part)[name]
        inner, here = part_of(kind), (*steps, name)
        if inner is not None and isinstance(kind, Many):
            under = f"{path}{name}[]."
            kept[name] = [_divide(into, inner, item, under, (*here, at)) for at, item in enumerate(value)]
        elif inner is not None:
            kept[name] = _divide(into, inner, value, f"{path}{name}.", here)
        elif mark_of(kind).kept is Kept.CLEAR:
            kept[name] = value
        else:
            values_of = into.identity if mark_of(kind).kept is Kept.IDENTITY else into.sealed
            values_of.setdefault(path + name, {})[pointer(*here)] = value
    return kept


def join(clear: Mapping[str, Any], *opened: Values) -> dict[str, Any]:
    """Put opened values back into a clear document."""
    report = copy.deepcopy(dict(clear))
    for values in opened:
        for by_pointer in values.values():
            for place, value in by_pointer.items():
                _put(report, place, value)
    return report


def _put(report: Any, place: str, value: Any) -> None:
    *steps, last = (step.replace("~1", "/").replace("~0", "~") for step in place[1:].split("/"))
    for step in steps:
        report = report[int(step)] if isinstance(report, list) else report[step]
    report[last] = value


def present(report: Mapping[str, Any], prefix: str = "") -> set[str]:
    """The schema paths that hold a value somewhere in a document; `unknown` and emptiness are no values."""
    found: set[str] = set()
    for name, value in report.items():
        items = value if isinstance(value, list) else [value]
        if items and isinstance(items[0], dict):
            under = f"{prefix}{name}{'[]' if isinstance(value, list) else ''}."
            found.update(*(present(item, under) for item in items))
        elif value not in ("unknown", [], None):
            found.add(prefix + name)
    return found

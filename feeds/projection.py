"""Projection: what one audience may see of one report, built new from an allow-list, never cut out of a copy.

A field that the allow-list does not name is never read. What a reader should know was held back is listed by path and
rule; fields that no feed ever shows are not listed, so that a list never tells who reported or how.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from feeds.policy import Policy
from feeds.transforms import WITHHELD, Scene, named
from schemas.anatomy import lines, part_of
from schemas.audience import Mode
from schemas.fields import Many
from schemas.part import Part
from schemas.report import Report


@dataclass(frozen=True)
class Projection:
    """What leaves of a report: its fields, and which were withheld or coarsened, by (schema path, rule)."""

    mode: Mode
    fields: Mapping[str, Any]
    limits: tuple[tuple[str, str], ...]
    triaged: tuple[str, ...] = ()  # top-level fields in which the hub's word differs from the producer's


def project(report: Mapping[str, Any], policy: Policy, scene: Scene, shut: Collection[str] = ()) -> Projection:
    """Build the projection of an opened report under a policy; `shut` are the sealed paths that were not opened."""
    walk = _Walk(policy, scene, {(path, "withheld") for path in shut if path in policy.withholds})
    fields = walk.part(Report, report, "")
    return Projection(policy.mode, fields, tuple(sorted(walk.limits)))


@dataclass
class _Walk:
    """One walk through a report, by the lines of its schema: what no line names is never read."""

    policy: Policy
    scene: Scene
    limits: set[tuple[str, str]] = field(default_factory=set)

    def part(self, part: type[Part], values: Mapping[str, Any], path: str) -> dict[str, Any]:
        """What leaves of one part."""
        scene, shown = Scene(values, self.scene.pseudonym, self.scene.is_approved), {}
        for name, inner, is_many in _lines(part):
            if name not in values:
                continue
            here = path + name
            if inner is None:
                value = self._leaf(values, name, here, scene)
            elif is_many:
                found = [self.part(inner, item, f"{here}[].") for item in values[name]]
                value = [one for one in found if one] or WITHHELD
            else:
                value = self.part(inner, values[name], f"{here}.") or WITHHELD
            if value is not WITHHELD:
                shown[name] = value
        return shown

    def _leaf(self, values: Mapping[str, Any], name: str, path: str, scene: Scene) -> Any:
        spelling = self.policy.allows.get(path)
        if spelling is None:
            if path in self.policy.withholds:
                self.limits.add((path, "withheld"))
            return WITHHELD
        value, (transform, argument) = values[name], named(spelling)
        if value == []:
            return WITHHELD  # STIX 2.1, 2.12: an empty list is left out
        result = transform.apply(value, scene, argument)
        if result is WITHHELD:
            self.limits.add((path, "withheld"))
        elif result != value:
            self.limits.add((path, transform.name))
        return result


@cache
def _lines(part: type[Part]) -> tuple[tuple[str, type[Part] | None, bool], ...]:
    """The lines of a part: name, the part it holds if it holds one, and whether it holds a list."""
    return tuple((name, part_of(kind), isinstance(kind, Many)) for name, kind in lines(part).items())

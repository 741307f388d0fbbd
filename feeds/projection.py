"""Projection: what one audience may see of one report, built new from an allow-list, never cut out of a copy.

A field that the allow-list does not name is never read. What a reader should know was held back is listed by path and
rule; fields that no feed ever shows are not listed, so that a list never tells who reported or how.
"""

from collections.abc import Mapping
from dataclasses import dataclass
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


def project(report: Mapping[str, Any], policy: Policy, scene: Scene) -> Projection:
    """Build the projection of an opened report under a policy."""
    limits: set[tuple[str, str]] = set()
    fields = _part(Report, report, "", policy, scene, limits)
    return Projection(policy.mode, fields, tuple(sorted(limits)))


def _part(
    part: type[Part],
    values: Mapping[str, Any],
    path: str,
    policy: Policy,
    scene: Scene,
    limits: set[tuple[str, str]],
) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    beside = Scene(values, scene.pseudonym, scene.is_approved)
    for name, kind in lines(part).items():
        if name not in values:
            continue
        inner = part_of(kind)
        if inner is None:
            value = _leaf(values[name], path + name, policy, beside, limits)
        elif isinstance(kind, Many):
            under = f"{path}{name}[]."
            parts = [_part(inner, item, under, policy, scene, limits) for item in values[name]]
            value = [item for item in parts if item] or WITHHELD
        else:
            value = _part(inner, values[name], f"{path}{name}.", policy, scene, limits) or WITHHELD
        if value is not WITHHELD:
            shown[name] = value
    return shown


def _leaf(value: Any, path: str, policy: Policy, scene: Scene, limits: set[tuple[str, str]]) -> Any:
    spelling = policy.allows.get(path)
    if spelling is None:
        if path in policy.withholds:
            limits.add((path, "withheld"))
        return WITHHELD
    transform, argument = named(spelling)
    result = transform.apply(value, scene, argument)
    if result is WITHHELD:
        limits.add((path, "withheld"))
    elif result != value:
        limits.add((path, transform.name))
    return result

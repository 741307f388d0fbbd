"""What becomes of each field of a report in a projection: kept, coarsened (to what), or withheld (why)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feeds.policy import Policy
from feeds.projection import Projection
from schemas.anatomy import LEAVES
from schemas.audience import Mode
from schemas.loading import pointer
from schemas.marks import Kept

KEPT, COARSENED, WITHHELD = "kept", "coarsened", "withheld"
PARTLY = "partly withheld"


@dataclass(frozen=True)
class Fate:
    """What becomes of one field."""

    field: str  # schema path
    fate: str
    rule: str  # the transform, or why it is withheld
    shows: Mapping[str, Any]  # pointer in the projection → value


def fates(projection: Projection, policy: Policy, held: Collection[str]) -> Sequence[Fate]:
    """Every field that a report holds, in order."""
    limits: dict[str, list[str]] = {}
    for path, rule in projection.limits:
        limits.setdefault(path, []).append(rule)
    shown = _by_path(projection.fields)
    return [_fate(path, projection.mode, policy, limits.get(path, []), shown.get(path, {})) for path in sorted(held)]


def _fate(path: str, mode: Mode, policy: Policy, limits: Sequence[str], shows: Mapping[str, Any]) -> Fate:
    rule = policy.allows.get(path)
    if not shows:
        return Fate(path, WITHHELD, _why(path, mode, policy, rule), {})
    if not limits:
        return Fate(path, KEPT, rule or "keep", shows)
    # Of several values, some may be cut and some withheld: nothing of that is kept.
    return Fate(path, COARSENED, ", ".join(PARTLY if one == WITHHELD else one for one in limits), shows)


def _why(path: str, mode: Mode, policy: Policy, rule: str | None) -> str:
    leaf = LEAVES.get(path)
    if leaf is not None and leaf.mark.kept is Kept.IDENTITY:
        return "who reported is in no feed"
    if rule == "approved":
        return "an analyst approves text for release first"
    if rule == "by_pap":
        return "its PAP does not let a reader act on it"
    if rule is not None:
        return f"{rule} leaves nothing of it"
    if path in policy.withholds:
        return f"not for this audience {'as written' if mode is Mode.WRITTEN else 'in a redacted projection'}"
    return "in no feed's policy"


def _by_path(fields: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The values of a projection: schema path → pointer → value."""
    found: dict[str, dict[str, Any]] = {}
    for path, steps, value in _values(fields, "", ()):
        found.setdefault(path, {})[pointer(*steps)] = value
    return found


def _values(
    fields: Mapping[str, Any], path: str, steps: tuple[object, ...]
) -> Iterator[tuple[str, tuple[object, ...], Any]]:
    for name, value in fields.items():
        here = (*steps, name)
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            for at, item in enumerate(value):
                yield from _values(item, f"{path}{name}[].", (*here, at))
        elif isinstance(value, Mapping):
            yield from _values(value, f"{path}{name}.", here)
        else:
            yield path + name, here, value

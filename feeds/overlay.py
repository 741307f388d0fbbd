"""The overlay in a projection: what analysts assert, laid over what its producer filed; the original stays.

1. What an audience may not see of the analysts' words changes nothing of what it gets. So each assertion is projected
   alone, and only what shows of it is laid over the projection of what the producer filed.
2. A single value that is asserted replaces the producer's; asserted codes join the producer's.
3. A code that the producer named already is not said twice, whatever version each of them cites.
4. Text for release is the one in effect, the producer's or an analyst's, and that is the one the approval is of.
5. An entry names the fields in which the hub's word shows.
6. What was withheld is said of the producer's words alone; of the analysts', how a value was coarsened that shows. A
   code of theirs that this audience may not see is in neither list, and in no count made of them.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from feeds.policy import Policy
from feeds.projection import Projection, project
from feeds.transforms import Scene
from schemas.anatomy import lines
from schemas.report import Report

TEXT = "for_release"


@dataclass(frozen=True)
class Desk:
    """What analysts say beside a report: their assertions, and the text for release in effect if it is theirs."""

    asserted: Mapping[str, Any] = field(default_factory=dict)
    text: Mapping[str, Any] | None = None

    @property
    def is_silent(self) -> bool:
        """Whether analysts said nothing."""
        return not self.asserted and self.text is None


def project_overlaid(
    report: Mapping[str, Any], desk: Desk, policy: Policy, scene: Scene, shut: Collection[str] = ()
) -> Projection:
    """The projection of a report with its overlay, naming the fields in which the hub's word shows."""
    filed = project(report, policy, scene, shut)
    if desk.is_silent:
        return filed
    fields, limits = dict(filed.fields), set(filed.limits)
    if desk.text is not None:
        fields.pop(TEXT, None)
    counted = {name for name in desk.asserted if policy.allows.get(name) == "count"}
    for name in counted:
        fields[name] = len(_joined(report.get(name, []), desk.asserted[name]))
        limits.add((name, "count"))
    for name, one in _said(desk):
        if name in counted:  # one at a time it would be counted for itself
            continue
        shown = project({name: one}, policy, scene)
        if name in shown.fields:
            fields[name] = _joined(fields.get(name), shown.fields[name])
            limits |= {limit for limit in shown.limits if limit[1] != "withheld"}
    told = {name: fields[name] for name in lines(Report) if name in fields}
    hubs = tuple(name for name, value in told.items() if value != filed.fields.get(name))
    return replace(filed, fields=told, limits=tuple(sorted(limits)), triaged=hubs)


def _said(desk: Desk) -> Iterator[tuple[str, Any]]:
    """Each thing that analysts say, alone: a list that is cut to what may be seen would tell that it was longer."""
    for name, value in desk.asserted.items():
        for one in [[item] for item in value] if isinstance(value, list) else [value]:
            yield name, one
    if desk.text is not None:
        yield TEXT, desk.text


def _joined(filed: Any, asserted: Any) -> Any:
    if not isinstance(asserted, list) or not filed:
        return asserted
    return [*filed, *(item for item in asserted if not any(_says(known, item) for known in filed))]


def _says(known: Any, item: Any) -> bool:
    """Whether what is known says all of an item already."""
    if not isinstance(item, Mapping):
        return bool(known == item)
    return all(known.get(name) == value for name, value in item.items() if name != "version")

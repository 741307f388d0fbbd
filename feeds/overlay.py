"""The overlay in a projection: what analysts assert, laid over what its producer filed; the original stays.

1. A single value that is asserted replaces the producer's; asserted codes join the producer's.
2. A code that the producer named already is not said twice, whatever version each of them cites.
3. Text for release is the one in effect, the producer's or an analyst's.
4. An entry names the fields in which the hub's word shows. A field is named if what leaves of it differs, so that an
   assertion that this audience may not see does not show in the list either.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from feeds.policy import Policy
from feeds.projection import Projection, project
from feeds.transforms import Scene


@dataclass(frozen=True)
class Desk:
    """What analysts say beside a report: their assertions, and the text for release in effect if it is theirs."""

    asserted: Mapping[str, Any] = field(default_factory=dict)
    text: Mapping[str, Any] | None = None

    @property
    def is_silent(self) -> bool:
        """Whether analysts said nothing."""
        return not self.asserted and self.text is None


def overlaid(report: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """The report as the hub tells it: a new document."""
    said = {name: _joined(report.get(name), value) for name, value in desk.asserted.items()}
    text = {} if desk.text is None else {"for_release": dict(desk.text)}
    return {**report, **said, **text}


def _joined(filed: Any, asserted: Any) -> Any:
    if not isinstance(asserted, list) or not filed:
        return asserted
    return [*filed, *(item for item in asserted if not any(_says(known, item) for known in filed))]


def _says(known: Any, item: Any) -> bool:
    """Whether what is known says all of an item already."""
    if not isinstance(item, Mapping):
        return bool(known == item)
    return all(known.get(name) == value for name, value in item.items() if name != "version")


def project_overlaid(
    report: Mapping[str, Any], desk: Desk, policy: Policy, scene: Scene, shut: Collection[str] = ()
) -> Projection:
    """The projection of a report with its overlay, naming the fields in which the hub's word shows."""
    if desk.is_silent:
        return project(report, policy, scene, shut)
    shown = project(overlaid(report, desk), policy, scene, shut)
    plain = project(report, policy, scene, shut).fields
    hubs = tuple(name for name, value in shown.fields.items() if value != plain.get(name))
    return replace(shown, triaged=hubs)

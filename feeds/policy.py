"""The policy of a feed in one mode: which schema paths leave it, under which transform.

1. A path leaves if its mark names a transform for the feed's audience in this mode, and the feed does not withhold it;
   under that transform, or under one that the feed names and that says less.
2. Every mark is compiled when this module is imported, so that a misspelt transform stops the hub, not a report.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from feeds.feed import Feed, NotAFeed
from feeds.transforms import coarser, named
from schemas.anatomy import LEAVES
from schemas.audience import Audience, Mode

NEEDED = {"report_type"}  # an entry's name is made of it
for _leaf in LEAVES.values():
    for _spelling in _leaf.mark.policy.values():
        named(_spelling)


@dataclass(frozen=True)
class Policy:
    """The allow-list of one feed in one mode."""

    mode: Mode
    allows: Mapping[str, str]  # schema path → transform
    withholds: frozenset[str]  # paths that some feed shows, but not this one in this mode


@cache
def policy_of(feed: Feed, mode: Mode) -> Policy:
    """Compile a feed's policy; raises UnknownPath if it withholds a path that no report has."""
    if unknown := sorted(path for path in feed.withholds if not _covers(path) or path in NEEDED):
        message = f"feed {feed.name}: narrow.withhold: names {', '.join(unknown)}, which no report has or each needs"
        raise UnknownPath(message)
    lines = marked(feed.marks_of, mode)
    allows = {path: rule for path, rule in lines.items() if not _is_within(path, feed.withholds)}
    allows |= {path: _narrower(feed, path, allows[path], rule) for path, rule in feed.coarsens if path in allows}
    _demand_shown(feed)
    shown_somewhere = {path for path, leaf in LEAVES.items() if leaf.mark.policy}
    return Policy(mode, allows, frozenset(shown_somewhere - set(allows)))


class UnknownPath(NotAFeed):
    """A feed narrows a field that does not exist, or that no entry can be without."""


class NotNarrower(NotAFeed):
    """A feed names a transform that says no less of a field than its line does."""


def _narrower(feed: Feed, path: str, line: str, wanted: str) -> str:
    able = coarser(LEAVES[path], line)
    if wanted != line and wanted not in able:
        less = ", ".join(able) or "nothing but to withhold it"
        said = f"{path} = {wanted!r} says no less than its line, {line}; less says {less}"
        message = f"feed {feed.name}: narrow.coarsen: {said}"
        raise NotNarrower(message)
    return wanted


def _demand_shown(feed: Feed) -> None:
    shown = marked(feed.marks_of, Mode.WRITTEN).keys() | marked(feed.marks_of, Mode.REDACTED).keys()
    if unknown := [path for path, _ in feed.coarsens if path not in shown or _is_within(path, feed.withholds)]:
        message = f"feed {feed.name}: narrow.coarsen: names {', '.join(unknown)}, which this feed does not show"
        raise UnknownPath(message)


def marked(audience: Audience, mode: Mode) -> Mapping[str, str]:
    """What the marks allow to an audience in a mode, before a feed narrows it."""
    rules = ((path, leaf.mark.policy.get((mode, audience))) for path, leaf in LEAVES.items())
    return {path: rule for path, rule in rules if rule}


def _covers(path: str) -> bool:
    return any(leaf == path or leaf.startswith((f"{path}.", f"{path}[].")) for leaf in LEAVES)


def _is_within(path: str, withheld: frozenset[str]) -> bool:
    return any(path == name or path.startswith((f"{name}.", f"{name}[].")) for name in withheld)

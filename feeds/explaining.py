"""A feed's policy in words: for whom, what, when, and each field's way out of the hub."""

from collections.abc import Iterator

from feeds.feed import IMPORTS, REPORTS, Feed
from feeds.policy import policy_of
from feeds.transforms import TRANSFORMS, named
from feeds.widening import NARRATED
from schemas.anatomy import LEAVES
from schemas.audience import Mode
from schemas.tlp import TLP

KINDS = {REPORTS: "reports of producers", IMPORTS: "records of public sources"}


def explain(feed: Feed) -> Iterator[str]:
    """The policy, line by line."""
    yield f"{feed.name}: {feed.title}"
    yield f"  who reads it     whoever was granted {feed.audience}"
    yield f"  what             {' and '.join(KINDS[one] for one in sorted(feed.carries, reverse=True))}"
    yield f"  as written       up to TLP:{feed.ceiling.upper()}, once accepted for it or if the source is public"
    yield f"  redacted         where its producer named {feed.marks_of}; marked TLP:{TLP(feed.ceiling).upper()}"
    if feed.least_organisations > 1:
        yield f"                   in batches of at least {feed.least_organisations} approved organisations"
    yield f"  when             {feed.cron} ({feed.time_zone})"
    yield f"  as files         {'all formats' if feed.formats is None else ', '.join(sorted(feed.formats)) or 'none'}"
    yield f"  references       {feed.letter}-…"
    for one in feed.selections:
        yield f"  selection        {one.name}: {', '.join(one.types)}"
    for mode in Mode:
        yield f"{NARRATED[mode]}:"
        yield from (f"  {path:34} {_how(spelling)}" for path, spelling in sorted(policy_of(feed, mode).allows.items()))
    withheld = sorted(policy_of(feed, Mode.WRITTEN).withholds & policy_of(feed, Mode.REDACTED).withholds)
    if withheld:
        yield f"never, though another feed may: {', '.join(withheld)}"
    yield f"never in any feed: {', '.join(sorted(path for path, leaf in LEAVES.items() if not leaf.mark.policy))}"


def _how(spelling: str) -> str:
    transform, argument = named(spelling)
    said = (TRANSFORMS[transform.name].apply.__doc__ or "").split("\n")[0].rstrip(".").lower()
    return f"{said} ({argument})" if argument else said

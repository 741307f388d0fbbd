"""What another policy changes of a feed: for whom, how far, and which fields; and whether it lets more be seen.

1. Wider is: another audience, another ceiling, a kind of report more, fewer organisations in a batch, and a field that
   was withheld or shown otherwise.
2. Whatever is not known to be narrower counts as wider: another transform shows something else, unless it is one that
   says less by its definition (a month for a day).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from feeds.feed import Feed
from feeds.policy import policy_of
from feeds.transforms import coarser
from schemas.anatomy import LEAVES
from schemas.audience import Mode

WITHHELD = "withheld"
NARRATED = {Mode.WRITTEN: "as written", Mode.REDACTED: "redacted"}


@dataclass(frozen=True)
class Change:
    """One thing that differs."""

    what: str  # a key of the policy, or a field and its mode
    before: str
    after: str
    is_wider: bool

    @property
    def told(self) -> str:
        """In words."""
        return f"{self.what}: {self.before} → {self.after}"


def changes(old: Feed | None, new: Feed) -> tuple[Change, ...]:
    """What differs between two policies of a feed; of a feed that is new, all of it."""
    if old is None:
        return (Change("feed", "none", f"{new.name}, for {new.audience}, to {new.ceiling}", is_wider=True),)
    return (*_reach(old, new), *_fields(old, new), *_manner(old, new))


def _reach(old: Feed, new: Feed) -> Iterator[Change]:
    if (old.audience, old.marks_of) != (new.audience, new.marks_of):
        yield Change("audience", old.audience, new.audience, is_wider=True)
    if old.ceiling != new.ceiling:
        # Higher, it carries more as written; lower, redacted entries are marked for more people to pass on.
        yield Change("ceiling", old.ceiling, new.ceiling, is_wider=True)
    if old.carries != new.carries:
        before, after = (", ".join(sorted(one.carries)) for one in (old, new))
        yield Change("carries", before, after, is_wider=not new.carries <= old.carries)
    if old.least_organisations != new.least_organisations:
        before, after = str(old.least_organisations), str(new.least_organisations)
        is_wider = new.least_organisations < old.least_organisations
        yield Change("batch.least_organisations", before, after, is_wider=is_wider)


def _fields(old: Feed, new: Feed) -> Iterator[Change]:
    for mode in Mode:
        before, after = policy_of(old, mode).allows, policy_of(new, mode).allows
        for path in sorted(before.keys() | after.keys()):
            was, becomes = before.get(path, WITHHELD), after.get(path, WITHHELD)
            if was != becomes:
                is_wider = becomes != WITHHELD and becomes not in coarser(LEAVES[path], was)
                yield Change(f"{path}, {NARRATED[mode]}", was, becomes, is_wider=is_wider)


def _manner(old: Feed, new: Feed) -> Iterator[Change]:
    """What changes how a feed comes, and not what is in it."""
    for what, before, after in (
        ("title", old.title, new.title),
        ("description", old.description, new.description),
        ("letter", old.letter, new.letter),
        ("schedule", f"{old.cron} {old.time_zone}", f"{new.cron} {new.time_zone}"),
        ("formats", _formats(old), _formats(new)),
        ("selections", _selections(old), _selections(new)),
    ):
        if before != after:
            yield Change(what, before, after, is_wider=False)


def _formats(feed: Feed) -> str:
    return "all" if feed.formats is None else ", ".join(sorted(feed.formats)) or "none"


def _selections(feed: Feed) -> str:
    return ", ".join(f"{one.name} ({', '.join(one.types)})" for one in feed.selections) or "none"

"""Which collections there are for a caller."""

from collections.abc import Iterable
from dataclasses import dataclass

from feeds.feed import Feed
from hub.errors import NotFound
from hub.roles import Caller, Capability
from hub.store import Session, inboxes
from hub.store.collections import Source, of_inbox
from hub.store.tables import Inbox
from schemas.audience import Audience


@dataclass(frozen=True)
class Collection:
    """A feed, a selection of it, or a member's inbox, as TAXII shows it."""

    id: str
    name: str  # the alias
    title: str
    description: str
    source: Source
    audience: str = ""  # whose grant reads it; none reads an inbox
    feed: Feed | None = None  # None: an inbox
    can_write: bool = False
    policy_version: int = 0  # of the feed, when this was read

    @property
    def is_inbox(self) -> bool:
        """Whether it is what one organisation posts, for that organisation alone."""
        return self.feed is None


# What the caller's widest grant shows comes first, for many clients take the first collection that they find.
ORDER = (*Audience, "reference")


def readable(caller: Caller, known: Iterable[Collection]) -> list[Collection]:
    """The feeds and selections that a caller may read, its widest grant's first."""
    if not caller.may(Capability.FEED_READ):
        return []
    return sorted((one for one in known if one.audience in caller.audiences), key=_place)


def _place(one: Collection) -> tuple[int, int, str]:
    place = ORDER.index(one.audience) if one.audience in ORDER else len(ORDER)
    return len(one.source.kinds) > 0, place, one.name


def shown(db: Session, caller: Caller, known: Iterable[Collection]) -> list[Collection]:
    """Every collection that there is for a caller: those that it may read, and its organisation's inbox at last."""
    found = readable(caller, known)
    box = inboxes.of(db, caller.organisation_id) if caller.may(Capability.INBOX_WRITE) else None
    return [*found, _inbox(box)] if box else found


def _inbox(box: Inbox) -> Collection:
    return Collection(
        id=box.collection_id,
        name="inbox",
        title="Inbox",
        description="What your organisation posts: sightings, opinions, reports. Nobody else reads it here.",
        source=of_inbox(box.organisation_id),
        can_write=True,
    )


def one_of(db: Session, caller: Caller, known: Iterable[Collection], collection_id: str) -> Collection:
    """A collection that there is for the caller; raises NotFound for any other, there or not."""
    found = feed_of(caller, known, collection_id) or feed_of(caller, shown(db, caller, ()), collection_id)
    if found is None:
        raise NotFound
    return found


def feed_of(caller: Caller, known: Iterable[Collection], collection_id: str) -> Collection | None:
    """The feed or selection of an id, if the caller may read it; a poll asks for one of these, and asks no database."""
    for one in known:
        if collection_id in {one.id, one.name}:  # TAXII 2.1, 5.2.1: an alias may stand for the id
            may_read = one.audience in caller.audiences and caller.may(Capability.FEED_READ)
            return one if one.is_inbox or may_read else None
    return None

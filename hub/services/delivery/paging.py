"""The next page: what a glimpse tells of it, and what is read if that does not do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hub.errors import Busy, NotFound
from hub.services.delivery.catalogue import Collection
from hub.services.delivery.cursors import behind, cursor
from hub.store import Session, collections, pages
from hub.store.collections import Match, Row, Window, of_feed
from hub.store.glance import Glance
from hub.store.pages import Stretch

AHEAD = 4  # stretches that are looked up; a page with a small limit reaches into all but the last of so many


class Outdated(Busy):
    """What was known of a feed is no longer so: look again."""

    def __init__(self) -> None:
        super().__init__("the feed changed meanwhile; try again")


@dataclass(frozen=True)
class Page:
    """Some entries of a collection: where they stand, their bytes or what lists them, and the cursor that goes on."""

    positions: Sequence[int]
    contents: Sequence[bytes] = ()
    rows: Sequence[Row] = ()
    next: str | None = None
    added: tuple[datetime, datetime] | None = None  # the first and the last of them
    release: int = 0  # the feed's last, in the snapshot that this was read in


@dataclass(frozen=True)
class Built:
    """A page whose bytes were built before, or are built now and kept: a whole stretch of a feed, as its tag says."""

    feed: str
    stretch: Stretch
    next: str | None = None
    release: int = 0


@dataclass(frozen=True)
class Asked:
    """What a member asks of a collection: which objects, from where on, how many, with their bytes or without."""

    match: Match
    cursor: str | None = None
    limit: int = pages.SIZE
    with_content: bool = True


@dataclass(frozen=True)
class Ahead:
    """What is to be read yet: what is asked for behind its cursor, and the next pages of its feed."""

    asked: Asked
    pages: Sequence[Stretch] = ()
    release: int = 0


def glimpse(glance: Glance, collection: Collection, asked: Asked) -> Page | Built | Ahead:
    """What one small query tells of a feed: that nothing is new, a page that was built, or else what is to be read.

    Raises BadRequest for a cursor of another collection or other filters, Outdated if the feed has another policy now.
    """
    asked = replace(asked, match=behind(collection.id, asked.match, asked.cursor))
    match, since = asked.match, asked.match.added_after
    state = pages.state(glance, collection.source.owner, since, AHEAD if asked.limit < pages.SIZE else 2)
    if state.policy_version != collection.policy_version:
        raise Outdated
    is_over = state.last_added_at is None or (since is not None and state.last_added_at <= since)
    if is_over or (match.versions == Match.versions and not state.pages):
        return Page((), release=state.last_release)
    if collection.source.kinds or match.is_filter:
        return Ahead(asked, release=state.last_release)
    first = state.pages[0]
    is_whole = asked.limit >= pages.SIZE and asked.with_content and (since is None or first.first_at > since)
    if not is_whole:
        return Ahead(asked, state.pages, state.last_release)
    following = cursor(first.last_at, collection.id, match) if len(state.pages) > 1 else None
    return Built(collection.source.owner, first, following, state.last_release)


def page(glance: Glance, collection: Collection, ahead: Ahead) -> Page:
    """The next page, where rows have to be read; raises Outdated if what a glimpse saw has gone meanwhile."""
    found = _stretched(glance, collection, ahead) if ahead.pages else _filtered(glance, collection, ahead.asked)
    return replace(found, release=ahead.release)


def inbox_page(glance: Glance, collection: Collection, asked: Asked) -> Page:
    """The next page of an inbox; raises BadRequest as `glimpse`."""
    return _filtered(glance, collection, replace(asked, match=behind(collection.id, asked.match, asked.cursor)))


def release(glance: Glance, collection: Collection) -> int:
    """The last release of a feed; raises Outdated if the feed has another policy now."""
    state = pages.state(glance, collection.source.owner, None, 1)
    if state.policy_version != collection.policy_version:
        raise Outdated
    return state.last_release


def object_page(glance: Glance, collection: Collection, asked: Asked) -> Page:
    """The versions of one object; raises NotFound if the collection never held it, BadRequest as `glimpse`."""
    if not collections.has_object(glance, collection.source, asked.match.ids[0]):
        raise NotFound
    return _filtered(glance, collection, replace(asked, match=behind(collection.id, asked.match, asked.cursor)))


def _filtered(glance: Glance, collection: Collection, asked: Asked) -> Page:
    most = min(asked.limit, pages.SIZE)
    return _read(glance, collection, asked, Window(most))


def _stretched(glance: Glance, collection: Collection, ahead: Ahead) -> Page:
    asked, first = ahead.asked, ahead.pages[0]
    since, most = asked.match.added_after, asked.limit
    if since is not None and first.first_at > since:  # from the beginning of a stretch
        asked = replace(asked, match=replace(asked.match, added_after=None))
    is_cut = len(ahead.pages) > 1
    upto: int | None = first.end
    if most < pages.SIZE:
        # Where little shows any more, a page may hold less than its limit: it does not walk through all that is gone.
        is_cut = len(ahead.pages) == AHEAD
        upto = ahead.pages[-2].end if is_cut else None
    most = min(most, pages.SIZE)
    found = _read(glance, collection, asked, Window(most, first.begin, upto))
    if found.added is None:
        raise Outdated
    is_followed = is_cut and found.next is None
    return replace(found, next=cursor(found.added[1], collection.id, asked.match)) if is_followed else found


def _read(glance: Glance, collection: Collection, asked: Asked, window: Window) -> Page:
    most = window.most
    if asked.with_content:
        stored = collections.contents(glance, collection.source, asked.match, window)
        found, is_followed = Page(stored.positions, stored.contents, added=stored.added), stored.is_followed
    else:
        listed = collections.listing(glance, collection.source, asked.match, replace(window, most=most + 1))
        added = (listed[0].added_at, listed[:most][-1].added_at) if listed else None
        found = Page([row.position for row in listed[:most]], rows=listed[:most], added=added)
        is_followed = len(listed) > most
    if found.positions and not found.added:
        raise Outdated
    if not is_followed or not found.added:
        return found
    return replace(found, next=cursor(found.added[1], collection.id, asked.match))


def contents(glance: Glance, built: Built) -> Sequence[bytes]:
    """The objects of a page that is to be built, as they are now: whether the page stands is to be asked behind."""
    window = Window(pages.SIZE, built.stretch.begin, built.stretch.end)
    return collections.contents(glance, of_feed(built.feed), Match(), window).contents


def stands(db: Session, built: Built) -> bool:
    """Whether a page is still as it is named."""
    return pages.stands(db, built.feed, built.stretch.number, built.stretch.tag)


def tags(db: Session, feed: str) -> frozenset[str]:
    """The states of all pages of a feed: what was built under another name must go."""
    return pages.tags(db, feed)

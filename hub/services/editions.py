"""The reader of files: what a feed shows at its newest release, written in the format that its name asks for.

1. Whatever TAXII shows live at a release is in every format that holds entries, and nothing else is.
2. One release: a file is written in a snapshot (`Store.snapshot`), so that a release or a recall that commits meanwhile
   is in it whole, or not at all.
3. The entity tag follows from feed, format, release, policy, columns, hub and, where the bytes say it, the address: to
   answer that nothing changed takes one query, and no entry is read.
4. Any release, a recall too, begins another *edition* of its feed. A file kept for another one is never served.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from feeds.dictionary import shape_of
from feeds.entry import CARRIER, Entry, Tombstone, entry_of
from feeds.feed import Feed
from feeds.format import Format, Heading
from feeds.formats import formats_of
from hub.errors import NotFound
from hub.shelf import Label
from hub.store import Session, editions
from hub.store.tables import Deployment, Release


@dataclass(frozen=True)
class Place:
    """Where a feed's files are served: their folder, and what tells about the hub; both absolute."""

    url: str
    home: str


NOWHERE = Place("", "")  # for what does not depend on it


def format_of(feed: Feed, name: str) -> Format:
    """The format of a file; raises NotFound for one that the feed does not have."""
    found = formats_of(feed).get(name)
    if found is None:
        raise NotFound
    return found


def heading(db: Session, feed: Feed, hub: Deployment, place: Place) -> Heading:
    """Where the feed stands."""
    return _heading(editions.last_release(db, feed.name), feed, hub, place)


def _heading(last: Release | None, feed: Feed, hub: Deployment, place: Place) -> Heading:
    number, digest, at = (last.number, last.digest, last.released_at) if last else (0, "", hub.created_at)
    return Heading(feed, number, digest, at, hub.identity, hub.name, place.url, place.home)


def label(heading: Heading, asked: Format) -> Label:
    """Which file it is, on the shelf and by its entity tag: another one whenever its bytes may differ."""
    edition = edition_of(heading)
    where = (heading.url, heading.home) if asked.says_where else ()
    tag = _digest(edition, asked.name, str(asked.version), *where)
    return Label(heading.feed.name, asked.name, edition, tag)


def edition_of(heading: Heading) -> str:
    """The state of a feed, as all its files share it."""
    feed = heading.feed
    return _digest(
        feed.name, str(heading.release), heading.digest, heading.at.isoformat(), feed.digest, shape_of(feed),
        heading.hub, heading.hub_name,
    )  # fmt: skip


def standing(db: Session, known: Iterable[Feed], hub: Deployment) -> dict[str, str]:
    """Feed → the edition that stands."""
    last = editions.last_releases(db)
    return {feed.name: edition_of(_heading(last.get(feed.name), feed, hub, NOWHERE)) for feed in known}


def _digest(*said: str) -> str:
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]


def written(db: Session, heading: Heading, asked: Format) -> Iterator[bytes]:
    """The file, piece by piece; to be read to its end in the snapshot that gave the heading."""
    return asked.render(heading, _Shown(db, heading.feed.name))


@dataclass(frozen=True)
class _Shown:
    """What a feed shows, as formats read it (`feeds.format.Source`)."""

    db: Session
    feed: str

    def objects(self) -> Iterator[bytes]:
        return editions.live(self.db, self.feed)

    def entries(self) -> Iterator[Entry]:
        return map(entry_of, editions.live(self.db, self.feed, CARRIER))

    def newest(self, most: int) -> Iterator[Entry]:
        return map(entry_of, editions.newest(self.db, self.feed, CARRIER, most))

    def recalled_entries(self) -> Iterator[Tombstone]:
        return (Tombstone(ref, ids, at) for ref, at, ids in editions.recalled(self.db, self.feed, CARRIER))

    def recalled_objects(self) -> Iterator[Tombstone]:
        return (Tombstone(None, [stix_id], at) for stix_id, at in editions.departed(self.db, self.feed))

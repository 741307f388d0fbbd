"""The reader of files: what a feed shows at its newest release, written in the format that its name asks for.

1. Whatever TAXII shows live at a release is in every format that holds entries, and nothing else is.
2. One release: all pages are read at one instant (`store.editions.hold_still`), so that a release or a recall that
   commits while a file is written is in it whole, or not at all.
3. The entity tag follows from feed, format, release, policy and columns: to answer that nothing changed takes one
   query, and no entry is read.

Nothing is cached here: a file costs its reading and writing each time it is asked for without a tag that still holds.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from feeds.dictionary import shape_of
from feeds.entry import CARRIER, Entry, Tombstone, entry_of
from feeds.feed import Feed
from feeds.format import Format, Heading
from feeds.formats import formats_of
from hub.errors import NotFound
from hub.store import Session, editions
from hub.store.tables import Deployment


@dataclass(frozen=True)
class Place:
    """Where a feed's files are served: their folder, and what tells about the hub; both absolute."""

    url: str
    home: str


def format_of(feed: Feed, name: str) -> Format:
    """The format of a file; raises NotFound for one that the feed does not have."""
    found = formats_of(feed).get(name)
    if found is None:
        raise NotFound
    return found


def heading(db: Session, feed: Feed, hub: Deployment, place: Place) -> Heading:
    """Where the feed stands now; from then on, the transaction sees nothing newer."""
    editions.hold_still(db)
    last = editions.last_release(db, feed.name)
    number, digest, at = (last.number, last.digest, last.released_at) if last else (0, "", hub.created_at)
    return Heading(feed, number, digest, at, hub.identity, hub.name, place.url, place.home)


def etag(heading: Heading, asked: Format) -> str:
    """The entity tag of a file at one release: another one whenever its bytes may differ."""
    feed = heading.feed
    said = (
        feed.name, asked.name, str(asked.version), str(heading.release), heading.digest, feed.digest, shape_of(feed),
        heading.hub_name,
    )  # fmt: skip
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]


def written(db: Session, heading: Heading, asked: Format) -> Iterator[bytes]:
    """The file, piece by piece; to be read to its end in the transaction that gave the heading."""
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

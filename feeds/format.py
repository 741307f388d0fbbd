"""What a format is: a file of a feed, written from the stored release.

A format is one module in `feeds/formats/`: its `FORMAT` says the file's name, its media type, and the function that
writes it from what the feed shows. The function reads nothing else, so that the same release gives the same bytes.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from feeds.entry import Entry, Tombstone
from feeds.feed import Feed

NEWEST = 100  # entries that a format for news readers holds


@dataclass(frozen=True)
class Heading:
    """Which release of which feed a file is written from, and where it is served."""

    feed: Feed
    release: int  # 0: nothing was released yet
    digest: str  # of the release
    at: datetime  # when it was released; or since when the hub stands
    hub: str  # STIX id
    hub_name: str
    url: str  # of the folder of the feed's files, absolute, without a slash at its end
    home: str  # of what tells about the hub

    def uuid(self, purpose: str) -> uuid.UUID:
        """A UUID for one purpose, always the same for the same heading: derived, with the bits of a UUIDv4."""
        text = f"{purpose}|{self.hub}|{self.feed.name}"
        return uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4)


class Source(Protocol):
    """What a feed shows at one release; each call reads it anew, and holds little of it at a time."""

    def objects(self) -> Iterator[bytes]:
        """Every live object, as TAXII serves it, in the order of release."""

    def entries(self) -> Iterator[Entry]:
        """Every live entry, in the order in which they were last changed."""

    def newest(self, most: int) -> Iterator[Entry]:
        """The entries that were last changed, the newest first."""

    def recalled_entries(self) -> Iterator[Tombstone]:
        """Entries that were taken back whole, in the order in which they were."""

    def recalled_objects(self) -> Iterator[Tombstone]:
        """Objects that left an entry which is still there, in the order in which they did."""


@dataclass(frozen=True)
class Format:
    """One format: the file's name, its media type, and what writes it."""

    name: str
    media_type: str
    render: Callable[[Heading, Source], Iterator[bytes]]
    version: int = 1  # grows when the same release gives other bytes, so that no cache keeps the old ones
    is_download: bool = False  # a browser saves it rather than show it
    says_where: bool = False  # its bytes hold the heading's `url` or `home`

"""The member: which collections there are for it, and pages of what was released to them, as stored bytes.

1. A collection that the caller may not read does not exist for it.
2. A cursor is a position bound to its collection and filters; it is checked, and the caller authorised, on each call.
3. Nothing is built here: a page is one indexed query and the bytes it finds.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from feeds.feed import Feed
from hub.errors import BadRequest, NotFound
from hub.roles import Caller, Capability
from hub.store import Session, collections
from hub.store.collections import Match, Row, Window

__all__ = ["Asked", "Collection", "Match", "Page", "object_page", "one_of", "page", "readable"]

MOST = 1000
CURSOR_SIZE = 20  # bytes: 8 of position, 12 of binding


@dataclass(frozen=True)
class Collection:
    """A feed as TAXII shows it."""

    id: str
    feed: Feed


@dataclass(frozen=True)
class Page:
    """Some entries of a collection, and the cursor that goes on behind them."""

    rows: Sequence[Row]
    next: str | None

    @property
    def first_added(self) -> datetime | None:
        """The date added of the first entry, for X-TAXII-Date-Added-First."""
        return self.rows[0].added_at if self.rows else None

    @property
    def last_added(self) -> datetime | None:
        """The date added of the last entry, for X-TAXII-Date-Added-Last."""
        return self.rows[-1].added_at if self.rows else None


def readable(caller: Caller, known: Iterable[Collection]) -> list[Collection]:
    """The collections that a caller may read."""
    if not caller.may(Capability.FEED_READ):
        return []
    return [one for one in known if one.feed.audience in caller.audiences]


def one_of(caller: Caller, known: Iterable[Collection], collection_id: str) -> Collection:
    """A collection that the caller may read; raises NotFound for any other, there or not."""
    for collection in readable(caller, known):
        if collection.id == collection_id:
            return collection
    raise NotFound


@dataclass(frozen=True)
class Asked:
    """What a member asks of a collection: which objects, from where on, how many, with their bytes or without."""

    match: Match
    cursor: str | None = None
    limit: int = MOST
    with_content: bool = True


def page(db: Session, collection: Collection, asked: Asked) -> Page:
    """The next page of a collection; raises BadRequest for a cursor of another collection or other filters."""
    after = _position(asked.cursor, collection.id, asked.match) if asked.cursor else 0
    most = min(asked.limit, MOST)
    window = Window(after, most + 1, asked.with_content)
    rows = collections.page(db, collection.feed.name, asked.match, window)
    if len(rows) <= most:
        return Page(rows, None)
    rows = rows[:most]
    return Page(rows, _cursor(rows[-1].position, collection.id, asked.match))


def object_page(db: Session, collection: Collection, asked: Asked) -> Page:
    """The versions of one object; raises NotFound if the collection never held it."""
    if not collections.has_object(db, collection.feed.name, asked.match.ids[0]):
        raise NotFound
    return page(db, collection, asked)


def _binding(collection_id: str, match: Match) -> bytes:
    return hashlib.sha256(f"{collection_id}|{match}".encode()).digest()[:12]


def _cursor(position: int, collection_id: str, match: Match) -> str:
    raw = position.to_bytes(8) + _binding(collection_id, match)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _position(cursor: str, collection_id: str, match: Match) -> int:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != CURSOR_SIZE or raw[8:] != _binding(collection_id, match):
        message = "next: belongs to another collection or other filters; start again without it"
        raise BadRequest(message)
    return int.from_bytes(raw[:8])

"""The member: which collections there are for it, and pages of what was released to them, as stored bytes.

1. A collection that the caller may not read does not exist for it.
2. A cursor is a position bound to its collection and filters; it is checked, and the caller authorised, on each call.
3. Nothing is built here: a page is one indexed query and the bytes it finds.
"""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime

from orjson import dumps, loads

from feeds.feed import Feed
from hub.errors import BadRequest, NotFound
from hub.roles import Caller, Capability
from hub.store import Session, collections
from hub.store.collections import Match, Row, Window

__all__ = ["Asked", "Collection", "Match", "Page", "object_page", "one_of", "page", "readable"]

MOST = 1000


@dataclass(frozen=True)
class Collection:
    """A feed as TAXII shows it."""

    id: str
    feed: Feed


@dataclass(frozen=True)
class Page:
    """Some entries of a collection: where they stand, their bytes or what lists them, and the cursor that goes on."""

    positions: Sequence[int]
    contents: Sequence[bytes] = ()
    rows: Sequence[Row] = ()
    next: str | None = None
    added: tuple[datetime, datetime] | None = None  # the first and the last of them


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
    after, match = _position(asked.cursor, collection.id, asked.match) if asked.cursor else (0, asked.match)
    most, name = min(asked.limit, MOST), collection.feed.name
    window = Window(after, most + 1)
    stored = collections.contents(db, name, match, window) if asked.with_content else []
    listed = [] if asked.with_content else collections.listing(db, name, match, window)
    found = [position for position, _ in stored] or [row.position for row in listed]
    if not found:
        return Page(())
    positions = found[:most]
    return Page(
        positions,
        contents=[content for _, content in stored[:most]],
        rows=listed[:most],
        next=_cursor(positions[-1], collection.id, match) if len(found) > most else None,
        added=collections.added_at(db, name, positions[0], positions[-1]),
    )


def object_page(db: Session, collection: Collection, asked: Asked) -> Page:
    """The versions of one object; raises NotFound if the collection never held it."""
    if not collections.has_object(db, collection.feed.name, asked.match.ids[0]):
        raise NotFound
    return page(db, collection, asked)


def _cursor(position: int, collection_id: str, match: Match) -> str:
    packed = [position, collection_id, _instant(match.added_after), *astuple(match)[1:]]
    return base64.urlsafe_b64encode(dumps(packed)).decode().rstrip("=")


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _position(cursor: str, collection_id: str, match: Match) -> tuple[int, Match]:
    """Where a cursor goes on, and under which filters: its own, for many clients send `next` alone from page 2 on."""
    try:
        position, owner, added_after, *lists = loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        after = datetime.fromisoformat(added_after).astimezone(UTC) if added_after else None
        held = Match(after, *map(tuple, lists))
    except (binascii.Error, ValueError, TypeError, OverflowError):
        raise BadRequest(FOREIGN) from None
    if type(position) is not int or not 0 <= position < 1 << 62 or owner != collection_id:
        raise BadRequest(FOREIGN)
    if not all(isinstance(text, str) and "\x00" not in text for texts in astuple(held)[1:] for text in texts):
        raise BadRequest(FOREIGN)
    if match not in {held, replace(Match(), ids=held.ids), Match()}:
        raise BadRequest(FOREIGN)
    return position, held


FOREIGN = "next: belongs to another collection or other filters; start again without it"

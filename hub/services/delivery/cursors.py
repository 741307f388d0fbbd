"""Cursors: after which instant to go on, bound to a collection and to its filters (TAXII 2.1, 3.5: opaque to clients).

1. Only the instant at which the last object that was read was added, for instants order a collection: so a cursor holds
   for any limit, on any host, and after a restore of whatever age.
2. `added_after` beside a cursor narrows it; any other filter than its own is refused, or none at all, which is its own.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from orjson import dumps, loads

from hub.errors import BadRequest
from hub.store.collections import Match


@lru_cache(maxsize=512)
def behind(collection_id: str, match: Match, text: str | None) -> Match:
    """What is asked for, behind what the cursor says was read; raises BadRequest."""
    if "2.1" in match.spec_versions:  # that is all there is
        match = replace(match, spec_versions=())
    return _behind(text, collection_id, match) if text else match


@lru_cache(maxsize=1024)
def cursor(read_upto: datetime, collection_id: str, match: Match) -> str:
    """Where to go on behind what was added up to an instant."""
    packed = [read_upto.isoformat(), collection_id, *match.lists]
    return base64.urlsafe_b64encode(dumps(packed)).decode().rstrip("=")


def _behind(text: str, collection_id: str, match: Match) -> Match:
    """The filters of a cursor, for many clients send `next` alone from page 2 on, behind both instants."""
    try:
        read_upto, owner, *lists = loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        since = datetime.fromisoformat(read_upto)
        held = Match(since.astimezone(UTC), *map(tuple, lists))
    except (binascii.Error, ValueError, TypeError, OverflowError):
        raise BadRequest(FOREIGN) from None
    if since.tzinfo is None or owner != collection_id or not all(map(_is_text, _texts(held))):
        raise BadRequest(FOREIGN)
    bare = replace(match, added_after=None)
    if bare not in {replace(held, added_after=None), replace(Match(), ids=held.ids), Match()}:
        raise BadRequest(FOREIGN)
    # OpenCTI sends both; another one keeps the first added_after beside every cursor.
    return replace(held, added_after=max(since.astimezone(UTC), match.added_after or since))


def _texts(match: Match) -> Iterator[object]:
    return (text for texts in match.lists for text in texts)


def _is_text(text: object) -> bool:
    return isinstance(text, str) and "\x00" not in text


FOREIGN = "next: belongs to another collection or other filters; start again without it"

"""A feed of as many entries as one wants: its own objects again and again, under other ids, in ordinary releases.

What the real publisher released are the first; the copies go through `hub.store.releases` as all entries do, so that
pages, positions and instants are those of a feed that grew. No reports are behind them.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import count, cycle, islice
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import select

from hub.store import Session, feeds, releases
from hub.store.tables import Entry, Release
from hub.wiring import Hub

AT_ONCE = 1_000  # entries a release
MODELS = 5_000  # objects that are copied
CACHE = "PRAGMA cache_size=-600000"  # KiB: ids are random, and so is where they go in their index


def grow(hub: Hub, feed: str, size: int) -> Iterator[int]:
    """Add entries to a feed until there are so many; how many there are by then. Goes on where it was interrupted."""
    with hub.store.reading() as db:
        models = _models(db, feed)
        row = feeds.lock(db, feed)
        at = row.last_position if row else 0
    yield at
    chance = Random(size)
    source = cycle(models)
    while at < size:
        some = list(islice(source, min(AT_ONCE, size - at)))
        at = hub.store.write(partial(_release, hub.clock(), feed, some, chance))
        yield at


def _models(db: Session, feed: str) -> list[tuple[str, str, bytes]]:
    asked = select(Entry.stix_id, Entry.kind, Entry.content).where(  # type: ignore[call-overload]
        Entry.feed == feed,
        Entry.is_last,
        ~Entry.is_revoked,
    )
    found = list(db.connection().execute(asked.order_by(Entry.position).limit(MODELS)))
    assert found, f"{feed} has released nothing yet"
    return [(name, kind, content) for name, kind, content in found]


def _release(now: datetime, feed: str, models: list[tuple[str, str, bytes]], chance: Random, db: Session) -> int:
    if db.connection().dialect.name == "sqlite":
        db.connection().exec_driver_sql(CACHE)
    row = feeds.lock(db, feed)
    assert row is not None
    at = max(now, row.last_added_at or now) + timedelta(seconds=1)
    number, places = row.last_release + 1, count(1)
    entries = [
        _entry(row.last_position + place, at + timedelta(microseconds=place), one, chance)
        | {"feed": feed, "release": number}
        for place, one in zip(places, models, strict=False)
    ]
    whole = hashlib.sha256(b"".join(one["content"] for one in entries)).hexdigest()
    made = Release(
        feed=feed,
        number=number,
        released_at=at,
        policy_digest="",
        added=len(entries),
        changed=0,
        revoked=0,
        digest=whole,
    )
    releases.add(db, made, entries)
    return int(entries[-1]["position"])


def _entry(position: int, at: datetime, model: tuple[str, str, bytes], chance: Random) -> dict[str, Any]:
    name, kind, content = model
    own = f"{kind}--{UUID(int=chance.getrandbits(128), version=4)}"
    return {
        "position": position,
        "stix_id": own,
        "kind": kind,
        "version": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z",
        "added_at": at,
        "report_id": None,
        "generation": 0,
        "content": content.replace(name.encode(), own.encode()),
        "is_first": True,
        "is_last": True,
        "is_revoked": False,
    }

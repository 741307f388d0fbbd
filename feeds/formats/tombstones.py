"""`tombstones.json`: what was recalled from the feed: references, STIX ids and when; nothing of what they said.

`entries` are reports taken back whole; `objects` left an entry that is still there, such as a developer's identity
after a correction.
"""

from collections.abc import Iterable, Iterator

import orjson

from feeds.entry import Tombstone
from feeds.format import Format, Heading, Source


def write(heading: Heading, source: Source) -> Iterator[bytes]:
    """Two lists."""
    yield orjson.dumps({"feed": heading.feed.name, "release": heading.release})[:-1]
    yield b',"entries":['
    yield from _listed(source.recalled_entries())
    yield b'],"objects":['
    yield from _listed(source.recalled_objects())
    yield b"]}"


def _listed(found: Iterable[Tombstone]) -> Iterator[bytes]:
    comma = b""
    for one in found:
        named = {"reference": one.reference} if one.reference else {}
        yield comma + orjson.dumps({**named, "stix_ids": list(one.stix_ids), "revoked_at": one.revoked_at})
        comma = b","


FORMAT = Format("tombstones.json", "application/json", write)

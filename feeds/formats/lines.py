"""`entries.ndjson`: one JSON object a line and entry, its fields by schema path (docs/formats.md)."""

from collections.abc import Iterator
from typing import Any

import orjson

from feeds.columns import FIXED, LIMITS, flat
from feeds.entry import Entry
from feeds.feed import Feed
from feeds.format import Format, Heading, Source


def write(heading: Heading, source: Source) -> Iterator[bytes]:
    """One line an entry."""
    for entry in source.entries():
        yield orjson.dumps(_line(entry, heading.feed), option=orjson.OPT_APPEND_NEWLINE)


def _line(entry: Entry, feed: Feed) -> dict[str, Any]:
    said = {name: getattr(entry, name) for name in FIXED}
    return {**said, "fields": flat(entry.fields, feed), LIMITS: list(entry.limits)}


FORMAT = Format("entries.ndjson", "application/x-ndjson", write)

"""`dictionary.json`: the columns of `entries.csv` and the fields of `entries.ndjson`, with what they may hold."""

from collections.abc import Iterator

import orjson

from feeds.dictionary import SEPARATORS, described
from feeds.format import Format, Heading, Source


def write(heading: Heading, source: Source) -> Iterator[bytes]:
    """The columns of this feed; it holds nothing of its entries."""
    del source
    columns = list(described(heading.feed))
    yield orjson.dumps({"feed": heading.feed.name, "separators": SEPARATORS, "columns": columns})


FORMAT = Format("dictionary.json", "application/json", write)

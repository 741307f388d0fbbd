"""`entries.csv`: one row an entry, UTF-8 with a header (RFC 4180); cells as `feeds.cells` writes them."""

import csv
import io
from collections.abc import Iterable, Iterator

from feeds.cells import cell
from feeds.columns import FIXED, LIMITS, columns_of, value_at
from feeds.entry import Entry
from feeds.feed import Feed
from feeds.format import Format, Heading, Source


def write(heading: Heading, source: Source) -> Iterator[bytes]:
    """The header, then one row an entry."""
    yield row([*FIXED, *(column.path for column in columns_of(heading.feed)), LIMITS])
    for entry in source.entries():
        yield row(_cells(entry, heading.feed))


def _cells(entry: Entry, feed: Feed) -> Iterator[str]:
    yield from (cell(getattr(entry, name)) for name in FIXED)
    yield from (cell(value_at(entry.fields, column.path)) for column in columns_of(feed))
    yield cell([f"{limit['field']}:{limit['rule']}" for limit in entry.limits])


def row(cells: Iterable[str]) -> bytes:
    """One row, ended as RFC 4180 asks."""
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


FORMAT = Format("entries.csv", "text/csv; charset=utf-8; header=present", write, is_download=True)

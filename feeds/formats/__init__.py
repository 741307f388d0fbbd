"""The formats of a feed, one file each: STIX bundle, CSV, NDJSON, Atom, JSON Feed, tombstones, and the dictionary.

Pure: nothing in this room reads a clock, a file, a database or a random source. May not: open, project or map; what was
released is all there is to write. A module added here is a format added to every feed that does not list its own.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from feeds.feed import Feed
from feeds.format import Format

FORMATS: Mapping[str, Format] = {
    one.name: one for one in (import_module(f"{__name__}.{module.name}").FORMAT for module in iter_modules(__path__))
}


class UnknownFormat(ValueError):
    """A feed lists a format that does not exist."""


def formats_of(feed: Feed) -> Mapping[str, Format]:
    """The formats of a feed by file name: those it lists, or all; raises UnknownFormat."""
    listed = FORMATS.keys() if feed.formats is None else feed.formats
    if unknown := sorted(listed - FORMATS.keys()):
        message = f"feed {feed.name}: formats: there is no {', '.join(unknown)}; there are {', '.join(sorted(FORMATS))}"
        raise UnknownFormat(message)
    return {name: FORMATS[name] for name in sorted(listed)}

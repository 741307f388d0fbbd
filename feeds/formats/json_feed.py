"""`feed.json`: the newest entries as JSON Feed 1.1 (jsonfeed.org/version/1.1); there are no pages behind it."""

from collections.abc import Iterator
from typing import Any

import orjson

from feeds.entry import Entry
from feeds.format import NEWEST, Format, Heading, Source
from feeds.news import tags_of, text_of


def write(heading: Heading, source: Source) -> Iterator[bytes]:
    """The whole of it: it holds a hundred entries at most."""
    feed = heading.feed
    yield orjson.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": f"{heading.hub_name}: {feed.title}",
            "description": feed.description,
            "home_page_url": heading.home,
            "feed_url": f"{heading.url}/{FORMAT.name}",
            "authors": [{"name": heading.hub_name}],
            "items": [_item(entry, heading) for entry in source.newest(NEWEST)],
        }
    )


def _item(entry: Entry, heading: Heading) -> dict[str, Any]:
    language = {"language": entry.language} if entry.language else {}
    return {
        "id": entry.stix_id,
        "title": entry.title,
        "content_text": text_of(entry, heading.feed),
        "date_published": entry.released,
        "date_modified": entry.modified,
        "tags": tags_of(entry),
        **language,
        "_incident_hub": {"reference": entry.reference, "mode": entry.mode, "tlp": entry.tlp},
    }


FORMAT = Format("feed.json", "application/feed+json", write, says_where=True)

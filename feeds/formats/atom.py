"""`atom.xml`: the newest entries as Atom (RFC 4287), plain text throughout; there are no pages behind it."""

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from feeds.edition import stix_time
from feeds.entry import Entry
from feeds.format import NEWEST, Format, Heading, Source
from feeds.news import tags_of, text_of

# XML 1.0, 2.2: what no document may hold, not even escaped. A carriage return would be read as a line break.
_FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(heading: Heading, source: Source) -> Iterator[bytes]:
    """The feed's own elements, then the newest entries."""
    feed = heading.feed
    yield b'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
    yield _element("id", f"urn:uuid:{heading.uuid('atom')}")
    yield _text("title", f"{heading.hub_name}: {feed.title}")
    yield _text("subtitle", feed.description)
    yield _element("updated", stix_time(heading.at))
    yield b"<author>" + _element("name", heading.hub_name) + b"</author>\n"
    yield _link("self", "application/atom+xml", f"{heading.url}/{FORMAT.name}")
    yield _link("related", "application/json", heading.home)
    for entry in source.newest(NEWEST):
        yield b"".join(_entry(entry, heading))
    yield b"</feed>\n"


def _entry(entry: Entry, heading: Heading) -> Iterator[bytes]:
    yield b"<entry>\n"
    yield _element("id", f"urn:uuid:{entry.stix_id.partition('--')[2]}")
    yield _text("title", entry.title)
    yield _element("published", entry.released)
    yield _element("updated", entry.modified)
    for tag in tags_of(entry):
        yield f"<category term={quoteattr(tag)}/>\n".encode()
    yield _text("content", text_of(entry, heading.feed))
    yield b"</entry>\n"


def _text(name: str, text: str) -> bytes:
    return _element(name, text, ' type="text"')


def _element(name: str, text: str, attributes: str = "") -> bytes:
    plain = _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return f"<{name}{attributes}>{escape(plain)}</{name}>\n".encode()


def _link(rel: str, media_type: str, url: str) -> bytes:
    return f"<link rel={quoteattr(rel)} type={quoteattr(media_type)} href={quoteattr(url)}/>\n".encode()


FORMAT = Format("atom.xml", "application/atom+xml; charset=utf-8", write, says_where=True)

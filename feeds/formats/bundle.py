"""`bundle.json`: every live object of the feed in one STIX 2.1 bundle (STIX 2.1, 8), as the bytes that TAXII serves."""

from collections.abc import Iterator

from feeds.format import Format, Heading, Source


def write(heading: Heading, source: Source) -> Iterator[bytes]:
    """The objects between brackets; an empty list is left out (STIX 2.1, 2.12)."""
    bundle_id = heading.uuid(f"bundle|{heading.release}|{heading.digest}")
    yield f'{{"type":"bundle","id":"bundle--{bundle_id}"'.encode()
    before, after = b',"objects":[', b"}"
    for content in source.objects():
        yield before + content
        before, after = b",", b"]}"
    yield after


FORMAT = Format("bundle.json", "application/stix+json;version=2.1", write)

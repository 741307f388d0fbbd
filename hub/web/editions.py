"""/feeds/<feed>/<file>: a feed as files, for those whom TAXII does not serve.

1. Authorised like TAXII, on each request: a token that may read feeds and the grant of the feed's audience, the public
   feed's too. A feed, or a file of it, that the caller may not read is not there.
2. A file is first written into a spool, as fast as the database gives it, and then sent as fast as the client takes it:
   however slow the client, no transaction waits for it, and an error on the way is an error, not half a file. Up to
   1 MiB the spool is memory; beyond, a file without a name in the home, which no crash leaves behind. There are never
   more of them than the server has threads.
3. No shared cache keeps any of it (`private, no-cache`).
"""

from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO

from flask import Blueprint, Response, request, url_for

from feeds.feed import Feed
from feeds.format import Format
from hub.errors import NotFound
from hub.roles import Capability
from hub.services import delivery, editions
from hub.services.editions import Place
from hub.web.policy import caller, needs, the_hub

files = Blueprint("editions", __name__, url_prefix="/feeds")
IN_MEMORY = 1 << 20
CHUNK = 1 << 16


@files.get("/<feed>/<file>")
@needs(Capability.FEED_READ)
def edition(feed: str, file: str) -> Response:
    """One file of a feed, as its newest release stands."""
    hub, shown = the_hub(), _readable(feed)
    asked, place = editions.format_of(shown, file), place_of(shown)
    with hub.store.reading() as db:
        tag = editions.etag(editions.heading(db, shown, hub.deployment, place), asked)
    answer = _dressed(Response(content_type=asked.media_type), tag, shown, asked)
    answer.automatically_set_content_length = False  # a HEAD does not know how long the file would be
    answer.make_conditional(request)
    if request.method == "HEAD" or answer.status_code != 200:  # noqa: PLR2004 - 304, or 412 for another If-Match
        return answer
    return _written(shown, asked, place)


def _readable(name: str) -> Feed:
    for one in delivery.readable(caller(), the_hub().collections()):
        if one.feed.name == name:
            return one.feed
    raise NotFound


def place_of(feed: Feed) -> Place:
    """Where a feed's files are, for this client."""
    root = request.url_root.rstrip("/")
    return Place(f"{root}/feeds/{feed.name}", f"{root}{url_for('well_known.about')}")


def _written(shown: Feed, asked: Format, place: Place) -> Response:
    hub = the_hub()
    # Closed with the answer, whenever that is: a block would end before the first byte is sent.
    spool = SpooledTemporaryFile(IN_MEMORY, dir=str(hub.config.home))  # noqa: SIM115
    try:
        with hub.store.reading() as db:
            heading = editions.heading(db, shown, hub.deployment, place)
            for piece in editions.written(db, heading, asked):
                spool.write(piece)
    except BaseException:
        spool.close()
        raise
    answer = _spooled(spool, asked.media_type)
    # The tag of what was written: a release may have come since the tag above was made.
    return _dressed(answer, editions.etag(heading, asked), shown, asked)


def _spooled(spool: IO[bytes], media_type: str) -> Response:
    size = spool.tell()
    spool.seek(0)
    if size <= IN_MEMORY:
        with spool:
            return Response(spool.read(), content_type=media_type)
    answer = Response(iter(partial(spool.read, CHUNK), b""), content_type=media_type)
    answer.content_length = size
    answer.call_on_close(spool.close)
    return answer


def _dressed(answer: Response, tag: str, shown: Feed, asked: Format) -> Response:
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Vary"] = "Authorization"
    if asked.is_download:
        answer.headers["Content-Disposition"] = f'attachment; filename="{shown.name}-{asked.name}"'
    return answer

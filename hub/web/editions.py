"""/feeds/<feed>/<file>: a feed as files, for those whom TAXII does not serve.

1. Authorised like TAXII, on each request: a token that may read feeds and the grant of the feed's audience, the public
   feed's too. A feed, or a file of it, that the caller may not read is not there.
2. A file is written once an edition, onto the shelf (`hub.shelf`), as fast as the database gives it, and sent from
   there as fast as the client takes it: however slow the client, no transaction waits for it, and an error on the way
   is an error, not half a file. However many ask, the disk holds one file a feed and format.
3. Every request looks up which edition stands, and removes what is on the shelf of the feed's others.
4. No shared cache keeps any of it (`private, no-cache`).
"""

import os
from functools import partial
from typing import BinaryIO

from flask import Blueprint, Response, request, url_for

from feeds.feed import Feed
from feeds.format import Format
from hub.errors import NotFound
from hub.roles import Capability
from hub.services import delivery, editions
from hub.services.editions import Place
from hub.shelf import Label
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
        label = editions.label(editions.heading(db, shown, hub.deployment, place), asked)
    hub.shelf.clear(shown.name, label.edition)
    answer = _dressed(Response(content_type=asked.media_type), label, asked)
    answer.automatically_set_content_length = False  # a HEAD does not know how long the file would be
    answer.make_conditional(request)
    if request.method == "HEAD" or answer.status_code != 200:  # noqa: PLR2004 - 304, or 412 for another If-Match
        return answer
    found = hub.shelf.find(label)
    if found is None:
        label, found = _written(shown, asked, place)
    return _dressed(_sent(found, asked.media_type), label, asked)


def _readable(name: str) -> Feed:
    for one in delivery.readable(caller(), the_hub().collections()):
        if one.feed and one.name == name and not one.source.kinds:  # a selection has no files
            return one.feed
    raise NotFound


def place_of(feed: Feed) -> Place:
    """Where a feed's files are, for this client."""
    root = request.url_root.rstrip("/")
    return Place(f"{root}/feeds/{feed.name}", f"{root}{url_for('well_known.about')}")


def _written(shown: Feed, asked: Format, place: Place) -> tuple[Label, BinaryIO]:
    """The file of the edition that stands by now, written by us or by whom we waited for."""
    hub = the_hub()
    with hub.shelf.alone(shown.name, asked.name):
        with hub.store.snapshot() as db:
            heading = editions.heading(db, shown, hub.deployment, place)
            label = editions.label(heading, asked)
            found = hub.shelf.find(label)
            if found is not None:
                return label, found
            found = hub.shelf.put(label, editions.written(db, heading, asked))
        # A recall that was released meanwhile was cleared up after before the file had its name, or will be after this.
        try:
            is_standing = _stands(shown, label)
        except BaseException:
            found.close()
            hub.shelf.drop(label)
            raise
        if not is_standing:
            hub.shelf.drop(label)
        return label, found


def _stands(shown: Feed, label: Label) -> bool:
    hub = the_hub()
    with hub.store.reading() as db:
        return editions.standing(db, [shown], hub.deployment)[shown.name] == label.edition


def _sent(file: BinaryIO, media_type: str) -> Response:
    size = os.fstat(file.fileno()).st_size
    if size <= IN_MEMORY:
        with file:
            return Response(file.read(), content_type=media_type)
    answer = Response(iter(partial(file.read, CHUNK), b""), content_type=media_type)
    answer.content_length = size
    answer.call_on_close(file.close)  # whenever that is: a block would end before the first byte is sent
    return answer


def _dressed(answer: Response, label: Label, asked: Format) -> Response:
    answer.set_etag(label.tag)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Vary"] = "Authorization"
    if asked.is_download:
        answer.headers["Content-Disposition"] = f'attachment; filename="{label.feed}-{asked.name}"'
    return answer

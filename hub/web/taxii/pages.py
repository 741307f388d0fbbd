"""Pages as they go out: built once, kept on the shelf as the bytes that are sent, and sent from there.

1. A built page is named by its feed, its number, its tag and whether another one follows. One name, the same bytes: the
   tag changes with what the page shows (`hub.store.pages`), and the entity tag with it.
2. A file is written whole before it has its name, once a coding, by whoever asks first. Who wrote it looks again
   whether its state still stands: what a release took back meanwhile was cleared up before the file was there.
3. Whoever meets a release that this process has not seen yet first removes what other states left on this host. So what
   was recalled is in no file when its tombstone is served.
4. Every request is authorised, and no cache shares an answer (`private, no-cache`), not even of what is CLEAR: who asks
   a shared cache shows it no token, and every collection asks for one.
5. Those that are asked for most come from memory (`hub.web.taxii.kept`), all others from their files by the kernel.
6. With HUB_FRONT_PAGES the front server sends the file. Should it not find it, it asks again for the bytes themselves.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import BinaryIO

from flask import Response, current_app, request
from werkzeug.wsgi import wrap_file

from hub.errors import NotFound
from hub.services import delivery
from hub.services.delivery import Ahead, Asked, Built, Collection, Outdated, Page, Stretch
from hub.shelf import Label
from hub.web.policy import caller, the_hub
from hub.web.problems import TAXII
from hub.web.taxii import coding
from hub.web.taxii.kept import Kept
from hub.wiring import Hub

FORMAT = 1  # of an envelope; files and entity tags of another one are not ours
LANES = 8  # pages of a feed that are built at the same time, at most
SENDS_ITSELF = "X-Hub-Sends"  # says a front server that could not read the file
IN_MEMORY = 1 << 18
OK = 200


@dataclass(frozen=True)
class Request:
    """A page that is asked for: of which collection, and how it is told if it is none that was built."""

    collection_id: str
    asked: Asked
    tell: Callable[[Page], Response]
    is_of_object: bool = False


def delivered(wanted: Request) -> Response:
    """A page of a collection; raises NotFound for one that there is not for the caller."""
    hub = the_hub()
    try:
        return _answer(hub, hub.remembered(), wanted)
    except (NotFound, Outdated):
        # A collection that is new, or a policy: the first who meets it pays for looking again.
        return _answer(hub, hub.collections(), wanted)


def _answer(hub: Hub, known: Sequence[Collection], wanted: Request) -> Response:
    found = delivery.feed_of(caller(), known, wanted.collection_id)
    if found is None:
        return wanted.tell(_inbox(hub, wanted))
    page = _object(hub, found, wanted.asked) if wanted.is_of_object else _page(hub, found, wanted.asked)
    _tidy(found.source.owner, page.release)
    return _sent(hub, page) if isinstance(page, Built) else wanted.tell(page)


def _page(hub: Hub, found: Collection, asked: Asked) -> Page | Built:
    with hub.store.glance() as glance:
        seen = delivery.glimpse(glance, found, asked)
        return delivery.page(glance, found, seen) if isinstance(seen, Ahead) else seen


def _object(hub: Hub, found: Collection, asked: Asked) -> Page:
    with hub.store.glance() as glance:
        release = delivery.release(glance, found)
        return replace(delivery.object_page(glance, found, asked), release=release)


def _inbox(hub: Hub, wanted: Request) -> Page:
    with hub.store.reading() as db:
        box = delivery.one_of(db, caller(), (), wanted.collection_id)
    ask = delivery.object_page if wanted.is_of_object else delivery.inbox_page
    with hub.store.glance() as glance:
        return ask(glance, box, wanted.asked)


def _tidy(feed: str, release: int) -> None:
    seen: dict[str, int] = current_app.extensions.setdefault("pages_seen", {})
    if seen.get(feed) != release:
        clear(feed)
        seen[feed] = release


def clear(feed: str) -> None:
    """Remove the files of states of a feed's pages that stand no more."""
    hub = the_hub()
    with hub.store.reading() as db:
        tags = delivery.tags(db, feed)
    hub.pages.clear(feed, *tags)
    _kept().turn_out(feed)


def _kept() -> Kept:
    found: Kept | None = current_app.extensions.get("pages_kept")
    return found or current_app.extensions.setdefault("pages_kept", Kept())


def envelope(contents: Sequence[bytes], following: str | None) -> bytes:
    """3.7: stored bytes between brackets."""
    begun = b'{"more":true,"next":"%s"' % following.encode() if following else b'{"more":false'
    parts = [begun, b'"objects":[' + contents[0], *contents[1:]]
    parts[-1] += b"]}"
    return b",".join(parts)


def stamp(at: datetime) -> str:
    """An instant as TAXII writes it (2, timestamp)."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"


def _sent(hub: Hub, page: Built) -> Response:
    encoding = coding.negotiated()
    label, told = _named(page.feed, page.stretch, page.next is not None, encoding)
    answer = Response(headers=told)
    answer.automatically_set_content_length = False  # a HEAD does not know how long the file would be
    if "If-None-Match" in request.headers or "If-Match" in request.headers:
        answer.make_conditional(request)
    if request.method == "HEAD" or answer.status_code != OK:
        return answer
    if hub.config.front_pages and SENDS_ITSELF not in request.headers:
        (hub.pages.find(label) or _written(hub, page, label, encoding)).close()
        answer.headers["X-Accel-Redirect"] = f"{hub.config.front_pages}{label.feed}/{label.name}"
        return answer
    kept = _kept()
    if (whole := kept.find(label)) is not None:
        answer.response, answer.direct_passthrough, answer.content_length = [whole], True, len(whole)
        return answer
    file = hub.pages.find(label) or _written(hub, page, label, encoding)
    kept.offer(label, file)
    size = answer.content_length = os.fstat(file.fileno()).st_size
    if size <= IN_MEMORY:
        with file:
            answer.set_data(file.read())
        return answer
    # The web server has the kernel send it (sendfile), and closes it.
    answer.response, answer.direct_passthrough = wrap_file(request.environ, file), True
    return answer


@lru_cache(maxsize=1024)
def _named(feed: str, stretch: Stretch, is_followed: bool, encoding: str) -> tuple[Label, Sequence[tuple[str, str]]]:  # noqa: FBT001 - a cache's key
    """A page's file, and the headers of its answer."""
    state = FORMAT << 1 | is_followed
    name, lane = f"{stretch.number}.{encoding}", f"{stretch.number % LANES}"
    told = [
        ("Content-Type", TAXII),
        ("ETag", f'"{stretch.tag}-{state}-{encoding}"'),
        ("Cache-Control", "private, no-cache"),
        ("Vary", "Accept, Accept-Encoding, Authorization"),
        ("X-TAXII-Date-Added-First", stamp(stretch.first_at)),
        ("X-TAXII-Date-Added-Last", stamp(stretch.last_at)),
    ]
    if encoding != coding.IDENTITY:
        told.append(("Content-Encoding", encoding))
    return Label(feed, name, stretch.tag, f"{state:032x}", lane), told


def _written(hub: Hub, page: Built, label: Label, encoding: str) -> BinaryIO:
    """The file of a page, written by us or by whom we waited for; raises Outdated if its state stands no more."""
    with hub.pages.alone(label.feed, label.turn):
        found = hub.pages.find(label)
        if found is not None:
            return found
        with hub.store.glance() as glance:
            contents = delivery.contents(glance, page)
        if not contents:
            raise Outdated
        found = hub.pages.put(label, [coding.CODINGS[encoding](envelope(contents, page.next))])
        try:
            with hub.store.reading() as db:
                is_standing = delivery.stands(db, page)
        except BaseException:
            found.close()
            hub.pages.drop(label)
            raise
        if not is_standing:
            found.close()
            hub.pages.drop(label)
            raise Outdated
        return found

"""The member: which collections there are for it, and pages of what was released to them, as stored bytes.

1. A collection that the caller may not read does not exist for it.
2. A cursor says when the last object that was read was added, bound to its collection and filters; it is checked, and
   the caller authorised, on each call. It holds for any limit, on any host, and after a restore of whatever age.
3. One query tells where a feed stands and what its next pages are (`hub.store.pages`). Nobody reads a row to learn that
   there is nothing new, or to be given a page that was built.
4. A page with neither filter nor small limit ends where a stretch of the feed does, so that those behind it are built
   ones. Any other is one indexed query and the bytes it finds.

May not: build what it serves, open a transaction, or tell that a collection exists to whom it is not for.
"""

from hub.services.delivery.catalogue import Collection, feed_of, one_of, readable, shown
from hub.services.delivery.paging import (
    Ahead,
    Asked,
    Built,
    Outdated,
    Page,
    contents,
    glimpse,
    inbox_page,
    object_page,
    page,
    release,
    stands,
    tags,
)
from hub.store.collections import Match, of_feed
from hub.store.pages import Stretch

__all__ = [
    "Ahead", "Asked", "Built", "Collection", "Match", "Outdated", "Page", "Stretch", "contents", "feed_of", "glimpse",
    "inbox_page", "object_page", "of_feed", "one_of", "page", "readable", "release", "shown", "stands", "tags",
]  # fmt: skip

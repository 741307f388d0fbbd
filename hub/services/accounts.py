"""The account of loss: of each release how many reports the gates let through, how many it brought, what held others.

For analysts and auditors: counts by reason, of reports that nobody names. What is withheld or coarsened in an entry is
listed on the entry itself (`limits`, feeds/mapping/extension.py).
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from feeds.feed import Feed
from hub.errors import NotFound
from hub.store import Session, releases
from hub.store.tables import Release


def listed(
    db: Session, known: Collection[Feed], feed: str | None, after: tuple[datetime, str] | None, most: int
) -> Sequence[Release]:
    """Releases of a feed or of all, the newest first; raises NotFound for a feed that is not there."""
    if feed is not None and feed not in {one.name for one in known}:
        raise NotFound
    return releases.listed(db, feed, after, most)


def name_of(release: Release) -> str:
    """What tells releases of one instant apart."""
    return f"{release.feed}/{release.number}"

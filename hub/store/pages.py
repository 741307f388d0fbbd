"""Pages: a feed's positions in stretches of a thousand, for what is built once and served for long.

1. A stretch in which something shows has a row here; its tag is drawn anew by whatever adds to the stretch or takes
   from it, in the same transaction. So one tag names the same bytes for ever, on any host and after a restore.
2. Where nothing shows any more there is no page, and nobody who reads goes there.
3. Instants order a feed as positions do (`added_at` grows with them): whoever knows the instant of the last object that
   it read knows where to go on, though positions were given anew since, by a hub that was restored from before.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from secrets import token_hex
from typing import Any, NamedTuple

from sqlalchemy import Executable, and_, bindparam, delete, func, insert
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from hub.store.columns import Instant
from hub.store.glance import Glance, instant
from hub.store.tables import Entry, Feed, Page

SIZE = 1000  # positions; each page that was built goes with another size


class Stretch(NamedTuple):
    """A page: which, in which state, and when the first and the last object that it shows were added."""

    number: int
    tag: str
    first_at: datetime
    last_at: datetime

    @property
    def begin(self) -> int:
        """The position before its first."""
        return self.number * SIZE

    @property
    def end(self) -> int:
        """Its last position."""
        return (self.number + 1) * SIZE


class State(NamedTuple):
    """Where a feed stands, and its next pages."""

    policy_version: int
    last_release: int
    last_added_at: datetime | None
    pages: Sequence[Stretch]


def renew(session: Session, feed: str, positions: Iterable[int]) -> None:
    """Note that what shows at some positions of a feed is no longer what it was."""
    connection = session.connection()
    for number in sorted({(position - 1) // SIZE for position in positions}):
        connection.execute(delete(Page).where(col(Page.feed) == feed, col(Page.number) == number))
        first_at, last_at = connection.execute(
            sa_select(func.min(Entry.added_at), func.max(Entry.added_at)).where(
                col(Entry.feed) == feed,
                col(Entry.position).between(number * SIZE + 1, (number + 1) * SIZE),
                col(Entry.is_last).is_(True),
            )
        ).one()
        if last_at is not None:
            page = {"feed": feed, "number": number, "tag": token_hex(16), "first_at": first_at, "last_at": last_at}
            connection.execute(insert(Page), [page])


def state(glance: Glance, feed: str, since: datetime | None, most: int) -> State:
    """Where a feed stands, and its next pages that show something added since."""
    rows = glance.rows(_state(is_since=since is not None), {"feed": feed, "since": since, "most": most})
    version, release, last_at = rows[0][:3]
    ahead = [_stretch(*row[3:]) for row in rows if row[3] is not None]
    return State(version, release, instant(last_at) if last_at else None, ahead)


@lru_cache(maxsize=4096)
def _stretch(number: int, tag: str, first_at: Any, last_at: Any) -> Stretch:
    return Stretch(number, tag, instant(first_at), instant(last_at))


@lru_cache(maxsize=2)
def _state(*, is_since: bool) -> Executable:
    own = col(Page.feed) == Feed.name
    after = and_(own, col(Page.last_at) > bindparam("since", type_=Instant())) if is_since else own
    return (
        sa_select(
            col(Feed.policy_version), col(Feed.last_release), col(Feed.last_added_at),
            col(Page.number), col(Page.tag), col(Page.first_at), col(Page.last_at),
        )
        .select_from(Feed)
        .join(Page, after, isouter=True)
        .where(col(Feed.name) == bindparam("feed"))
        .order_by(col(Page.last_at))
        .limit(bindparam("most"))
    )  # fmt: skip


def stands(session: Session, feed: str, number: int, tag: str) -> bool:
    """Whether a page is still in a state."""
    asked = sa_select(col(Page.tag)).where(col(Page.feed) == feed, col(Page.number) == number)
    return session.connection().execute(asked).scalar_one_or_none() == tag


def tags(session: Session, feed: str) -> frozenset[str]:
    """The states of all pages of a feed."""
    return frozenset(session.connection().execute(sa_select(col(Page.tag)).where(col(Page.feed) == feed)).scalars())

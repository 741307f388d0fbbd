"""The reader of statistics: counts of what was released to an audience, from its feed's tally.

1. Numbers come from what the feed shows now and from nothing else: filing, triage or acceptance changes none of them
   before a release does, and a recall takes its counts back.
2. Who may read statistics, or feeds, and was granted the feed's audience, gets them; for anyone else there is no such
   feed.
3. Per field: entries that show a value, that had it withheld, and that did not say. `unknown` is a value.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from feeds.entry import CARRIER
from feeds.feed import Feed
from feeds.statistics import ALL, STATED, WITHHELD, Count, coded_of, counted
from hub.errors import NotFound
from hub.roles import Caller, Capability
from hub.store import Session, editions, statistics
from hub.store.tables import Tally
from schemas.errors import Invalid


@dataclass(frozen=True)
class Edition:
    """Which release the numbers are of."""

    feed: str
    release: int
    as_of: datetime | None  # when it was released; None before the first
    total: int  # entries


@dataclass(frozen=True)
class Counts:
    """The numbers of one field."""

    by: str
    values: dict[str, int] = field(default_factory=dict)  # the most frequent first
    withheld: int = 0
    unstated: int = 0
    months: dict[str, dict[str, int]] = field(default_factory=dict)  # 2026-11 → values, in order


def one_of(caller: Caller, known: Iterable[Feed], name: str) -> Feed:
    """The feed whose statistics the caller may read; raises NotFound for any other, there or not."""
    for feed in known:
        if feed.name == name and feed.audience in caller.audiences:
            if caller.may(Capability.STATS_READ, Capability.FEED_READ):
                return feed
            break
    raise NotFound


def of_field(db: Session, feed: Feed, by: str, months: int) -> tuple[Edition, Counts]:
    """The numbers of one field, and of so many months up to the release; raises Invalid for a field without any."""
    shown = coded_of(feed)
    if by not in shown:
        raise Invalid.at("/by", f"is not a coded field that {feed.name} shows; there are {', '.join(shown)}")
    found, (counts,) = _read(db, feed, [by])
    recent = set(_months_to(found.as_of, months))
    return found, Counts(
        by, counts.values, counts.withheld, counts.unstated,
        {month: values for month, values in counts.months.items() if month in recent},
    )  # fmt: skip


def overview(db: Session, feed: Feed) -> tuple[Edition, list[Counts]]:
    """The numbers of every field."""
    return _read(db, feed, coded_of(feed))


def _read(db: Session, feed: Feed, fields: Sequence[str]) -> tuple[Edition, list[Counts]]:
    last = editions.last_release(db, feed.name)
    rows: dict[str, list[Tally]] = defaultdict(list)
    for row in statistics.of(db, feed.name, [ALL, *fields]):
        rows[row.field].append(row)
    total = sum(row.entries for row in rows[ALL])
    number, at = (last.number, last.released_at) if last else (0, None)
    return Edition(feed.name, number, at, total), [_counts(by, rows[by], total) for by in fields]


def _counts(by: str, rows: Sequence[Tally], total: int) -> Counts:
    special, values = Counter[str](), Counter[str]()
    months: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        if row.value in {STATED, WITHHELD}:
            special[row.value] += row.entries
            continue
        values[row.value] += row.entries
        if row.month:
            months[row.month][row.value] = row.entries
    ranked = dict(sorted(values.items(), key=lambda pair: (-pair[1], pair[0])))
    withheld = special[WITHHELD]
    return Counts(by, ranked, withheld, total - special[STATED] - withheld, dict(sorted(months.items())))


def _months_to(at: datetime | None, number: int) -> Iterable[str]:
    if at is None:
        return
    last = at.year * 12 + at.month - 1
    for month in range(last - number + 1, last + 1):
        yield f"{month // 12:04}-{month % 12 + 1:02}"


def recount(db: Session, feed: str) -> Counter[Count]:
    """Count a feed's live entries anew, from their bytes."""
    found: Counter[Count] = Counter()
    for content in editions.live(db, feed, CARRIER):
        found.update(counted(content))
    return found


def catch_up(db: Session, feed: str) -> None:
    """Count a feed that was released before there was a tally."""
    if statistics.is_empty(db, feed) and editions.last_release(db, feed):
        statistics.add(db, feed, recount(db, feed))

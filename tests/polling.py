"""Polling while publishers are killed: what pollers got, judged by a journal that the database itself keeps.

Triggers write down every object version that ever was committed, and when it was superseded or deleted. A poller passes
a position when an answer reaches beyond it, or says that nothing more is there. Of each poller is asserted:

1. What it got are versions of its collection, each once, in the order of their positions, which is that of date_added.
2. Of what it passed it misses nothing but versions that had been superseded or deleted before its answer arrived.
3. An answer without more behind it holds everything that was committed before the request: a release counts as
   committed, for sure, once the next release of its feed began.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text

from tests.conftest import World

COLUMNS = "at, what, feed, position, number, stix_id, version, kind, added_at"
TABLE = f"CREATE TABLE journal (seq INTEGER PRIMARY KEY, {COLUMNS})"
TRIGGER = """CREATE TRIGGER journal_{0} AFTER {1} BEGIN
INSERT INTO journal ({2}) VALUES ((julianday('now') - 2440587.5) * 86400.0, '{0}',
{3}.feed, {3}.position, {3}.release, {3}.stix_id, {3}.version, {3}.kind, {3}.added_at); END"""
EVENTS = (
    ("added", "INSERT ON entry", "NEW"),
    ("superseded", "UPDATE OF is_last ON entry WHEN OLD.is_last AND NOT NEW.is_last", "NEW"),
    ("deleted", "DELETE ON entry", "OLD"),
)
Key = tuple[str, str]  # STIX id, version; of an object in an envelope that has no version, ""
SLACK = 0.002  # seconds: the triggers' clock shows milliseconds


def keep_journal(world: World) -> None:
    """Have the database write down what happens to entries, in the transaction in which it happens."""
    with world.hub.store.writing() as db:
        db.connection().execute(text(TABLE))
        for what, event, row in EVENTS:
            db.connection().execute(text(TRIGGER.format(what, event, COLUMNS, row)))


@dataclass(frozen=True)
class Answer:
    """One answer that a poller got: when it was asked and had come, what was in it, whether more was behind it."""

    asked: float
    came: float
    keys: Sequence[Key]
    is_end: bool


@dataclass
class Row:
    """One object version that was released."""

    position: int
    key: Key
    kind: str
    number: int
    added_at: str
    ended: float = float("inf")  # when it was deleted
    superseded: float = float("inf")


@dataclass
class History:
    """Everything that one collection ever held, by position."""

    rows: list[Row] = field(default_factory=list)
    began: dict[int, float] = field(default_factory=dict)  # release → when its first row was written

    def sure(self, number: int) -> float:
        """When a release had been committed for sure."""
        return self.began.get(number + 1, float("inf"))


def history(world: World, feed: str, kinds: Sequence[str] = ()) -> History:
    """What the journal says of a feed, or of its objects of some types."""
    made, found = History(), {}
    with world.hub.store.reading() as db:
        asked = text("SELECT * FROM journal WHERE feed = :feed ORDER BY seq")
        for one in db.connection().execute(asked, {"feed": feed}):
            if one.what == "added":
                row = Row(one.position, (one.stix_id, one.version), one.kind, one.number, one.added_at)
                assert one.position not in found, f"position {one.position} was given twice"
                found[one.position] = row
                made.began.setdefault(one.number, one.at)
            elif one.what == "superseded":
                found[one.position].superseded = one.at
            else:
                found[one.position].ended = one.at
    made.rows = [row for _, row in sorted(found.items()) if not kinds or row.kind in kinds]
    return made


def disorder(world: World, feed: str) -> Iterator[str]:
    """What is wrong with the order of a feed itself: dates or release numbers that do not grow with positions."""
    kept = history(world, feed)
    for before, after in zip(kept.rows, kept.rows[1:], strict=False):
        if not (before.added_at < after.added_at and before.number <= after.number <= before.number + 1):
            yield f"{feed}: position {after.position} follows {before.position} out of order"


@dataclass
class Verdict:
    """What is wrong with what one poller got."""

    missed: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)


def judge(kept: History, answers: Sequence[Answer], *, of_all_versions: bool = False) -> Verdict:
    """Compare what a poller got, from its start on, with what there was."""
    places: dict[Key, list[int]] = {}
    for row in kept.rows:
        places.setdefault(row.key, []).append(row.position)
        places.setdefault((row.key[0], ""), []).append(row.position)
    positions, found = [row.position for row in kept.rows], Verdict()
    got: set[int] = set()
    passed = 0  # how many rows it is beyond
    for answer in answers:
        before = positions[passed - 1] if passed else 0
        for key in answer.keys:
            known = places.get(key, [])
            at = next((one for one in known if one > before), None)
            if at is None:
                (found.doubled if got & set(known) else found.disordered).append(f"{key}")
                continue
            got.add(at)
            before = at
        reached = bisect_right(positions, before)
        if answer.is_end:
            while reached < len(kept.rows) and kept.sure(kept.rows[reached].number) < answer.asked - SLACK:
                reached += 1
        for row in kept.rows[passed:reached]:
            gone = row.ended if of_all_versions else min(row.ended, row.superseded)
            if row.position not in got and gone > answer.came + SLACK:
                found.missed.append(f"{row.position}: {row.key}")
        passed = max(passed, reached)
    return found

"""The audit as a log: places for entries, the tiles of the tree over them, and the checkpoints.

1. What an entry's leaf commits to is the same on both engines: `SHA-256("hub.audit.v1" | salt | payload)`, the payload
   being JSON without spaces, keys sorted, of seq, at, actor, action, subject and details; whole numbers without a
   point, `at` as `2026-11-23T12:00:00.000000Z`.
2. Whoever gives entries their places holds the one row of `audit_tree` locked. Nothing of it is in a filing's way.
3. On PostgreSQL a lower number may be committed later than a higher one: a number not seen yet is a *gap* and gets the
   next place when it appears. It is given up after a day; what appears after that is outside the log.
4. Tiles of level 0 are written once they are full; those above grow with each full tile below.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import delete, exists, func, insert, select, text, update
from sqlmodel import Session, col

from hub import merkle, notes
from hub.merkle import WIDE
from hub.store.tables import AuditEntry, AuditErased, AuditLeaf, AuditTile, AuditTree, Checkpoint

SLICE = 4096  # entries that get their places in one transaction
GIVEN_UP = timedelta(days=1)
MOST_GAPS = 10_000  # numbers missing between two entries; of a longer run, none is waited for
SALT = col(AuditEntry.salt)
ENTRY: tuple[Any, ...] = (
    col(AuditEntry.seq),
    col(AuditEntry.at),
    col(AuditEntry.actor),
    col(AuditEntry.action),
    col(AuditEntry.subject),
    col(AuditEntry.details),
    SALT,
)


def payload(row: Any) -> bytes:
    """What is committed to of an entry: the same bytes on both engines."""
    return orjson.dumps(
        {
            "seq": row.seq,
            "at": row.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "actor": row.actor,
            "action": row.action,
            "subject": row.subject,
            "details": _plain(row.details),
        },
        option=orjson.OPT_SORT_KEYS,
    )


def commitment(row: Any) -> bytes:
    """The leaf of an entry."""
    return notes.commitment(row.salt, payload(row))


def _plain(value: Any) -> Any:
    """The same value as both engines give it back: PostgreSQL knows no difference between 1e3 and 1000."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def tree(session: Session) -> AuditTree:
    """How far the log has come."""
    return session.get(AuditTree, 1) or AuditTree(id=1, size=0, last_seq=0, gaps={})


def is_behind(session: Session, at: datetime) -> bool:
    """Whether an entry has no place yet that could have one, or a gap is to be given up."""
    known = tree(session)
    newer = select(exists().where(col(AuditEntry.seq) > known.last_seq))
    if session.connection().execute(newer).scalar_one():
        return True
    return bool(_late(session, known, 1)) or any(_is_old(since, at) for since in known.gaps.values())


def sequence(session: Session, at: datetime) -> int:
    """Give a slice of the entries their places; how many."""
    known = _locked(session)
    late = _late(session, known, SLICE)
    fresh = _fresh(session, known.last_seq, SLICE - len(late))
    gaps = {number: since for number, since in known.gaps.items() if not _is_old(since, at)}
    for row in late:
        gaps.pop(str(row.seq), None)
    last = known.last_seq
    for row in fresh:
        if row.seq - last <= MOST_GAPS:
            gaps |= {str(number): at.isoformat() for number in range(last + 1, row.seq)}
        last = row.seq
    rows = [*late, *fresh]
    _add_leaves(session, known.size, rows)
    values = {"size": known.size + len(rows), "last_seq": last, "gaps": gaps}
    session.connection().execute(update(AuditTree).where(col(AuditTree.id) == 1).values(values))
    return len(rows)


def _locked(session: Session) -> Any:
    connection = session.connection()
    asked = select(col(AuditTree.size), col(AuditTree.last_seq), col(AuditTree.gaps)).where(col(AuditTree.id) == 1)
    found = connection.execute(asked.with_for_update()).one_or_none()
    if found is not None:
        return found
    # Two at a time: the second waits for the first one's commit, and then takes the row as it is.
    connection.execute(
        text("INSERT INTO audit_tree (id, size, last_seq, gaps) VALUES (1, 0, 0, '{}') ON CONFLICT DO NOTHING")
    )
    return connection.execute(asked.with_for_update()).one()


def _is_old(since: str, at: datetime) -> bool:
    return at - datetime.fromisoformat(since) > GIVEN_UP


def _late(session: Session, known: Any, most: int) -> Sequence[Any]:
    if not known.gaps:
        return []
    numbers = [int(number) for number in known.gaps]
    found: list[Any] = []
    for start in range(0, len(numbers), 500):
        asked = select(*ENTRY).where(col(AuditEntry.seq).in_(numbers[start : start + 500])).limit(most - len(found))
        found += session.connection().execute(asked).all()
        if len(found) >= most:
            break
    return sorted(found, key=lambda row: row.seq)


def _fresh(session: Session, after: int, most: int) -> Sequence[Any]:
    asked = select(*ENTRY).where(col(AuditEntry.seq) > after).order_by(col(AuditEntry.seq)).limit(most)
    return session.connection().execute(asked).all() if most else []


def _add_leaves(session: Session, size: int, rows: Sequence[Any]) -> None:
    if not rows:
        return
    leaves = [{"position": size + at, "seq": row.seq, "commitment": commitment(row)} for at, row in enumerate(rows)]
    session.connection().execute(insert(AuditLeaf), leaves)
    begun = size // WIDE * WIDE  # of the tile that is not full yet
    hashes = _hashes(session, begun, size) + [merkle.leaf_hash(one["commitment"]) for one in leaves]
    full = [hashes[at : at + WIDE] for at in range(0, len(hashes) - WIDE + 1, WIDE)]
    _add_tiles(session, 0, begun // WIDE, full)


def _add_tiles(session: Session, level: int, first: int, full: Sequence[Sequence[bytes]]) -> None:
    """Write full tiles, and their roots into the tiles above."""
    if not full:
        return
    rows = [{"level": level, "number": first + at, "hashes": b"".join(one)} for at, one in enumerate(full)]
    connection = session.connection()
    connection.execute(
        delete(AuditTile).where(col(AuditTile.level) == level, col(AuditTile.number).in_([r["number"] for r in rows]))
    )
    connection.execute(insert(AuditTile), rows)
    above = first // WIDE
    begun = tile(session, level + 1, above) or b""
    hashes = [*merkle.hashes_of(begun)[: first % WIDE], *(merkle.folded(one) for one in full)]
    whole = len(hashes) // WIDE * WIDE
    _add_tiles(session, level + 1, above, [hashes[at : at + WIDE] for at in range(0, whole, WIDE)])
    if hashes[whole:]:
        number = above + whole // WIDE
        here = (col(AuditTile.level) == level + 1, col(AuditTile.number) == number)
        connection.execute(delete(AuditTile).where(*here))
        row = {"level": level + 1, "number": number, "hashes": b"".join(hashes[whole:])}
        connection.execute(insert(AuditTile), [row])


def _hashes(session: Session, start: int, end: int) -> list[bytes]:
    """Hashes of leaves, from the leaves themselves."""
    place = col(AuditLeaf.position)
    asked = select(col(AuditLeaf.commitment)).where(place >= start, place < end).order_by(place)
    return [merkle.leaf_hash(one) for one in session.connection().execute(asked).scalars()]


def tile(session: Session, level: int, number: int) -> bytes | None:
    """A tile as it is kept."""
    here = (col(AuditTile.level) == level, col(AuditTile.number) == number)
    return session.connection().execute(select(col(AuditTile.hashes)).where(*here)).scalar_one_or_none()


class StoredTiles:
    """The tiles of the log, each read once; what is not full yet at level 0 is made of its leaves."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.read: dict[tuple[int, int], bytes] = {}

    def __call__(self, level: int, number: int) -> bytes:
        """The hashes of a tile."""
        found = self.read.get((level, number))
        if found is None:
            found = tile(self._session, level, number)
            if found is None and level == 0:
                found = b"".join(_hashes(self._session, number * WIDE, (number + 1) * WIDE))
            self.read[level, number] = found = found or b""
        return found


def newest(session: Session) -> Checkpoint | None:
    """The newest checkpoint."""
    asked = select(Checkpoint).order_by(col(Checkpoint.size).desc()).limit(1)
    return session.execute(asked).scalars().one_or_none()


def checkpoints(session: Session, after: int, most: int = 1000) -> Sequence[Checkpoint]:
    """Checkpoints of more than some leaves, in order."""
    asked = select(Checkpoint).where(col(Checkpoint.size) > after).order_by(col(Checkpoint.size)).limit(most)
    return list(session.execute(asked).scalars())


def add(session: Session, found: Checkpoint) -> None:
    """Keep a checkpoint."""
    session.add(found)
    session.flush()


def leaf(session: Session, seq: int) -> Any:
    """Position and commitment of an entry's leaf, or None."""
    asked = select(col(AuditLeaf.position), col(AuditLeaf.commitment)).where(col(AuditLeaf.seq) == seq)
    return session.connection().execute(asked).one_or_none()


def entry(session: Session, seq: int) -> Any:
    """An entry with its salt, or None."""
    return session.connection().execute(select(*ENTRY).where(col(AuditEntry.seq) == seq)).one_or_none()


def leaves_of(session: Session, seqs: Sequence[int]) -> Sequence[Any]:
    """Position, seq and commitment of entries whose payloads are still there, in order."""
    asked = (
        select(col(AuditLeaf.position), col(AuditLeaf.seq), col(AuditLeaf.commitment))
        .join(AuditEntry, col(AuditEntry.seq) == col(AuditLeaf.seq))
        .where(col(AuditLeaf.seq).in_(seqs))
        .order_by(col(AuditLeaf.position))
    )
    return session.connection().execute(asked).all()


def forget(session: Session, seqs: Sequence[int], at: datetime) -> None:
    """Delete payloads: first they are named where the triggers look."""
    connection = session.connection()
    connection.execute(insert(AuditErased), [{"seq": seq, "at": at} for seq in seqs])
    connection.execute(delete(AuditEntry).where(col(AuditEntry.seq).in_(seqs)))


def counts(session: Session) -> Mapping[str, int]:
    """How many leaves and tiles there are."""
    connection = session.connection()
    asked: dict[str, Any] = {"leaves": AuditLeaf, "tiles": AuditTile}
    return {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one() for name, table in asked.items()
    }


def highest(session: Session) -> int:
    """The highest number of an entry; 0 without any."""
    return session.connection().execute(select(func.max(col(AuditEntry.seq)))).scalar_one() or 0

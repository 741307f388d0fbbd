"""Does the audit log say what it said when its checkpoints were signed? Read from end to end, beside a running hub.

1. Each entry is what its leaf commits to; places have no gap; an entry that is not there is named, with its place and
   commitment, by an erasure entry of the log.
2. Tiles are what the leaves make of them. Each checkpoint held, here, in the second place or in a file, carries this
   hub's signature and the root of the log at its size: so each is consistent with the next.
3. An entry that missed its turn is outside the log, and a fault. What comes behind the newest checkpoint held is the
   window: nothing can be said of it.
4. After a restore, the checkpoints of what was done after the backup are of a log that nobody has any more. That is a
   fault too, unless whoever verifies says that they know of the restore.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub import merkle, notes
from hub.errors import Tampered
from hub.merkle import WIDE, Stack
from hub.notes import Signed
from hub.store import Session, ledger, ledger_reading
from hub.witnessed import Held

ERASE, RESTORE = "audit.erase", "hub.restore"
SHOWN = 20  # faults told by name; the others are counted


@dataclass
class Verdict:
    """What was found."""

    faults: list[str] = field(default_factory=list)
    count: int = 0  # of faults
    entries: int = 0
    erased: int = 0
    checkpoints: int = 0  # in the database
    held: int = 0  # elsewhere
    unreadable: int = 0  # lines of the second place
    lost: int = 0  # checkpoints of before a restore, of what is gone
    restores: int = 0
    newest: Signed | None = None  # the newest held elsewhere; if none is, the newest in the database
    window: int = 0  # entries behind it
    window_since: datetime | None = None
    seconds: float = 0.0

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.count

    def fault(self, said: str) -> None:
        """Note a fault."""
        self.count += 1
        if len(self.faults) < SHOWN:
            self.faults.append(said)


@dataclass(frozen=True)
class Key:
    """Whose signature a checkpoint must bear."""

    origin: str
    public_key: bytes


def verify(
    db: Session, key: Key, held: Sequence[Iterable[Held | None]] = (), *, knows_restore: bool = False
) -> Verdict:
    """Verify the whole log at one instant, against what each place holds of checkpoints; `db` is a snapshot."""
    begun, found = time.monotonic(), Verdict()
    eras = [some for one in held if (some := _eras(key, one, found))]
    wanted = _wanted(db, key, [signed for some in eras for signed in some[-1].values()], found)
    size = _walk(db, wanted, found)
    earlier = [signed for some in eras for era in some[:-1] for signed in era.values()]
    _lost(earlier, size, wanted, found, knows_restore=knows_restore)
    _outside(db, size, found)
    found.seconds = time.monotonic() - begun
    return found


def _eras(key: Key, held: Iterable[Held | None], found: Verdict) -> list[dict[int, Signed]]:
    """The checkpoints held elsewhere; each time that the log begins again at a smaller size is another dict."""
    eras: list[dict[int, Signed]] = []
    last = 0
    for one in held:
        if one is None:
            found.unreadable += 1
            continue
        signed = _signed(one.note, key, f"the checkpoint held of {one.size:,} entries", found)
        if signed is None:
            continue
        found.held += 1
        known = eras[-1].get(signed.size, signed) if eras else signed
        if not eras or one.is_anew or signed.size < last or known.root != signed.root:
            eras.append({})
        eras[-1][signed.size] = signed
        last = signed.size
    return eras


def _signed(note: str, key: Key, name: str, found: Verdict) -> Signed | None:
    try:
        return notes.read(note, key.origin, key.public_key)
    except Tampered as wrong:
        found.fault(f"{name}: {wrong}")
        return None


def _wanted(db: Session, key: Key, elsewhere: Sequence[Signed], found: Verdict) -> dict[int, dict[bytes, str]]:
    """Size → root → by whom it is held."""
    wanted: dict[int, dict[bytes, str]] = {}
    newest = max(elsewhere, key=lambda one: one.size, default=None)
    kept = set()
    for row in ledger_reading.checkpoints(db):
        name = f"the checkpoint of {row.size:,} entries in the database"
        found.checkpoints += 1
        kept.add(row.size)
        signed = _signed(row.note, key, name, found)
        if signed is None:
            continue
        if (signed.size, signed.root, signed.at) != (row.size, row.root, row.at):
            found.fault(f"{name} is not what its note says")
        wanted.setdefault(signed.size, {})[signed.root] = name
        if not elsewhere and (newest is None or signed.size > newest.size):
            newest = signed
    for one in elsewhere:
        name = f"the checkpoint of {one.size:,} entries held elsewhere"
        wanted.setdefault(one.size, {})[one.root] = name
        if one.size not in kept:
            found.fault(f"{name} is not in the database any more")
    found.newest = newest
    return wanted


def _walk(db: Session, wanted: Mapping[int, Mapping[bytes, str]], found: Verdict) -> int:
    """Read the leaves in order; how many there are."""
    stack, tiles = Stack(), _Tiles(db, found)
    missing: dict[int, tuple[int, str]] = {}  # position → number and commitment
    named: dict[int, tuple[int, str]] = {}  # the same, as erasure entries say
    signed = found.newest.size if found.newest else 0
    _compare(stack, wanted, found)
    for row in ledger_reading.leaves(db):
        if row.position != stack.size:
            found.fault(f"the leaf at place {stack.size:,} is not there")
            break
        _entry(row, missing, named, found)
        if row.position >= signed:
            found.window += 1
            found.window_since = found.window_since or row.at
        hashed = merkle.leaf_hash(row.commitment)
        stack.add(hashed)
        tiles.add(hashed)
        _compare(stack, wanted, found)
    found.entries, found.erased = stack.size, len(missing)
    for position, (seq, said) in missing.items():
        if named.get(position) != (seq, said):
            found.fault(f"entry {seq} at place {position:,} is not there, and no erasure names it as it was")
    for position in sorted(named.keys() - missing.keys()):
        found.fault(f"entry {named[position][0]} at place {position:,} was erased, and is there again")
    tiles.end()
    return stack.size


def _compare(stack: Stack, wanted: Mapping[int, Mapping[bytes, str]], found: Verdict) -> None:
    roots = wanted.get(stack.size)
    if roots:
        actual = stack.root()
        for root, name in roots.items():
            if root != actual:
                found.fault(f"{name} has another root than the log")


def _entry(row: Any, missing: dict[int, Any], named: dict[int, Any], found: Verdict) -> None:
    place = f"entry {row.leaf_seq} at place {row.position:,}"
    if row.seq is None:
        missing[row.position] = (row.leaf_seq, row.commitment.hex())
        return
    if ledger.commitment(row) != row.commitment:
        found.fault(f"{place} ({row.action}) is not what its leaf commits to")
    elif row.action == ERASE:
        named.update({position: (seq, said) for position, seq, said in row.details["leaves"]})
    elif row.action == RESTORE:
        found.restores += 1


def _lost(
    earlier: Sequence[Signed], size: int, wanted: Mapping[int, Any], found: Verdict, *, knows_restore: bool
) -> None:
    beyond = sorted(one for one in wanted if one > size)
    for one in beyond:
        found.fault(f"{next(iter(wanted[one].values()))} covers more than the {size:,} that there are")
    standing = {root for by_root in wanted.values() for root in by_root}
    # Of an earlier era, what the log still has is met by the later one's checkpoints as far as these know its sizes.
    found.lost = sum(one.root not in standing for one in earlier)
    if found.lost and not (knows_restore and found.restores):
        hint = " (a restore is on record: --after-restore)" if found.restores else ""
        found.fault(f"{found.lost:,} checkpoints held elsewhere are of a log that went on otherwise{hint}")


def _outside(db: Session, size: int, found: Verdict) -> None:
    tree = ledger.tree(db)
    if tree.size != size:
        found.fault(f"the tree says {tree.size:,} entries, and has leaves of {size:,}")
    late = [seq for seq in ledger_reading.without_leaf(db, tree.last_seq, 1000) if str(seq) not in tree.gaps]
    for seq in late:
        found.fault(f"entry {seq} is outside the log: it came after its turn")
    waiting, oldest = ledger_reading.waiting(db, tree.last_seq)
    found.window += waiting
    found.window_since = found.window_since or oldest


class _Tiles:
    """The tiles as the leaves make them, against those that are kept."""

    def __init__(self, db: Session, found: Verdict) -> None:
        self._db, self._found = db, found
        self._open: list[list[bytes]] = [[]]  # of each level, the hashes of the tile that is not full
        self._numbers = [0]
        self._count = 0

    def add(self, hashed: bytes) -> None:
        """The next leaf's hash."""
        level = 0
        while True:
            if level == len(self._open):
                self._open.append([])
                self._numbers.append(0)
            self._open[level].append(hashed)
            if len(self._open[level]) < WIDE:
                return
            self._full(level)
            hashed = merkle.folded(self._open[level])
            self._open[level] = []
            level += 1

    def _full(self, level: int) -> None:
        self._check(level, self._numbers[level], self._open[level])
        self._numbers[level] += 1

    def _check(self, level: int, number: int, hashes: list[bytes]) -> None:
        self._count += 1
        if ledger.tile(self._db, level, number) != b"".join(hashes):
            self._found.fault(f"tile {number:,} of level {level} is not what the leaves make of it")

    def end(self) -> None:
        """After the last leaf: the tiles above that are not full, and that there are no others."""
        for level, hashes in enumerate(self._open):
            if level and hashes:
                self._check(level, self._numbers[level], hashes)
        kept = ledger.counts(self._db)["tiles"]
        if kept != self._count:
            self._found.fault(f"there are {kept:,} tiles, and the leaves make {self._count:,}")

"""The audit log: entries get their places, its state is signed, and a payload that may go is erased.

1. Nothing of this is done while somebody waits: the clock does it, in slices. What is not under a checkpoint yet is the
   *window*.
2. A checkpoint is signed a minute after the last if anything was added since, or as soon as 1,000 entries were.
3. An erased payload's leaf stays, and an entry of the log names it by position, number and commitment. That entry comes
   before the deletion in the same transaction: without it the gap would be a fault.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub import merkle, notes
from hub.roles import Act
from hub.signing import Signer
from hub.store import Session, audit, ledger
from hub.store.tables import Checkpoint

EVERY = timedelta(minutes=1)
MOST = 1000  # entries between two checkpoints
NAMED = 1000  # leaves in one erasure entry
ERASE = "audit.erase"


@dataclass(frozen=True)
class Proof:
    """That an entry is in the log that a checkpoint signs."""

    seq: int
    salt: bytes
    payload: bytes
    commitment: bytes
    index: int
    path: Sequence[bytes]
    note: str


def is_behind(db: Session, at: datetime) -> bool:
    """Whether entries wait for their places."""
    return ledger.is_behind(db, at)


def sequence(db: Session, at: datetime) -> int:
    """Give a slice of entries their places; how many."""
    return ledger.sequence(db, at)


def is_due(db: Session, at: datetime) -> bool:
    """Whether a checkpoint is to be signed."""
    size, newest = ledger.tree(db).size, ledger.newest(db)
    if newest is None:
        return size > 0
    return size > newest.size and (size - newest.size >= MOST or at - newest.at >= EVERY or at < newest.at)


def sign(db: Session, signer: Signer, uid: str, at: datetime) -> Checkpoint | None:
    """Sign the state of the log, unless another process has meanwhile."""
    ledger.sequence(db, at)  # takes the lock, and with it whatever came since
    if not is_due(db, at):
        return None
    size = ledger.tree(db).size
    root = merkle.root(ledger.StoredTiles(db), size)
    signed = notes.sign(signer, notes.origin_of(uid), size, root, at)
    made = Checkpoint(size=size, at=at, root=root, note=signed.note)
    ledger.add(db, made)
    return made


def unwitnessed(db: Session, size: int, note: str) -> tuple[Sequence[Checkpoint], bool]:
    """The checkpoints that the second place lacks, given the last that it has, and whether they begin anew.

    Where that one is not ours, the hub was restored from before it, and the newest is the first again.
    """
    newest = ledger.newest(db)
    if newest is None or newest.note == note:
        return [], False
    known = ledger.checkpoints(db, size - 1, 1)
    is_ours = bool(known) and known[0].note == note
    return (ledger.checkpoints(db, size), False) if is_ours or not note else ([newest], True)


def newest(db: Session) -> Checkpoint | None:
    """The newest checkpoint."""
    return ledger.newest(db)


def prove(db: Session, seq: int) -> Proof | None:
    """Show that an entry is in the log; None if it is erased, or not under a checkpoint yet."""
    signed, leaf, entry = ledger.newest(db), ledger.leaf(db, seq), ledger.entry(db, seq)
    if signed is None or leaf is None or entry is None or leaf.position >= signed.size:
        return None
    path = merkle.inclusion(ledger.StoredTiles(db), leaf.position, signed.size)
    return Proof(seq, entry.salt, ledger.payload(entry), leaf.commitment, leaf.position, path, signed.note)


def erase(db: Session, act: Act, seqs: Iterable[int], why: str) -> int:
    """Erase the payloads of entries, and say so in the log; how many were still there.

    The caller has decided that they may go, and commits. Entries without a place get theirs first.
    """
    wanted = sorted(set(seqs))
    # Until nothing waits: a number of a late commit may be among them.
    while wanted and ledger.sequence(db, act.at):
        pass
    total = 0
    for start in range(0, len(wanted), NAMED):
        found = ledger.leaves_of(db, wanted[start : start + NAMED])
        if not found:
            continue
        named = [[row.position, row.seq, row.commitment.hex()] for row in found]
        # First the entry: SQLite would give the number of a deleted last row once more.
        audit.append(db, act.at, act.caller.actor, ERASE, "audit", leaves=named, why=why)
        ledger.forget(db, [row.seq for row in found], act.at)
        total += len(found)
    return total

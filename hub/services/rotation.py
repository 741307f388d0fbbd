"""Rotation: a new epoch, every data key under it, and, for an erasure epoch, the end of those before.

1. A new epoch is a row and two wrapped secrets; then intake is shown its public key. Nothing is moved before every
   running process has had time to take it in.
2. Data keys are wrapped anew in batches, and put in place only where they still are what was read. What is sealed is
   not touched. Keys that wait for admission move too: from one public key to the other.
3. What does not open under the epoch that it names opens for nobody: it is counted, and holds up nothing.
4. An erasure epoch destroys the secrets of those before it once nothing hangs on them, and after a time in which
   requests that read a key before it moved have ended. From then on no copy of keys or data made earlier opens.

A crash anywhere leaves keys under two epochs that both open; whoever comes next goes on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.agreement import Deed, demand
from hub.errors import Busy, NotReady, Tampered
from hub.keys import Keyring, WrappedEpoch
from hub.roles import CLOCK, Act
from hub.seal import Place, public_key_of, rewrap_under, unwrap_from_intake, wrap_for_epoch
from hub.store import Session, audit, deployments, epochs, wrapped
from hub.store.epochs import Cursor, Hung

BATCH = 2000  # data keys in a transaction: writers wait some tens of milliseconds for it
KNOWN = timedelta(seconds=6)  # in which every process has taken in a new epoch: three looks
GRACE = timedelta(seconds=120)  # twice as long as any request may take


@dataclass
class Walk:
    """How far a process has come, through the keys of earlier epochs. It is not stored: the keys say what is left."""

    goal: int
    left: list[int]  # epochs, the oldest first
    cursor: Cursor
    moved: int = 0
    dead: list[Hung] = field(default_factory=list)  # what opens for nobody

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to walk through."""
        return not self.left


@dataclass(frozen=True)
class State:
    """Where a rotation stands."""

    goal: int
    is_known: bool  # to every process
    hangs: bool  # whether any key lies under an earlier epoch
    settled_at: datetime | None
    erasing: int | None  # the erasure epoch, while earlier ones are to be destroyed

    def may_destroy(self, now: datetime) -> bool:
        """Whether those who read a key before it moved have ended."""
        return self.erasing is not None and self.settled_at is not None and now - self.settled_at >= GRACE

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.settled_at is not None and not self.hangs and self.erasing is None


def next_number(db: Session) -> int:
    """The number of the epoch to make."""
    found = epochs.current(db)
    return found.number + 1 if found else 1


def due(db: Session, now: datetime, epoch_days: int, erasure_days: int) -> bool | None:
    """Whether the clock owes an epoch, and if so whether it is to be an erasure epoch; None: it owes none."""
    newest, erased = epochs.current(db), epochs.last_erasing(db)
    if newest is None or erased is None:
        return None
    if erasure_days and now - erased >= timedelta(days=erasure_days):
        return True
    return False if epoch_days and now - newest.created_at >= timedelta(days=epoch_days) else None


def announce(db: Session, act: Act, made: WrappedEpoch, *, erases: bool) -> None:
    """Add an epoch; raises Busy if another was made meanwhile, NotAgreed unless a second person agreed."""
    demand(db, act, Deed("key.epoch", str(made.number), {"erases": erases}))
    _add(db, act.at, act.caller.token_id, made, erases=erases)


def announce_by_clock(db: Session, now: datetime, made: WrappedEpoch, *, erases: bool) -> None:
    """Add an epoch that the settings owe: to set them was the decision."""
    _add(db, now, CLOCK, made, erases=erases)


def _add(db: Session, at: datetime, actor: str, made: WrappedEpoch, *, erases: bool) -> None:
    if next_number(db) != made.number:
        message = "another epoch was made meanwhile; run it again"
        raise Busy(message)
    hanging = sum(wrapped.hanging(db).values())
    deployments.add_epoch(db, made, at)
    db.flush()
    if erases:
        epochs.mark_erasing(db, made.number, at)
    said = {"erases": erases, "public_key": made.public_key.hex(), "provider": made.provider}
    audit.append(db, at, actor, "key.epoch", str(made.number), **said)
    audit.append(db, at, actor, "key.rotate", str(made.number), outcome="begun", data_keys=hanging)


def state(db: Session, now: datetime) -> State | None:
    """Where the rotation stands; None before the first epoch."""
    found = epochs.current(db)
    if found is None:
        return None
    is_known = now - found.created_at >= KNOWN or found.number == 1
    settled = found.settled_at or (found.created_at if found.number == 1 else None)
    hangs = epochs.hangs_on(db, found.number)
    return State(found.number, is_known, hangs, settled, epochs.erasing(db))


def begin(db: Session, goal: int) -> Walk:
    """A walk through all that lies under earlier epochs."""
    left = epochs.standing(db, goal)
    return Walk(goal, left, Cursor(left[0] if left else goal))


def read(db: Session, walk: Walk) -> list[Hung]:
    """The next keys of a walk; empty at its end."""
    while walk.left:
        if found := epochs.read(db, walk.cursor, BATCH):
            return found
        walk.left = walk.left[1:]
        walk.cursor = Cursor(walk.left[0] if walk.left else walk.goal)
    return []


def rewrap(keyring: Keyring, deployment: str, walk: Walk, batch: Sequence[Hung]) -> list[tuple[Hung, bytes]]:
    """The keys of a batch under the new epoch; those that open for nobody are noted.

    Raises NotReady if this process lacks an epoch: what it cannot open, another can.
    """
    lacking = {one.epoch for one in batch if keyring.epochs.get(one.epoch) is None}
    if lacking or keyring.epochs.get(walk.goal) is None:
        message = f"epoch {min(lacking or {walk.goal})} has no secrets here: hub restore --keys FILE"
        raise NotReady(message)
    new = keyring.epochs[walk.goal]
    public, moved = public_key_of(new.private_key), []
    for one in batch:
        old, place = keyring.epochs[one.epoch], Place(deployment, one.organisation_id, one.report_id, one.revision)
        try:
            if one.is_admitted:
                fresh = rewrap_under(old.kek, new.kek, one.wrapped, place, one.purpose)
            else:
                dek = unwrap_from_intake(old.private_key, one.wrapped, place, one.purpose)
                fresh = wrap_for_epoch(public, dek, place, one.purpose)
        except Tampered:
            walk.dead.append(one)
        else:
            moved.append((one, fresh))
    return moved


def put(db: Session, goal: int, moved: Sequence[tuple[Hung, bytes]]) -> int:
    """Put wrapped keys in place; how many were still what was read. The others' turn comes with the next walk."""
    return epochs.put(db, goal, moved)


def go_on(walk: Walk, batch: Sequence[Hung], moved: int) -> None:
    """Note that a batch is done."""
    last = batch[-1]
    walk.moved += moved
    walk.cursor = Cursor(last.epoch, last.row, (last.report_id, last.revision, last.purpose))


def settle(db: Session, now: datetime, walk: Walk) -> bool:
    """Record that all was moved, once; False while keys that open lie under earlier epochs."""
    left = {number: count for number, count in wrapped.hanging(db).items() if number < walk.goal}
    if sum(left.values()) > len(walk.dead):
        return False
    if epochs.settle(db, walk.goal, now):
        counts = {"data_keys": wrapped.hanging(db).get(walk.goal, 0), "dead": len(walk.dead)}
        audit.append(db, now, CLOCK, "key.rotate", str(walk.goal), outcome="finished", **counts)
    return True


def destroy(db: Session, now: datetime, erasing: int, dead: Iterable[Hung]) -> bool:
    """Destroy the secrets of the epochs before an erasure epoch; False, and nothing is, if a key still needs them."""
    numbers = epochs.standing(db, erasing)
    gone = [one for one in dead if one.epoch in numbers]
    if not epochs.destroy(db, numbers, gone, now):
        return False
    audit.append(db, now, CLOCK, "key.destroy", str(erasing), epochs=numbers, dead=len(gone))
    return True


def was_destroyed(db: Session, since: datetime) -> bool:
    """Whether an epoch was destroyed since an instant."""
    found = epochs.newest_destruction(db)
    return found is not None and found >= since

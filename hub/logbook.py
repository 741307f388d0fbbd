"""The audit log is kept: places, checkpoints and the second place, each step in its own transaction.

Called by whoever turns the wheel. A crash between a checkpoint's commit and its line in the second place is made good
by the next call.
"""

import math
import time

from hub import notes, witnessed
from hub.services import ledger, refusing
from hub.wiring import Hub

SEQUENCING = 1.0  # seconds of a tick


def keep(hub: Hub, seconds: float = math.inf) -> int:
    """Make entries of refusals whose minute is over, give entries their places, sign what is due; how many places."""
    _tell_refusals(hub)
    placed = sequence(hub, seconds)
    with hub.store.reading() as db:
        is_due = ledger.is_due(db, hub.clock())
    if is_due:
        signer, uid = hub.directory.auditor(), hub.deployment.uid
        hub.store.write(lambda db: ledger.sign(db, signer, uid, hub.clock()))
    witness(hub)
    return placed


def sequence(hub: Hub, seconds: float = math.inf) -> int:
    """Give entries their places for some seconds, in slices."""
    placed, last = 0, time.monotonic() + seconds
    while _is_behind(hub):  # reads first: an idle tick takes no write lock from those who file
        placed += hub.store.write(lambda db: ledger.sequence(db, hub.clock()))
        if time.monotonic() >= last:
            break
    return placed


def witness(hub: Hub) -> None:
    """Bring the second place up to date."""
    while True:
        seen = witnessed.last(hub.config.witness)
        with hub.store.reading() as db:
            lacking, is_anew = ledger.unwitnessed(db, *(seen[:2] if seen else (0, "")))
        if not lacking:
            return
        key = notes.verifier(notes.origin_of(hub.deployment.uid), hub.directory.audit_log())
        witnessed.append(hub.config.witness, lacking, key, is_anew=is_anew)


def _is_behind(hub: Hub) -> bool:
    with hub.store.reading() as db:
        return ledger.is_behind(db, hub.clock())


def _tell_refusals(hub: Hub) -> None:
    with hub.store.reading() as db:
        is_due = refusing.is_due(db, hub.clock())
    if is_due:
        hub.store.write(lambda db: refusing.tell(db, hub.clock()))

"""Rounds of rotation: each step in its own transaction, by the clock in slices or by `hub keys rotate`.

The service decides; here transactions begin and end, the root provider is asked, and intake is shown the new epoch.
"""

import logging
import time
from datetime import datetime, timedelta
from functools import partial

from hub.agreeing import agreed
from hub.errors import HubError
from hub.keys import new_epoch
from hub.roles import Act
from hub.seal import public_key_of
from hub.services import rotation
from hub.services.rotation import State, Walk
from hub.store import epochs
from hub.wiring import Hub

log = logging.getLogger(__name__)
SLICE = 1.0  # seconds of a tick
REST = 30.0  # seconds until keys that open for nobody are tried again
SOON = timedelta(hours=1)  # after a destruction, in which the database's files are wiped again by whoever ticks


def add(hub: Hub, act: Act, why: str, *, erases: bool) -> int:
    """Make an epoch and show it to intake; its number. Raises NotAgreed unless a second person agreed."""
    with hub.store.reading() as db:
        made = new_epoch(rotation.next_number(db), hub.directory.root())
    agreed(hub, act, why, lambda db: rotation.announce(db, act, made, erases=erases))
    show(hub)
    return made.number


def add_by_clock(hub: Hub, at: datetime, *, erases: bool) -> int:
    """Make an epoch that the settings owe and show it to intake; its number."""
    with hub.store.reading() as db:
        made = new_epoch(rotation.next_number(db), hub.directory.root())
    hub.store.write(lambda db: rotation.announce_by_clock(db, at, made, erases=erases))
    show(hub)
    return made.number


def show(hub: Hub) -> None:
    """Show intake the newest epoch, if it is shown an older one: a crash may have come between the row and the file.

    The public key is that of the private key, which the root key vouches for: not what the database says it is.
    """
    held = hub.ring.load().epochs
    newest = max(held)
    if hub.directory.epoch()[0] < newest:
        hub.directory.show_epoch(newest, public_key_of(held[newest].private_key))


def tick(hub: Hub) -> None:
    """What the clock does: an epoch if one is due, and a slice of what is under way."""
    config, at = hub.config, hub.clock()
    with hub.store.reading() as db:
        owed = rotation.due(db, at, config.epoch_days, config.erasure_days)
    if owed is not None:
        add_by_clock(hub, at, erases=owed)
    turn(hub, SLICE)


def turn(hub: Hub, seconds: float) -> State | None:
    """Go on with a rotation for some seconds; where it stands then."""
    found = _state(hub)
    if found is None or not found.is_known:
        return found
    _wipe(hub)
    if found.is_done or _rests(hub, found):
        return found
    if hub.directory.epoch()[0] < found.goal:
        show(hub)
    walk = hub.walk
    if walk is None or walk.goal != found.goal or walk.is_over:
        with hub.store.reading() as db:
            walk = hub.walk = rotation.begin(db, found.goal)
    if _go(hub, walk, time.monotonic() + seconds):
        _end(hub, found, walk)
    return _state(hub)


def _state(hub: Hub) -> State | None:
    with hub.store.reading() as db:
        return rotation.state(db, hub.clock())


def _rests(hub: Hub, found: State) -> bool:
    """Whether all that is left is what opens for nobody, or the time until a destruction."""
    if found.settled_at is None or found.may_destroy(hub.clock()):
        return False
    walk = hub.walk
    is_tried = walk is not None and walk.is_over and walk.goal == found.goal and bool(walk.dead)
    return not found.hangs or (is_tried and time.monotonic() - hub.walked < REST)


def _go(hub: Hub, walk: Walk, last: float) -> bool:
    """Walk on; whether the end was reached."""
    keyring, uid = hub.keyring, hub.deployment.uid
    while True:
        with hub.store.reading() as db:
            batch = rotation.read(db, walk)
        if not batch:
            hub.walked = time.monotonic()
            return True
        count = hub.store.write(partial(rotation.put, goal=walk.goal, moved=rotation.rewrap(keyring, uid, walk, batch)))
        rotation.go_on(walk, batch, count)
        if time.monotonic() >= last:
            return False


def _end(hub: Hub, found: State, walk: Walk) -> None:
    at = hub.clock()
    is_settled = hub.store.write(lambda db: rotation.settle(db, at, walk))
    erasing = found.erasing
    if not is_settled or erasing is None or not found.may_destroy(at):
        return
    if hub.store.write(lambda db: rotation.destroy(db, at, erasing, walk.dead)):
        log.info(
            "epochs before %d are destroyed; %d keys that opened for nobody went with them", erasing, len(walk.dead)
        )
        hub.ring.load()
        hub.wiped = False
        _wipe(hub)


def _wipe(hub: Hub) -> None:
    """Take what was deleted out of the database's own files; tried again at the next turn if somebody reads."""
    if hub.wiped:
        return
    with hub.store.reading() as db:
        is_due = rotation.was_destroyed(db, hub.clock() - SOON)
    try:
        hub.wiped = not is_due or epochs.wipe(hub.store)
    except HubError as missed:
        log.warning("could not wipe the destroyed secrets: %s", missed)

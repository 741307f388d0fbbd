"""Rounds of attachments: their admission, and the end of uploads that nobody went on with.

One attachment at a time: its intent in one transaction, its bytes read chunk by chunk in one that only reads, what came
of it in a third. They gate nothing, so a tick comes to them after its releases, and for some seconds.
"""

import math
import time

from hub.errors import Busy
from hub.services import attaching, attachment_admission
from hub.wiring import Hub

SECONDS = 5.0  # of a tick


def tick(hub: Hub) -> int:
    """Delete what was taken back or abandoned, and admit attachments for some seconds; how many were admitted."""
    with hub.store.reading() as db:
        is_due = attaching.has_leftovers(db, hub.clock())
    if is_due:
        hub.store.write(lambda db: attaching.forget(db, hub.clock()))
    return admit(hub, SECONDS)


def admit(hub: Hub, seconds: float = math.inf) -> int:
    """Admit the attachments that wait, or some of them: no new one is begun after some seconds; how many were."""
    total, last = 0, time.monotonic() + seconds
    while _is_needed(hub):
        try:
            total += _admit_one(hub)
        except Busy:  # a rotation wrapped one of its keys meanwhile: the next round looks at it again
            break
        if time.monotonic() >= last:
            break
    return total


def _is_needed(hub: Hub) -> bool:
    # Read first: an idle tick takes no write lock from those who file.
    with hub.store.reading() as db:
        return attachment_admission.is_needed(db)


def _admit_one(hub: Hub) -> bool:
    candidate = hub.store.write(lambda db: attachment_admission.ask(db, hub.clock()))
    if candidate is None:
        return False
    with hub.store.reading() as db:
        checked = attachment_admission.look_through(db, hub.keyring, hub.deployment.uid, candidate)
    return hub.store.write(lambda db: attachment_admission.admit(db, checked, hub.clock()))

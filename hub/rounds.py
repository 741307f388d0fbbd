"""Rounds of the clock: admission and releases, each step in its own transaction.

Used by every face that turns the wheel: the ticker, `hub publish`, `hub demo`. The services decide; here transactions
begin and end.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import uuid4

from feeds.feed import Feed
from hub.cadence import next_instant
from hub.errors import Busy
from hub.services import admission, indexing, intake, publishing
from hub.services.admission import Checked
from hub.services.publishing import Outcome, Press
from hub.store import Session, feeds
from hub.wiring import Hub

log = logging.getLogger(__name__)
BEAT = 5.0  # seconds between two signs of life of a publisher; its turn ends after three missed ones
PATIENCE = 60.0  # seconds that `hub publish` waits for a publisher that is at work


def admit_all(hub: Hub) -> int:
    """Admit every revision that waits; how many were."""
    total = 0
    while _has_unadmitted(hub):
        candidates = hub.store.write(lambda db: admission.ask(db, hub.clock()))
        total += _admit(hub, admission.check(hub.keyring, hub.deployment.uid, candidates))
    return total


def _admit(hub: Hub, checked: list[Checked]) -> int:
    return hub.store.write(lambda db: admission.admit(db, checked, hub.feeds(), hub.clock()))


def _has_unadmitted(hub: Hub) -> bool:
    # Read first: an idle tick takes no write lock from those who file.
    with hub.store.reading() as db:
        return admission.is_needed(db)


def index_all(hub: Hub) -> int:
    """Bring the search index up to date; how many reports it looked at."""
    total = 0
    while _has_stale(hub):
        total += hub.store.write(indexing.refresh)
    return total


def _has_stale(hub: Hub) -> bool:
    with hub.store.reading() as db:
        return indexing.is_needed(db)


def publish_all(
    hub: Hub, chosen: Iterable[Feed], patience: float = PATIENCE, recalls: Iterable[Feed] = ()
) -> list[Outcome]:
    """Release what is due in feeds, whatever their cadence, and recall only in others; waits for its turn."""
    with _turn(hub, patience) as fence:
        outcomes = [_publish(hub, fence, feed, recalls_only=True) for feed in recalls]
        return outcomes + [_publish(hub, fence, feed) for feed in chosen]


@contextmanager
def _turn(hub: Hub, patience: float) -> Iterator[int]:
    """The right to publish, kept by a heartbeat: a publisher that dies lets go within seconds, on any host."""
    fence = _take_turn(hub, patience)
    is_over = threading.Event()
    heart = threading.Thread(target=_beat, args=(hub, fence, is_over), daemon=True)
    heart.start()
    try:
        yield fence
    finally:
        is_over.set()
        heart.join()
        hub.store.write(lambda db: publishing.give_back(db, fence))


def _beat(hub: Hub, fence: int, is_over: threading.Event) -> None:
    while not is_over.wait(BEAT):
        try:
            hub.store.write(lambda db: publishing.keep_turn(db, fence, hub.clock()))
        except (Busy, OSError) as missed:
            # Should the turn be lost, the fence is void, and what this publisher releases is refused.
            log.warning("could not keep the turn: %s", type(missed).__name__)


def _take_turn(hub: Hub, patience: float) -> int:
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4()}"
    last = time.monotonic() + patience
    while True:
        try:
            return hub.store.write(lambda db: publishing.take_turn(db, owner, hub.clock()))
        except Busy:
            if time.monotonic() >= last:
                raise
            time.sleep(0.1)


def _publish(hub: Hub, fence: int, feed: Feed, *, recalls_only: bool = False) -> Outcome:
    uid = hub.deployment.uid
    plan = hub.store.write(lambda db: publishing.plan(db, uid, feed, hub.clock(), recalls_only=recalls_only))
    press = Press(hub.publisher_keys, hub.deployment)
    composition = publishing.compose(hub.keyring, press, plan)
    return hub.store.write(lambda db: publishing.release(db, hub.deployment, fence, composition, hub.clock()))


def due_feeds(hub: Hub) -> list[Feed]:
    """The feeds whose scheduled instant has come.

    A feed that missed ticks is due once: its next instant is counted from now.
    """
    at = hub.clock()
    with hub.store.reading() as db:
        rows = {row.name: row.next_at for row, _ in feeds.all_feeds(db)}
    return [feed for feed in hub.feeds() if (rows[feed.name] or at) <= at]


def recall_feeds(hub: Hub) -> list[Feed]:
    """The feeds that show what may not stay; they do not wait for their cadence to take it back."""
    with hub.store.reading() as db:
        names = publishing.narrowed(db, hub.feeds(), hub.clock())
    return [feed for feed in hub.feeds() if feed.name in names]


def tick(hub: Hub) -> list[Outcome]:
    """One tick: admit what waits, recall what may not stay, release what is due, and say when it is due next."""
    admit_all(hub)
    _tidy(hub)
    chosen = due_feeds(hub)
    recalls = [feed for feed in recall_feeds(hub) if feed not in chosen]
    outcomes = publish_all(hub, chosen, patience=0, recalls=recalls) if chosen or recalls else []
    at = hub.clock()
    if chosen:
        hub.store.write(lambda db: _say_next(db, chosen, at))
    index_all(hub)
    return outcomes


def _say_next(db: Session, chosen: Iterable[Feed], at: datetime) -> None:
    # Written after the release: a crash between the two makes the feed due again, and nothing is due twice in it.
    for feed in chosen:
        feeds.set_next(db, feed.name, next_instant(feed, at))


def _tidy(hub: Hub) -> None:
    with hub.store.reading() as db:
        is_due = intake.has_old_replays(db, hub.clock())
    if is_due:
        with hub.store.writing() as db:
            intake.forget_replays(db, hub.clock())

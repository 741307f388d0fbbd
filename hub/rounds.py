"""Rounds of the clock: admission and releases, each step in its own transaction.

Used by every face that turns the wheel: the ticker, `hub publish`, `hub demo`. The services decide; here transactions
begin and end.
"""

import logging
import math
import os
import socket
import threading
import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

from feeds.feed import Feed
from hub import erasures, logbook, receiving, recovering, rotating
from hub.cadence import next_instant
from hub.errors import Busy, HubError, told
from hub.services import admission, delivery, editions, inbox, indexing, intake, publishing
from hub.services.admission import Checked
from hub.services.publishing import Outcome, Press, Task
from hub.store import Session, feeds
from hub.wiring import Hub

log = logging.getLogger(__name__)
AGAIN = 3  # times that an admission which lost a race is tried once more
BEAT = 5.0  # seconds between two signs of life of a publisher; its turn ends after three missed ones
INDEXING = 1.0  # seconds of a tick
REST = timedelta(minutes=10)  # from the beginning of a merge of the text index to the next: each writes all of it
PATIENCE = 60.0  # seconds that `hub publish` waits for a publisher that is at work


def admit_all(hub: Hub) -> int:
    """Admit every revision that waits; how many were."""
    total, lost = 0, 0
    while _has_unadmitted(hub):
        candidates = hub.store.write(lambda db: admission.ask(db, hub.clock()))
        checked = admission.prove_all(hub.keyring, hub.index_keys, hub.deployment.uid, candidates)
        try:
            total += _admit(hub, checked)
        except Busy:  # a rotation wrapped one of the keys anew meanwhile: they are read again
            if (lost := lost + 1) > AGAIN:
                raise
    return total


def _admit(hub: Hub, checked: list[Checked]) -> int:
    return hub.store.write(lambda db: admission.admit(db, checked, hub.feeds(), hub.clock()))


def _has_unadmitted(hub: Hub) -> bool:
    # Read first: an idle tick takes no write lock from those who file.
    with hub.store.reading() as db:
        return admission.is_needed(db)


def index_all(hub: Hub, seconds: float = math.inf, rest: timedelta = indexing.NO_REST) -> int:
    """Bring the search index up to date, or nearer to it: goes on for some seconds; how many reports it indexed.

    Between two merges, which take words out of the file, it lets the text index rest.
    """
    total, last = 0, time.monotonic() + seconds
    while _is_index_behind(hub, rest):
        total += hub.store.write(lambda db: indexing.catch_up(db, hub.clock(), rest))
        if time.monotonic() >= last:
            break
    return total


def _is_index_behind(hub: Hub, rest: timedelta) -> bool:
    with hub.store.reading() as db:
        return indexing.is_needed(db, hub.clock(), rest)


def publish_all(
    hub: Hub,
    chosen: Iterable[Feed],
    patience: float = PATIENCE,
    recalls: Iterable[Feed] = (),
    *,
    again: bool = False,
) -> list[Outcome]:
    """Release what is due in feeds, whatever their cadence, and recall only in others; waits for its turn.

    A feed that fails says so in its outcome and keeps no other from its turn.
    """
    recovering.demand_replayed(hub)
    with _turn(hub, patience) as fence:
        tasks = [
            *((feed, Task(recalls_only=True)) for feed in recalls),
            *((feed, Task(again=again)) for feed in chosen),
        ]
        return [outcome for feed, task in tasks for outcome in _attempt(hub, fence, feed, task)]


def _attempt(hub: Hub, fence: int, feed: Feed, task: Task) -> list[Outcome]:
    """Release a feed; if that fails, take back at least what may not stay, and say what failed."""
    try:
        return [_publish(hub, fence, feed, task)]
    except Busy:
        raise
    except Exception as wrong:  # noqa: BLE001 - whatever it is: it is told, and the other feeds have their turn
        place = "".join(traceback.format_tb(wrong.__traceback__))
        log.error("%s failed: %s\n%s", feed.name, told(wrong), place)  # noqa: TRY400 - never its message
        failed = Outcome(feed.name, None, {}, 0, {}, {}, told(wrong))
    recalled = [] if task.recalls_only else _attempt(hub, fence, feed, Task(recalls_only=True))
    return [*(one for one in recalled if one.number is not None), failed]


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


def _publish(hub: Hub, fence: int, feed: Feed, task: Task) -> Outcome:
    uid = hub.deployment.uid
    plan = hub.store.write(lambda db: publishing.plan(db, uid, feed, hub.clock(), task))
    press = Press(hub.publisher_keys, hub.deployment)
    composition = publishing.compose(hub.keyring, press, plan)
    if composition.recalled or composition.composed:
        recovering.foretell(hub, feed.name)
    outcome = hub.store.write(lambda db: publishing.release(db, hub.deployment, fence, composition, hub.clock()))
    if outcome.number is not None:
        _clear_pages(hub, feed)
    return outcome


def due_feeds(hub: Hub) -> list[Feed]:
    """The feeds whose scheduled instant has come.

    A feed that missed ticks is due once: its next instant is counted from now.
    """
    at = hub.clock()
    with hub.store.reading() as db:
        rows = {row.name: row.next_at for row, _ in feeds.all_feeds(db)}
    return [feed for feed in _sound(hub)[0] if (rows[feed.name] or at) <= at]


def _sound(hub: Hub) -> tuple[list[Feed], dict[str, str]]:
    try:
        return hub.feeds(), {}
    except Exception:  # noqa: BLE001 - told feed by feed
        return hub.sound_feeds()


def recall_feeds(hub: Hub) -> list[Feed]:
    """The feeds that show what may not stay; they do not wait for their cadence to take it back."""
    known, _ = _sound(hub)
    with hub.store.reading() as db:
        names = publishing.narrowed(db, known, hub.clock())
    return [feed for feed in known if feed.name in names]


def tick(hub: Hub) -> list[Outcome]:
    """One tick: admit what waits, recall what may not stay, release what is due, and say when it is due next."""
    try:
        admit_all(hub)
        _tidy(hub)
    finally:  # what must go goes, though admission failed; its error is raised all the same
        outcomes = _publish_due(hub)
        clear_files(hub)
    # After a restore everything waits for the index: the rest of it goes on at the next tick, behind its admissions and
    # recalls.
    index_all(hub, INDEXING, REST)
    _receive(hub)
    _erase(hub)
    _rotate(hub)
    logbook.keep(hub, logbook.SEQUENCING)
    recovering.keep(hub)
    return outcomes


def _erase(hub: Hub) -> None:
    if erasures.tick(hub):
        clear_files(hub)


def _receive(hub: Hub) -> None:
    try:
        receiving.tick(hub)
    except (HubError, OSError) as wrong:  # what cannot be opened here now keeps no erasure from its turn
        log.error("attachments are not admitted: %s", told(wrong))  # noqa: TRY400 - one line, no traceback


def _rotate(hub: Hub) -> None:
    try:
        rotating.tick(hub)
    except Busy as busy:
        log.info("rotation waits: %s", busy)
    except (HubError, OSError) as wrong:  # a provider that does not answer keeps no release from its turn
        log.error("keys are not rotated: %s", told(wrong))  # noqa: TRY400 - one line, no traceback


def _publish_due(hub: Hub) -> list[Outcome]:
    if recovering.is_pending(hub):
        log.warning(recovering.REFUSAL)
        return []
    chosen = due_feeds(hub)
    recalls = [feed for feed in recall_feeds(hub) if feed not in chosen]
    outcomes = publish_all(hub, chosen, patience=0, recalls=recalls) if chosen or recalls else []
    at = hub.clock()
    # A feed that failed stays due: it is tried again at the next tick, and `hub doctor` finds it overdue.
    failed = {outcome.feed for outcome in outcomes if outcome.fault}
    if released := [feed for feed in chosen if feed.name not in failed]:
        hub.store.write(lambda db: _say_next(db, released, at))
    return outcomes + [Outcome(name, None, {}, 0, {}, {}, fault) for name, fault in _sound(hub)[1].items()]


def clear_files(hub: Hub) -> None:
    """Remove the files of releases that are no longer the newest: what was recalled is on no disk of this host."""
    with hub.store.reading() as db:
        standing = editions.standing(db, hub.feeds(), hub.deployment)
    hub.shelf.sweep(standing)
    for feed in hub.feeds():
        _clear_pages(hub, feed)


def _clear_pages(hub: Hub, feed: Feed) -> None:
    # A crash before this leaves files that nobody is given: their tags stand no more, and the next tick removes them.
    with hub.store.reading() as db:
        tags = delivery.tags(db, feed.name)
    hub.pages.clear(feed.name, *tags)


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
    with hub.store.reading() as db:
        is_due = inbox.has_old_statuses(db, hub.clock())
    if is_due:
        with hub.store.writing() as db:
            inbox.forget_statuses(db, hub.clock())

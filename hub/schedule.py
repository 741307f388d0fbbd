"""The ticker: APScheduler calls `rounds.tick` every two seconds, in a process of its own, never in a web worker.

It keeps no jobs of its own: what is due is decided in the database, so that two tickers do nothing twice.
"""

import logging
import signal
from typing import Any

from apscheduler.schedulers.blocking import BlockingScheduler

from hub import rounds
from hub.errors import Busy
from hub.wiring import Hub

EVERY = 2  # seconds
log = logging.getLogger(__name__)


def run(hub: Hub) -> None:
    """Tick until told to stop."""
    scheduler = BlockingScheduler(timezone="UTC")
    scheduler.add_job(_tick, "interval", args=[hub], seconds=EVERY, max_instances=1, coalesce=True)

    def stop(*_: Any) -> None:
        scheduler.shutdown(wait=False)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    scheduler.start()


def _tick(hub: Hub) -> None:
    try:
        outcomes = rounds.tick(hub)
    except Busy as busy:
        log.info("skipped: %s", busy)
        return
    for outcome in outcomes:
        if outcome.number is not None:
            log.info("released %s %d: %d reports", outcome.feed, outcome.number, outcome.reports)
        if outcome.fault is not None:
            log.error("not released: %s: %s", outcome.feed, outcome.fault)
        for report_id, fault in outcome.faults.items():
            log.error("set aside in %s: report %s: %s", outcome.feed, report_id, fault)

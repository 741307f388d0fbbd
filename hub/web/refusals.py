"""Who was refused where, counted in memory and told to the database: never an address, never a path with ids in it.

1. One count per identity, route (method and rule) and minute. Who is not known is `unknown`: any number of guesses on a
   route is one row.
2. Told two seconds after the first, all together, and when the process ends: a flood of refusals costs a transaction
   every two seconds, and no request waits for it. A process that is killed loses two seconds of counts.
3. What could not be told is kept, and tried again.
"""

import atexit
import logging
import os
import threading
import weakref
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus

from flask import Flask, Response, current_app, g, request

from hub.errors import told
from hub.services import refusing
from hub.wiring import Hub

log = logging.getLogger(__name__)
UNKNOWN = "unknown"
PAUSE = 2.0  # seconds
MOST = 10_000  # counts in memory while the database does not answer; beyond it only those that are there grow
REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


@dataclass
class Refusals:
    """What one process refused and has not told yet."""

    hub: Hub
    counts: Counter[refusing.Key] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _waiting: int = 0  # the process whose timer runs; another after a fork

    def count(self, identity: str, route: str) -> None:
        """Count one refusal."""
        key = (self.hub.clock().replace(second=0, microsecond=0), identity, route)
        with self.lock:
            if key in self.counts or len(self.counts) < MOST:
                self.counts[key] += 1
            self._wait()

    def _wait(self) -> None:
        if self._waiting == os.getpid():
            return
        self._waiting = os.getpid()
        timer = threading.Timer(PAUSE, self.flush)
        timer.daemon = True
        timer.start()

    def flush(self) -> None:
        """Tell what was counted."""
        with self.lock:
            counted, self.counts, self._waiting = self.counts, Counter(), 0
        if not counted or self.hub.store.is_closed:
            return
        try:
            self.hub.store.write(lambda db: refusing.note(db, counted))
        except Exception as wrong:  # noqa: BLE001 - in a thread nobody hears of it: it is logged and tried again
            log.warning("refusals are not told yet: %s", told(wrong))
            with self.lock:
                self.counts.update(counted)
                self._wait()


def install(app: Flask, hub: Hub) -> None:
    """Count the refusals of an application."""
    made = app.extensions["refusals"] = Refusals(hub)
    atexit.register(_flush, weakref.ref(made))
    app.after_request(_count)


def _flush(made: "weakref.ref[Refusals]") -> None:
    found = made()
    if found is not None:
        found.flush()


def _count(answer: Response) -> Response:
    if answer.status_code in REFUSED or "is_refused" in g:
        caller = g.get("caller")
        method = request.method if request.method in METHODS else "other"
        rule = request.url_rule.rule if request.url_rule else "none"
        refusals: Refusals = current_app.extensions["refusals"]
        refusals.count(caller.token_id if caller else UNKNOWN, f"{method} {rule}")
    return answer

"""Whose token it is, kept for a moment: a poll must not pay a transaction to be told who asks.

1. Kept by the SHA-256 of the token's text, never by the text, and for `HUB_CREDENTIAL_SECONDS` at most (2; 0: never).
   So a token that another process revoked, or an audience that it granted, is as the database says after that time.
2. Asked anew with every request, kept or not: whether it has expired, and whether a demo token comes from loopback.
3. What this process itself changes (`forget`) holds at once, even against a request that is being looked up meanwhile.
4. Only what was found is kept, and of that a bounded number: guessing fills nothing.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from hub.roles import Caller
from hub.services import credentials
from hub.services.credentials import Credential
from hub.wiring import Hub

MOST_KEPT = 4096


@dataclass
class Credentials:
    """What a process knows of the tokens that were shown to it."""

    hub: Hub
    timer: Callable[[], float] = time.monotonic
    kept: dict[bytes, tuple[float, Credential]] = field(default_factory=dict, repr=False)  # → kept since
    forgotten: int = 0  # how often all was forgotten
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def caller(self, text: str, is_local: Callable[[], bool]) -> Caller:
        """Who shows a token; raises Unauthenticated."""
        now, name = self.hub.clock(), hashlib.sha256(text.encode()).digest()
        return (self._kept(name, now) or self._found(name, text, now)).holder(is_local)

    def _kept(self, name: bytes, now: datetime) -> Credential | None:
        since, known = self.kept.get(name, (0.0, None))
        if known is None or now >= known.until or self.timer() - since >= self.hub.config.credential_seconds:
            return None
        return known

    def _found(self, name: bytes, text: str, now: datetime) -> Credential:
        since, forgotten = self.timer(), self.forgotten
        with self.hub.store.reading() as db:
            found = credentials.look_up(db, text, now)
        if self.hub.config.credential_seconds:
            self._keep(name, since, found, forgotten)
        return found

    def _keep(self, name: bytes, since: float, found: Credential, forgotten: int) -> None:
        with self.lock:
            if forgotten != self.forgotten:
                return  # looked up before something changed: the next request asks again
            self.kept.pop(name, None)
            while len(self.kept) >= MOST_KEPT:
                del self.kept[next(iter(self.kept))]  # the one kept longest
            self.kept[name] = (since, found)

    def forget(self) -> None:
        """Look every token up again: one was revoked or shortened, or its organisation may read more."""
        with self.lock:
            self.forgotten += 1
            self.kept.clear()

"""How many requests a token may make: asked right after it is known, before what it may do is looked at.

1. Reading, writing and searching each have a limit a minute (`HUB_LIMIT_…`); opening sealed fields counts as searching.
2. A process spends a slice from memory. A slice lasts until it is spent, and a process begins each token with one:
   who polls every few minutes costs one write in many polls.
3. A spent allowance is refused from memory until its window ends, with 429 and when to come back.
4. Who has no token is not counted here, for nothing about where a request comes from is kept: the front server does.
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime

from hub.errors import TooMany
from hub.roles import Caller, Capability
from hub.services import allowances
from hub.wiring import Hub

READING = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_KNOWN = 10_000  # tokens and kinds that a process remembers
SEARCHES = "/api/v1/search"


def kind_of(method: str, rule: str, capabilities: frozenset[Capability]) -> str:
    """Which limit a request counts against."""
    if rule.startswith(SEARCHES) or Capability.SEALED_OPEN in capabilities:
        return "searching"
    return "reading" if method in READING else "writing"


@dataclass
class Purse:
    """What a process holds of the allowances of tokens."""

    hub: Hub
    left: dict[tuple[str, str], int] = field(default_factory=dict)
    spent: dict[tuple[str, str], datetime] = field(default_factory=dict)  # → the window in which nothing is left
    lock: threading.Lock = field(default_factory=threading.Lock)

    def spend(self, caller: Caller, kind: str) -> None:
        """Take one request off a token's allowance; raises TooMany if none is left in this window."""
        limit: int = getattr(self.hub.config.limits, kind)
        if not limit:
            return
        key, at = (caller.token_id, kind), self.hub.clock()
        window = allowances.window_of(at)
        if self._spend_held(key, limit):
            return
        if self.spent.get(key) != window:
            given = self.hub.store.write(lambda db: allowances.take(db, *key, limit, at))
            if given:
                with self.lock:
                    self.left[key] = self.left.get(key, 0) + given - 1
                return
            with self.lock:
                self.spent[key] = window
        raise _refusal(kind, limit, window, at)

    def _spend_held(self, key: tuple[str, str], limit: int) -> bool:
        with self.lock:
            if len(self.left) + len(self.spent) > MOST_KNOWN:
                self.left.clear()
                self.spent.clear()
            # With a slice of one there is none to begin with: a small limit is kept to the letter.
            size = allowances.slice_of(limit)
            held = self.left.setdefault(key, size if size > 1 else 0)
            if held:
                self.left[key] = held - 1
            return held > 0


def _refusal(kind: str, limit: int, window: datetime, at: datetime) -> TooMany:
    wait = max(1, -int(-(window + allowances.WINDOW - at).total_seconds() // 1))
    message = f"this token has made its {limit} requests of {kind} a minute; come back in {wait} s"
    return TooMany(message, kind=kind, limit=limit, wait=wait)

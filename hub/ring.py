"""The epochs that a running process holds, kept up with those that there are.

1. A process looks every two seconds, when it is next asked: a small question to the database, no question to the root
   provider. So it holds in forked workers and threads alike, and a process that opens nothing asks nothing.
2. An epoch that appeared is unwrapped beside the requests, in a thread. Whoever meets a key under it earlier waits for
   that one unwrapping; nobody else does, and a provider that does not answer fails no one who holds what they need.
3. An epoch that was destroyed is let go of. (Python cannot overwrite it in memory; a restart does.)
"""

import logging
import threading
import time
from collections.abc import Callable

from hub import seal
from hub.errors import HubError
from hub.keys import Epoch, Held, KeyDirectory, Keyring, WrappedEpoch, unwrap_epoch
from hub.store import Store, deployments

log = logging.getLogger(__name__)
EVERY = 2.0  # seconds between two looks


class Ring:
    """The keyring of one process."""

    def __init__(self, store: Store, directory: Callable[[], KeyDirectory]) -> None:
        self._store, self._directory = store, directory
        self._lock = threading.Lock()  # one at a time asks the provider
        self._looked = 0.0
        self._missed: dict[int, float] = {}  # when one that is not there was last asked for
        self._keyring: Keyring | None = None

    def keyring(self) -> Keyring:
        """The power to open, as it is now; raises what the root provider raises if nothing is held yet."""
        held = self._keyring
        if held is None:
            return self._fill()
        if time.monotonic() - self._looked > EVERY:
            self._looked = time.monotonic()
            self._look(held)
        return self._keyring or held

    def load(self) -> Keyring:
        """Take in what appeared and let go of what was destroyed, now."""
        with self._lock:
            return self._take(self._stored())

    def _fill(self) -> Keyring:
        with self._lock:
            return self._keyring or self._take(self._stored())

    def _look(self, held: Keyring) -> None:
        try:
            stored = {one.number for one in self._stored()}
        except HubError as missed:
            log.warning("could not look for epochs: %s", type(missed).__name__)
            return
        if gone := held.epochs.keys() - stored:
            with self._lock:
                self._hold({number: one for number, one in held.epochs.items() if number not in gone})
                seal.forget()
        if stored - held.epochs.keys():
            threading.Thread(target=self._load_beside, daemon=True).start()

    def _load_beside(self) -> None:
        try:
            self.load()
        except HubError as missed:
            log.warning("could not take in a new epoch: %s", missed)

    def _stored(self) -> list[WrappedEpoch]:
        with self._store.reading() as db:
            return deployments.epochs(db)

    def _take(self, stored: list[WrappedEpoch]) -> Keyring:
        held = dict(self._keyring.epochs) if self._keyring else {}
        epochs = {one.number: held[one.number] for one in stored if one.number in held}
        if fresh := [one for one in stored if one.number not in held]:
            root = self._directory().root()
            epochs |= {one.number: unwrap_epoch(one, root) for one in fresh}
        self._looked = time.monotonic()
        return self._hold(epochs)

    def _hold(self, epochs: dict[int, Epoch]) -> Keyring:
        receipts = self._keyring.receipts if self._keyring else self._directory().receipts()
        self._keyring = Keyring(Held(epochs, self._met), receipts)
        return self._keyring

    def _met(self, number: int) -> Epoch | None:
        """An epoch that a key names and nobody told of yet."""
        with self._lock:
            if self._keyring and number in self._keyring.epochs:
                return self._keyring.epochs[number]
            # What names an epoch that never was must not have every reader ask the database again.
            if time.monotonic() - self._missed.get(number, -EVERY) < EVERY:
                return None
            stored = self._stored()
            if number not in {one.number for one in stored}:
                self._missed = {**self._missed, number: time.monotonic()} if len(self._missed) < 100 else {}  # noqa: PLR2004
                return None
            return self._take(stored).epochs[number]

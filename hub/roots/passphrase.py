"""The root key out of a passphrase: Argon2id (RFC 9106), with salt and parameters in `root.toml`.

Who has the key directory and the database may try passphrases, each at the cost of one Argon2id; so the passphrase must
be long: six random words or more. It comes from the file that HUB_PASSPHRASE_FILE names, or from the terminal; never
from the arguments of a command, which every user of the host can list, nor from a variable's own value.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from hub.errors import NotReady, Tampered
from hub.roots.provider import Description
from hub.seal import KEY_SIZE, unwrap_secret, wrap_secret

LEAST_MEMORY, LEAST_TIME, LEAST_LANES = 64 * 1024, 3, 4  # KiB; RFC 9106, 4: the second recommended option
MOST_MEMORY, MOST_TIME, MOST_LANES = 4 * 1024 * 1024, 100, 64  # a typing error must not stop the host
SHORTEST, SALT = 16, 16  # bytes
WRONG = "a secret does not open: the passphrase is another one, or the secret was moved, changed or cut"


@dataclass(frozen=True)
class Cost:
    """What one attempt costs, and the salt that keeps attempts on two hubs apart."""

    salt: bytes
    memory: int = LEAST_MEMORY  # KiB
    time: int = LEAST_TIME  # passes
    lanes: int = LEAST_LANES

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "Cost":
        """From `root.toml`; raises NotReady for less than the least, or what is no such thing."""
        try:
            salt = bytes.fromhex(said["salt"])
        except (KeyError, TypeError, ValueError):
            message = "root.toml: salt must be hexadecimal; `hub init` writes one where none is"
            raise NotReady(message) from None
        if len(salt) < SALT:
            message = f"root.toml: salt must have at least {SALT} bytes"
            raise NotReady(message)
        memory = _whole(said, "memory", LEAST_MEMORY, MOST_MEMORY)
        time, lanes = _whole(said, "time", LEAST_TIME, MOST_TIME), _whole(said, "lanes", LEAST_LANES, MOST_LANES)
        return cls(salt, memory, time, lanes)

    @staticmethod
    def fresh() -> dict[str, str | int]:
        """A new salt and the parameters of today, as `root.toml` has them."""
        salt = os.urandom(SALT).hex()
        return {"salt": salt, "memory": LEAST_MEMORY, "time": LEAST_TIME, "lanes": LEAST_LANES}


@dataclass(frozen=True)
class Passphrase:
    """The root key out of a passphrase, made when it is first needed and kept while the process lives."""

    ask: Callable[[], bytes] = field(repr=False)
    cost: Cost
    name: str = "passphrase"

    @cached_property
    def _root(self) -> bytes:
        words = self.ask()
        if len(words) < SHORTEST:
            message = f"the passphrase is shorter than {SHORTEST} bytes: take six random words or more"
            raise NotReady(message)
        cost = self.cost
        made = Argon2id(
            salt=cost.salt, length=KEY_SIZE, iterations=cost.time, lanes=cost.lanes, memory_cost=cost.memory
        )
        return made.derive(words)

    def wrap(self, secret: bytes, *context: str) -> bytes:
        """Wrap a secret for a context."""
        return wrap_secret(self._root, secret, *context)

    def unwrap(self, wrapped: bytes, *context: str) -> bytes:
        """Take a secret back; raises Tampered for another passphrase or context, NotReady without a passphrase."""
        root = self._root
        try:
            return unwrap_secret(root, wrapped, *context)
        except Tampered:
            raise Tampered(WRONG) from None

    def rewrap(self, wrapped: bytes, *context: str) -> bytes:
        """The same under a new nonce. A new passphrase is another root (`hub keys root --to`)."""
        return self.wrap(self.unwrap(wrapped, *context), *context)

    def describe(self) -> Description:
        """The salt and the cost. The passphrase is not asked for."""
        cost = self.cost
        key = f"Argon2id, {cost.memory // 1024} MiB, {cost.time} passes, {cost.lanes} lanes, salt {cost.salt.hex()}"
        return Description("passphrase", key, "", can_destroy_version=False)


def in_file(place: Path | None) -> Callable[[], bytes]:
    """A passphrase from a file, without the line end that editors leave; raises NotReady when it is asked for."""

    def ask() -> bytes:
        if place is None:
            message = "root.toml asks for a passphrase: let HUB_PASSPHRASE_FILE name the file that holds it"
            raise NotReady(message)
        try:
            return place.read_bytes().rstrip(b"\r\n")
        except OSError as unread:
            message = f"the passphrase's file {place} cannot be read: {unread.strerror}"
            raise NotReady(message) from None

    return ask


def _whole(said: Mapping[str, Any], name: str, least: int, most: int) -> int:
    value = said.get(name, least)
    if type(value) is not int or not least <= value <= most:
        message = f"root.toml: {name} must be a whole number from {least} to {most}"
        raise NotReady(message)
    return value

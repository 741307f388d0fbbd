"""Keys: who holds which, and the files they lie in.

1. The root key wraps the epochs' secrets. Here it is a file of mode 0600 in the key directory; another provider is
   another class with `wrap` and `unwrap`. It is asked when a process starts, never during a request.
2. Intake holds: the epoch's public key, the receipt-signing key, the replay key. It cannot open anything.
3. Who may open holds a `Keyring`: the epochs' private and symmetric keys.
4. The publisher also holds the pseudonym key.
"""

import hmac
import json
import os
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hub.errors import NotReady
from hub.seal import derive, new_key, unwrap_secret, wrap_secret
from hub.signing import Signer


class RootProvider(Protocol):
    """Keeps the root key, and wraps the secrets of epochs under it."""

    def wrap(self, secret: bytes, *context: str) -> bytes:
        """Wrap a secret for a context."""

    def unwrap(self, wrapped: bytes, *context: str) -> bytes:
        """Take a secret back; raises Tampered for another context or key."""


@dataclass(frozen=True)
class KeyFile:
    """The root key in a file."""

    root: bytes

    def wrap(self, secret: bytes, *context: str) -> bytes:
        """Wrap a secret for a context."""
        return wrap_secret(self.root, secret, *context)

    def unwrap(self, wrapped: bytes, *context: str) -> bytes:
        """Take a secret back; raises Tampered for another context or key."""
        return unwrap_secret(self.root, wrapped, *context)


@dataclass(frozen=True)
class WrappedEpoch:
    """An epoch as it is stored: its public key, and its secrets under the root key."""

    number: int
    public_key: bytes
    private_key: bytes
    kek: bytes
    provider: str = "keyfile"  # which one wrapped them


@dataclass(frozen=True)
class Epoch:
    """A key generation, unwrapped in memory."""

    number: int
    private_key: bytes
    kek: bytes


@dataclass(frozen=True)
class IntakeKeys:
    """What intake needs to seal and to recognise a replay. It opens nothing."""

    signer: Signer
    replay: bytes

    def replay_code(self, document: object) -> bytes:
        """A keyed hash of a body, so that a replay is recognised without keeping the body."""
        canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        return hmac.digest(self.replay, canonical, "sha256")


@dataclass(frozen=True)
class Keyring:
    """The power to open: epochs by number, and the key that verifies what intake signed."""

    epochs: Mapping[int, Epoch]
    receipts: bytes  # intake's public key

    def predicate_code(self, normalised: str) -> str:
        """A keyed hash of what a scan looks for: the same words show as the same, and no words can be guessed from it.

        Named by the epoch whose key it is made with; whoever lacks that key cannot try out a dictionary.
        """
        newest = max(self.epochs)
        key = derive(self.epochs[newest].kek, "hub.predicate.v1")
        return f"{newest}:{hmac.digest(key, normalised.encode(), 'sha256').hex()}"


@dataclass(frozen=True)
class PublisherKeys:
    """What the publisher needs beside a keyring."""

    pseudonyms: bytes

    def pseudonym(self, audience: str, organisation: str, value: str) -> str:
        """A name for a value, stable within one audience and filer, and unlinkable between two of either.

        Were it the same for every filer, one could file a name to learn its pseudonym in the reports of others.
        """
        key = derive(self.pseudonyms, "hub.pseudonym.v1", audience, organisation)
        code = hmac.digest(key, value.casefold().encode(), "sha256")
        return f"org-{b32encode(code)[:6].decode()}"


def new_epoch(number: int, provider: RootProvider) -> WrappedEpoch:
    """Make an epoch: its secrets exist outside this call only wrapped."""
    private = X25519PrivateKey.generate()
    wrapped = provider.wrap(private.private_bytes_raw(), "private", str(number))
    return WrappedEpoch(
        number, private.public_key().public_bytes_raw(), wrapped, provider.wrap(new_key(), "kek", str(number))
    )


def unwrap_epoch(wrapped: WrappedEpoch, provider: RootProvider) -> Epoch:
    """Unwrap an epoch; raises Tampered if the root key is another one."""
    number = str(wrapped.number)
    private = provider.unwrap(wrapped.private_key, "private", number)
    return Epoch(wrapped.number, private, provider.unwrap(wrapped.kek, "kek", number))


class KeyDirectory:
    """The key files of one hub, one a holder, so that each holder can be given only its own."""

    FILES = ("root.key", "intake.key", "intake.pub", "publisher.key")

    def __init__(self, place: Path) -> None:
        self.place = place

    @property
    def exists(self) -> bool:
        """Whether the keys were made."""
        return (self.place / self.FILES[0]).exists()

    def create(self) -> None:
        """Make all keys, once; raises FileExistsError rather than write over one."""
        self.place.mkdir(mode=0o700, parents=True, exist_ok=True)
        seed = new_key()
        self._write("root.key", {"root": new_key().hex()})
        self._write("intake.key", {"signing": seed.hex(), "replay": new_key().hex()})
        self._write("intake.pub", {"receipts": Signer(seed).public_key.hex()})
        self._write("publisher.key", {"pseudonyms": new_key().hex()})

    def show_epoch(self, epoch: WrappedEpoch) -> None:
        """Tell intake which epoch to seal to. In a file: who can write to the database must not choose that key."""
        public = {"number": f"{epoch.number:08x}", "public_key": epoch.public_key.hex()}
        draft = self.place / "epoch.pub.part"
        draft.write_text(json.dumps(public), "utf-8")
        draft.replace(self.place / "epoch.pub")

    def epoch(self) -> tuple[int, bytes]:
        """The number and public key of the epoch to seal to."""
        shown = self._read("epoch.pub")
        return int.from_bytes(shown["number"]), shown["public_key"]

    def root(self) -> RootProvider:
        """The root provider."""
        return KeyFile(self._read("root.key")["root"])

    def intake(self) -> IntakeKeys:
        """What intake holds."""
        held = self._read("intake.key")
        return IntakeKeys(Signer(held["signing"]), held["replay"])

    def publisher(self) -> PublisherKeys:
        """What the publisher holds."""
        return PublisherKeys(self._read("publisher.key")["pseudonyms"])

    def receipts(self) -> bytes:
        """The public key that verifies what intake signed."""
        return self._read("intake.pub")["receipts"]

    def _write(self, name: str, secrets: Mapping[str, str]) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(self.place / name, flags, 0o600), "w", encoding="utf-8") as file:
            json.dump(secrets, file)
            file.flush()
            os.fsync(file.fileno())

    def _read(self, name: str) -> dict[str, bytes]:
        path = self.place / name
        try:
            held: dict[str, Any] = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            message = f"{path} is missing; run `hub init`, or set HUB_KEYS to where the key files lie"
            raise NotReady(message) from None
        return {label: bytes.fromhex(secret) for label, secret in held.items()}

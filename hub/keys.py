"""Keys: who holds which, and the files they lie in.

1. A root provider (`hub.roots`) wraps the epochs' secrets: by default a key file of mode 0600 in the key directory. It
   is asked when a process starts, never during a request.
2. Intake holds: the epoch's public key, the receipt-signing key, the replay key. It cannot open anything.
3. Who may open holds a `Keyring`: the epochs' private and symmetric keys.
4. The publisher also holds the pseudonym key.
5. A process reads no key file that is not its faces' (`hub/faces.py`), though it lay before it.
"""

import hmac
import json
import os
from base64 import b32encode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hub import roots
from hub.errors import NotReady
from hub.roots import Ask, RootProvider
from hub.seal import derive, new_key
from hub.signing import Signer


@dataclass(frozen=True)
class WrappedEpoch:
    """An epoch as it is stored: its public key, and its secrets under the root key."""

    number: int
    public_key: bytes
    private_key: bytes
    kek: bytes
    provider: str  # which one wrapped them


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


class Held(dict[int, Epoch]):
    """The epochs that a process holds, by number; one that it does not know yet it asks for when it is met."""

    def __init__(self, epochs: Mapping[int, Epoch], missed: Callable[[int], Epoch | None]) -> None:
        super().__init__(epochs)
        self._missed = missed

    def __missing__(self, number: int) -> Epoch:
        """Raises KeyError for one that is destroyed or never was; NotReady or Busy as the root provider does."""
        if (found := self._missed(number)) is None:
            raise KeyError(number)
        return found

    def get(self, number: int, default: Any = None) -> Any:
        """The same, or a default."""
        if number in self:
            return self[number]
        return self._missed(number) or default


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

    def guard_code(self, organisation: str, words: str) -> str:
        """A keyed hash of what the guard found: a decision is remembered by it, and it gives no words back."""
        key = derive(self.pseudonyms, "hub.guard.v1", organisation)
        return hmac.digest(key, words.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]


def new_epoch(number: int, provider: RootProvider) -> WrappedEpoch:
    """Make an epoch: its secrets exist outside this call only wrapped."""
    private = X25519PrivateKey.generate()
    wrapped = provider.wrap(private.private_bytes_raw(), "private", str(number))
    kek = provider.wrap(new_key(), "kek", str(number))
    return WrappedEpoch(number, private.public_key().public_bytes_raw(), wrapped, kek, provider.name)


def unwrap_epoch(wrapped: WrappedEpoch, provider: RootProvider) -> Epoch:
    """Unwrap an epoch; raises Tampered if the root key is another one."""
    number = str(wrapped.number)
    private = provider.unwrap(wrapped.private_key, "private", number)
    return Epoch(wrapped.number, private, provider.unwrap(wrapped.kek, "kek", number))


class KeyDirectory:
    """The key files of one hub, one a holder, so that each holder can be given only its own."""

    FILES = ("root.key", "intake.key", "intake.pub", "publisher.key", "audit.key", "audit.pub")
    LATER = ("audit.key", "audit.pub")  # what an older hub's directory lacks until `hub init` adds it

    def __init__(
        self, place: Path, ask: Ask | None = None, epoch: Path | None = None, withheld: Collection[str] = ()
    ) -> None:
        self.place = place
        self._ask = ask or roots.in_file(None)  # for the passphrase, if root.toml wants one
        self._epoch = epoch or place / "epoch.pub"  # elsewhere: for an intake that has a key directory of its own
        self._withheld = frozenset(withheld)

    @property
    def exists(self) -> bool:
        """Whether the keys were made. A root.toml that somebody prepared for `hub init` is none yet."""
        return (self.place / "root.key").exists() or all((self.place / n).exists() for n in (roots.ROOT, "intake.key"))

    @property
    def has_root(self) -> bool:
        """Whether there is anything here that says who wraps the epochs."""
        return any(self.read(name) is not None for name in ("root.key", roots.ROOT))

    @classmethod
    def expected(cls, there: Collection[str]) -> tuple[str, ...]:
        """The files of a whole key directory, given the names that are there: root.toml may stand for root.key."""
        every = (roots.ROOT, *cls.FILES[1:]) if roots.ROOT in there else cls.FILES
        return tuple(name for name in every if name in there or name not in cls.LATER)

    def create(self) -> None:
        """Make all keys, once; raises FileExistsError rather than write over one, NotReady if root.toml is amiss."""
        self.place.mkdir(mode=0o700, parents=True, exist_ok=True)
        seed = new_key()
        self._create_root()
        self._write("intake.key", {"signing": seed.hex(), "replay": new_key().hex()})
        self._write("intake.pub", {"receipts": Signer(seed).public_key.hex()})
        self._write("publisher.key", {"pseudonyms": new_key().hex()})
        self._create_audit()

    def _create_audit(self) -> None:
        seed = new_key()
        self._write("audit.key", {"signing": seed.hex()})
        self._write("audit.pub", {"audit": Signer(seed).public_key.hex()})

    def add_audit(self) -> None:
        """Make what checkpoints of the audit log are signed and verified with, for the keys of an older hub."""
        if not any((self.place / name).exists() for name in self.LATER):
            self._create_audit()

    def show_epoch(self, number: int, public_key: bytes) -> None:
        """Tell intake which epoch to seal to. In a file: who can write to the database must not choose that key."""
        public = {"number": f"{number:08x}", "public_key": public_key.hex()}
        draft = self._epoch.with_name(f"epoch.pub.{os.getpid()}.part")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(public, file)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o644)  # whatever the umask: intake may run as another user
        draft.replace(self._epoch)

    def epoch_stamp(self) -> tuple[int, int]:
        """What changes when another epoch is shown. Costs a microsecond; raises NotReady if there is none."""
        try:
            told = self._epoch.stat()
        except FileNotFoundError:
            self.epoch()  # says so
            raise
        return told.st_mtime_ns, told.st_ino

    def epoch(self) -> tuple[int, bytes]:
        """The number and public key of the epoch to seal to."""
        shown = _secrets(self._epoch)
        return int.from_bytes(shown["number"]), shown["public_key"]

    def root(self) -> RootProvider:
        """The root provider; raises NotReady if root.toml or the key file is missing or amiss."""
        return roots.provider_of(self.read, self._ask)

    def read(self, name: str) -> bytes | None:
        """The content of a file of the directory; None if it is not there, or not for this process."""
        if name in self._withheld:
            return None
        try:
            return (self.place / name).read_bytes()
        except FileNotFoundError:
            return None

    def intake(self) -> IntakeKeys:
        """What intake holds."""
        held = self._read("intake.key")
        return IntakeKeys(Signer(held["signing"]), held["replay"])

    def publisher(self) -> PublisherKeys:
        """What the publisher holds."""
        return PublisherKeys(self._read("publisher.key")["pseudonyms"])

    def auditor(self) -> Signer:
        """What checkpoints of the audit log are signed with; the clock holds it."""
        return Signer(self._read("audit.key")["signing"])

    def audit_log(self) -> bytes:
        """The public key that verifies checkpoints."""
        return self._read("audit.pub")["audit"]

    def receipts(self) -> bytes:
        """The public key that verifies what intake signed."""
        return self._read("intake.pub")["receipts"]

    def _create_root(self) -> None:
        """A key file, unless a root.toml was prepared: then what it leaves to us is added to it."""
        prepared = self.read(roots.ROOT)
        if prepared is None:
            self._write("root.key", {"root": new_key().hex()})
            return
        said = roots.parse(prepared.decode("utf-8", "replace"))
        draft = self.place / f"{roots.ROOT}.part"
        draft.write_text(roots.complete(said), "utf-8")
        draft.chmod(0o600)
        draft.replace(self.place / roots.ROOT)
        if said["provider"] == "keyfile":
            self._write(said.get("file", "root.key"), {"root": new_key().hex()})

    def _write(self, name: str, secrets: Mapping[str, str]) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(self.place / name, flags, 0o600), "w", encoding="utf-8") as file:
            json.dump(secrets, file)
            file.flush()
            os.fsync(file.fileno())

    def _read(self, name: str) -> dict[str, bytes]:
        if name in self._withheld:
            message = f"{name} is not for this process: it is none of the faces that hold it (HUB_FACES)"
            raise NotReady(message)
        return _secrets(self.place / name)


def _secrets(path: Path) -> dict[str, bytes]:
    try:
        held: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        message = f"{path} is missing; run `hub init`, or set HUB_KEYS to where the key files lie"
        raise NotReady(message) from None
    return {label: bytes.fromhex(secret) for label, secret in held.items()}

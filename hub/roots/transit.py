"""The root key in the Transit engine of OpenBao or HashiCorp Vault: it never leaves their server.

1. Each secret is encrypted there with its context as associated data (AES-256-GCM), so that one moved to another place
   is refused by the server.
2. The server's own `rewrap` takes no associated data: measured on OpenBao 2.7.2, it refuses what was bound to any. So
   `rewrap` here is decrypt and encrypt; the secret passes through this process, which holds it anyway.
3. `encrypt` on an unknown key makes that key if the token may create: so the key is read first, and a misspelt name is
   refused instead.
4. hvac rather than three POSTs of our own: it knows the servers' error codes and is kept up with them. It would take
   address, token and proxy from the environment where none is given: all are given here, and `root.toml` says them.
"""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import requests

from hub.errors import Busy, NotReady, Tampered
from hub.roots.provider import BROKEN, Description, bound, secure

try:
    import hvac
    from hvac import exceptions
except ModuleNotFoundError:
    LACKING = "root.toml names transit, whose library is not installed: pip install 'incident-hub[transit]'"
    raise NotReady(LACKING) from None

Result = TypeVar("Result")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")  # a dot at its head could walk to another path of the server
MOUNT = re.compile(rf"{NAME.pattern}(/{NAME.pattern}){{0,8}}")
TIMEOUT = 10  # seconds for one call


@dataclass(frozen=True)
class Place:
    """Where the key is, and what gets us there."""

    address: str
    key: str
    token_file: Path
    mount: str = "transit"
    ca_file: Path | None = None

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "Place":
        """From `root.toml`; raises NotReady for what is missing or malformed."""
        address = secure(_text(said, "address"), "address")
        key, mount = _text(said, "key"), _text(said, "mount", "transit")
        if not NAME.fullmatch(key) or not MOUNT.fullmatch(mount):
            message = "root.toml: key and mount are names of letters, digits, dots, dashes and underscores"
            raise NotReady(message)
        ca = _text(said, "ca_file", "")
        return cls(address, key, Path(_text(said, "token_file")), mount, Path(ca) if ca else None)


@dataclass(frozen=True)
class Transit:
    """A key of a Transit engine."""

    place: Place
    name: str = "transit"

    def wrap(self, secret: bytes, *context: str) -> bytes:
        """Wrap a secret for a context, under the key's newest version."""
        self._key()
        said = {"plaintext": _coded(secret), "associated_data": _coded(bound(*context))}
        answer = self._asked(lambda engine: engine.encrypt_data(self.place.key, mount_point=self.place.mount, **said))
        return str(answer["data"]["ciphertext"]).encode()

    def unwrap(self, wrapped: bytes, *context: str) -> bytes:
        """Take a secret back; raises Tampered, NotReady or Busy."""
        said = {"ciphertext": wrapped.decode("ascii", "replace"), "associated_data": _coded(bound(*context))}
        answer = self._asked(lambda engine: engine.decrypt_data(self.place.key, mount_point=self.place.mount, **said))
        return base64.b64decode(answer["data"]["plaintext"])

    def rewrap(self, wrapped: bytes, *context: str) -> bytes:
        """The same under the key's newest version; what was bound stays bound."""
        return self.wrap(self.unwrap(wrapped, *context), *context)

    def describe(self) -> Description:
        """The key as its server tells of it."""
        key = self._key()
        where = f"{self.place.address}/{self.place.mount}/{self.place.key}"
        oldest = f", decrypts from v{key['min_decryption_version']}"
        return Description("transit", where, f"v{key['latest_version']}{oldest}", can_destroy_version=True)

    def _key(self) -> Mapping[str, Any]:
        answer = self._asked(lambda engine: engine.read_key(self.place.key, mount_point=self.place.mount))
        key: Mapping[str, Any] = answer["data"]
        if not key.get("supports_encryption") or key.get("derived") or key.get("convergent_encryption"):
            message = f"the key {self.place.key} cannot be used: make a plain one of type aes256-gcm96"
            raise NotReady(message)
        return key

    def _asked(self, ask: Callable[[Any], Result]) -> Result:
        # The token is read for each call: an agent that renews it replaces the file.
        with requests.Session() as session:
            session.trust_env = False  # no proxy, no .netrc, no CA of the environment: root.toml says where we go
            session.verify = str(self.place.ca_file) if self.place.ca_file else True
            token = _token(self.place.token_file)
            client = hvac.Client(
                self.place.address, token, verify=session.verify, timeout=TIMEOUT, session=session, strict_http=True
            )
            try:
                return ask(client.secrets.transit)
            except (requests.Timeout, requests.ConnectionError) as unreached:
                raise _unreached(self.place.address, unreached) from None
            except exceptions.VaultError as refused:
                raise _meaning(self.place, refused) from None


def _unreached(address: str, wrong: Exception) -> NotReady | Busy:
    if isinstance(wrong, requests.exceptions.SSLError):
        return NotReady(f"the certificate of {address} is not trusted; let root.toml's ca_file name its CA")
    if isinstance(wrong, requests.Timeout):
        return Busy(f"{address} did not answer within {TIMEOUT} seconds; try again")
    return NotReady(f"{address} cannot be reached; start the server, or put address in root.toml right")


def _meaning(place: Place, refused: Exception) -> Tampered | NotReady | Busy:
    """Our word for a server's refusal. Its text decides between some and is never repeated."""
    text = " ".join(map(str, getattr(refused, "errors", None) or []))
    lacking = f"there is no key {place.key} at {place.address}/{place.mount}; make it, or put root.toml right"
    match refused:
        case exceptions.InvalidRequest() if "too old" in text:
            message = f"a secret is wrapped under a version below min_decryption_version of the key {place.key}"
            found: Tampered | NotReady | Busy = NotReady(
                f"{message}; lower it, run `hub keys root`, and raise it again"
            )
        case exceptions.InvalidRequest() if "not found" in text:
            found = NotReady(lacking)
        case exceptions.InvalidRequest():
            found = Tampered(BROKEN)
        case exceptions.Forbidden() | exceptions.Unauthorized():
            needs = f"`update` on {place.mount}/encrypt and decrypt, `read` on {place.mount}/keys"
            message = f"{place.address} refuses the token in {place.token_file}"
            found = NotReady(f"{message}: it is no longer valid, or lacks {needs}")
        case exceptions.InvalidPath():
            found = NotReady(lacking)
        case exceptions.VaultDown():
            found = NotReady(f"{place.address} is sealed or in standby; unseal it")
        case _:
            found = Busy(f"{place.address} failed or limits its callers ({type(refused).__name__}); try again")
    return found


def _token(place: Path) -> str:
    try:
        token = place.read_text("utf-8").strip()
    except (OSError, UnicodeError) as unread:
        message = f"the token's file {place} cannot be read: {getattr(unread, 'strerror', 'it is no text')}"
        raise NotReady(message) from None
    if not token or not token.isascii() or not token.isprintable():
        message = f"the token's file {place} holds no token"
        raise NotReady(message)
    return token


def _text(said: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = said.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        message = f"root.toml: {name} must be given, as text"
        raise NotReady(message)
    return value


def _coded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()

"""What every root provider is."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from hub.errors import NotReady

Ask = Callable[[], bytes]  # where the passphrase comes from, when it is needed
PURPOSE = "hub.root.v1"
HERE = {"127.0.0.1", "localhost", "::1"}
BROKEN = "a secret does not open: it was moved, changed or cut, or the root key is another one"


@dataclass(frozen=True)
class Description:
    """What may be told of a root provider to anybody who may see how the hub is run: nothing of it is secret."""

    provider: str  # keyfile, passphrase, transit, aws
    key: str  # which key, in the provider's own words
    version: str  # of that key, as the provider counts; "" where it does not
    can_destroy_version: bool  # whether old versions of the key can be destroyed by themselves


class RootProvider(Protocol):
    """Keeps the root key, and wraps the hub's secrets under it."""

    @property
    def name(self) -> str:
        """What the column `secret.provider` says."""

    def wrap(self, secret: bytes, *context: str) -> bytes:
        """Wrap a secret for a context, under the newest version of the key."""

    def unwrap(self, wrapped: bytes, *context: str) -> bytes:
        """Take a secret back; raises Tampered for another context or key, NotReady or Busy if it cannot be asked."""

    def rewrap(self, wrapped: bytes, *context: str) -> bytes:
        """The same secret under the newest version of the key; raises as `unwrap` does."""

    def describe(self) -> Description:
        """Which key it is, as the provider sees it now; raises NotReady or Busy."""


def bound(*context: str) -> bytes:
    """A context as associated data: each item behind its length, so that no two contexts look alike."""
    items = (item.encode() for item in (PURPOSE, *context))
    return b"".join(struct.pack(">I", len(item)) + item for item in items)


def secure(address: str, name: str) -> str:
    """An address to which a secret may go: TLS, or this host; raises NotReady naming the setting."""
    try:
        parts = urlsplit(str(address))
        is_plain = parts.scheme == "http" and parts.hostname in HERE and parts.port != 0
    except ValueError:
        parts, is_plain = urlsplit(""), False
    if not parts.hostname or parts.username is not None or not (parts.scheme == "https" or is_plain):
        message = f"root.toml: {name} must be https://…; plain http:// is for this host alone"
        raise NotReady(message)
    return parts.geturl().rstrip("/")

"""The root key in a file of mode 0600 in the key directory. Who reads that file and the database opens everything."""

from dataclasses import dataclass, field

from hub.errors import Tampered
from hub.roots.provider import BROKEN, Description
from hub.seal import digest, unwrap_secret, wrap_secret


@dataclass(frozen=True)
class KeyFile:
    """The root key in a file."""

    root: bytes = field(repr=False)
    file: str = "root.key"
    name: str = "keyfile"

    def wrap(self, secret: bytes, *context: str) -> bytes:
        """Wrap a secret for a context."""
        return wrap_secret(self.root, secret, *context)

    def unwrap(self, wrapped: bytes, *context: str) -> bytes:
        """Take a secret back; raises Tampered for another context or key."""
        try:
            return unwrap_secret(self.root, wrapped, *context)
        except Tampered:
            raise Tampered(BROKEN) from None

    def rewrap(self, wrapped: bytes, *context: str) -> bytes:
        """The same under a new nonce: a file has one version. A new key is another file (`hub keys root --to`)."""
        return self.wrap(self.unwrap(wrapped, *context), *context)

    def describe(self) -> Description:
        """The file, and a print of the key, by which two copies are told apart."""
        return Description("keyfile", f"{self.file}, print {fingerprint(self.root)}", "", can_destroy_version=False)


def fingerprint(root: bytes) -> str:
    """Sixteen hexadecimal digits that tell two root keys apart, and from which none can be found: it is random."""
    return digest(b"hub.root.print.v1" + root)[:16]

"""Which root provider a hub has: `root.toml` in its key directory says it; without that file, the key file does.

    provider = "keyfile"        file = "root.key"
    provider = "passphrase"     salt, memory (KiB), time, lanes: written by `hub init`
    provider = "transit"        address, key, token_file, mount = "transit", ca_file
    provider = "aws"            key, region, endpoint

A change of provider (`hub keys root`) goes through `root.next.toml`: while it is there, what the new provider does not
open the old one does, so that a process may start, and the command be killed, at any point of it.
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.errors import HubError, NotReady, Tampered
from hub.roots.keyfile import KeyFile
from hub.roots.passphrase import Cost, Passphrase
from hub.roots.provider import Ask, Description, RootProvider

ROOT, NEXT, KEY = "root.toml", "root.next.toml", "root.key"
Read = Callable[[str], bytes | None]  # the content of a file of the key directory, None if it is not there
Said = Mapping[str, Any]
FIELDS = {
    "keyfile": {"file"},
    "passphrase": {"salt", "memory", "time", "lanes"},
    "transit": {"address", "key", "token_file", "mount", "ca_file"},
    "aws": {"key", "region", "endpoint"},
}


@dataclass(frozen=True)
class Change:
    """A change of provider on its way: wraps under the new one, opens what either has wrapped."""

    new: RootProvider
    old: RootProvider

    @property
    def name(self) -> str:
        """The new one's."""
        return self.new.name

    def wrap(self, secret: bytes, *context: str) -> bytes:
        """Under the new one."""
        return self.new.wrap(secret, *context)

    def unwrap(self, wrapped: bytes, *context: str) -> bytes:
        """By the new one, else by the old; raises what both together mean."""
        try:
            return self.new.unwrap(wrapped, *context)
        except HubError as first:
            try:
                return self.old.unwrap(wrapped, *context)
            except Tampered:
                raise first from None  # not the old one's: what the new one says counts

    def rewrap(self, wrapped: bytes, *context: str) -> bytes:
        """From whichever opens it, to the new one."""
        return self.wrap(self.unwrap(wrapped, *context), *context)

    def describe(self) -> Description:
        """The new one's."""
        return self.new.describe()


def provider_of(read: Read, ask: Ask, ask_new: Ask | None = None) -> RootProvider:
    """The root provider of a key directory; raises NotReady if none is said, or what is said cannot be.

    `ask_new` is for the passphrase that a change leads to, where it is another than the standing one.
    """
    said = read(ROOT)
    standing = _made(parse(said.decode("utf-8", "replace")) if said is not None else {"provider": "keyfile"}, read, ask)
    coming = read(NEXT)
    if coming is None:
        return standing
    return Change(_made(parse(coming.decode("utf-8", "replace")), read, ask_new or ask), standing)


def parse(text: str) -> Said:
    """What a `root.toml` says; raises NotReady for what it may not say."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        message = f"root.toml cannot be read: {wrong}"
        raise NotReady(message) from None
    if said.get("provider") not in FIELDS:
        message = f"root.toml: provider must be one of {', '.join(FIELDS)}"
        raise NotReady(message)
    if unknown := sorted(said.keys() - FIELDS[said["provider"]] - {"provider"}):
        message = f"root.toml: {said['provider']} has no {', '.join(unknown)}"
        raise NotReady(message)
    return said


def complete(said: Said) -> str:
    """The text of a `root.toml`, with what its writer left to us: the salt of a passphrase."""
    if said["provider"] == "passphrase" and "salt" not in said:
        said = {**said, **{name: value for name, value in Cost.fresh().items() if name not in said}}
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in said.items())


def _made(said: Said, read: Read, ask: Ask) -> RootProvider:
    match said["provider"]:
        case "passphrase":
            return Passphrase(ask, Cost.read(said))
        case "transit":
            from hub.roots import transit  # noqa: PLC0415 - its library is an extra, and heavy

            return transit.Transit(transit.Place.read(said))
        case "aws":
            from hub.roots import aws  # noqa: PLC0415 - the same

            return aws.Kms(aws.Place.read(said))
    return _key_file(str(said.get("file", KEY)), read)


def _key_file(name: str, read: Read) -> KeyFile:
    content = read(name) if name.endswith(".key") and "/" not in name else None
    if content is None:
        message = (
            f"{name} is missing from the key directory; run `hub init`, or set HUB_KEYS to where the key files lie"
        )
        raise NotReady(message)
    try:
        return KeyFile(bytes.fromhex(json.loads(content)["root"]), name)
    except (ValueError, KeyError, TypeError):
        message = f"{name} is no key file of the hub; put it back from your copy of the keys"
        raise NotReady(message) from None

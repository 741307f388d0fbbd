"""Observables: a value to look for as a STIX object and as a pattern, if it is what its type says.

A value that is not (an address that is none, a hash of no known length), and a type that STIX has no object for
(package, prompt pattern), becomes neither: it stays in our extension. A pattern finds the very value that was filed:
only the case of ASCII letters and the spelling of an address may differ, which name the same thing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

KINDS = {"ipv4-addr", "ipv6-addr", "domain-name", "url", "email-addr", "file"}
HASHES = {32: "MD5", 40: "SHA-1", 64: "SHA-256", 128: "SHA-512"}  # hexadecimal digits → name in STIX 2.1, 10.6
LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
DOMAIN = rf"(?=.{{4,253}}$)(?:{LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])"
PATH = r"(?:[!$&-;=@A-Z_a-z~]|%[0-9A-Fa-f]{2})"  # RFC 3986, 3.3
URL = re.compile(
    rf"(?:https?|ftp)://[A-Za-z0-9][A-Za-z0-9._-]{{0,252}}(?::[0-9]{{1,5}})?(?:/{PATH}*)?(?:\?(?:{PATH}|\?)*)?(?:#{PATH}*)?"
)
EMAIL = re.compile(rf"[A-Za-z0-9_+-]{{1,64}}(?:\.[A-Za-z0-9_+-]{{1,64}}){{0,8}}@{DOMAIN}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Observable:
    """One value as STIX says it: the object's type and properties, and the pattern that finds it."""

    kind: str
    properties: Mapping[str, Any]
    pattern: str


def observable(kind: str, value: str) -> Observable | None:
    """The observable of an indicator's type and value, or None if it is none."""
    return READERS[kind](value) if kind in READERS else None


def literal(text: str) -> str:
    """A string constant of the pattern grammar (STIX 2.1, 9.3): backslash and quote are escaped."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _address(kind: str, family: type[IPv4Network] | type[IPv6Network]) -> Callable[[str], Observable | None]:
    def read(value: str) -> Observable | None:
        try:
            network = ip_network(value)
        except ValueError:
            return None
        if not isinstance(network, family) or "%" in value:
            return None
        is_one = "/" not in value
        text = str(network.network_address if is_one else network)
        return Observable(kind, {"value": text}, f"[{kind}:value {'=' if is_one else 'ISSUBSET'} {literal(text)}]")

    return read


def _text(kind: str, form: re.Pattern[str], *, is_lower: bool = False) -> Callable[[str], Observable | None]:
    def read(value: str) -> Observable | None:
        # Lower case makes ASCII of some letters that are none (U+212A becomes k), and so another domain.
        text = value.lower() if is_lower and value.isascii() else value
        return Observable(kind, {"value": text}, f"[{kind}:value = {literal(text)}]") if form.fullmatch(text) else None

    return read


def _hash(value: str) -> Observable | None:
    text = value.lower()
    name = HASHES.get(len(text))
    if name is None or not re.fullmatch(r"[0-9a-f]+", text):
        return None
    return Observable("file", {"hashes": {name: text}}, f"[file:hashes.{literal(name)} = {literal(text)}]")


READERS: Mapping[str, Callable[[str], Observable | None]] = {
    "ipv4": _address("ipv4-addr", IPv4Network),
    "ipv6": _address("ipv6-addr", IPv6Network),
    "domain": _text("domain-name", re.compile(DOMAIN), is_lower=True),
    "url": _text("url", URL),
    "email": _text("email-addr", EMAIL),
    "file_hash": _hash,
}

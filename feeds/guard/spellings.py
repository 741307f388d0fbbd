"""How people write days, addresses and hosts."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from ipaddress import ip_address

from feeds import moments
from feeds.guard.ordinary import ORDINARY

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
ORDINALS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}
MAIL = re.compile(r"(?<![\w.+%-])([\w.+%-]{1,64})@((?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![\w-])")
HOST = re.compile(r"(?<![\w.@%-])((?:[A-Za-z0-9_-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![\w-])")
# Where a name of two labels is a host and no file (main.py) or module: the generic ones, and those of inner networks.
ENDS = frozenset(
    [
        "com",
        "org",
        "net",
        "edu",
        "gov",
        "mil",
        "int",
        "eu",
        "io",
        "ai",
        "dev",
        "app",
        "cloud",
        "info",
        "biz",
        "tech",
        "online",
        "site",
        "xyz",
        "internal",
        "intranet",
        "local",
        "lan",
        "corp",
        "home",
        "example",
        "test",
        "invalid",
    ]
)
PROVIDERS = frozenset(
    [
        "gmail",
        "googlemail",
        "outlook",
        "hotmail",
        "live",
        "yahoo",
        "icloud",
        "protonmail",
        "proton",
        "aol",
        "gmx",
        "mail",
        "web",
        "example",
        "www",
        "github",
        "gitlab",
        "google",
        "microsoft",
        "amazonaws",
        "azure",
        "cloudfront",
        "herokuapp",
    ]
)


def exact_key(text: str) -> str:
    """A value as it is compared whole: in lower case, an address of the network as it is written shortest."""
    low = text.lower()
    try:
        return str(ip_address(low.removesuffix("/32").removesuffix("/128")))
    except ValueError:
        return low


def day_keys(text: str) -> Iterator[str]:
    """The days that an instant as filed or shown names, there and in UTC, as people write them, without separators."""
    if moments.is_finer(text, "month"):
        for day in {moments.read(text).at.date(), date.fromisoformat(text[:10])}:
            yield from _day_keys(day)


@lru_cache(maxsize=1024)
def _day_keys(day: date) -> tuple[str, ...]:
    ordinal = f"{day.day}{ORDINALS.get(day.day, 'th')}"
    month = MONTHS[day.month - 1].lower()
    named = (
        key
        for name in dict.fromkeys((month, month[:3]))
        for key in (
            f"{day.day}{name}",
            f"{name}{day.day}",
            f"{ordinal}{name}",
            f"{ordinal}of{name}",
            f"{name}{ordinal}",
        )
    )
    numbers = f"{day:%Y%m%d}", f"{day.day}{day.month}{day.year}", f"{day:%d%m%Y}", f"{day:%m%d%Y}"
    return (*named, *(key for key in numbers if len(key) > len("112026")))  # which is November as well


def mail_in(text: str) -> Iterator[tuple[str, str]]:
    """The mail addresses in a text: local part and host."""
    if "@" in text:
        yield from ((found[1], found[2]) for found in MAIL.finditer(text))


def hosts_in(text: str) -> Iterator[str]:
    """The hosts in a text."""
    if "." not in text:
        return
    yield from (host for _, host in mail_in(text))
    for found in HOST.finditer(text):
        labels = found[1].lower().split(".")
        is_named = text[max(0, found.start() - 3) : found.start()] == "://"
        if is_named or labels[-1] in ENDS or (len(labels) > 2 and min(map(len, labels[1:])) > 1):  # noqa: PLR2004 - a host, not e.g.
            yield found[1]


def labels_of(host: str) -> Iterator[str]:
    """The words of a host that are its owner's: not the last one, no provider's, no ordinary one."""
    for label in host.split(".")[:-1]:
        if label.lower() not in PROVIDERS and label.lower() not in ORDINARY:
            yield label

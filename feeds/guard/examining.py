"""Examining one projection: its words against what it withholds, then against the detectors."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from feeds.guard.hits import Code, Hit, Kind
from feeds.guard.matching import find
from feeds.guard.outgoing import Outgoing, outgoing
from feeds.guard.rules import RULES
from feeds.guard.terms import Behind, Withheld, withheld
from feeds.guard.views import Buffer, Reading, View, buffer_of
from feeds.hygiene import cleaned
from feeds.mapping.observable import observable
from feeds.policy import Policy
from feeds.projection import Projection
from schemas.anatomy import Values
from schemas.audience import Mode

DIGITS = "0123456789"


@dataclass(frozen=True)
class Subject:
    """A report on its way out: what is known of it, and what is about to be shown."""

    clear: Mapping[str, Any]
    opened: Values  # every sealed value, identity among them
    projection: Projection
    policy: Policy
    behind: Behind
    is_public: bool = False  # imported, or CLEAR

    @property
    def only_warns(self) -> bool:
        """Whether all but secrets only warn: the words are public, or were written to be."""
        return self.is_public and self.projection.mode is Mode.WRITTEN


@dataclass(frozen=True)
class Findings:
    """What keeps an entry, and what is only noted."""

    holds: tuple[Hit, ...] = ()
    warnings: tuple[Hit, ...] = ()
    text: str = field(default="", repr=False)  # what was examined; for a keyed digest, never to be kept


def examine(subject: Subject, code: Code) -> Findings:
    """Examine a projection as it will leave; without words in it nothing is looked at."""
    said = outgoing(subject.policy, cleaned(subject.projection).fields)
    if not (said.prose or said.names or said.indicators):
        return Findings()
    kept_in = withheld(subject.clear, subject.opened, subject.projection, subject.behind)
    hits = set(_hits(said, kept_in, code))
    holds = {hit for hit in hits if hit.kind in {Kind.SECRET, Kind.UNREAD} or not subject.only_warns}
    whole = repr((said.prose, said.names, said.indicators))
    return Findings(tuple(sorted(holds)), tuple(sorted(hits - holds)), whole)


def _hits(said: Outgoing, kept_in: Withheld, code: Code) -> Iterator[Hit]:
    yield from _texts(buffer_of(said.prose), kept_in, code, are_names=False)
    typed = [one for one in said.indicators if one[1] in TYPED and observable(one[1], one[2]) is not None]
    named = [*said.names, *((path, value) for path, kind, value in said.indicators if (path, kind, value) not in typed)]
    yield from _texts(buffer_of(named), kept_in, code, are_names=True)
    yield from _secrets(buffer_of([(path, value) for path, _, value in typed]), code)
    for path, kind, value in typed:
        yield from _indicator(path, kind, value, kept_in, code)


def _secrets(buffer: Buffer, code: Code) -> Iterator[Hit]:
    """The secrets in values that are compared as their types say: a name in them may be what they warn of."""
    for view in Reading().views(buffer.text) if buffer.text else ():
        yield from _detected(buffer, view, code, are_names=True)


def _texts(buffer: Buffer, kept_in: Withheld, code: Code, *, are_names: bool) -> Iterator[Hit]:
    if not buffer.text:
        return
    reading = Reading()
    for view in reading.views(buffer.text):
        yield from _terms(buffer, view, kept_in, code)
        yield from _detected(buffer, view, code, are_names=are_names)
    if not reading.is_whole:
        yield Hit(buffer.fields[0], "too-much-code", "", code(f"too-much-code|{len(buffer.text)}"), Kind.UNREAD)


def _terms(buffer: Buffer, view: View, kept_in: Withheld, code: Code) -> Iterator[Hit]:
    for place, term in find(view, kept_in.terms.values()):
        where = buffer.field_at(view.in_buffer(place))
        yield Hit(where, term.rule, term.of, code(f"{term.rule}|{term.key}"))
    for at, stretch, path in kept_in.quotes.found_in(view.stripped):
        where = buffer.field_at(view.in_buffer(view.places[at]))
        yield Hit(where, "withheld-quote", path, code(f"withheld-quote|{stretch}"))


def _detected(buffer: Buffer, view: View, code: Code, *, are_names: bool) -> Iterator[Hit]:
    digits = sum(map(view.text.count, DIGITS))
    for rule in RULES:
        is_idle = digits < rule.digits or (are_names and rule.kind is Kind.PERSON)
        if is_idle or (rule.hints and not any(hint in view.lower for hint in rule.hints)):
            continue
        for found in rule.pattern.finditer(view.text):
            if rule.proof is None or rule.proof(found):
                where = buffer.field_at(view.in_buffer(found.start()))
                yield Hit(where, rule.id, "", code(f"{rule.id}|{found[0]}"), rule.kind)


def _host(kind: str, value: str) -> str:
    """The host of a URL, an address of mail, or a domain, as they would be asked for."""
    try:
        host = urlsplit(value).hostname or "" if kind == "url" else value.rpartition("@")[2]
    except ValueError:  # no URL that a client would follow
        host = value.partition("://")[2].partition("/")[0]
    return unquote(host).rstrip(".").lower()


def _is_or_under(host: str, hosts: Mapping[str, str]) -> str | None:
    labels = host.split(".")
    return next((hosts[name] for at in range(len(labels) - 1) if (name := ".".join(labels[at:])) in hosts), None)


# What an indicator of a type is compared with: a host is somebody's own if it is theirs or under it. A name that only
# resembles one is what an indicator is for.
TYPED = frozenset({"domain", "url", "email", "ipv4", "ipv6", "file_hash"})


def _indicator(path: str, kind: str, value: str, kept_in: Withheld, code: Code) -> Iterator[Hit]:
    low = value.lower()
    host = _host(kind, low) if kind in {"domain", "url", "email"} else low.removesuffix("/32").removesuffix("/128")
    of = kept_in.exact.get(low) or kept_in.exact.get(host) or _is_or_under(host, kept_in.hosts)
    if of is not None:
        yield Hit(path, "withheld-value", of, code(f"withheld-value|{low}"))

"""Examining one projection: its words against what it withholds, then against the detectors."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from feeds.guard.hits import Code, Hit, Kind
from feeds.guard.matching import find
from feeds.guard.outgoing import Outgoing, outgoing
from feeds.guard.rules import RULES
from feeds.guard.spellings import exact_key
from feeds.guard.terms import Behind, Withheld, withheld
from feeds.guard.views import Buffer, Reading, View, buffer_of
from feeds.hygiene import cleaned
from feeds.mapping.observable import observable
from feeds.policy import Policy
from feeds.projection import Projection
from schemas.anatomy import Values
from schemas.audience import Mode

DIGITS = "0123456789"
NOTHING = Withheld()


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
    named, typed = list(said.names), list[tuple[str, str]]()
    for path, kind, value in said.indicators:
        if observable(kind, value) is None:  # of no type that has a form, or not of its form: words like any other
            named.append((path, value))
        else:
            typed.append((path, value))
            yield from _indicator(path, kind, value, kept_in, code)
    yield from _texts(buffer_of(named), kept_in, code, are_names=True)
    # A name in what is compared as its type says may be what it warns of; a secret never is.
    yield from _texts(buffer_of(typed), NOTHING, code, are_names=True)


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
    """The host of a URL, an address of mail, a domain or an address, as it would be asked for."""
    if kind == "url":
        return (urlsplit(value).hostname or "").rstrip(".")
    return value.rpartition("@")[2]


def _is_or_under(host: str, hosts: Mapping[str, str]) -> str | None:
    labels = host.split(".")
    return next((hosts[name] for at in range(len(labels) - 1) if (name := ".".join(labels[at:])) in hosts), None)


def _indicator(path: str, kind: str, value: str, kept_in: Withheld, code: Code) -> Iterator[Hit]:
    """A value of a type is compared as that: a host is somebody's own if it is theirs or under it.

    A name that only resembles one is what an indicator is for.
    """
    low = value.lower()
    host = _host(kind, low)
    of = kept_in.exact.get(exact_key(low)) or kept_in.exact.get(exact_key(host)) or _is_or_under(host, kept_in.hosts)
    if of is not None:
        yield Hit(path, "withheld-value", of, code(f"withheld-value|{low}"))

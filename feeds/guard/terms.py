"""Terms: what of a report its projection withholds, in the form in which it is looked for.

1. A value of a name (a text of up to 200 characters) gives itself and those of its words that are no ordinary ones.
2. A longer text gives its stretches (`guard.quotes`), and the addresses and hosts that stand in it.
3. An address gives its host, and a host its own word. What the projection keeps as written gives nothing.
4. From a redacted projection counts from a thousand and days are kept too, in the ways people write them. As written,
   prose says them, and an analyst accepted that prose.
5. Text that its author wrote to be read by others gives nothing; nor does `original`, which repeats the other fields.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from feeds.guard.ordinary import ORDINARY
from feeds.guard.quotes import LEAST as LEAST_QUOTE
from feeds.guard.quotes import Quotes
from feeds.guard.spellings import day_keys, exact_key, hosts_in, labels_of, mail_in
from feeds.guard.views import key_of, plain
from feeds.projection import Projection
from schemas import vocabulary
from schemas.anatomy import LEAVES, Values
from schemas.audience import Mode
from schemas.fields import Count, Instant, Many, Shaped, Text

LEAST = 4  # characters of a term
LONG = 8  # from here on a term is found inside words too
NAME = 200  # characters of a field that names something
WHOLE = 60  # characters up to which a value is looked for as it is; longer ones by their stretches
THOUSAND, YEARS = 1000, range(1900, 2101)  # fewer are told by a band as well; and a year is no count
WORD = re.compile(r"[^\s,;/|()\"\u201c\u201d]+")
ASIDE = re.compile(r"\s*\([^()]*\)")
# Written to be read by others (docs/threat-model.md), or a repetition of what stands in the fields.
SPOKEN = frozenset({"recommendation", "original"}) | {path for path in LEAVES if path.startswith("for_release.")}


class How(StrEnum):
    """How a term is found in a text."""

    ANYWHERE = "anywhere"
    WORDS = "words"  # from the beginning of a word to the end of one
    NAMED = "named"  # an ordinary word: only where it is written as a name is


@dataclass(frozen=True)
class Term:
    """One thing not to be said."""

    key: str
    rule: str
    of: str  # schema path, or `organisation`
    how: How
    is_phrase: bool  # several words


@dataclass(frozen=True)
class Behind:
    """Who stands behind a report beside what it says itself: the organisation that filed it."""

    names: tuple[str, ...] = ()


@dataclass
class Withheld:
    """All that one projection withholds."""

    terms: dict[str, Term] = field(default_factory=dict)  # by key
    exact: dict[str, str] = field(default_factory=dict)  # short values, as `exact_key` has them → path
    hosts: dict[str, str] = field(default_factory=dict)  # → path
    quotes: Quotes = field(default_factory=Quotes)

    def add(self, text: str, of: str, rule: str, how: How | None = None) -> None:
        """Add a term, unless it is too short, a word of a vocabulary, or an ordinary word written as one."""
        key = key_of(text)
        if key in self.terms or not _tells(key) or any(code.fullmatch(text) for code in _codes()):
            return
        words = WORD.findall(plain(text))
        is_phrase = len(words) > 1
        if how is None and all(word.strip(".'\u2019-").lower() in ORDINARY for word in words):
            how = How.WORDS if is_phrase else How.NAMED
            if not is_phrase and not words[0][:1].isupper():
                return
        how = how or (How.ANYWHERE if len(key) >= LONG else How.WORDS)
        self.terms[key] = Term(key, rule, of, how, is_phrase)


def _tells(key: str) -> bool:
    if len(key) < LEAST or key in _vocabulary():
        return False
    return not (len(key) == LEAST and key.isdigit() and int(key) in YEARS)


@cache
def _vocabulary() -> frozenset[str]:
    """Every term of every vocabulary, and what it is called."""
    found: set[str] = set()
    for path in vocabulary.ROOM.iterdir():
        if path.name.endswith(".json"):
            terms = vocabulary.document(path.name.removesuffix(".json")).get("terms", {})
            found.update(terms)
            found.update(
                str(said.get("name", "")) if isinstance(said, Mapping) else str(said) for said in terms.values()
            )
    for scheme in vocabulary.schemes().values():
        found.update(scheme.terms)
        found.update(map(str, scheme.terms.values()))
    return frozenset(key_of(text) for text in found)


@cache
def _codes() -> tuple[re.Pattern[str], ...]:
    """What codes look like of which the hub holds no list: CVE, CWE and their like."""
    return tuple({scheme.pattern for scheme in vocabulary.schemes().values() if not scheme.terms})


def withheld(clear: Mapping[str, Any], opened: Values, projection: Projection, behind: Behind) -> Withheld:
    """What a projection withholds of a report, given as its clear document and the opened values."""
    found = Withheld()
    kept = frozenset(_leaves(projection.fields, ""))
    sealed = ((path, value) for path, by_pointer in opened.items() for value in by_pointer.values())
    every = [one for path, value in (*_leaves(clear, ""), *sealed) for one in _single(path, value)]
    is_redacted = projection.mode is Mode.REDACTED
    for path, value in every:
        if path in LEAVES and path not in SPOKEN and (path, value) not in kept:
            _take(found, path, value, is_redacted=is_redacted)
    for name in behind.names:
        _take_name(found, name, "organisation")
    for path, value in kept:
        _let_go(found, path, value, is_redacted=is_redacted)
    return found


def _leaves(part: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in part.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for item in value:
                yield from _leaves(item, f"{prefix}{name}[].")
        else:
            yield from _single(prefix + name, value)


def _single(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    yield from ((path, one) for one in (value if isinstance(value, list) else [value]))


def _take(found: Withheld, path: str, value: Any, *, is_redacted: bool) -> None:
    kind = kind_of(path)
    if isinstance(kind, Text):
        _take_text(found, path, value, kind)
    elif isinstance(kind, Instant) and is_redacted:
        for key in day_keys(value):
            found.terms.setdefault(key, Term(key, "withheld-date", path, How.WORDS, is_phrase=True))
    elif isinstance(kind, Count) and is_redacted and value >= THOUSAND and value not in YEARS:
        found.add(str(value), path, "withheld-number", How.WORDS)
    elif isinstance(kind, Shaped) and _names_something(path):
        found.exact.setdefault(exact_key(value), path)
        found.add(value, path, "withheld-value")


def _names_something(path: str) -> bool:
    """Whether a strict form names one thing: what is found by equality, a number of somebody's own, an address."""
    is_own = path == "client_ref" or path.endswith("].id")
    return is_own or LEAVES[path].mark.equal is not None or getattr(kind_of(path), "free_text", False)


@cache
def kind_of(path: str) -> Any:
    """The kind of one value at a path."""
    kind = LEAVES[path].kind
    return kind.inner if isinstance(kind, Many) else kind


def _take_text(found: Withheld, path: str, value: str, kind: Text) -> None:
    _take_addresses(found, path, value)
    if len(value) <= kind.max_length <= NAME and not kind.is_exact:
        _take_name(found, value, path)
    key = key_of(value)
    if len(key) <= WHOLE:
        found.exact.setdefault(exact_key(value), path)
        found.add(value, path, "withheld-value")
    if len(key) >= LEAST_QUOTE:
        found.quotes.add(key, path)


def _take_name(found: Withheld, name: str, of: str) -> None:
    whole = ASIDE.sub("", name)
    if len(key_of(whole)) <= WHOLE:
        found.add(whole, of, "withheld-name")
    for word in _own_words(whole):
        found.add(word, of, "withheld-name")


def _own_words(name: str) -> Iterator[str]:
    """The words of a name that name something: capitals or digits in them, and no ordinary words."""
    for word in WORD.findall(plain(name)):
        bare = word.strip(".'\u2019-:")
        if bare.lower() not in ORDINARY and not bare.isdigit() and bare != bare.lower():
            yield bare


def _take_addresses(found: Withheld, path: str, value: str) -> None:
    for local, host in mail_in(value):
        found.add(f"{local}@{host}", path, "withheld-address")
        found.exact.setdefault(f"{local}@{host}".lower(), path)
        if local.lower() not in ORDINARY:
            found.add(local, path, "withheld-address")
    for host in hosts_in(value):
        found.hosts.setdefault(host.lower(), path)
        found.add(host, path, "withheld-host")
        if kind_of(path).max_length <= NAME + 100:  # a name or a contact: the host is somebody's own
            for label in labels_of(host):
                found.add(label, path, "withheld-host")


def _let_go(found: Withheld, path: str, value: Any, *, is_redacted: bool) -> None:
    """What leaves as it was filed is not withheld where it stands in another field as well, nor are words of it."""
    if path in SPOKEN or not isinstance(value, str):
        return
    found.terms.pop(key_of(value), None)
    kind = kind_of(path)
    if isinstance(kind, Instant) and is_redacted:
        for key in day_keys(value):
            found.terms.pop(key, None)
    if isinstance(kind, Text) and len(value) <= kind.max_length <= NAME:
        for word in (ASIDE.sub("", value), *_own_words(value)):
            found.terms.pop(key_of(word), None)

"""What a scan looks for: words and "quoted phrases", all of which must occur, in any of the fields scanned.

1. Compared without regard to case and to the form of characters (Unicode NFKC and case folding); characters that show
   nothing, such as a soft hyphen or a zero-width space, do not count.
2. A word is found inside longer words too: `inject` finds `injection`.
3. The words of a phrase follow one another, with any white space between them.

Sealed values come in as the JSON text that was opened. Most hold nothing of interest, so most are never parsed: the
words are looked for in the text as it stands first, which finds too much sometimes and too little never.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from schemas.errors import Invalid

INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
TERM = re.compile('"([^"]*)"|([^"\\s]+)')
MOST_TERMS = 10


@dataclass(frozen=True)
class Term:
    """One word, or the words of a phrase in order, folded."""

    words: tuple[str, ...]

    @cached_property
    def longest(self) -> bytes:
        """Its longest word as JSON text holds it: where that is not, the term is not."""
        return json.dumps(max(self.words, key=len), ensure_ascii=False)[1:-1].encode()

    @cached_property
    def _phrase(self) -> re.Pattern[str]:
        return re.compile(r"\s+".join(map(re.escape, self.words)))

    def is_in(self, folded: str) -> bool:
        """Whether the term occurs in folded text."""
        if not all(word in folded for word in self.words):
            return False
        return len(self.words) == 1 or self._phrase.search(folded) is not None


@dataclass(frozen=True)
class Predicate:
    """The terms that must all occur."""

    terms: tuple[Term, ...]

    @property
    def normalised(self) -> str:
        """One spelling for everything that finds the same."""
        return json.dumps(sorted({term.words for term in self.terms}), ensure_ascii=False)

    @cached_property
    def _needles(self) -> tuple[bytes, ...]:
        return tuple(term.longest for term in self.terms)

    def may_be_in(self, text: bytes) -> bool:
        """Whether a sealed value's JSON text may hold a term; never False when it does."""
        if not text.isascii():
            return True
        low, needles = text.lower(), self._needles
        return needles[0] in low if len(needles) == 1 else any(needle in low for needle in needles)

    def places(self, text: bytes) -> dict[str, set[int]]:
        """Pointers of the strings in which terms occur, out of a sealed value's JSON text, and which terms."""
        found = {}
        for pointer, string in _strings(json.loads(text)):
            folded = fold(string)
            here = {number for number, term in enumerate(self.terms) if term.is_in(folded)}
            if here:
                found[pointer] = here
        return found


def fold(text: str) -> str:
    """Text as it is compared."""
    if text.isascii():
        return text.lower()
    visible = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return unicodedata.normalize("NFKC", visible.casefold())


def predicate(text: str) -> Predicate:
    """Read what an analyst looks for; raises Invalid, without repeating it."""
    if text.count('"') % 2:
        raise Invalid.at("/contains", "has a quotation mark that is not closed; close it, or leave it out")
    folded = (fold(phrase or word).split() for phrase, word in TERM.findall(text))
    terms = tuple(dict.fromkeys(Term(tuple(words)) for words in folded if words))
    if not 1 <= len(terms) <= MOST_TERMS:
        raise Invalid.at("/contains", f"must hold 1 to {MOST_TERMS} words or quoted phrases to look for")
    return Predicate(terms)


def _strings(by_pointer: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for pointer, value in by_pointer.items():
        if isinstance(value, str):
            yield pointer, value
        elif isinstance(value, list):
            yield from ((f"{pointer}/{at}", item) for at, item in enumerate(value) if isinstance(item, str))

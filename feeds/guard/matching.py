"""Finding terms in a view: in its letters and digits alone, then whether it stands there as a word or a name."""

from collections.abc import Iterable, Iterator

from feeds.guard.ordinary import ORDINARY
from feeds.guard.terms import WORD, How, Term
from feeds.guard.views import View

ENDS = ".!?:\n\u2022*-\u2013\u2014"  # of a sentence or an item: behind them every word is written like a name
MOST = 2_000  # places of one term that are looked at closely; behind them it counts as found


def find(view: View, terms: Iterable[Term]) -> Iterator[tuple[int, Term]]:
    """Each term that occurs in a view, with every place: who decides about one field decides about no other."""
    stripped = view.stripped
    for term in terms:
        at, tries = stripped.find(term.key), 0
        while at >= 0 and tries <= MOST:
            tries += 1
            if tries > MOST or _fits(view, at, term):
                yield view.places[at], term
            at = stripped.find(term.key, at + 1)


def _fits(view: View, at: int, term: Term) -> bool:
    first, last = view.places[at], view.places[at + len(term.key) - 1]
    if term.how is not How.ANYWHERE and not (_begins(view.text, first) and _ends(view.text, last)):
        return False
    if term.how is How.NAMED:
        return last - first == len(term.key) - 1 and _is_named(view.text, first)
    return term.is_phrase or last - first == len(term.key) - 1 or not _is_prose(view.text, first, last)


def _begins(text: str, at: int) -> bool:
    return at == 0 or _is_edge(text[at - 1], text[at])


def _ends(text: str, at: int) -> bool:
    after = text[at + 1 : at + 3]
    if not after or _is_edge(text[at], after[0]):
        return True
    return after[0] in "sS" and (len(after) == 1 or not after[1].isalnum())  # a plural, or whose it is


def _is_edge(one: str, other: str) -> bool:
    """Whether a word ends between two characters: `acme_`, `AcmeBot`, `acme2`."""
    if not (one.isalnum() and other.isalnum()):
        return True
    return (one.islower() and other.isupper()) or one.isdigit() != other.isdigit()


def _is_named(text: str, at: int) -> bool:
    before = text[:at].rstrip(" \t\"'\u201c\u201d\u2018\u2019(\u2039").rstrip(" \t")
    return text[at].isupper() and bool(before) and before[-1] not in ENDS


def _is_prose(text: str, first: int, last: int) -> bool:
    """Whether what stands there is a row of ordinary words, in which a name of one word shows by chance."""
    while first > 0 and text[first - 1].isalnum():
        first -= 1
    while last + 1 < len(text) and text[last + 1].isalnum():
        last += 1
    words = [word.strip(".'\u2019-:!?").lower() for word in WORD.findall(text[first : last + 1])]
    return all(word in ORDINARY and (len(word) > 1 or word in "ai") for word in words if word)

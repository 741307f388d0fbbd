"""Comparing: what an operator asks of a kind of field. An instant that is known to the month is all of that month.

`=` overlaps, `<` ends before it begins, `>` begins behind its end; `<=` begins before its end, `>=` ends behind its
beginning. So what overlaps is `=`, `<=` and `>=` at once, and neither `<` nor `>`.
"""

import difflib
from typing import Protocol

from hub.errors import BadFilter
from hub.filters.catalogue import Field, Kind
from hub.filters.conditions import Condition, Match, Not, Spoken, Words
from hub.filters.folding import fold, words
from hub.filters.values import asked, canonical, span

MOST_WORDS = 20
ORDERED = {Kind.RANK, Kind.NUMBER, Kind.INSTANT}
BEHIND = "\U0010ffff"  # sorts behind whatever goes on


class Said(Protocol):
    """A piece of a filter: what it says and where."""

    @property
    def text(self) -> str: ...
    @property
    def column(self) -> int: ...


def compared(field: Field, sign: str, value: Said, column: int) -> Condition:
    """The condition of a comparison; raises BadFilter."""
    if field.kind is Kind.TEXT:
        message = f'{field.name} is searched by its words; write `text ~ "…"`'
        raise BadFilter(message, column)
    if field.kind is Kind.EQUAL and sign != "=":
        message = f"{field.name} is sealed: only `=` and `in (…)` are asked of it"
        raise BadFilter(message, column)
    if sign not in {"=", "!="} and field.kind not in ORDERED:
        message = f"{field.name} has no order; use `=`, `!=` or `in (…)`"
        raise BadFilter(message, column)
    try:
        found = _instant(field, sign, value.text) if field.kind is Kind.INSTANT else _plain(field, sign, value.text)
    except ValueError as wrong:
        near = difflib.get_close_matches(value.text[:80], field.terms, n=1)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        message = f"the value {wrong}{hint}"
        raise BadFilter(message, value.column) from None
    return Not(found) if sign == "!=" else found


def _instant(field: Field, sign: str, text: str) -> Match:
    begin, end = span(text)
    if sign == "<":
        return Match(field.name, ends_at_most=begin)
    if sign == "<=":
        return Match(field.name, begins_before=end)
    if sign == ">":
        return Match(field.name, begins_at_least=end)
    if sign == ">=":
        return Match(field.name, ends_behind=begin)
    return Match(field.name, ends_behind=begin, begins_before=end)


def _plain(field: Field, sign: str, text: str) -> Match:
    value = asked(field, text)
    if sign in {"=", "!="}:
        return Match(field.name, (value,))
    if field.kind is Kind.RANK:
        return Match(field.name, _ranked(field, sign, value) or ("",))
    if sign in {"<", "<="}:
        return Match(field.name, begins_before=value if sign == "<" else f"{value}~")
    return Match(field.name, begins_at_least=value if sign == ">=" else f"{value}~")


def _ranked(field: Field, sign: str, value: str) -> tuple[str, ...]:
    order, rank = field.terms, field.terms.index(value)
    return {"<": order[:rank], "<=": order[: rank + 1], ">": order[rank + 1 :], ">=": order[rank:]}[sign]


def begun(field: Field, value: Said, column: int) -> Match:
    """The condition that a name or a code begins like this; raises BadFilter."""
    if field.kind not in {Kind.NAME, Kind.CODE}:
        message = f"`begins` is asked of names and codes; {field.name} is neither"
        raise BadFilter(message, column)
    begin = fold(value.text) if field.kind is Kind.NAME else canonical(field, value.text)
    if not begin:
        message = "the value holds no letter or digit to compare"
        raise BadFilter(message, value.column)
    return Match(field.name, begins_at_least=begin, begins_before=begin + BEHIND)


def words_of(field: Field, value: Said, column: int) -> Words:
    """The words and phrases of `text ~`: each word anywhere, `"a phrase"` as it stands, `begin*` a beginning.

    What is written as one, as `gpt-4` is, is found in any spelling: gpt-4, GPT 4 and GPT4.
    """
    if field.name != "text":
        message = f"`~` searches the text as a whole; write `text ~ …` instead of `{field.name} ~ …`"
        raise BadFilter(message, column)
    found = []
    for piece, is_phrase in _pieces(value.text):
        if said := tuple(words(piece)):
            is_begun, is_joined = not is_phrase and piece.endswith("*"), not is_phrase and len(said) > 1
            found.append(Spoken(said, is_begun, is_joined))
    if not found:
        message = "holds no word to look for"
        raise BadFilter(message, value.column)
    if sum(len(one.words) for one in found) > MOST_WORDS:
        message = f"looks for more than {MOST_WORDS} words; fewer find the same"
        raise BadFilter(message, value.column)
    return Words(tuple(found))


def _pieces(text: str) -> list[tuple[str, bool]]:
    """Plain words and quoted phrases."""
    parts = text.split('"')
    if len(parts) == 1:
        return [(piece, False) for piece in text.split()]
    return [
        (piece, is_phrase)
        for place, part in enumerate(parts)
        for is_phrase in [place % 2 == 1]
        for piece in ([part] if is_phrase else part.split())
    ]

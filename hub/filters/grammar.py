"""The grammar of filters: read by recursive descent, once, from left to right. docs/search.md describes it.

    filter     = either
    either     = both *("or" both)
    both       = single *("and" single)
    single     = "not" single / "(" either ")" / "has" FIELD / FIELD test
    test       = ("=" / "!=" / "<" / "<=" / ">" / ">=") VALUE / ["not"] "in" "(" VALUE *("," VALUE) ")"
               / "is" "missing" / "begins" VALUE / "~" VALUE

A refusal names the column, counted from 1, and the nearest name. Nothing here grows faster than the text is long.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from hub.errors import BadFilter
from hub.filters.catalogue import Field
from hub.filters.comparing import begun, compared, words_of
from hub.filters.conditions import AllOf, AnyOf, Condition, Has, Match, Not

LONGEST_FILTER = 4_000  # characters
MOST_TESTS = 100
MOST_VALUES = 200
DEEPEST = 20
TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<sign>!=|<=|>=|[=<>~(),])|(?P<word>[^\s"'=!<>~(),]+))"""
)
COMPARISONS = {"=", "!=", "<", "<=", ">", ">="}


@dataclass(frozen=True)
class Token:
    """A piece of a filter and the column where it begins."""

    kind: str  # text, sign, word, or nothing behind the last
    text: str
    column: int

    def is_word(self, *words: str) -> bool:
        """Whether it is one of the keywords."""
        return self.kind == "word" and self.text.lower() in words


def parse(text: str, fields: Mapping[str, Field]) -> Condition:
    """The condition that a filter states; raises BadFilter with the column and the remedy. Empty: everything."""
    if len(text) > LONGEST_FILTER:
        message = f"is longer than {LONGEST_FILTER:,} characters; say it shorter, or search in steps"
        raise BadFilter(message, LONGEST_FILTER + 1)
    reader = _Reader(_tokens(text), fields)
    if reader.at.kind == "nothing":
        return AllOf(())
    found = reader.either(0)
    if reader.at.kind != "nothing":
        message = f"{_quoted(reader.at)} is not expected here; join conditions with `and` or `or`"
        raise BadFilter(message, reader.at.column)
    return found


def _tokens(text: str) -> list[Token]:
    found, place = [], 0
    while shape := TOKEN.match(text, place):
        kind = str(shape.lastgroup)
        said = shape[kind]
        if kind == "text":
            said = re.sub(r"\\(.)", r"\1", said[1:-1], flags=re.DOTALL)
        found.append(Token(kind, said, shape.start(kind) + 1))
        place = shape.end()
    rest = text[place:].lstrip()
    column = len(text) - len(rest) + 1
    if rest:
        message = "a quotation is not closed" if rest[0] in "\"'" else "a character that no filter has"
        raise BadFilter(message, column)
    return [*found, Token("nothing", "", column)]


def _quoted(token: Token) -> str:
    return f"`{token.text[:40]}`" if token.text else "the end"


@dataclass
class _Reader:
    tokens: list[Token]
    fields: Mapping[str, Field]
    place: int = 0
    tests: int = 0

    @property
    def at(self) -> Token:
        """The token to be read next."""
        return self.tokens[self.place]

    def take(self) -> Token:
        """Read a token."""
        token = self.at
        self.place = min(self.place + 1, len(self.tokens) - 1)
        return token

    def demand(self, sign: str) -> None:
        """Read a sign that must come now."""
        if self.at.kind != "sign" or self.at.text != sign:
            message = f"`{sign}` is missing before {_quoted(self.at)}"
            raise BadFilter(message, self.at.column)
        self.take()

    def either(self, depth: int) -> Condition:
        """Conditions of which one must hold."""
        found = [self.both(depth)]
        while self.at.is_word("or"):
            self.take()
            found.append(self.both(depth))
        return found[0] if len(found) == 1 else AnyOf(tuple(found))

    def both(self, depth: int) -> Condition:
        """Conditions that all must hold."""
        found = [self.single(depth)]
        while self.at.is_word("and"):
            self.take()
            found.append(self.single(depth))
        return found[0] if len(found) == 1 else AllOf(tuple(found))

    def single(self, depth: int) -> Condition:
        """One condition."""
        if depth > DEEPEST:
            message = f"is nested deeper than {DEEPEST}; say it flatter"
            raise BadFilter(message, self.at.column)
        if self.at.is_word("not"):
            self.take()
            return Not(self.single(depth + 1))
        if self.at.kind == "sign" and self.at.text == "(":
            self.take()
            found = self.either(depth + 1)
            self.demand(")")
            return found
        self.tests += 1
        if self.tests > MOST_TESTS:
            message = f"has more than {MOST_TESTS} conditions; use `in (…)`, or search in steps"
            raise BadFilter(message, self.at.column)
        if self.at.is_word("has"):
            self.take()
            return Has(self.field().name)
        return self.test()

    def field(self) -> Field:
        """The name of a field."""
        token = self.take()
        known = self.fields.get(token.text) if token.kind == "word" else None
        if known is None:
            raise BadFilter(_unknown(token, self.fields), token.column)
        if known.is_shut:
            message = (
                f"{known.name} is sealed and never leaves as written, so that no filter finds it; "
                "open and scan it instead (docs/opening.md)"
            )
            raise BadFilter(message, token.column)
        return known

    def test(self) -> Condition:
        """A field and what is asked of it."""
        field, sign = self.field(), self.take()
        if sign.kind == "sign" and sign.text == "~":
            return words_of(field, self.value(), sign.column)
        if sign.is_word("begins"):
            return begun(field, self.value(), sign.column)
        if sign.is_word("is") and self.at.is_word("missing"):
            self.take()
            return Not(Has(field.name))
        is_not = sign.is_word("not") and self.at.is_word("in")
        if is_not:
            self.take()
        if is_not or sign.is_word("in"):
            found = self.listed(field)
            return Not(found) if is_not else found
        if sign.kind == "sign" and sign.text in COMPARISONS:
            return compared(field, sign.text, self.value(), sign.column)
        near = "`=`, `!=`, `<`, `<=`, `>`, `>=`, `~`, `begins`, `in (…)`, `not in (…)` or `is missing`"
        message = f"{_quoted(sign)} is no operator; behind {field.name} comes {near}"
        raise BadFilter(message, sign.column)

    def listed(self, field: Field) -> Condition:
        """The values in brackets."""
        self.demand("(")
        column = self.at.column
        found = [compared(field, "=", self.value(), column)]
        while self.at.kind == "sign" and self.at.text == ",":
            self.take()
            found.append(compared(field, "=", self.value(), column))
            if len(found) > MOST_VALUES:
                message = f"lists more than {MOST_VALUES} values; search in steps"
                raise BadFilter(message, self.at.column)
        self.demand(")")
        plain = [one for one in found if isinstance(one, Match) and one.is_equality]
        if len(plain) == len(found):
            return Match(field.name, tuple(dict.fromkeys(value for one in plain for value in one.values)))
        return AnyOf(tuple(found))

    def value(self) -> Token:
        """A value, in quotes or not."""
        token = self.take()
        if token.kind not in {"word", "text"}:
            message = f"a value is missing before {_quoted(token)}; quote one that holds spaces or signs"
            raise BadFilter(message, token.column)
        return token


def _unknown(token: Token, fields: Mapping[str, Field]) -> str:
    if token.kind != "word":
        return f"the name of a field is missing before {_quoted(token)}"
    near = difflib.get_close_matches(token.text[:80], fields, n=1, cutoff=0.5)
    hint = f"did you mean `{near[0]}`?" if near else "`/api/v1/search/fields` lists them"
    return f"there is no field {_quoted(token)}; {hint}"

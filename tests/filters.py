"""Filters to try the grammar on: well-formed ones, mutated ones and rubbish, from a seed; and what a hub may answer.

Whatever comes in, a filter is refused with a column within it, or becomes statements that only read, that end, and of
whose text no part came from the filter.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sqlalchemy import event

from hub.errors import BadFilter, BadRequest, HubError
from hub.filters import Kind, Query, catalogue
from hub.filters.queries import SORTS
from hub.roles import Capability, shell
from hub.services import search
from hub.store import Session
from hub.wiring import Hub

EVERY = list(catalogue(is_staff=True).values())
OPEN = [one for one in EVERY if not one.is_shut]
COUNTED = [one.name for one in EVERY if one.is_counted]
ANALYST = shell("fuzzing", "", Capability.REPORT_READ)
SLIP = 0.03  # how often a well-formed filter goes wrong on purpose
ANY_KIND = ("=", "!=", "in", "not in", "is missing")
OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "~", "in", "not in", "begins", "is missing")
NASTY = (
    '"', "'", "\\", "*", "^", "-", "NEAR(a b)", "col:", "{body}:", "a AND b", "OR", "NOT", "&", "|", "!", "<->", ":*",
    "; DROP TABLE report --", "' OR '1'='1", "%", "_", "$1", ":p0", "?", "\x00", "\ud800", "\udfff", "\u202e\u05d0",
    "\U0010ffff", "\ufdfa" * 20, "é" * 90, "a" * 3000, "(" * 60, ")" * 9, "not " * 40, "\t\n\r", "\u3000",
    "\uff11\uff12", "\xb2",
    "9" * 40, "0x1F", "1e9", "-1", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "2026-02-30", "2026-13", "now",
    '"a\\', "/*", "--", "a" * 50 + "!" + "a" * 50, "़", "\u0345", "İ", "ß",
)  # fmt: skip
LONGEST_REFUSAL = 600  # characters
MOST_TEXT = 300_000  # characters of a statement; a filter of 4,000 cannot ask for more
# Every word that a statement of a search is made of. Parameters are signs on SQLite.
SPOKEN = (
    "SELECT AS FROM WHERE AND OR NOT EXISTS IN MATCH UNION CROSS JOIN GROUP "
    "ORDER BY ASC DESC LIMIT OFFSET IS NULL count DISTINCT search_row search_term search_count search_text "
    "organisation t d x s f m seen field value upto number rowid reports "
    "report_id organisation_id id name filed_at revised_at aware_at severity "
    "anon_1 anon_2 json_each INDEXED ix_search_term_number"
)
LITERALS = {"0", "1"}


def a_filter(chance: Random, depth: int = 0) -> str:
    """A filter that may well be one."""
    if depth < chance.choice((0, 1, 2, 3)):
        joined = f" {chance.choice(('and', 'or', 'AND'))} ".join(
            a_filter(chance, depth + 1) for _ in range(chance.randint(1, 4))
        )
        return chance.choice(("{}", "({})", "not ({})")).format(joined)
    one = chance.choice(EVERY if chance.random() < SLIP else OPEN)
    if chance.random() < 0.1:
        return f"has {one.name}"
    operator = chance.choice(OPERATORS if chance.random() < SLIP else _operators(one.kind))
    if one.kind is Kind.TEXT and chance.random() > SLIP:
        return f"text ~ {_value(one, chance)}"
    if operator == "is missing":
        return f"{one.name} {operator}"
    if operator.endswith("in"):
        return f"{one.name} {operator} ({', '.join(_value(one, chance) for _ in range(chance.randint(1, 6)))})"
    return f"{one.name} {operator} {_value(one, chance)}"


def _operators(kind: Kind) -> tuple[str, ...]:
    if kind in {Kind.RANK, Kind.NUMBER, Kind.INSTANT}:
        return (*ANY_KIND, "<", "<=", ">", ">=")
    return (*ANY_KIND, "begins") if kind in {Kind.NAME, Kind.CODE} else ANY_KIND


def _value(one: Any, chance: Random) -> str:
    if chance.random() < SLIP:
        return '"{}"'.format(chance.choice(NASTY).replace("\\", "\\\\").replace('"', '\\"'))
    if one.terms:
        return str(chance.choice(one.terms))
    if one.kind is Kind.INSTANT:
        return chance.choice(("2026", "2026-11", "2026-11-20", "2026-11-20T10:00Z", "2026-11-20T10:00:00.5+14:00"))
    if one.kind is Kind.NUMBER:
        return str(chance.choice((0, 1, 7, 10**15)))
    return chance.choice(("agent", "GPT-4", "'Ops agent'", "CVE-2026-1", "AML.T0051", "tab*", "'\"deleted a\" table'"))


def mutated(text: str, chance: Random) -> str:
    """A filter with a few accidents."""
    for _ in range(chance.randint(1, 4)):
        at, end = sorted(chance.randint(0, len(text)) for _ in range(2))
        cut = text[at : min(end, at + 8)]
        put = chance.choice(("", cut * 2, chance.choice(NASTY), chr(chance.randint(1, 0x3FF)), cut[::-1]))
        text = text[:at] + put + text[at + len(cut) :]
    return text


def filters(seed: int, count: int) -> Iterator[tuple[str, str, Random]]:
    """Filters with sorts; with what made them, for more choices."""
    chance = Random(seed)
    for _ in range(count):
        text = a_filter(chance)
        kind = chance.random()
        if kind < 0.5:
            text = mutated(text, chance)
        elif kind < 0.6:
            text = " ".join(chance.choice((*NASTY, "and", "or", "not", "in", "(", "severity", "=", ","))
                            for _ in range(chance.randint(0, 12)))  # fmt: skip
        yield text, chance.choice(("", "-")) + chance.choice(SORTS), chance


@dataclass
class Watched:
    """The statements that were executed."""

    statements: list[tuple[str, Any]] = field(default_factory=list)


@contextmanager
def watching(hub: Hub) -> Iterator[Watched]:
    """See every statement that the hub executes."""
    seen = Watched()

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement != "BEGIN":
            seen.statements.append((statement, parameters))

    event.listen(hub.store.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(hub.store.engine, "before_cursor_execute", note)


def tried(db: Session, seen: Watched, text: str, sort: str, chance: Random) -> str:
    """Ask once, in whatever way; `refused` or `found`, and nothing else may happen."""
    seen.statements.clear()
    asked = _asked(text, sort)
    if isinstance(asked, BadFilter):
        assert 1 <= asked.column <= len(text) + 1, text
        assert len(str(asked)) < LONGEST_REFUSAL, text
    if isinstance(asked, HubError):
        return "refused"
    found = search.select(db, ANALYST, asked, None, 2)
    if found.next:
        search.select(db, ANALYST, asked, found.next, 2)
    if chance.random() < 0.3:
        search.facets(db, ANALYST, asked, chance.sample(COUNTED, 2))
    for statement, parameters in seen.statements:
        read_only(statement, parameters)
    return "found"


def _asked(text: str, sort: str) -> Query | HubError:
    try:
        return search.asked(ANALYST, text, sort)
    except (BadFilter, BadRequest) as wrong:
        return wrong


def read_only(statement: str, parameters: Any) -> None:
    """That a statement is one SELECT, that it ends, and that nothing in its text came from outside."""
    assert statement.startswith("SELECT ")
    assert len(statement) < MOST_TEXT
    assert set(re.findall(r"[A-Za-z_]\w*", statement)) - set(SPOKEN.split()) == set()
    assert set(re.findall(r"\b\d+\b", statement)) <= LITERALS
    assert set(statement) - set("?()=<>,.*+") <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_012 \n")
    assert statement.count("?") == len(parameters)
    by_key = any(key in statement for key in ("search_row.number IN", "search_count", "organisation.id IN"))
    assert "LIMIT ?" in statement or by_key, statement

"""A statement of a search: its conditions become SQL, and whatever a filter said a bound parameter.

1. Nothing of a filter is ever part of the text.
2. `OFFSET 0` keeps PostgreSQL from turning a probe into a join over all rows that hold the value.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import TextClause, bindparam, text

from hub.filters import AllOf, AnyOf, Condition, Has, Match, Not, Spoken, Words

Leaf = Match | Has | Words  # a condition that the index answers by itself


def is_one_value(leaf: Leaf) -> bool:
    """Whether the rows of a condition lie in the order of their numbers, each once: those of one value, or of words."""
    return isinstance(leaf, Words) or (isinstance(leaf, Match) and len(leaf.values) == 1)


@dataclass
class Statement:
    """A statement as it is written, with its parameters; nothing of a filter is ever part of the text."""

    dialect: str
    values: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: Any, kind: Any = None) -> str:
        """A parameter for a value."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        if kind is not None:
            self.typed[name] = kind
        return f":{name}"

    def listed(self, values: Sequence[str]) -> str:
        """Parameters for values, in brackets."""
        return f"({', '.join(self.bind(value) for value in values)})"

    def made(self, sql: str) -> TextClause:
        """The statement, to be executed with `values`."""
        return text(sql).bindparams(*(bindparam(name, type_=kind) for name, kind in self.typed.items()))

    def holds(self, condition: Condition, number: str) -> str:
        """That a condition holds of the row of this number."""
        if isinstance(condition, Not):
            return f"NOT ({self.holds(condition.inside, number)})"
        if isinstance(condition, AllOf | AnyOf):
            word = " AND " if isinstance(condition, AllOf) else " OR "
            inside = word.join(f"({self.holds(one, number)})" for one in condition.inside)
            return inside or "1 = 1"
        if isinstance(condition, Words):
            said = f"{self.spoken(condition)} AND {self.text_key} = {number}"
            return f"EXISTS (SELECT 1 FROM search_text x WHERE {said} LIMIT 1 OFFSET 0)"  # noqa: S608 - parameters
        table = f"search_term t{self._hint(condition)}"
        probe = f"SELECT 1 FROM {table} WHERE {self.term(condition, 't')} AND t.number = {number}"  # noqa: S608
        return f"EXISTS ({probe} LIMIT 1 OFFSET 0)"

    def _hint(self, condition: Match | Has) -> str:
        # Without statistics SQLite would read all rows within the bounds, once a probe, not the few of the report.
        has_bounds = isinstance(condition, Match) and not condition.values
        return " INDEXED BY ix_search_term_number" if has_bounds and self.dialect == "sqlite" else ""

    @property
    def text_key(self) -> str:
        """The number of a row of the text index."""
        return "x.rowid" if self.dialect == "sqlite" else "x.number"

    def term(self, condition: Match | Has, table: str) -> str:
        """What a term of the index must be."""
        found = [f"{table}.field = {self.bind(condition.field)}"]
        if isinstance(condition, Match):
            found += self._bounds(condition, table)
        return " AND ".join(found)

    def _bounds(self, test: Match, table: str) -> Iterator[str]:
        if len(test.values) == 1:
            yield f"{table}.value = {self.bind(test.values[0])}"
        elif test.values:
            yield f"{table}.value IN {self.listed(test.values)}"
        if test.begins_before is not None:
            yield f"{table}.value < {self.bind(test.begins_before)}"
        if test.begins_at_least is not None:
            yield f"{table}.value >= {self.bind(test.begins_at_least)}"
        if test.ends_behind is not None:
            # What ends behind it began at most a year before: the second half is what the index is read by.
            end, begin = self.bind(test.ends_behind), self.bind(_year_before(test.ends_behind))
            yield f"{table}.upto > {end} AND {table}.value > {begin}"
        if test.ends_at_most is not None:
            # What ends by then began before: the second half is what the index is read by.
            end = self.bind(test.ends_at_most)
            yield f"{table}.upto <= {end} AND {table}.value < {end}"

    def spoken(self, words: Words) -> str:
        """That the text index holds all words."""
        # The words are letters and digits alone (hub.filters.folding): no sign of either query language is among them.
        if self.dialect == "sqlite":
            said = " AND ".join(f"({' OR '.join(map(_matched, _spellings(one)))})" for one in words.spoken)
            return f"search_text MATCH {self.bind(said)}"
        said = " & ".join(f"({' | '.join(map(_queried, _spellings(one)))})" for one in words.spoken)
        return f"x.body @@ to_tsquery('simple', {self.bind(said)})"

    def numbers(self, leaf: Leaf) -> tuple[str, str, str]:
        """Where the rows of a condition come from: a source, the name of the number in it, and what must hold."""
        if isinstance(leaf, Words):
            return "search_text x", self.text_key, self.spoken(leaf)
        return "search_term d", "d.number", self.term(leaf, "d")

    def joined(self, few: str, table: str, held: str) -> tuple[str, str]:
        """A source in which each of a few rows fetches its own from a table, and what must hold of both.

        Either engine would rather read the whole table, if it believes that the few are many.
        """
        if self.dialect == "sqlite":
            return f"{few} CROSS JOIN {table}", held
        return f"{few} CROSS JOIN LATERAL (SELECT * FROM {table} WHERE {held} OFFSET 0) {table[-1]}", "1 = 1"  # noqa: S608

    def gathered(self, leaves: Sequence[Leaf]) -> str:
        """The numbers of the rows of which any condition holds, each once."""
        parts = [self.numbers(leaf) for leaf in leaves]
        # UNION takes each once by itself; one condition alone gives a report for every value that fulfils it.
        verb = "SELECT" if len(leaves) > 1 or is_one_value(leaves[0]) else "SELECT DISTINCT"
        some = (f"{verb} {number} AS number FROM {source} WHERE {held}" for source, number, held in parts)
        return " UNION ".join(some)


def _year_before(instant: str) -> str:
    """An instant a year before, as text that sorts; no span is longer than a year."""
    return f"{int(instant[:4]) - 1:04}{instant[4:]}" if instant > "0001" else instant


def _spellings(one: Spoken) -> list[Spoken]:
    return [one, Spoken(("".join(one.words),), one.is_begun)] if one.is_joined else [one]


def _matched(one: Spoken) -> str:
    return f'"{" ".join(one.words)}"{"*" if one.is_begun else ""}'


def _queried(one: Spoken) -> str:
    said = " <-> ".join(f"'{word}'" for word in one.words)
    return f"{said}:*" if one.is_begun else said

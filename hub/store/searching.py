"""Searching: a condition becomes one SQL statement with bound parameters, on either engine.

1. Of the conditions that must all hold, the rarest is where the search starts; the others are probed, row by row, by
   their primary key. Nothing is joined that could grow.
2. The newest first is the order of the index itself: a search that starts from one value reads its rows in that order
   and stops. Any other order starts from a few rows and sorts them, or walks that order's own index.
3. `OFFSET 0` keeps PostgreSQL from turning a probe into a join over all rows that hold the value; CROSS JOIN keeps
   SQLite from changing the order of two tables.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any as Anything

from sqlalchemy import TextClause, bindparam, select, text
from sqlmodel import Session, col

from hub.filters import All, Any, Condition, Has, Not, Query, Test, Words
from hub.filters.queries import NEWEST
from hub.store.columns import Instant
from hub.store.tables import SearchCount, SearchRow

FEW = 5_000  # rows that are worth sorting
COUNTED = 20_000  # rows over which facets are counted
ONE_EACH = "state"  # a field of which every report has one value
INSTANTS = {"filed_at", "revised_at", "aware_at"}


@dataclass(frozen=True)
class Found:
    """Numbers of matching rows, in order."""

    numbers: Sequence[int]


@dataclass
class _Statement:
    """A statement as it is written, with its parameters; nothing of a filter is ever part of the text."""

    dialect: str
    values: dict[str, Anything] = field(default_factory=dict)
    typed: dict[str, Anything] = field(default_factory=dict)

    def bind(self, value: Anything, kind: Anything = None) -> str:
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
        if isinstance(condition, All | Any):
            word = " AND " if isinstance(condition, All) else " OR "
            inside = word.join(f"({self.holds(one, number)})" for one in condition.inside)
            return inside or "1 = 1"
        if isinstance(condition, Words):
            said = f"{self.spoken(condition)} AND {self.text_key} = {number}"
            return f"EXISTS (SELECT 1 FROM search_text x WHERE {said} LIMIT 1 OFFSET 0)"
        probe = f"SELECT 1 FROM search_term t WHERE {self.term(condition, 't')} AND t.number = {number}"
        return f"EXISTS ({probe} LIMIT 1 OFFSET 0)"

    @property
    def text_key(self) -> str:
        """The number of a row of the text index."""
        return "x.rowid" if self.dialect == "sqlite" else "x.number"

    def term(self, condition: Test | Has, table: str) -> str:
        """What a term of the index must be."""
        found = [f"{table}.field = {self.bind(condition.field)}"]
        if isinstance(condition, Test):
            found += self._bounds(condition, table)
        return " AND ".join(found)

    def _bounds(self, test: Test, table: str) -> Iterator[str]:
        if len(test.values) == 1:
            yield f"{table}.value = {self.bind(test.values[0])}"
        elif test.values:
            yield f"{table}.value IN {self.listed(test.values)}"
        if test.begins_before is not None:
            yield f"{table}.value < {self.bind(test.begins_before)}"
        if test.begins_at_least is not None:
            yield f"{table}.value >= {self.bind(test.begins_at_least)}"
        if test.ends_behind is not None:
            yield f"{table}.upto > {self.bind(test.ends_behind)}"
        if test.ends_at_most is not None:
            # What ends by then began before: the second half is what the index is read by.
            end = self.bind(test.ends_at_most)
            yield f"{table}.upto <= {end} AND {table}.value < {end}"

    def spoken(self, words: Words) -> str:
        """That the text index holds all words."""
        if self.dialect == "sqlite":
            said = " ".join(f'"{word}"{"*" if begins else ""}' for word, begins in words.words)
            return f"search_text MATCH {self.bind(said)}"
        parts = []
        for word, begins in words.words:
            if begins:
                parts.append(f"to_tsquery('simple', {self.bind(f'{word}:*')})")
            else:
                parts.append(f"phraseto_tsquery('simple', {self.bind(word)})")
        return f"x.body @@ ({' && '.join(parts)})"


def select_numbers(session: Session, query: Query, after: tuple[Anything, int] | None, most: int) -> Found:
    """The next matches of a query, in its order."""
    made = _Statement(session.connection().dialect.name)
    start, rest = _start(session, query.condition)
    sql = _newest(made, start, rest, after) if query.sort.name == NEWEST else _sorted(made, query, (start, rest), after)
    sql += f" LIMIT {made.bind(most)}"
    return Found(session.connection().execute(made.made(sql), made.values).scalars().all())


@dataclass(frozen=True)
class _Start:
    """Where a search starts: a condition, and how many rows it gives at most (FEW + 1: many)."""

    condition: Test | Has | Words
    rows: int


def _start(session: Session, condition: Condition) -> tuple[_Start | None, list[Condition]]:
    """The rarest of the conditions that must all hold, and the others."""
    flat = _flat(condition)
    starts = [(_rows(session, one), place) for place, one in enumerate(flat) if isinstance(one, Test | Words)]
    if not starts:
        return None, flat
    rows, place = min(starts)
    chosen = flat[place]
    if not isinstance(chosen, Test | Words) or (rows > FEW and not _is_one_value(chosen)):
        return None, flat
    return _Start(chosen, rows), flat[:place] + flat[place + 1 :]


def _flat(condition: Condition) -> list[Condition]:
    if isinstance(condition, All):
        return [part for one in condition.inside for part in _flat(one)]
    return [condition]


def _is_one_value(condition: Condition) -> bool:
    return isinstance(condition, Words) or (isinstance(condition, Test) and len(condition.values) == 1)


def _rows(session: Session, condition: Test | Words) -> int:
    """How many rows a condition gives: as counted by value, or looked at as far as `FEW`."""
    connection = session.connection()
    if isinstance(condition, Test) and condition.values:
        pairs = (col(SearchCount.field) == condition.field, col(SearchCount.value).in_(condition.values))
        counts = connection.execute(select(col(SearchCount.reports)).where(*pairs)).scalars().all()
        if counts:
            return sum(counts)
    made = _Statement(connection.dialect.name)
    if isinstance(condition, Words):
        inner = f"SELECT 1 FROM search_text x WHERE {made.spoken(condition)}"
    else:
        inner = f"SELECT 1 FROM search_term t WHERE {made.term(condition, 't')}"
    sql = f"SELECT count(*) FROM ({inner} LIMIT {made.bind(FEW + 1)}) seen"
    return int(connection.execute(made.made(sql), made.values).scalar_one())


def _newest(
    made: _Statement, start: _Start | None, rest: Sequence[Condition], after: tuple[Anything, int] | None
) -> str:
    if start is None:
        source, number = "search_row s", "s.number"
        conditions = []
    elif isinstance(start.condition, Words):
        source, number = "search_text x", made.text_key
        conditions = [made.spoken(start.condition)]
    elif _is_one_value(start.condition):
        source, number = "search_term d", "d.number"
        conditions = [made.term(start.condition, "d")]
    else:
        source = f"(SELECT DISTINCT d.number FROM search_term d WHERE {made.term(start.condition, 'd')}) f"
        number, conditions = "f.number", []
    conditions += [made.holds(one, number) for one in rest]
    if after is not None:
        conditions.append(f"{number} < {made.bind(after[1])}")
    where = f" WHERE {' AND '.join(f'({one})' for one in conditions)}" if conditions else ""
    return f"SELECT {number} AS number FROM {source}{where} ORDER BY {number} DESC"


def _sorted(
    made: _Statement,
    query: Query,
    parts: tuple[_Start | None, Sequence[Condition]],
    after: tuple[Anything, int] | None,
) -> str:
    (start, rest), key = parts, f"s.{query.sort.name}"
    conditions = []
    source = "search_row s"
    if start is not None and start.rows <= FEW:
        if isinstance(start.condition, Words):
            few = f"SELECT {made.text_key} AS number FROM search_text x WHERE {made.spoken(start.condition)}"
        else:
            few = f"SELECT DISTINCT d.number FROM search_term d WHERE {made.term(start.condition, 'd')}"
        source = f"({few}) f CROSS JOIN search_row s"
        conditions.append("s.number = f.number")
    elif start is not None:
        rest = [start.condition, *rest]
    conditions += [made.holds(one, "s.number") for one in rest]
    way = "DESC" if query.sort.is_descending else "ASC"
    if after is not None:
        value, number = after
        bound = made.bind(value, Instant() if query.sort.name in INSTANTS else None)
        conditions.append(
            f"({key}, s.number) {'<' if query.sort.is_descending else '>'} ({bound}, {made.bind(number)})"
        )
    where = f" WHERE {' AND '.join(f'({one})' for one in conditions)}" if conditions else ""
    return f"SELECT s.number FROM {source}{where} ORDER BY {key} {way}, s.number {way}"


def sort_value(session: Session, query: Query, number: int) -> Anything:
    """What a query sorts the row of this number by; None where that is the number itself."""
    if query.sort.name == NEWEST:
        return None
    column = col(getattr(SearchRow, query.sort.name))
    return session.connection().execute(select(column).where(col(SearchRow.number) == number)).scalar_one()


def number_of(session: Session, report_id: str) -> int | None:
    """The number of a report in the index."""
    asked = select(col(SearchRow.number)).where(col(SearchRow.report_id) == report_id)
    return session.connection().execute(asked).scalar()


def report_ids(session: Session, numbers: Sequence[int]) -> list[str]:
    """The reports of these numbers, in their order."""
    asked = select(col(SearchRow.number), col(SearchRow.report_id)).where(col(SearchRow.number).in_(numbers))
    found = {row.number: row.report_id for row in session.connection().execute(asked)}
    return [found[number] for number in numbers]


def facets(session: Session, query: Query, fields: Sequence[str]) -> tuple[list[tuple[str, str, int]], int, bool]:
    """(field, value, reports) over the matches, how many of them were counted, and whether that is all."""
    connection = session.connection()
    if query.condition == All(()):
        asked = select(col(SearchCount.field), col(SearchCount.value), col(SearchCount.reports)).where(
            col(SearchCount.field).in_(fields), col(SearchCount.reports) > 0
        )
        total = connection.execute(text("SELECT coalesce(max(number), 0) FROM search_row")).scalar_one()
        return [(row[0], row[1], row[2]) for row in connection.execute(asked)], int(total), True
    made = _Statement(connection.dialect.name)
    start, rest = _start(session, query.condition)
    some = f"{_newest(made, start, rest, None)} LIMIT {made.bind(COUNTED)}"
    sql = (
        f"SELECT t.field, t.value, count(*) FROM ({some}) m CROSS JOIN search_term t "
        f"WHERE t.number = m.number AND t.field IN {made.listed([*fields, ONE_EACH])} GROUP BY t.field, t.value"
    )
    rows = [(row[0], row[1], int(row[2])) for row in connection.execute(made.made(sql), made.values)]
    total = sum(count for name, _, count in rows if name == ONE_EACH)
    return [row for row in rows if row[0] in fields], total, total < COUNTED

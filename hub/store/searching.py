"""Searching: a condition becomes one SQL statement with bound parameters, on either engine.

1. A search starts from the fewest rows that hold all matches: of conditions that must all hold, the rarest; of those of
   which one must, all together. The others are probed, row by row, by key. Nothing is joined that could grow.
2. The newest first is the order of the index itself: a search that starts from one value reads its rows in that order
   and stops. Any other order starts from a few rows and sorts them, or walks that order's own index.
3. Where two tables meet, a few rows of the first fetch theirs from the second by key, one by one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import ARRAY, BigInteger, any_, func, literal, null, select
from sqlmodel import Session, col

from hub.filters import AllOf, AnyOf, Condition, Has, Match, Query, Words
from hub.filters.queries import NEWEST
from hub.store.columns import Instant
from hub.store.statement import Leaf, Statement, is_one_value
from hub.store.tables import SearchCount, SearchRow

FEW = 5_000  # rows that are worth sorting
COUNTED = 5_000  # rows over which facets are counted
ONE_EACH = "state"  # a field of which every report has one value
YEAR = timedelta(days=366)
INSTANTS = {"filed_at", "revised_at", "aware_at"}


@dataclass(frozen=True)
class Found:
    """Numbers of matching rows, in order."""

    numbers: Sequence[int]


def select_numbers(session: Session, query: Query, after: tuple[Any, int] | None, most: int) -> Found:
    """The next matches of a query, in its order."""
    made = Statement(session.connection().dialect.name)
    start, rest = _start(session, query.condition)
    sql = _newest(made, start, rest, after) if query.sort.name == NEWEST else _sorted(made, query, (start, rest), after)
    sql += f" LIMIT {made.bind(most)}"
    return Found(session.connection().execute(made.made(sql), made.values).scalars().all())


@dataclass(frozen=True)
class _Start:
    """Where a search starts: conditions of which every match fulfils one, and how many rows they give at most."""

    leaves: tuple[Leaf, ...]
    rows: int  # more than FEW: many

    @property
    def is_one_value(self) -> bool:
        """Whether its rows lie in the order of their numbers, each once."""
        return len(self.leaves) == 1 and is_one_value(self.leaves[0])


def _start(session: Session, condition: Condition) -> tuple[_Start | None, list[Condition]]:
    """The best start for a search, and what is left to be probed."""
    flat, start = _flat(condition), _cover(session, condition)
    if start is None or (start.rows > FEW and not start.is_one_value):
        return None, flat
    return start, [one for one in flat if start.leaves != (one,)]


def _cover(session: Session, condition: Condition) -> _Start | None:
    """The fewest rows that hold all matches; None where only all rows do."""
    if isinstance(condition, Match | Has | Words):
        return _Start((condition,), _rows(session, condition))
    if isinstance(condition, AllOf):
        found = [one for one in (_cover(session, inner) for inner in _flat(condition)) if one is not None]
        return min(found, key=lambda one: (one.rows > FEW and not one.is_one_value, one.rows), default=None)
    if isinstance(condition, AnyOf):
        parts = [_cover(session, inner) for inner in condition.inside]
        some = [one for one in parts if one is not None]
        if len(some) < len(parts):
            return None
        return _Start(tuple(leaf for one in some for leaf in one.leaves), sum(one.rows for one in some))
    return None


def _flat(condition: Condition) -> list[Condition]:
    if isinstance(condition, AllOf):
        return [part for one in condition.inside for part in _flat(one)]
    return [condition]


def _rows(session: Session, condition: Leaf) -> int:
    """How many rows a condition gives: as counted by value, or looked at as far as `FEW`."""
    connection = session.connection()
    if isinstance(condition, Match) and condition.values:
        pairs = (col(SearchCount.field) == condition.field, col(SearchCount.value).in_(condition.values))
        counts = connection.execute(select(col(SearchCount.reports)).where(*pairs)).scalars().all()
        if counts:
            return sum(counts)
    made = Statement(connection.dialect.name)
    source, _, held = made.numbers(condition)
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {source} WHERE {held} LIMIT {made.bind(FEW + 1)}) seen"
    return int(connection.execute(made.made(sql), made.values).scalar_one())


def _newest(made: Statement, start: _Start | None, rest: Sequence[Condition], after: tuple[Any, int] | None) -> str:
    conditions = []
    if start is None:
        source, number = "search_row s", "s.number"
    elif start.is_one_value:
        source, number, held = made.numbers(start.leaves[0])
        conditions.append(held)
    else:
        source, number = f"({made.gathered(start.leaves)}) f", "f.number"
    conditions += [made.holds(one, number) for one in rest]
    if after is not None:
        conditions.append(f"{number} < {made.bind(after[1])}")
    where = f" WHERE {' AND '.join(f'({one})' for one in conditions)}" if conditions else ""
    return f"SELECT {number} AS number FROM {source}{where} ORDER BY {number} DESC"


def _sorted(
    made: Statement,
    query: Query,
    parts: tuple[_Start | None, Sequence[Condition]],
    after: tuple[Any, int] | None,
) -> str:
    (start, rest), key = parts, f"s.{query.sort.name}"
    conditions = []
    source = "search_row s"
    if start is not None and start.rows <= FEW:
        source, held = made.joined(f"({made.gathered(start.leaves)}) f", "search_row s", "s.number = f.number")
        conditions.append(held)
    elif start is not None:
        rest = [start.leaves[0], *rest]
    conditions += [bound for one in rest for bound in _bounds(made, one)]
    conditions += [made.holds(one, "s.number") for one in rest]
    way = "DESC" if query.sort.is_descending else "ASC"
    if after is not None:
        value, number = after
        bound = made.bind(value, Instant() if query.sort.name in INSTANTS else None)
        sign = "<" if query.sort.is_descending else ">"
        conditions.append(f"({key}, s.number) {sign} ({bound}, {made.bind(number)})")
    where = f" WHERE {' AND '.join(f'({one})' for one in conditions)}" if conditions else ""
    return f"SELECT s.number FROM {source}{where} ORDER BY {key} {way}, s.number {way}"


def _bounds(made: Statement, condition: Condition) -> Iterator[str]:
    """What a condition says of the row's own columns: it ends the walk of an index, and spares most probes."""
    if not isinstance(condition, Match) or condition.field not in INSTANTS:
        return
    column = f"s.{condition.field}"
    for limit in (condition.begins_before, condition.ends_at_most):
        if limit is not None:
            yield f"{column} < {made.bind(datetime.fromisoformat(limit), Instant())}"
    if condition.begins_at_least is not None:
        yield f"{column} >= {made.bind(datetime.fromisoformat(condition.begins_at_least), Instant())}"
    if condition.ends_behind is not None and condition.ends_behind > "0002":
        # No span is longer than a year.
        yield f"{column} >= {made.bind(datetime.fromisoformat(condition.ends_behind) - YEAR, Instant())}"


def placed(session: Session, query: Query, numbers: Sequence[int]) -> list[tuple[str, Any]]:
    """The reports of these numbers, in their order, and what the query sorts each by; None where that is the number."""
    by = null() if query.sort.name == NEWEST else col(getattr(SearchRow, query.sort.name))
    asked = select(col(SearchRow.number), col(SearchRow.report_id), by)
    # In one parameter: a page of a scan names thousands.
    if (connection := session.connection()).dialect.name == "sqlite":
        listed = select(func.json_each(orjson.dumps(numbers).decode()).table_valued("value").c.value)
        asked = asked.where(col(SearchRow.number).in_(listed))
    else:
        asked = asked.where(col(SearchRow.number) == any_(literal(list(numbers), ARRAY(BigInteger))))
    found = {row[0]: (row[1], row[2]) for row in connection.execute(asked).all()}
    return [found[number] for number in numbers]


def facets(session: Session, query: Query, fields: Sequence[str]) -> tuple[list[tuple[str, str, int]], int, bool]:
    """(field, value, reports) over the matches, how many of them were counted, and whether that is all."""
    connection = session.connection()
    if query.condition == AllOf(()):
        asked = select(col(SearchCount.field), col(SearchCount.value), col(SearchCount.reports)).where(
            col(SearchCount.field).in_(fields), col(SearchCount.reports) > 0
        )
        each = select(col(SearchCount.reports)).where(col(SearchCount.field) == ONE_EACH)
        total = sum(connection.execute(each).scalars())
        return [(row[0], row[1], row[2]) for row in connection.execute(asked)], total, True
    made = Statement(connection.dialect.name)
    start, rest = _start(session, query.condition)
    some = f"{_newest(made, start, rest, None)} LIMIT {made.bind(COUNTED)}"
    counted = f"t.number = m.number AND t.field IN {made.listed([*fields, ONE_EACH])}"
    source, held = made.joined(f"({some}) m", "search_term t", counted)
    sql = f"SELECT t.field, t.value, count(*) FROM {source} WHERE {held} GROUP BY t.field, t.value"
    rows = [(row[0], row[1], int(row[2])) for row in connection.execute(made.made(sql), made.values)]
    total = sum(count for name, _, count in rows if name == ONE_EACH)
    return [row for row in rows if row[0] in fields], total, total < COUNTED

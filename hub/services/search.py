"""The analyst's questions, and a producer's about its own reports: which reports a filter finds, and how many of what.

1. A producer finds its own organisation's reports: the condition is part of the search, not of what is shown after it.
2. Opens nothing. A sealed field is found only as far as it left as written, and the answer names it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hub.errors import BadRequest, NotFound
from hub.filters import All, Condition, Field, Has, Not, Query, Test, catalogue, query
from hub.filters import Any as AnyOf
from hub.filters.queries import cursor, position
from hub.roles import Caller, Capability
from hub.store import Session, searching

MOST_FACETS = 10
MOST_VALUES = 50  # of one facet


@dataclass(frozen=True)
class Matches:
    """Reports that a query finds, in its order, and the cursor that goes on behind them."""

    report_ids: Sequence[str]
    next: str | None


@dataclass(frozen=True)
class Facets:
    """How many matches hold each value, over how many matches that was counted, and whether that is all of them."""

    values: Mapping[str, Sequence[tuple[str, int]]]
    counted: int
    is_complete: bool


def fields_of(caller: Caller) -> Mapping[str, Field]:
    """The fields that a caller may name."""
    return catalogue(is_staff=caller.may(Capability.REPORT_READ))


def asked(caller: Caller, text: str, sort: str) -> Query:
    """What a caller asks; raises BadFilter or BadRequest."""
    return query(text, sort, fields_of(caller))


def select(db: Session, caller: Caller, found: Query, after: str | None, limit: int) -> Matches:
    """The next matches of a query; raises BadRequest for a cursor of another one."""
    place: tuple[Any, int] | None = position(found, after)
    if place is not None and found.sort.name in searching.INSTANTS:
        place = (_instant(place[0]), place[1])
    matches = searching.select_numbers(db, _scoped(caller, found), place, limit + 1)
    numbers = matches.numbers[:limit]
    ids = searching.report_ids(db, numbers)
    return Matches(ids, _behind(db, found, numbers[-1]) if len(matches.numbers) > limit else None)


def behind(db: Session, found: Query, report_id: str) -> str:
    """The cursor that goes on behind a report; raises NotFound for one that is not in the index."""
    number = searching.number_of(db, report_id)
    if number is None:
        raise NotFound
    return _behind(db, found, number)


def _behind(db: Session, found: Query, number: int) -> str:
    value = searching.sort_value(db, found, number)
    return cursor(found, (value.isoformat() if isinstance(value, datetime) else value, number))


def _instant(text: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        message = "next: is not a cursor of this search; start again without it"
        raise BadRequest(message)
    return found


def _scoped(caller: Caller, found: Query) -> Query:
    if caller.may(Capability.REPORT_READ):
        return found
    own = Test("organisation.id", (caller.organisation_id,))
    return replace(found, condition=All((own, found.condition)))


def facets(db: Session, caller: Caller, found: Query, names: Sequence[str]) -> Facets:
    """How many matches hold each value of some fields; raises BadRequest for a field that has no facets."""
    fields = fields_of(caller)
    wrong = [name for name in names if name not in fields or not fields[name].is_counted]
    if wrong or len(names) > MOST_FACETS:
        message = f"facets: at most {MOST_FACETS} fields of terms or codes, such as severity"
        raise BadRequest(message)
    rows, counted, is_complete = searching.facets(db, _scoped(caller, found), names)
    values: dict[str, list[tuple[str, int]]] = {name: [] for name in names}
    for name, value, count in sorted(rows, key=lambda row: (-row[2], row[1])):
        if len(values[name]) < MOST_VALUES:
            values[name].append((value, count))
    return Facets(values, counted, is_complete)


def sealed_named(found: Query, fields: Mapping[str, Field]) -> list[str]:
    """The sealed fields that a query names: found only where their value left as written."""
    return sorted(name for name in _names(found.condition) if fields[name].is_sealed)


def _names(condition: Condition) -> set[str]:
    if isinstance(condition, Test | Has):
        return {condition.field}
    if isinstance(condition, Not):
        return _names(condition.inside)
    if isinstance(condition, All | AnyOf):
        return set().union(*(_names(one) for one in condition.inside))
    return set()


def described(caller: Caller) -> list[dict[str, Any]]:
    """The catalogue, as a caller may read it."""
    return [
        {
            "name": one.name,
            "kind": str(one.kind),
            "values": list(one.terms),
            "sealed": one.is_sealed,
            "searchable": not one.is_shut,
            "facet": one.is_counted,
        }
        for one in fields_of(caller).values()
    ]

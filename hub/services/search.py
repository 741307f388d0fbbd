"""The analyst's questions, and a producer's about its own reports: which reports a filter finds, and how many of what.

1. A producer finds its own organisation's reports: the condition is part of the search, not of what is shown after it.
2. Opens nothing. A sealed field is found only as far as it left as written, and the answer names it.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hub.equality import Equality, IndexKeys, equality, tagged
from hub.errors import BadFilter, BadRequest
from hub.filters import AllOf, AnyOf, Condition, Field, Has, Match, Not, Query, catalogue, equalities, query
from hub.filters.queries import cursor, position
from hub.roles import Caller, Capability
from hub.store import Session, organisations, searching

MOST_FACETS = 10
MOST_VALUES = 50  # of one facet
NAMED = {"organisation": "organisation.id"}  # facets that are counted by another field


@dataclass(frozen=True)
class Matches:
    """Reports that a query finds, in its order, each with its place in it, and whether more follow them."""

    query: Query
    places: dict[str, tuple[Any, int]]  # report id → what it is sorted by, and its number
    has_more: bool

    @property
    def report_ids(self) -> Sequence[str]:
        """The reports, in order."""
        return list(self.places)

    @property
    def next(self) -> str | None:
        """The cursor that goes on behind the last one."""
        return self.behind(next(reversed(self.places))) if self.has_more else None

    def behind(self, report_id: str) -> str:
        """The cursor that goes on behind one of them: where it stood when it was found, whatever moved it since."""
        value, number = self.places[report_id]
        return cursor(self.query, (value.isoformat() if isinstance(value, datetime) else value, number))


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
    if sort.endswith("severity") and not caller.may(Capability.REPORT_READ):
        # Reports are sorted by how severe the analysts hold them to be, which is not their producer's to know.
        message = "sort: by severity is for analysts; filter by it instead, as in `severity >= high`"
        raise BadRequest(message)
    found = query(text, sort, fields_of(caller))
    if tests := equalities(found, fields_of(caller)):
        name = tests[0].field
        message = f"{name} is sealed, and opened to be compared: say why, with `hub search --purpose` (docs/search.md)"
        raise BadFilter(message, text.find(name) + 1)
    return found


def asked_equal(caller: Caller, keys: IndexKeys, text: str, sort: str) -> tuple[Query, Equality]:
    """What a caller asks of sealed values too: whose tags may be theirs, and what is settled by opening.

    Raises BadFilter or BadRequest.
    """
    fields = fields_of(caller)
    found = query(text, sort, fields)
    tests = equalities(found, fields)
    if not tests:
        message = "names no sealed value, as `sealed.systems.purl = …` does: search without a purpose"
        raise BadFilter(message, 1)
    return tagged(found, keys, fields), equality(tests, fields)


def select(db: Session, caller: Caller, found: Query, after: str | None, limit: int) -> Matches:
    """The next matches of a query; raises BadRequest for a cursor of another one."""
    place: tuple[Any, int] | None = position(found, after)
    if place is not None and found.sort.name in searching.INSTANTS:
        place = (_instant(place[0]), place[1])
    matches = searching.select_numbers(db, _scoped(caller, found), place, limit + 1)
    numbers = matches.numbers[:limit]
    found_at = zip(searching.placed(db, found, numbers), numbers, strict=True)
    places = {report_id: (value, number) for (report_id, value), number in found_at}
    return Matches(found, places, len(matches.numbers) > limit)


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
    own = Match("organisation.id", (caller.organisation_id,))
    return replace(found, condition=AllOf((own, found.condition)))


def facets(db: Session, caller: Caller, found: Query, names: Sequence[str]) -> Facets:
    """How many matches hold each value of some fields; raises BadRequest for a field that has no facets."""
    _check(names, fields_of(caller))
    # A name is indexed in its one spelling; who reads it knows the organisation by the other.
    kept = {name: NAMED.get(name, name) for name in names}
    rows, over, is_complete = searching.facets(db, _scoped(caller, found), sorted(set(kept.values())))
    ordered = sorted(rows, key=lambda row: (-row[2], row[1]))
    values = {name: [(row[1], row[2]) for row in ordered if row[0] == kept[name]][:MOST_VALUES] for name in names}
    for name in NAMED.keys() & values.keys():
        called = organisations.names(db, [value for value, _ in values[name]])
        values[name] = [(called[value], count) for value, count in values[name]]
    return Facets(values, over, is_complete)


def _check(names: Sequence[str], fields: Mapping[str, Field]) -> None:
    if len(names) > MOST_FACETS:
        message = f"facets: names {len(names)} fields; at most {MOST_FACETS} are counted at once"
        raise BadRequest(message)
    counted = [name for name, one in fields.items() if one.is_counted]
    for name in names:
        if name not in counted:
            near = difflib.get_close_matches(name, counted, n=1)
            hint = f"did you mean {near[0]}?" if near else "/api/v1/search/fields says which fields have some"
            message = f"facets: {name} has none; {hint}"
            raise BadRequest(message)


def sealed_named(found: Query, fields: Mapping[str, Field]) -> list[str]:
    """The sealed fields that a query names: found only where their value left as written."""
    return sorted(name for name in _names(found.condition) if fields[name].is_sealed)


def _names(condition: Condition) -> set[str]:
    if isinstance(condition, Match | Has):
        return {condition.field}
    if isinstance(condition, Not):
        return _names(condition.inside)
    if isinstance(condition, AllOf | AnyOf):
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

"""A query: a checked filter, what its matches are sorted by, and the cursor that goes on behind one of them."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from hub.errors import BadFilter, BadRequest
from hub.filters.catalogue import Field, Kind
from hub.filters.conditions import AllOf, AnyOf, Condition, Match, Not, Sort
from hub.filters.grammar import parse

INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?\+00:00", re.ASCII)
NEWEST = "newest"  # the order in which the hub took them in
SORTS = (NEWEST, "filed_at", "revised_at", "aware_at", "severity")
UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")  # what no database holds
FOREIGN = "next: is not a cursor of this search; start again without it"


@dataclass(frozen=True)
class Query:
    """What is asked of the index."""

    condition: Condition
    sort: Sort
    text: str  # of the filter, for the cursor to be bound to

    @property
    def digest(self) -> str:
        """What a cursor of this query carries."""
        said = f"{self.text}|{self.sort.name}|{self.sort.is_descending}"
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def query(text: str, sort: str, fields: Mapping[str, Field]) -> Query:
    """Read a filter and a sort (`-severity` is the highest first); raises BadFilter or BadRequest."""
    if wrong := UNWRITABLE.search(text):
        message = "holds a NUL or half a character; remove it"
        raise BadFilter(message, wrong.start() + 1)
    name = sort.removeprefix("-")
    if name not in SORTS or sort == f"-{NEWEST}":
        message = f"sort: must be one of {', '.join(SORTS)}; a minus before it turns it round"
        raise BadRequest(message)
    return Query(parse(text, fields), Sort(name, is_descending=name == NEWEST or sort.startswith("-")), text)


def equalities(asked: Query, fields: Mapping[str, Field]) -> tuple[Match, ...]:
    """The tests of sealed values in a query; raises BadFilter where one is not joined to all others by `and`."""
    top = _joined(asked.condition)
    every = [one for one in _tests(asked.condition) if fields[one.field].kind is Kind.EQUAL]
    found = tuple(one for one in every if one in top)
    if len(found) < len(every):
        name = next(one.field for one in every if one not in top)
        message = f"{name} is sealed: join it to the rest of the filter with `and`, outside of `or` and `not`"
        raise BadFilter(message, asked.text.find(name) + 1)
    return found


def _joined(condition: Condition) -> list[Condition]:
    if isinstance(condition, AllOf):
        return [part for one in condition.inside for part in _joined(one)]
    return [condition]


def _tests(condition: Condition) -> list[Match]:
    if isinstance(condition, AllOf | AnyOf):
        return [one for inside in condition.inside for one in _tests(inside)]
    if isinstance(condition, Not):
        return _tests(condition.inside)
    return [condition] if isinstance(condition, Match) else []


def cursor(asked: Query, place: tuple[str | int | None, int]) -> str:
    """Where a search goes on: behind this sort value and number."""
    return base64.urlsafe_b64encode(orjson.dumps([asked.digest, *place])).decode().rstrip("=")


def position(asked: Query, text: str | None) -> tuple[str | int | None, int] | None:
    """Read a cursor back; raises BadRequest for one of another search."""
    if text is None:
        return None
    try:
        digest, value, number = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, TypeError):
        raise BadRequest(FOREIGN) from None
    is_number = type(number) is int and 0 <= number < 1 << 62
    if digest != asked.digest or not is_number or not _is_place(asked.sort.name, value):
        raise BadRequest(FOREIGN)
    return value, number


def _is_place(sort: str, value: object) -> bool:
    """Whether a value is one that this sort writes into its cursors."""
    if sort == NEWEST:
        return value is None
    if sort == "severity":
        return type(value) is int and 0 <= value < 100  # noqa: PLR2004 - a rank
    return type(value) is str and INSTANT.fullmatch(value) is not None

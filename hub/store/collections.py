"""What TAXII reads: stored bytes in the order of their positions, one indexed query a page.

1. A collection's rows lie in one table: a feed's entries, or a member's posts; each is asked through its `Source`.
2. Each way of asking has its index: by id the names, by type a range for each type, merged by position, else the
   positions themselves.
3. Statements are made once a shape: making one costs as much as running it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Executable,
    Integer,
    Select,
    String,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlmodel import col

from hub.store.columns import Instant
from hub.store.glance import Glance, instant
from hub.store.tables import Entry, Post

Table = type[Entry] | type[Post]


@dataclass(frozen=True)
class Source:
    """Where a collection's rows lie: whose they are, in which table, and of which types only, if not of all."""

    table: Table
    owner: str  # the feed's name, or the organisation's id
    kinds: tuple[str, ...] = ()


def of_feed(feed: str, kinds: tuple[str, ...] = ()) -> Source:
    """The entries of a feed, or those of some types."""
    return Source(Entry, feed, kinds)


def of_inbox(organisation_id: str) -> Source:
    """What an organisation posted."""
    return Source(Post, organisation_id)


@dataclass(frozen=True)
class Match:
    """The filters of TAXII 2.1 (3.4 and 3.5): lists are alternatives, different filters all apply."""

    added_after: datetime | None = None
    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    spec_versions: tuple[str, ...] = ()
    versions: tuple[str, ...] = field(default=("last",))

    @property
    def lists(self) -> tuple[tuple[str, ...], ...]:
        """All but the instant."""
        return self.ids, self.types, self.spec_versions, self.versions

    @property
    def is_filter(self) -> bool:
        """Whether it leaves anything out but for what is older."""
        return self.lists != ((), (), (), ("last",))


class Row(NamedTuple):
    """One object version as a listing needs it."""

    position: int
    added_at: datetime
    stix_id: str
    version: str


@dataclass(frozen=True)
class Window:
    """Which stretch of a collection is asked for: so many rows, behind one position and up to another."""

    most: int
    after: int = 0
    upto: int | None = None


WORDS = frozenset({"last", "first", "all"})
LISTED = ("position", "added_at", "stix_id", "version")
WHOLE = ("position", "content")
FEW = 100  # rows
MOST_ARMS = 64  # types that are asked for one by one, more than STIX has; who names more waits for a walk


class Stored(NamedTuple):
    """Some objects of a collection, in order."""

    positions: Sequence[int] = ()
    contents: Sequence[bytes] = ()
    added: tuple[datetime, datetime] | None = None  # the first and the last
    is_followed: bool = False


def contents(glance: Glance, source: Source, match: Match, window: Window) -> Stored:
    """The next objects of a collection; None for their instants if some were taken back while they were read."""
    is_small = bool(match.ids) or window.most <= FEW
    rows = _asked(glance, source, match, replace(window, most=window.most + 1), (*WHOLE, *(("added_at",) * is_small)))
    if not rows:
        return Stored()
    places, objects, *dates = zip(*rows[: window.most], strict=True)
    # To read a thousand instants takes longer than to ask for two.
    added = (instant(dates[0][0]), instant(dates[0][-1])) if dates else _ends(glance, source, places[0], places[-1])
    return Stored(places, objects, added, len(rows) > window.most)


def _ends(glance: Glance, source: Source, first: int, last: int) -> tuple[datetime, datetime] | None:
    asked = glance.rows(_added_at(source.table), {"owner": source.owner, "first": first, "last": last})
    found = {position: instant(at) for position, at in asked}
    return (found[first], found[last]) if {first, last} <= found.keys() else None


@lru_cache(maxsize=2)
def _added_at(table: Table) -> Executable:
    places = [bindparam(name, type_=Integer()) for name in ("first", "last")]
    at = type_coerce(col(table.added_at), String)
    return select(col(table.position), at).where(_owner(table), col(table.position).in_(places))


def listing(glance: Glance, source: Source, match: Match, window: Window) -> list[Row]:
    """The next objects of a collection, without their bytes."""
    asked = _asked(glance, source, match, window, LISTED)
    return [Row(position, instant(at), *rest) for position, at, *rest in asked]


@dataclass(frozen=True)
class Shape:
    """What a statement depends on, its values apart."""

    table: Table
    names: tuple[str, ...]
    kinds: int  # how many types are asked for; 0: all
    ids: int
    given: int  # versions that are named
    words: frozenset[str]  # and those that are told: first, last, all
    is_since: bool
    is_bounded: bool


def _asked(
    glance: Glance, source: Source, match: Match, window: Window, names: tuple[str, ...]
) -> Sequence[tuple[Any, ...]]:
    kinds = _kinds(source, match)
    if kinds is None or (match.spec_versions and "2.1" not in match.spec_versions):
        return ()
    versions = [one for one in match.versions if one not in WORDS]
    shape = Shape(
        table=source.table,
        names=names,
        kinds=len(kinds),
        ids=len(match.ids),
        given=len(versions),
        words=WORDS.intersection(match.versions),
        is_since=match.added_after is not None,
        is_bounded=window.upto is not None,
    )
    given = {
        "owner": source.owner, "after": window.after, "upto": window.upto, "most": window.most,
        "since": match.added_after, **_named("kind", kinds), **_named("id", match.ids), **_named("version", versions),
    }  # fmt: skip
    return glance.rows(_statement(shape), given)


def _named(name: str, values: Sequence[str]) -> dict[str, str]:
    return {f"{name}{at}": value for at, value in enumerate(values)}


def _kinds(source: Source, match: Match) -> tuple[str, ...] | None:
    """The types that are asked for, none for all; None if nothing can be found."""
    if not source.kinds or not match.types:
        return source.kinds or match.types
    return tuple(one for one in match.types if one in source.kinds) or None


@lru_cache(maxsize=256)
def _statement(shape: Shape) -> Select[Any] | CompoundSelect[Any]:
    table = shape.table
    told = {"added_at": type_coerce(col(table.added_at), String)}  # as it lies: SQLite writes instants as text
    asked = select(*(told.get(name, getattr(table, name)) for name in shape.names)).where(_owner(table))
    most = bindparam("most", type_=Integer())
    if shape.ids:
        return _by_id(asked, shape)
    if 0 < shape.kinds <= MOST_ARMS:
        # Each range comes in order, so that the database merges them and stops at the limit.
        found = [_branch(asked, shape, number, is_last) for number in range(shape.kinds) for is_last in _lasts(shape)]
        return (union_all(*found) if len(found) > 1 else found[0]).order_by("position").limit(most)
    where = [*_between(shape), *_of_versions(shape)]
    if shape.kinds:
        where.append(col(table.kind).in_(_values("kind", shape.kinds)))
    return asked.where(*where).order_by(col(table.position)).limit(most)


def _by_id(asked: Select[Any], shape: Shape) -> Select[Any]:
    table = shape.table
    where = [col(table.stix_id).in_(_values("id", shape.ids)), *_of_versions(shape)]
    if shape.kinds:
        where.append(col(table.kind).in_(_values("kind", shape.kinds)))
    if shape.is_since:
        where.append(col(table.added_at) > bindparam("since", type_=Instant()))
    # An expression, or the order would make SQLite walk through all positions instead of looking up the names.
    place = col(table.position) + literal_column("0")
    asked = asked.where(*where, place > bindparam("after", type_=Integer()))
    return asked.order_by(place).limit(bindparam("most", type_=Integer()))


def _values(name: str, number: int) -> list[Any]:
    return [bindparam(f"{name}{at}", type_=String()) for at in range(number)]


def _branch(asked: Select[Any], shape: Shape, number: int, is_last: bool) -> Select[Any]:  # noqa: FBT001 - a value
    table = shape.table
    kind = col(table.kind) == bindparam(f"kind{number}", type_=String())
    versions = () if not shape.given and "first" not in shape.words else _of_versions(shape)
    return asked.where(kind, col(table.is_last).is_(is_last), *_between(shape), *versions)


def _lasts(shape: Shape) -> tuple[bool, ...]:
    return (True,) if shape.words == {"last"} and not shape.given else (True, False)


def _owner(table: Table) -> ColumnElement[bool]:
    column = col(table.feed) if table is Entry else col(table.organisation_id)  # type: ignore[union-attr]
    return column == bindparam("owner", type_=String())


def _between(shape: Shape) -> Iterator[ColumnElement[bool]]:
    position = col(shape.table.position)
    yield position > bindparam("after", type_=Integer())
    if shape.is_bounded:
        yield position <= bindparam("upto", type_=Integer())
    if shape.is_since:
        yield position > _since(shape.table)


def _since(table: Table) -> ColumnElement[int]:
    """The last position at an instant: positions grow with the instants at which they were given."""
    at = col(table.added_at)
    last = select(col(table.position)).where(_owner(table), at <= bindparam("since", type_=Instant()))
    return func.coalesce(last.order_by(at.desc()).limit(1).scalar_subquery(), 0)


def _of_versions(shape: Shape) -> Iterator[ColumnElement[bool]]:
    table = shape.table
    chosen: list[ColumnElement[bool]] = []
    if "last" in shape.words:
        chosen.append(col(table.is_last).is_(True))
    if "first" in shape.words:
        chosen.append(col(table.is_first).is_(True))
    if shape.given:
        chosen.append(col(table.version).in_(_values("version", shape.given)))
    if "all" not in shape.words:
        yield or_(*chosen)


def has_object(glance: Glance, source: Source, stix_id: str) -> bool:
    """Whether a collection holds any version of an object."""
    return bool(_asked(glance, source, Match(ids=(stix_id,), versions=("all",)), Window(1), ("position",)))

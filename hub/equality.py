"""Equality: which sealed values are the same as one that is asked for, without an index of the values themselves.

1. Each value whose field's line lets it be `found_equal` leaves a tag: HMAC-SHA256 under the index key of its field,
   cut to 16 bits. Tags say who may hold a value; only opening says who does (`hub.opening.scan_sealed`).
2. So many values share a tag that a tag proves nothing. What tags leak to whoever has the database, and what not:
   docs/threat-model.md.
3. The index key has versions. A filter asks for the tags of all that are held; whatever is tagged anew gets the newest.

Equality beacons: AWS Database Encryption SDK, "Choosing a beacon length"; blind indexes as in CipherSweet.
"""

import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from hub.filters import AllOf, Condition, Match, Query
from hub.filters.catalogue import EQUAL, Field
from hub.seal import derive
from schemas.anatomy import LEAVES, Values
from schemas.equality import compared

BITS = 16
PLACE = re.compile(r"/\d+")
FORMS = {path: leaf.mark.equal for path, leaf in LEAVES.items() if leaf.mark.equal is not None}
PATHS = frozenset(FORMS)


class Tag(NamedTuple):
    """One tag: of a value in the fields of a schema path, under a version of the index key."""

    path: str
    version: int
    tag: int

    @property
    def written(self) -> str:
        """As the search index writes it."""
        return f"{self.version}:{self.tag:04x}"


@dataclass(frozen=True)
class IndexKeys:
    """The keys that tags are made with, by version."""

    versions: Mapping[int, bytes]

    @property
    def newest(self) -> int:
        """The version that new tags are made with."""
        return max(self.versions)

    def tag(self, path: str, value: str, version: int) -> Tag:
        """The tag of a value in its compared spelling, for one field and version."""
        key = derive(self.versions[version], "hub.equality.v1", path)
        return Tag(path, version, int.from_bytes(hmac.digest(key, value.encode(), "sha256")[: BITS // 8]))

    def tags(self, values: Values) -> set[Tag]:
        """The tags of opened values, under the newest version."""
        return {
            self.tag(path, spelling, self.newest)
            for path in values.keys() & PATHS
            for value in values[path].values()
            for spelling in compared(FORMS[path], value)
        }


@dataclass(frozen=True)
class Test:
    """One of some values, in the fields of one schema path."""

    path: str
    values: frozenset[str]


@dataclass(frozen=True)
class Equality:
    """The tests of a filter that must all hold of what is opened. Stands where a scan's predicate stands."""

    terms: tuple[Test, ...]

    @property
    def fields(self) -> frozenset[str]:
        """The schema paths that are opened for it."""
        return frozenset(test.path for test in self.terms)

    @cached_property
    def normalised(self) -> str:
        """One spelling for everything that finds the same."""
        return json.dumps(["equal", sorted([test.path, *sorted(test.values)] for test in self.terms)])

    def may_be_in(self, text: bytes) -> bool:
        """Whether a sealed value's JSON text may hold one: its tag says so, so it is always read."""
        return bool(text)

    def places(self, text: bytes) -> dict[str, set[int]]:
        """Pointers of the values that are one of those asked for, and by which tests."""
        found = {}
        for pointer, value in json.loads(text).items():
            path = PLACE.sub("[]", pointer).removeprefix("/").replace("/", ".")
            holds = {
                number
                for number, test in enumerate(self.terms)
                if test.path == path and not test.values.isdisjoint(compared(FORMS[path], value))
            }
            if holds:
                found[pointer] = holds
        return found


def equality(matches: Iterable[Match], fields: Mapping[str, Field]) -> Equality:
    """What is opened and compared for the sealed tests of a filter."""
    return Equality(tuple(Test(fields[one.field].path, frozenset(one.values)) for one in matches))


def tagged(asked: Query, keys: IndexKeys, fields: Mapping[str, Field]) -> Query:
    """The same query with tags in the place of sealed values, as the index holds them."""
    return Query(_tagged(asked.condition, keys, fields), asked.sort, asked.text)


def _tagged(condition: Condition, keys: IndexKeys, fields: Mapping[str, Field]) -> Condition:
    if isinstance(condition, AllOf):
        return AllOf(tuple(_tagged(one, keys, fields) for one in condition.inside))
    if isinstance(condition, Match) and fields[condition.field].kind is EQUAL:
        path = fields[condition.field].path
        tags = (keys.tag(path, value, at) for value in condition.values for at in keys.versions)
        return Match(condition.field, tuple(dict.fromkeys(tag.written for tag in tags)))
    return condition

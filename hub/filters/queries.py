"""A query: a checked filter, what its matches are sorted by, and the cursor that goes on behind one of them."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from hub.errors import BadFilter, BadRequest
from hub.filters.catalogue import Field
from hub.filters.conditions import Condition, Sort
from hub.filters.grammar import parse

NEWEST = "newest"  # the order in which the hub took them in
SORTS = (NEWEST, "filed_at", "revised_at", "aware_at", "severity")
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
    if "\x00" in text:
        message = "holds a NUL character; remove it"
        raise BadFilter(message, text.index("\x00") + 1)
    name = sort.removeprefix("-")
    if name not in SORTS or sort == f"-{NEWEST}":
        message = f"sort: must be one of {', '.join(SORTS)}; a minus before it turns it round"
        raise BadRequest(message)
    return Query(parse(text, fields), Sort(name, is_descending=name == NEWEST or sort.startswith("-")), text)


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
    is_value = value is None or (type(value) is int and abs(value) < 100) or (type(value) is str and len(value) < 40)  # noqa: PLR2004 - a rank, an instant
    if digest != asked.digest or not is_number or not is_value:
        raise BadRequest(FOREIGN)
    return value, number

"""Statistics: what a live entry counts for, read from the bytes that its audience got.

1. Coded fields are counted: those whose values come from a list of terms or a taxonomy. Which they are follows from the
   field marks.
2. An entry counts once for each value that it shows of a field, once for showing any (STATED), or once for its being
   withheld (WITHHELD), which is not `unknown`. Who shows nothing and had nothing withheld did not say.
3. Each count is kept by the month of awareness that the entry shows.
"""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

from feeds import moments
from feeds.columns import columns_of, shapes, single_values, value_at
from feeds.entry import Entry, entry_of
from feeds.feed import Feed
from schemas.anatomy import LEAVES, Leaf
from schemas.fields import CodeOf, Many, Shaped

ALL = ""  # the field under which entries themselves are counted
UNTOLD = {"withheld", "count"}  # rules behind which no value is seen
STATED, WITHHELD = "#stated", "#withheld"  # no term and no code begins so
MONTH_OF, MONTH = "aware_at", len("2026-11")

Count = tuple[str, str, str]  # field, value, month


@cache
def coded() -> Mapping[str, Leaf]:
    """Every coded field that some feed shows, by schema path."""
    return {path: leaf for path, leaf in LEAVES.items() if leaf.mark.policy and _is_coded(leaf)}


@cache
def _coded() -> tuple[tuple[str, str], ...]:
    """The coded fields, each with the name of the top-level field that it is in."""
    return tuple((path, path.partition(".")[0].removesuffix("[]")) for path in coded())


def _is_coded(leaf: Leaf) -> bool:
    inner = leaf.kind.inner if isinstance(leaf.kind, Many) else leaf.kind
    is_term = any("enum" in shape for shape in shapes(leaf, set(leaf.mark.policy.values())))
    return is_term or isinstance(inner, CodeOf) or _is_taxonomy_code(leaf.path, inner)


def _is_taxonomy_code(path: str, kind: Any) -> bool:
    part, _, name = path.rpartition(".")
    return isinstance(kind, Shaped) and name == "code" and f"{part}.scheme" in LEAVES


def coded_of(feed: Feed) -> list[str]:
    """The coded fields that a feed shows, in the order of the report's lines."""
    return [column.path for column in columns_of(feed) if column.path in coded()]


def counted(content: bytes) -> Counter[Count]:
    """What one live carrier counts for."""
    entry = entry_of(content)
    month = _month(entry)
    withheld = {limit["field"] for limit in entry.limits if limit["rule"] in UNTOLD}
    found = Counter({(ALL, STATED, month): 1})
    for path, first in _coded():
        if first not in entry.fields and path not in withheld:
            continue
        values = {str(value) for value in single_values(value_at(entry.fields, path)) if type(value) is not int}
        if values:
            found.update([(path, STATED, month), *((path, value, month) for value in values)])
        elif path in withheld:
            found[path, WITHHELD, month] += 1
    return found


def _month(entry: Entry) -> str:
    text = str(entry.fields.get(MONTH_OF, ""))
    return text[:MONTH] if text and moments.is_finer(text, "quarter") else ""

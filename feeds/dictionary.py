"""The data dictionary of a feed: what each column means, which values it may hold, and what was done to them."""

import hashlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import orjson

from feeds.cells import INNER, OUTER
from feeds.columns import FIXED, LIMITS, LIMITS_MEANING, Column, columns_of
from feeds.feed import Feed
from schemas import vocabulary
from schemas.anatomy import lines, part_of
from schemas.part import Part
from schemas.report import Report

SHAPES = ("value", "list", "list of lists")
SEPARATORS = {"list": OUTER, "list of lists": f"{OUTER} {INNER}"}


def described(feed: Feed) -> Iterator[dict[str, Any]]:
    """Every column of a feed, in the order of the files."""
    for name, meaning in FIXED.items():
        yield {"column": name, "meaning": meaning, "holds": "value", "values": [{"type": "string"}]}
    for column in columns_of(feed):
        yield _told(column)
    yield {"column": LIMITS, "meaning": LIMITS_MEANING, "holds": "list", "values": [{"type": "string"}]}


def _told(column: Column) -> dict[str, Any]:
    told = {
        "column": column.path,
        "meaning": _meaning(column),
        "holds": SHAPES[column.depth],
        "values": list(column.shapes),
        "rules": dict(column.rules),
    }
    if column.vocabulary is None:
        return told
    held = vocabulary.document(column.vocabulary)
    return {**told, "terms": {name: held[name] for name in ("name", "version", "source", "licence", "terms")}}


def _meaning(column: Column) -> str:
    """The title of its vocabulary, or what the part of the report is about that it belongs to."""
    if column.vocabulary is not None:
        return str(vocabulary.document(column.vocabulary)["title"])
    part: type[Part] = Report
    name = ""
    for step in column.path.split("."):
        name = step.removesuffix("[]")
        part = part_of(lines(part)[name]) or part
    words = name.replace("_", " ").capitalize()
    return words if part is Report else f"{words}. {(part.__doc__ or '').partition('.')[0]}."


@cache
def shape_of(feed: Feed) -> str:
    """A digest of all of it: it changes when the columns do, though nothing new was released."""
    return hashlib.sha256(orjson.dumps(list(described(feed)))).hexdigest()

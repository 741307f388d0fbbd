"""A feed: an audience, the highest TLP it carries, what it narrows, when it is released, in which formats.

A feed starts as a TOML file in `feeds/definitions/`; `parse` reads its text and refuses what is not a feed. A feed may
only narrow what the field marks allow, and none goes above amber. A feed may have selections: its objects of some STIX
types, shown once more as a collection of their own to whoever may read the feed.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, cast

from feeds.kinds import KINDS
from schemas.audience import Audience
from schemas.tlp import TLP

IMPORTS, REPORTS = "imports", "reports"
TABLES = {"schedule": {"cron", "time_zone"}, "batch": {"least_organisations"}, "narrow": {"withhold", "coarsen"}}
# How wide an audience's feed may carry, whatever its TOML says.
WIDEST = {
    Audience.TRUSTED: TLP.AMBER,
    Audience.MEMBERS: TLP.GREEN,
    Audience.RESEARCHERS: TLP.GREEN,
    Audience.PUBLIC: TLP.CLEAR,
}
TEXTS = {"title", "description", "audience", "marks_of", "ceiling", "letter"}
KEYS = {*TEXTS, "carries", "formats", "selections", *TABLES}
SELECTION = {"title", "description", "types"}
NAME = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
INBOX = "inbox"  # the name of every member's own collection


class NotAFeed(ValueError):
    """The text does not describe a feed; the message names the key and the remedy."""


@dataclass(frozen=True)
class Selection:
    """A part of a feed as a collection of its own: its objects of some STIX types."""

    name: str
    title: str
    description: str
    types: tuple[str, ...]


@dataclass(frozen=True)
class Feed:
    """One feed as its policy describes it."""

    name: str
    title: str
    description: str
    audience: str  # the grant that reads it: feed:read:<audience>
    marks_of: Audience  # whose column of the field marks it reads
    ceiling: TLP
    carries: frozenset[str]
    letter: str  # begins its references: M-7K3M-92QX
    cron: str
    time_zone: str
    least_organisations: int = 1  # redacted projections wait until so many approved organisations are in the batch
    withholds: frozenset[str] = field(default_factory=frozenset)  # schema paths that this feed never shows
    coarsens: tuple[tuple[str, str], ...] = ()  # schema paths, each with a transform that says less than its line
    formats: frozenset[str] | None = None  # file names (`feeds.formats`); None: all that there are
    selections: tuple[Selection, ...] = ()
    digest: str = ""  # SHA-256 of the policy text, named by each release


def parse(name: str, text: str) -> Feed:
    """Read a feed's policy; raises NotAFeed."""
    try:
        body = tomllib.loads(text)
        return _feed(name, body, hashlib.sha256(text.encode()).hexdigest())
    except KeyError as missing:
        message = f"feed {name}: {missing.args[0]} is missing"
        raise NotAFeed(message) from None
    except (ValueError, TypeError, AttributeError) as wrong:
        message = f"feed {name}: {wrong}"
        raise NotAFeed(message) from None


def _feed(name: str, body: Mapping[str, Any], digest: str) -> Feed:
    schedule = body["schedule"]
    _only(body, KEYS, "")
    for table, keys in TABLES.items():
        _only(body.get(table, {}), keys, f"{table}.")
    least, narrow = body.get("batch", {}).get("least_organisations", 1), body.get("narrow", {})
    withhold, coarsen = narrow.get("withhold", []), narrow.get("coarsen", {})
    _demand(type(least) is int and least >= 1, "batch.least_organisations: a whole number from 1")
    _demand(_is_texts(withhold), "narrow.withhold: a list of field paths")
    _demand(
        isinstance(coarsen, dict) and _is_texts(list(coarsen.values())),
        'narrow.coarsen: a table of field paths, each with a transform, as in "aware_at" = "quarter"',
    )
    _demand(_is_texts(body["carries"]) and body["carries"], f"carries: a list of {REPORTS!r} and {IMPORTS!r}")
    _demand(set(body["carries"]) <= {REPORTS, IMPORTS}, f"carries: a list of {REPORTS!r} and {IMPORTS!r}")
    _demand(re.fullmatch("[A-Z]", body["letter"]), "letter: one capital letter")
    _demand(_is_texts(body.get("formats", [])), "formats: a list of file names")
    audience, marks_of = body["audience"], Audience(body.get("marks_of", body["audience"]))
    _demand(audience not in set(Audience) or audience == marks_of, "marks_of: a named audience reads its own marks")
    return Feed(
        name=name,
        title=body["title"],
        description=body["description"],
        audience=audience,
        marks_of=marks_of,
        ceiling=_ceiling(body["ceiling"], marks_of),
        carries=frozenset(body["carries"]),
        letter=body["letter"],
        cron=schedule["cron"],
        time_zone=schedule["time_zone"],
        least_organisations=least,
        withholds=frozenset(withhold),
        coarsens=tuple(sorted(coarsen.items())),
        formats=frozenset(body["formats"]) if "formats" in body else None,
        selections=tuple(_selections(name, body.get("selections", {}))),
        digest=digest,
    )


def _selections(feed: str, tables: object) -> Iterator[Selection]:
    _demand(isinstance(tables, dict), "selections: tables, one a selection, as in [selections.my-indicators]")
    for name, table in cast("dict[str, Any]", tables).items():
        here = f"selections.{name}"
        _demand(NAME.fullmatch(name), f"{here}: a name has lower-case letters, digits and single hyphens")
        _demand(name not in {feed, INBOX}, f"{here}: a feed or an inbox has that name; choose another")
        _demand(isinstance(table, dict), f"{here}: a table with {', '.join(sorted(SELECTION))}")
        _only(table, SELECTION, f"{here}.")
        for key in ("title", "description"):
            _demand(isinstance(table.get(key), str) and table[key].strip(), f"{here}.{key}: a text")
        types = table.get("types")
        _demand(_is_texts(types) and types and len(types) == len(set(types)), f"{here}.types: a list of STIX types")
        unknown = ", ".join(sorted(set(types) - KINDS))
        _demand(not unknown, f"{here}.types: STIX 2.1 has no type {unknown}")
        yield Selection(name, table["title"], table["description"], tuple(types))


def _ceiling(label: str, marks_of: Audience) -> TLP:
    ceiling = TLP(label)
    _demand(
        ceiling.is_within(TLP.AMBER),
        "ceiling: no feed is above amber; red and amber+strict travel in sealed files only",
    )
    _demand(ceiling.is_within(WIDEST[marks_of]), f"ceiling: {marks_of} reads at most {WIDEST[marks_of]}")
    return ceiling


def _only(table: Mapping[str, Any], keys: AbstractSet[str], prefix: str) -> None:
    # A misspelt key would open what it was meant to close.
    unknown = ", ".join(f"{prefix}{key}" for key in sorted(set(table) - keys))
    _demand(not unknown, f"{unknown}: no such key; there are {', '.join(sorted(keys))}")


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _demand(is_good: object, message: str) -> None:
    if not is_good:
        raise ValueError(message)

"""A feed: an audience, the highest TLP it carries, what it narrows, when it is released, in which formats.

A feed starts as a TOML file in `feeds/definitions/`; `parse` reads its text and refuses what is not a feed. A feed may
only narrow what the field marks allow, and none goes above amber.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.audience import Audience
from schemas.tlp import TLP

IMPORTS, REPORTS = "imports", "reports"
KEYS = {"title", "description", "audience", "marks_of", "ceiling", "carries", "letter", "narrow", "schedule", "batch"}


class NotAFeed(ValueError):
    """The text does not describe a feed; the message names the key and the remedy."""


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
    digest: str = ""  # SHA-256 of the policy text, named by each release


def parse(name: str, text: str) -> Feed:
    """Read a feed's policy; raises NotAFeed."""
    try:
        body = tomllib.loads(text)
        return _feed(name, body, hashlib.sha256(text.encode()).hexdigest())
    except KeyError as missing:
        message = f"feed {name}: {missing.args[0]} is missing"
        raise NotAFeed(message) from None
    except (ValueError, TypeError) as wrong:
        message = f"feed {name}: {wrong}"
        raise NotAFeed(message) from None


def _feed(name: str, body: Mapping[str, Any], digest: str) -> Feed:
    if unknown := set(body) - KEYS:
        message = f"{', '.join(sorted(unknown))}: no such key; there are {', '.join(sorted(KEYS))}"
        raise NotAFeed(message)
    ceiling = TLP(body["ceiling"])
    if not ceiling.is_within(TLP.AMBER):
        message = "ceiling: no feed is above amber; red and amber+strict travel in sealed files only"
        raise NotAFeed(message)
    carries = frozenset(body["carries"])
    if not carries or carries - {IMPORTS, REPORTS}:
        message = f"carries: a list of {REPORTS!r} and {IMPORTS!r}"
        raise NotAFeed(message)
    return Feed(
        name=name,
        title=body["title"],
        description=body["description"],
        audience=body["audience"],
        marks_of=Audience(body.get("marks_of", body["audience"])),
        ceiling=ceiling,
        carries=carries,
        letter=body["letter"],
        cron=body["schedule"]["cron"],
        time_zone=body["schedule"]["time_zone"],
        least_organisations=int(body.get("batch", {}).get("least_organisations", 1)),
        withholds=frozenset(body.get("narrow", {}).get("withhold", ())),
        digest=digest,
    )

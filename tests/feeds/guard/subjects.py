"""A report on its way out, for tests of the guard: what it withholds, and the words that would leave."""

import hashlib
from collections.abc import Mapping
from typing import Any

from feeds.guard import Behind, Findings, Subject, examine
from feeds.policy import policy_of
from feeds.projection import project
from feeds.transforms import Scene
from schemas.anatomy import divide, join
from schemas.audience import Mode
from schemas.loading import load
from schemas.report import FILED
from tests.factories import a_report
from tests.feeds import definitions

FEEDS = {one.name: one for one in definitions.FEEDS}
ORGANISATION = "Heronsgate Robotics"


def code(words: str) -> str:
    """As the publisher's keyed hash, without a key."""
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def subject(
    report: Mapping[str, Any],
    feed: str = "members",
    mode: Mode = Mode.REDACTED,
    behind: str = ORGANISATION,
    *,
    is_public: bool = False,
) -> Subject:
    """A report as the guard is given it, its text for release approved."""
    divided = divide(load(FILED, dict(report)))
    policy = policy_of(FEEDS[feed], mode)
    scene = Scene(pseudonym=lambda _: "org-ABCDEF", is_approved=True)
    projection = project(join(divided.clear, divided.sealed), policy, scene)
    opened = {**divided.sealed, **divided.identity}
    return Subject(divided.clear, opened, projection, policy, Behind((behind,) if behind else ()), is_public)


def found(report: Mapping[str, Any], **how: Any) -> Findings:
    """What the guard finds of a report."""
    return examine(subject(report, **how), code)


def told(findings: Findings) -> set[tuple[str, str, str]]:
    """The hits that hold, as (field, rule, whose value)."""
    return {(hit.field, hit.rule, hit.of) for hit in findings.holds}


def saying(text: str | Mapping[str, str], **more: Any) -> dict[str, Any]:
    """A report whose text for release says something."""
    words = {"summary": text} if isinstance(text, str) else dict(text)
    return a_report(client_ref="guard-1", for_release={"title": "About an assistant", **words}, **more)


PLACES: Mapping[str, Any] = {  # where a value can be withheld
    "system": lambda value: {"systems": [{"name": value}]},
    "developer": lambda value: {"systems": [{"name": "Helper", "developer": value}]},
    "reporter": lambda value: {"reporter": {"name": value}},
    "contact": lambda value: {"reporter": {"contact": value}},
    "party": lambda value: {"affected_parties": [{"name": value}]},
    "place": lambda value: {"location": {"text": value}},
    "detail": lambda value: {"compromise": {"detail": value}},
    "description": lambda value: {"description": value},
    "ref": lambda value: {"client_ref": value},
    "lost": lambda value: {"harm_quantity": {"persons_affected": int(value)}},
    "aware": lambda value: {"triggers": {"discovered_at": value}},
}


def withholding(place: str, value: str, text: str | Mapping[str, str]) -> dict[str, Any]:
    """A report that withholds a value in a place and says a text."""
    return {**saying(text), **PLACES[place](value)}

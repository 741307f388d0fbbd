"""Two readers lay their feeds side by side, and try to tell which entry of the one is which of the other."""

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import select

from hub.store.tables import Presence
from tests.conftest import World
from tests.factories import a_report
from tests.hub.services.guarded import approve_text
from tests.hub.services.steps import approve

SEVERITIES = ("info", "low", "medium", "high", "critical")
TECHNIQUES = ("AML.T0051", "AML.T0054", "AML.T0020", "AML.T0018")
PUBLIC_CODE = re.compile(r"(CVE-\d{4}-\d+|https://\S*CVE-\d{4}-\d+)")
OTHERS = ("Second Ltd", "Third Ltd", "Fourth Ltd")


@dataclass(frozen=True)
class Seen:
    """One entry as its reader has it."""

    ref: str
    place: int  # among the entries of the feed, in the order in which they came
    objects: Sequence[Mapping[str, Any]]

    @property
    def values(self) -> set[str]:
        """Every text in it, however deep."""
        return {text for one in self.objects for text in _texts(one)}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def stock(world: World, count: int, seed: int) -> set[str]:
    """Reports of four organisations that leave redacted to every audience; the text that was approved of some."""
    for name in OTHERS:
        world.enrol("producer", name)
    producers = ("producer", *(f"producer:{name}" for name in OTHERS))
    approve(world, *producers)
    chance, words = random.Random(seed), set[str]()
    for number in range(count):
        body = a_report(
            client_ref=f"case-{number}",
            title=f"What nobody should read {number}",
            tlp="amber",
            share_redacted_with=["public", "researchers"],
            severity=chance.choice(SEVERITIES),
            systems=[{"name": f"System of nobody {chance.randrange(8)}", "developer": f"Maker {chance.randrange(4)}"}],
            attack_steps=[{"scheme": "ATLAS", "version": "5.6.0", "technique": chance.choice(TECHNIQUES)}],
        )
        if number % 3 == 0:
            body["vulnerability"] = {"cve": [f"CVE-2026-{20000 + number}"]}
        if number % 5 == 0:
            said = {"title": f"Said in public: {number}", "summary": f"The agent went astray, case number {number}."}
            body["for_release"] = said
            words |= set(said.values())
        report = world.file(producers[number % len(producers)], body)["id"]
        world.clock.forward(minutes=chance.randrange(1, 400))
        if number % 5 == 0:
            for audience in ("members", "researchers", "public"):
                approve_text(world, report, audience)
    return words


def entries(world: World, who: str, feed: str) -> list[Seen]:
    """The live entries of a feed, each with its objects, as somebody fetched them."""
    objects = world.objects(who, feed)
    by_id = {one["id"]: one for one in objects}
    carriers = [one for one in objects if one["type"] == "report" and not one.get("revoked")]
    return [
        Seen(
            one["external_references"][0]["external_id"],
            place,
            [one, *(by_id[name] for name in one["object_refs"] if name in by_id)],
        )
        for place, one in enumerate(carriers)
    ]


def truth(world: World, feed: str) -> dict[str, str]:
    """Which report an entry is of, by its reference: what only the hub knows."""
    with world.hub.store.reading() as db:
        return {one.ref: one.report_id for one in db.exec(select(Presence).where(Presence.feed == feed))}


def joining(ours: Sequence[Seen], theirs: Sequence[Seen]) -> dict[str, tuple[str, str]]:
    """The values that one entry alone has here and one alone there, and the two entries that they join."""
    here, there = _alone(ours), _alone(theirs)
    return {value: (here[value], there[value]) for value in here.keys() & there.keys()}


def _alone(seen: Sequence[Seen]) -> dict[str, str]:
    counts = Counter(value for one in seen for value in one.values)
    return {value: one.ref for one in seen for value in one.values if counts[value] == 1}


def concordance(pairs: Sequence[tuple[int, int]]) -> float:
    """Kendall's tau: 1 if both orders are the same, 0 if they have nothing to do with each other."""
    signs = [(a[0] - b[0]) * (a[1] - b[1]) for place, a in enumerate(pairs) for b in pairs[place + 1 :]]
    return sum((sign > 0) - (sign < 0) for sign in signs) / len(signs)

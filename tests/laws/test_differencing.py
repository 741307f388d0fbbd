"""Who compares one release of a de-identified feed with the next, and its statistics before and after, learns of no
single organisation.

1. What enters redacted comes with what others file: from at least three approved organisations, or not at all. What was
   recalled and returns is a new entry and waits like one.
2. The statistics of a feed are what one would count in its entries: their difference tells nothing that these do not.
"""

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from hub.services.publishing import planning, releasing
from hub.store import reports
from tests.conftest import World
from tests.factories import a_report
from tests.hub.services.steps import approve
from tests.joining import SEVERITIES, Seen, entries, truth

FEEDS = {"researchers": "researcher", "public": "member"}
LEAST, ROUNDS = 3, 16
PRODUCERS = ("producer", "producer:Second Ltd", "producer:Third Ltd", "producer:Fourth Ltd")


@dataclass
class Life:
    """Four organisations that file, amend and withdraw, and an analyst that holds and lifts."""

    world: World
    chance: random.Random
    filed: list[tuple[str, str]] = field(default_factory=list)  # who, report
    held: list[str] = field(default_factory=list)

    def day(self) -> None:
        """Some of all that may happen on a day."""
        for _ in range(self.chance.randrange(5)):
            self.chance.choice((self.file, self.file, self.file, self.amend, self.withdraw, self.hold))()
        for report in self.held:
            self.world.send("analyst", "DELETE", f"/api/v1/reports/{report}/hold")
        self.held.clear()
        self.world.clock.forward(days=1)

    def file(self) -> None:
        who, number = self.chance.choice(PRODUCERS), len(self.filed)
        shared = {"tlp": "amber", "share_redacted_with": ["public", "researchers"]}
        said = a_report(client_ref=f"d-{number}", severity=self.chance.choice(SEVERITIES), **shared)
        self.filed.append((who, self.world.file(who, said)["id"]))

    def amend(self) -> None:
        if self.filed:
            who, report = self.chance.choice(self.filed)
            patch = {"severity": self.chance.choice(SEVERITIES)}
            self.world.send(who, "PATCH", f"/api/v1/reports/{report}", patch, If_Match="*")

    def withdraw(self) -> None:
        if self.filed and self.chance.random() < 0.5:
            who, report = self.filed.pop(self.chance.randrange(len(self.filed)))
            assert self.world.send(who, "POST", f"/api/v1/reports/{report}/withdraw").status_code == 200

    def hold(self) -> None:
        """Recalled today, and back when the hold is lifted."""
        if self.filed:
            report = self.chance.choice(self.filed)[1]
            sent = {"reason": "A doubt about it", "expires_at": "2027-11-20T10:00:00Z"}
            assert self.world.send("analyst", "POST", f"/api/v1/reports/{report}/hold", sent).status_code == 200
            self.world.release()
            self.held.append(report)


def severities(seen: list[Seen]) -> Counter[str]:
    """What anybody counts in the entries themselves."""
    return Counter(next(name for name in one.objects[0]["labels"] if name.startswith("severity:")) for one in seen)


def told(world: World, who: str, feed: str) -> Counter[str]:
    """What the statistics say of severities."""
    answer = world.send(who, "GET", f"/api/v1/stats?feed={feed}&by=severity").get_json()
    return Counter({f"severity:{one['value']}": one["entries"] for one in answer["values"]})


def lived(world: World, seed: int) -> Life:
    for who in PRODUCERS[1:]:
        world.enrol("producer", who.partition(":")[2])
    approve(world, *PRODUCERS)
    return Life(world, random.Random(seed))


def singled_out(life: Life) -> tuple[int, list[str]]:
    """Live some days; how often something entered, and what entered from fewer organisations than may."""
    world, before, batches, found = life.world, {feed: set[str]() for feed in FEEDS}, 0, list[str]()
    for _ in range(ROUNDS):
        life.day()
        world.release()
        for feed, who in FEEDS.items():
            seen, of = entries(world, who, feed), truth(world, feed)
            fresh = {one.ref for one in seen} - before[feed]
            assert told(world, who, feed) == severities(seen)
            with world.hub.store.reading() as db:
                owners = {report.organisation_id for report, _ in reports.current(db, [of[ref] for ref in fresh])}
            batches += bool(fresh)
            found += sorted(fresh) if len(owners) < LEAST else []
            before[feed] |= {one.ref for one in seen}
    return batches, found


@pytest.mark.parametrize("seed", [1, 2])
def test_no_difference_of_two_releases_is_of_one_organisation(world: World, seed: int) -> None:
    batches, found = singled_out(lived(world, seed))
    assert found == []
    assert batches >= 2, "hardly anything left: this proved nothing"


def test_without_batches_the_attack_finds_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (planning, releasing):
        monkeypatch.setattr(room, "batch", lambda candidates, _: candidates.keys())
    assert singled_out(lived(world, 1))[1]

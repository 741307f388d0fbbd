"""A served hub with something of everything in its feed for members, and what a person should see of it.

The truth that a client is held to comes from here, never from what the client was given.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from feeds.edition import is_observable
from hub.store.tables import Presence
from tests.conftest import World
from tests.factories import a_report
from tests.journeys.clients.cases import CASES, CORRECTION, FILERS, STRICT, Case, Shown
from tests.servers import PATIENCE, Server, living_world, start

READ = ("members", "public", "reference")
__all__ = ["READ", "Case", "Served", "Shown", "assert_each_once", "served_hub", "version_of"]


@dataclass
class Served:
    """A hub that answers on loopback, with two releases: the second corrects a report of the first."""

    world: World
    place: Path
    server: Server
    filed: dict[str, dict[str, Any]] = field(default_factory=dict)  # case → the answer to its filing
    whose: dict[str, str] = field(default_factory=dict)  # case → its producer's token
    expected: dict[str, Shown] = field(default_factory=dict)  # case → what is to be seen of it now
    _more: int = 0

    @property
    def url(self) -> str:
        """Where the hub answers, without a last slash; the same after a restart."""
        return self.server.url

    @property
    def discovery(self) -> str:
        """The discovery URL, as an operator would type it."""
        return f"{self.url}/taxii2/"

    @property
    def api_root(self) -> str:
        """The API root's URL, with its last slash."""
        return f"{self.url}/taxii2/hub/"

    @property
    def token(self) -> str:
        """The member's token."""
        return self.world.tokens["member"]

    def collection_id(self, name: str = "members") -> str:
        """The id of a feed's collection."""
        return self.world.collection(name)

    def collection(self, name: str = "members") -> str:
        """The URL of a feed's collection, with its last slash."""
        return f"{self.api_root}collections/{self.collection_id(name)}/"

    def truth(self, name: str = "members") -> list[dict[str, Any]]:
        """What the collection holds now: the last version of each object, in the order of its release."""
        return self.world.objects("member", name)

    def release_more(self, count: int) -> list[str]:
        """File that many more reports and release them; their cases, which stand in `expected` at once."""
        names = [f"more-{self._more + number}" for number in range(count)]
        self._more += count
        for number, name in enumerate(names):
            shown = Shown(f"Case {name}", f"What happened in {name}.", "low", ("AML.T0048",))
            steps = [{"technique": "AML.T0048"}]
            said = {"title": shown.name, "description": shown.summary, "severity": "low", "attack_steps": steps}
            self.tell(name, Case(FILERS[number % len(FILERS)], {**said, "tlp": "green"}, shown))
        self.release()
        return names

    @contextmanager
    def releasing(self, times: int = 4, count: int = 2) -> Iterator[Callable[[], bool]]:
        """Release more, time after time, beside the block, which asks whether that still goes on.

        The next release begins when it was asked: whoever polls in between meets every one of them.
        """
        faults: list[BaseException] = []
        was_asked = threading.Event()

        def work() -> None:
            try:
                for _ in range(times):
                    self.release_more(count)
                    was_asked.wait(PATIENCE)
                    was_asked.clear()
            except BaseException as fault:  # noqa: BLE001 - raised again in the test's own thread
                faults.append(fault)

        def is_going_on() -> bool:
            was_asked.set()
            return thread.is_alive()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield is_going_on
        finally:
            was_asked.set()
            thread.join()
        for fault in faults:
            raise fault

    def withdraw(self, name: str) -> None:
        """Let a case's producer withdraw it, and recall it."""
        path = f"/api/v1/reports/{self.filed[name]['id']}/withdraw"
        answer = self.world.send(self.whose[name], "POST", path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        reference = self.reference(name)
        self.release()
        shown = f"Withdrawn ({reference})"
        self.expected[name] = Shown(shown, None, "unknown", tlp=self.expected[name].tlp, is_withdrawn=True)

    def restart(self) -> None:
        """Kill every process of the hub, whatever it does, and start it again where it was."""
        self.server.group.kill()
        self.server = start(self.world.hub.config.home, self.place / "hub.log", port=int(self.url.rpartition(":")[2]))

    def tell(self, name: str, case: Case) -> None:
        """File a case and accept it for members, as its TLP allows; the next release brings it."""
        # A tracker id that the words do not name: the guard holds what quotes one.
        body = a_report(client_ref=f"T-{sha256(name.encode()).hexdigest()[:10]}", **case.body)
        self.whose[name] = f"producer:{case.who}"
        filed = self.filed[name] = self.world.file(self.whose[name], body)
        if body["tlp"] != STRICT["tlp"]:
            self.world.accept(filed["id"], "members")
        if "for_release" in body:
            self._approve(filed["id"])
        self.expected[name] = case.shown

    def release(self) -> None:
        """Release what is due, and learn the references that the redacted entries go by."""
        outcomes = self.world.release()
        assert not [one for one in outcomes.values() if one.fault]
        for name, shown in self.expected.items():
            if "{ref}" in shown.name:
                self.expected[name] = replace(shown, name=shown.name.format(ref=self.reference(name)))

    def reference(self, name: str, feed: str = "members") -> str:
        """The reference of a case's entry in a feed."""
        with self.world.hub.store.reading() as db:
            asked = select(Presence.ref).where(
                col(Presence.report_id) == self.filed[name]["id"], col(Presence.feed) == feed
            )
            return db.exec(asked).one()

    def correct(self, name: str, patch: Mapping[str, Any]) -> None:
        """Let a case's producer correct it, and release the correction."""
        path = f"/api/v1/reports/{self.filed[name]['id']}"
        answer = self.world.send(self.whose[name], "PATCH", path, dict(patch), If_Match='"r1"')
        assert answer.status_code == 200, answer.get_data(as_text=True)
        now = {"name": patch["title"], "summary": patch["description"], "severity": patch["severity"]}
        self.expected[name] = replace(self.expected[name], **now)
        self.release()

    def _approve(self, report_id: str) -> None:
        path = f"/api/v1/reports/{report_id}"
        tag = self.world.send("analyst", "GET", f"{path}/release-text").headers["ETag"]
        said = {"audience": "members", "subject": "for_release"}
        answer = self.world.send("analyst", "POST", f"{path}/accept", said, If_Match=tag)
        assert answer.status_code == 200, answer.get_data(as_text=True)


@contextmanager
def served_hub(place: Path) -> Iterator[Served]:
    """A served hub with its cases released and one of them corrected, until the end of the block."""
    world = living_world(place)
    for name in FILERS:
        world.enrol("producer", name)
    world.enrol("analyst", "Hub staff")
    world.tokens["analyst"] = world.tokens["analyst:Hub staff"]
    world.enrol("member", "The reader", audiences=READ)
    world.tokens["member"] = world.tokens["member:The reader"]
    served = Served(world, place, start(world.hub.config.home, place / "hub.log"))
    try:
        for name, case in CASES.items():
            served.tell(name, case)
        served.release()
        served.correct("corrected", CORRECTION)
        yield served
    finally:
        served.server.group.kill()
        world.hub.store.close()


def version_of(one: Mapping[str, Any]) -> tuple[str, str]:
    """Which version of which object this is."""
    return one["id"], one.get("modified", one.get("created", ""))


def assert_each_once(got: Sequence[Mapping[str, Any]], served: Served, name: str = "members") -> None:
    """A client that kept up has every object of a collection: no version twice, and the last one of each."""
    twice = {which: count for which, count in Counter(map(version_of, got)).items() if count > 1}
    assert not twice, f"fetched more than once: {twice}"
    last = {one["id"]: one for one in sorted(got, key=lambda one: one.get("modified", ""))}
    truth = {one["id"]: one for one in served.truth(name)}
    missed = {one_id for one_id, one in truth.items() if last.get(one_id) != one}
    assert not missed, f"missed, or not as it stands now: {sorted(missed)}"
    # An observable has no versions: it is deleted, and whoever fetched it before keeps it.
    assert not [one_id for one_id in last.keys() - truth.keys() if not is_observable(one_id)]

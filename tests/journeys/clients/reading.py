"""What a person sees of a feed in a program that knows STIX and nothing of this hub, and how a client keeps up.

Objects are read as mappings: what a client parsed, or plain JSON where it parses nothing more.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tests.journeys.clients.cases import Shown
from tests.journeys.clients.hubs import Served, assert_each_once, version_of

Objects = Sequence[Mapping[str, Any]]


def follow(served: Served, poll: Callable[[], Objects]) -> list[Mapping[str, Any]]:
    """A client's life with a hub; all that its polls brought, in order, each of which goes on where the last ended.

    A first sync, polls while more is released, a restart of the hub, more of the same, a recall.
    """
    got = list(poll())
    assert_each_once(got, served)
    with served.releasing() as is_going_on:
        while is_going_on():
            got += poll()
    got += poll()
    assert_each_once(got, served)
    served.restart()
    assert list(poll()) == [], "nothing is new because a hub was started again"
    served.release_more(1)
    got += poll()
    served.withdraw("written")
    got += poll()
    assert_each_once(got, served)
    return got


def newest(got: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The last version of each object that a client fetched, by its id."""
    return {one["id"]: one for one in sorted(got, key=lambda one: str(version_of(one)[1]))}


def seen(objects: Iterable[Mapping[str, Any]]) -> dict[str, Shown]:
    """What is to be seen of each entry, by its name."""
    known = {one["id"]: one for one in objects}
    carriers = [one for one in known.values() if one["type"] == "report"]
    return {one["name"]: _entry(one, known) for one in carriers}


def expected(served: Served) -> dict[str, Shown]:
    """What should be seen of each entry, by its name."""
    return {one.name: one for one in served.expected.values()}


def _entry(carrier: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> Shown:
    held = [known[ref] for ref in carrier["object_refs"] if ref in known and not known[ref].get("revoked")]
    return Shown(
        name=carrier["name"],
        summary=carrier.get("description"),
        severity=_severity(carrier),
        techniques=tuple(_code(one) for one in held if one["type"] == "attack-pattern"),
        tlp=_tlp(carrier, known),
        indicators=tuple(sorted(one["name"] for one in held if one["type"] == "indicator")),
        is_withdrawn=bool(carrier.get("revoked")),
    )


def _severity(carrier: Mapping[str, Any]) -> str:
    told = [one.partition(":")[2] for one in carrier.get("labels", ()) if one.startswith("severity:")]
    return told[0] if told else "unknown"


def _code(pattern: Mapping[str, Any]) -> str:
    code: str = pattern["external_references"][0]["external_id"]
    return code


def _tlp(carrier: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> str:
    (marking,) = [known[ref] for ref in carrier["object_marking_refs"]]
    return str(marking["name"]).removeprefix("TLP:").lower()

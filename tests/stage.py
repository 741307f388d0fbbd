"""A hub on which every route has something to meet: people of every role and of several organisations, and things.

What a route's variables are filled with, and whose that is: for the law that no cell is crossed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlmodel import select

from hub import logbook, receiving
from hub.agreement import Deed
from hub.roles import Act, shell
from hub.services import membership
from hub.store.tables import Report
from tests.attaching import a_file, attach
from tests.conftest import World
from tests.factories import a_report
from tests.sessions import PURPOSE, begun, proposed


@dataclass(frozen=True)
class Actor:
    """Somebody with a token, or without."""

    who: str
    role: str = ""
    organisation: str = ""
    audiences: frozenset[str] = frozenset()


NOBODY = Actor("")


@dataclass(frozen=True)
class Target:
    """What the variables of a route are filled with, and whose that is."""

    kind: str
    values: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""  # of a report: the organisation that filed it; of a proposal, the role that may agree
    audience: str = ""  # of a feed
    exists: bool = True

    def is_seen_by(self, actor: Actor) -> bool:
        """Whether it is there for somebody whose role may call the route."""
        if self.kind == "audit":
            return self.exists and (actor.role == "auditor" or actor.organisation == self.owner)
        if self.kind == "report":
            return self.exists and (actor.role == "analyst" or actor.organisation == self.owner)
        if self.kind in {"proposal", "session"}:
            return self.exists and actor.who == self.owner
        if self.kind == "feed":
            return self.exists and self.audience in actor.audiences
        if self.kind == "inbox":
            return actor.role == "member" and actor.organisation == self.owner
        return self.exists


@dataclass
class Stage:
    """A hub on which every cell has something to meet."""

    world: World
    actors: Sequence[Actor]
    targets: Mapping[frozenset[str], Sequence[Target]]
    cells: Counter[str] = field(default_factory=Counter)  # what was expected → how many
    refs: Mapping[str, str] = field(default_factory=dict)  # of each report by its id


def set_up(world: World) -> Stage:
    actors = [NOBODY, Actor("revoked"), Actor("made up")]
    world.tokens |= {"made up": "hub_live_0000000000_" + "0" * 40, "revoked": world.enrol("producer", "Acme")}
    with world.hub.store.writing() as db:
        membership.revoke(db, Act(shell("test"), world.clock()), _token(world, "revoked"))
    for role, organisation, audiences in (
        ("producer", "Acme", ()), ("producer", "Rival", ()), ("member", "Readers", ("members",)),
        ("member", "Inner circle", ("trusted",)), ("member", "Ungranted", ()), ("researcher", "Scholars", ("public",)),
        ("researcher", "Unvetted", ()), ("member", "Acme", ()),
    ):  # fmt: skip
        world.enrol(role, organisation, audiences)
        actors.append(Actor(f"{role}:{organisation}", role, organisation, frozenset(audiences)))
    actors += [Actor(role, role, "Hub staff") for role in ("analyst", "operator", "auditor")]
    world.enrol("auditor", "Spare")
    met = targets(world)
    with world.hub.store.reading() as db:
        refs = {one.id: one.ref for one in db.exec(select(Report))}
    return Stage(world, actors, met, refs=refs)


TAXII = "application/taxii+json;version=2.1"
POSTED = {
    "type": "identity",
    "spec_version": "2.1",
    "id": "identity--a932fcc6-e032-476c-826f-cb970a5a1ade",
    "created": "2026-11-20T10:00:00.000Z",
    "modified": "2026-11-20T10:00:00.000Z",
    "name": "Somebody",
}


def inbox(world: World, who: str) -> str:
    """The id of the inbox of somebody's organisation."""
    found = world.send(who, "GET", "/taxii2/hub/collections/").get_json(force=True)["collections"]
    return str(next(one["id"] for one in found if one["can_write"]))


def post(world: World, who: str, *objects: dict[str, Any]) -> dict[str, Any]:
    """Post objects into the inbox of somebody's organisation; the status."""
    path = f"/taxii2/hub/collections/{inbox(world, who)}/objects/"
    answer = world.send(who, "POST", path, {"objects": list(objects)}, Content_Type=TAXII)
    assert answer.status_code == 202, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json(force=True)
    return found


def targets(world: World) -> dict[frozenset[str], list[Target]]:
    reports: list[Target] = []
    files: list[Target] = []
    for owner in ("Acme", "Rival"):
        filed = world.file(f"producer:{owner}", a_report(client_ref="known", tlp="green"))
        world.accept(filed["id"], "members")
        reports.extend(Target("report", {"report": filed[name]}, owner=owner) for name in ("id", "ref"))
        attachment = attach(world, filed["id"], a_file(100), f"producer:{owner}")["id"]
        files.append(Target("report", {"report": filed["ref"], "attachment": attachment}, owner=owner))
    world.release()
    receiving.admit(world.hub)
    logbook.keep(world.hub)
    unknown = str(uuid4())
    nowhere = [Target("report", {"report": name}, exists=False) for name in (unknown, "R-0000-0000", "x")]
    strays = [  # another report's, and one that never was
        Target("report", {**files[0].values, "attachment": name}, exists=False)
        for name in (files[1].values["attachment"], unknown)
    ]
    case = {"title": "One event", "reports": [reports[0].values["report"]], "why": "Seen."}
    ref = world.send("analyst", "POST", "/api/v1/cases", case).get_json()["ref"]
    spare, token, foreign = world.ids["Spare"], _token(world, "auditor:Spare"), _token(world, "auditor")
    feeds = [("members", "member:Readers"), ("trusted", "member:Inner circle")]
    objects = {feed: world.carriers(who, feed)[0]["id"] for feed, who in feeds}
    status, box = post(world, "member:Readers", POSTED)["id"], inbox(world, "member:Readers")
    parts = {"members-indicators": world.objects("member:Readers", "members-indicators")[0]["id"]}
    return {
        frozenset(): [Target("")],
        frozenset({"report"}): [*reports, *nowhere],
        frozenset({"report_id"}): [_renamed(one) for one in [*reports, *nowhere]],
        frozenset({"report", "attachment"}): [*files, *strays],
        frozenset({"case"}): [Target("case", {"case": ref}), Target("case", {"case": unknown}, exists=False)],
        frozenset({"member"}): [Target("member", {"member": one}, exists=one == spare) for one in (spare, unknown)],
        frozenset({"member", "token_id"}): [
            Target("member", {"member": spare, "token_id": one}, exists=one == token)
            for one in (token, foreign, unknown)
        ],
        frozenset({"feed", "file"}): [
            *(Target("feed", {"feed": one, "file": "bundle.json"}, audience=one) for one in objects),
            Target("feed", {"feed": "members", "file": "nothing.json"}, exists=False),
            Target("feed", {"feed": "nothing", "file": "bundle.json"}, exists=False),
        ],
        frozenset({"collection_id"}): _collections(world, objects | parts, (unknown, box), ("collection_id",)),
        frozenset({"collection_id", "object_id"}): _collections(
            world, objects | parts, (unknown, box), ("collection_id", "object_id")
        ),
        frozenset({"status_id"}): [
            Target("inbox", {"status_id": status}, owner="Readers"),
            Target("inbox", {"status_id": unknown}, exists=False),
        ],
        frozenset({"seq"}): [*_entries(world, reports), Target("audit", {"seq": "999999999"}, exists=False)],
        frozenset({"proposal"}): _proposals(world, reports[0].values["report"]),
        frozenset({"session"}): [
            Target("session", {"session": begun(world, reports[0].values["report"])}, owner="analyst"),
            Target("session", {"session": unknown}, exists=False),
        ],
        frozenset({"name"}): [Target("", {"name": "swagger-ui.css"})],
    }


def _proposals(world: World, report: str) -> list[Target]:
    """One of an analyst's, one of an operator's, none."""
    shown = {"fields": ["reporter.name"], "purpose": PURPOSE}
    mine = proposed(world, "analyst", Deed("identity.show", report, shown))
    of_operators = proposed(world, "operator", Deed("key.epoch", "9", {"erases": False}))
    return [
        Target("proposal", {"proposal": mine}, owner="analyst"),
        Target("proposal", {"proposal": of_operators}, owner="operator"),
        Target("proposal", {"proposal": "A-0000-0000"}, exists=False),
    ]


def _entries(world: World, reports: Sequence[Target]) -> list[Target]:
    """The first entry of each report in the audit."""
    found = []
    for one in reports:
        if "-" in one.values["report"][8:]:  # by its id
            path = f"/api/v1/audit?subject={one.values['report']}&action=report.file"
            (item,) = world.send("auditor", "GET", path).get_json()["items"]
            found.append(Target("audit", {"seq": str(item["seq"])}, owner=one.owner))
    return found


def _token(world: World, who: str) -> str:
    return world.tokens[who].split("_")[2]


def _renamed(one: Target) -> Target:
    return Target(one.kind, {"report_id": one.values["report"]}, one.owner, one.audience, one.exists)


def _collections(
    world: World, objects: Mapping[str, str], others: tuple[str, str], names: tuple[str, ...]
) -> list[Target]:
    unknown, box = others
    found = [
        Target("feed", {"collection_id": world.collection(name), "object_id": one}, audience=name.split("-")[0])
        for name, one in objects.items()
    ]
    found.append(Target("inbox", {"collection_id": box, "object_id": POSTED["id"]}, owner="Readers"))
    found.append(Target("feed", {"collection_id": unknown, "object_id": objects["members"]}, exists=False))
    return [
        Target(one.kind, {name: one.values[name] for name in names}, one.owner, one.audience, one.exists)
        for one in found
    ]

"""A hub on which every route has something to meet: people of every role and of several organisations, and things.

What a route's variables are filled with, and whose that is: for the law that no cell is crossed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from hub.roles import Act, shell
from hub.services import membership
from tests.conftest import World
from tests.factories import a_report


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
    owner: str = ""  # of a report: the organisation that filed it
    audience: str = ""  # of a feed
    exists: bool = True

    def is_seen_by(self, actor: Actor) -> bool:
        """Whether it is there for somebody whose role may call the route."""
        if self.kind == "report":
            return self.exists and (actor.role == "analyst" or actor.organisation == self.owner)
        if self.kind == "feed":
            return self.exists and self.audience in actor.audiences
        return self.exists


@dataclass
class Stage:
    """A hub on which every cell has something to meet."""

    world: World
    actors: Sequence[Actor]
    targets: Mapping[frozenset[str], Sequence[Target]]
    cells: Counter[str] = field(default_factory=Counter)  # what was expected → how many


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
    return Stage(world, actors, targets(world))


def targets(world: World) -> dict[frozenset[str], list[Target]]:
    reports: list[Target] = []
    for owner in ("Acme", "Rival"):
        filed = world.file(f"producer:{owner}", a_report(client_ref="known", tlp="green"))
        world.accept(filed["id"], "members")
        reports.extend(Target("report", {"report": filed[name]}, owner=owner) for name in ("id", "ref"))
    world.release()
    unknown = str(uuid4())
    nowhere = [Target("report", {"report": name}, exists=False) for name in (unknown, "R-0000-0000", "x")]
    case = {"title": "One event", "reports": [reports[0].values["report"]], "why": "Seen."}
    ref = world.send("analyst", "POST", "/api/v1/cases", case).get_json()["ref"]
    spare, token, foreign = world.ids["Spare"], _token(world, "auditor:Spare"), _token(world, "auditor")
    feeds = [("members", "member:Readers"), ("trusted", "member:Inner circle")]
    objects = {feed: world.carriers(who, feed)[0]["id"] for feed, who in feeds}
    return {
        frozenset(): [Target("")],
        frozenset({"report"}): [*reports, *nowhere],
        frozenset({"report_id"}): [_renamed(one) for one in [*reports, *nowhere]],
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
        frozenset({"collection_id"}): _collections(world, objects, unknown, ("collection_id",)),
        frozenset({"collection_id", "object_id"}): _collections(
            world, objects, unknown, ("collection_id", "object_id")
        ),
        frozenset({"name"}): [Target("", {"name": "swagger-ui.css"})],
    }


def _token(world: World, who: str) -> str:
    return world.tokens[who].split("_")[2]


def _renamed(one: Target) -> Target:
    return Target(one.kind, {"report_id": one.values["report"]}, one.owner, one.audience, one.exists)


def _collections(world: World, objects: Mapping[str, str], unknown: str, names: tuple[str, ...]) -> list[Target]:
    found = [
        Target("feed", {"collection_id": world.collection(feed), "object_id": one}, audience=feed)
        for feed, one in objects.items()
    ]
    found.append(Target("feed", {"collection_id": unknown, "object_id": objects["members"]}, exists=False))
    return [Target(one.kind, {name: one.values[name] for name in names}, "", one.audience, one.exists) for one in found]

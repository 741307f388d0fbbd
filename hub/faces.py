"""The four faces of one program: of each its routes, its key files, and what its callers may do there.

1. By default one process tree holds all four. A process may be told to hold some (`HUB_FACES`, `hub serve --faces`):
   then it reads no other key file, and a route of another face is not there, in the words of a path that is none.
2. A route may be of several faces. The first that names it, in the order of `FRONT`, is where a front server sends it:
   that one answers every caller as the whole hub does.
3. A caller has at a face only the capabilities of that face: at intake an analyst reads what a producer would.
4. A route that no face names stops the hub at its start.

On PostgreSQL each face has a database role of its own name too; its rights are in `hub/store/rights.py`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from hub.errors import NotReady
from hub.roles import Capability

INTAKE, FEEDS, CONSOLE, PUBLISHER = "intake", "feeds", "console", "publisher"
PUBLIC = frozenset({"intake.pub", "audit.pub", "epoch.pub"})  # key files that every face may read: no secret in them
ROOT = frozenset({"root.key", "root.toml", "root.next.toml"})  # whoever opens unwraps the epochs with the root
EVERYWHERE = frozenset({"site", "well_known"})  # blueprints that every face shows: health, schemas, documentation


@dataclass(frozen=True)
class Face:
    """One part of the hub. A route is an endpoint, or a blueprint with all of its endpoints."""

    routes: frozenset[str]
    secrets: frozenset[str]  # key files beside the public ones
    capabilities: frozenset[Capability]


FACES: Mapping[str, Face] = {
    INTAKE: Face(
        routes=frozenset({
            "reports.file", "reports.batch", "reports.amend", "reports.withdraw", "reports.listed", "reports.read",
            "reports.receipt", "previews.draft", "attachments", "taxii.add_objects", "taxii.delete_object",
        }),
        secrets=frozenset({"intake.key"}),
        capabilities=frozenset({Capability.REPORT_WRITE, Capability.INBOX_WRITE, Capability.FEED_READ}),
    ),
    FEEDS: Face(
        routes=frozenset({
            "taxii.discovery", "taxii.api_root", "taxii.collections", "taxii.collection", "taxii.objects",
            "taxii.one_object", "taxii.versions", "taxii.manifest", "taxii.status", "editions", "statistics",
        }),
        secrets=frozenset(),
        capabilities=frozenset({Capability.FEED_READ, Capability.STATS_READ, Capability.INBOX_WRITE}),
    ),
    CONSOLE: Face(
        routes=frozenset({
            "reports.listed", "reports.read", "reports.accept", "attachments.listed", "attachments.read", "downloads",
            "paths", "previews.filed", "erasures", "triage", "cases", "remarks", "guarding", "search", "unsealing",
            "sessions", "agreements", "members", "audit", "accounts", "numbers",
        }),
        secrets=ROOT,
        capabilities=frozenset(Capability),
    ),
    PUBLISHER: Face(
        routes=frozenset(),
        secrets=ROOT | {"publisher.key", "audit.key"},
        capabilities=frozenset(),
    ),
}  # fmt: skip
ALL = frozenset(FACES)
WEB = ALL - {PUBLISHER}
OPENING = frozenset({CONSOLE, PUBLISHER})  # those that may open
FRONT = (CONSOLE, FEEDS, INTAKE, PUBLISHER)
GROUPS: Mapping[str, frozenset[str]] = {"all": ALL, "web": WEB, **{name: frozenset({name}) for name in FACES}}
SECRETS = frozenset().union(*(face.secrets for face in FACES.values()))


def chosen(text: str) -> frozenset[str]:
    """The faces that a list names; raises NotReady for a name that is none."""
    names = [one.strip() for one in text.split(",") if one.strip()]
    if not names or any(one not in GROUPS for one in names):
        message = f"faces must be some of {', '.join(GROUPS)}, with a comma between them"
        raise NotReady(message)
    return frozenset().union(*(GROUPS[one] for one in names))


def named(faces: Collection[str]) -> str:
    """A list that `chosen` reads as these faces."""
    return ",".join(one for one in FACES if one in faces)


def of_route(endpoint: str) -> frozenset[str]:
    """The faces that have a route; none for one that nobody thought about."""
    blueprint = endpoint.partition(".")[0]
    if blueprint in EVERYWHERE:
        return ALL
    return frozenset(name for name, face in FACES.items() if face.routes & {endpoint, blueprint})


def front_of(endpoint: str) -> str:
    """The face that a front server sends a route to."""
    found = of_route(endpoint)
    return next(name for name in FRONT if name in found)


def withheld(faces: Iterable[str]) -> frozenset[str]:
    """The key files that a process of some faces does not read, though they lay before it."""
    return SECRETS.difference(*(FACES[name].secrets for name in faces))


def capabilities(faces: Iterable[str]) -> frozenset[Capability]:
    """What a caller may do at some faces, if its token lets it."""
    return frozenset().union(*(FACES[name].capabilities for name in faces))

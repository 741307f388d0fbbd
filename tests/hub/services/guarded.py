"""Reports that the guard holds or lets go, filed, approved and decided about."""

from typing import Any

from hub.store.audit import entries
from hub.store.tables import GuardVerdict
from tests.conftest import World
from tests.factories import a_report

NAME = "Vantobrel"
WHY = "The name is in the vendor's own notice."
SAYS = {"title": "About an assistant", "summary": f"It was made by {NAME} and was slow."}
CLEAN = {"title": "About an assistant", "summary": "It was made elsewhere and was slow."}


def body(ref: str = "one", **changes: Any) -> dict[str, Any]:
    """A report whose text for release names the system that its projection withholds."""
    named = {"systems": [{"name": NAME}], "for_release": SAYS, "share_redacted_with": ["members"]}
    return a_report(**{"client_ref": ref, **named, **changes})


def approve_text(world: World, report: str, audience: str = "members") -> None:
    told = world.send("analyst", "GET", f"/api/v1/reports/{report}/release-text")
    sent = {"audience": audience, "subject": "for_release"}
    path = f"/api/v1/reports/{report}/accept"
    assert world.send("analyst", "POST", path, sent, If_Match=told.headers["ETag"]).status_code == 200


def filed(world: World, ref: str = "one", who: str = "producer", **changes: Any) -> str:
    """File such a report and approve its text; its id."""
    report: str = world.file(who, body(ref, **changes))["id"]
    approve_text(world, report)
    return report


def amend(world: World, report: str, who: str = "producer", **patch: Any) -> None:
    assert world.send(who, "PATCH", f"/api/v1/reports/{report}", patch, If_Match="*").status_code == 200


def decide(
    world: World, report: str, decision: str = "release", who: str = "analyst", audience: str = "members"
) -> Any:
    path = f"/api/v1/reports/{report}/guard"
    return world.send(who, "POST", path, {"audience": audience, "decision": decision, "why": WHY})


def second(world: World) -> str:
    world.enrol("analyst", "Hub staff")  # replaces the token by another one of the same desk
    return "analyst:Hub staff"


def verdict(world: World, report: str, feed: str = "members") -> GuardVerdict | None:
    with world.hub.store.reading() as db:
        return db.get(GuardVerdict, (feed, report))


def state(world: World, report: str, feed: str = "members") -> str:
    found = verdict(world, report, feed)
    return found.state if found else "none"


def titles(world: World, feed: str = "members") -> list[str]:
    return [one["name"] for one in world.carriers("member", feed)]


def audited(world: World, action: str) -> list[dict[str, Any]]:
    with world.hub.store.reading() as db:
        return [one["details"] for one in entries(db) if one["action"] == action]

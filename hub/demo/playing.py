"""Playing the story of the samples on a running hub: organisations, filings, acceptance, two releases.

Every step can be repeated: a demo that was interrupted goes on where it stopped, and files nothing twice.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from hub import rounds
from hub.client import Client, Refused
from hub.demo.sampling import Organisation, organisations, story
from hub.errors import NotFound
from hub.roles import Act, shell
from hub.services import membership
from hub.services.membership import Reading, Wanted
from hub.store.tables import Organisation as Row
from hub.wiring import Hub

READERS = {
    "member": ("Harbour Watch (demo member)", ("members", "public", "reference")),
    "researcher": ("Institute for Careful Study (demo researcher)", ("researchers", "public", "reference")),
}
OPERATOR = shell("demo")
STAFF = "Hub staff (demo)"
GRANT = timedelta(days=365)


@dataclass
class Stage:
    """The hub that is played on, and the tokens to play with."""

    hub: Hub
    url: str
    producers: dict[str, str] = field(default_factory=dict)  # organisation → token
    tokens: dict[str, str] = field(default_factory=dict)  # role → token
    ids: dict[str, str] = field(default_factory=dict)  # sample → report id
    inbox: str = ""  # the member's collection to write to

    def client(self, token: str) -> Client:
        """A client with one of the tokens."""
        return Client(self.url, token)


def enrol(stage: Stage) -> None:
    """Make every organisation, grant and token that the demo needs; tokens of an earlier demo end."""
    for one in organisations():
        stage.producers[one.slug] = _token(stage.hub, one.name, "producer")
        if one.is_producer:
            stage.tokens["producer"] = stage.producers[one.slug]
    for role, (name, audiences) in READERS.items():
        stage.tokens[role] = _token(stage.hub, name, role)
        _grant(stage.hub, name, audiences)
    for role in ("analyst", "operator", "auditor"):
        stage.tokens[role] = _token(stage.hub, STAFF, role)
    with stage.hub.store.reading() as db:
        stage.inbox = membership.inbox_of(db, READERS["member"][0])


def _token(hub: Hub, name: str, role: str) -> str:
    row, act = _organisation(hub, name), Act(OPERATOR, hub.clock())
    with hub.store.writing() as db:
        for old in membership.listed_tokens(db, row.id):
            if old.roles == role:
                membership.revoke(db, act, old.id)
        made = membership.issue(db, act, row.id, Wanted([role], "demo", is_demo=True))
    return made.text


def _organisation(hub: Hub, name: str) -> Row:
    with hub.store.writing() as db:
        try:
            return membership.find(db, name)
        except NotFound:
            return membership.add(db, Act(OPERATOR, hub.clock()), name)


def _grant(hub: Hub, name: str, audiences: tuple[str, ...]) -> None:
    known = {feed.audience for feed in hub.feeds()}
    with hub.store.writing() as db:
        for audience in audiences:
            reading = Reading(audience, hub.clock() + GRANT)
            membership.grant(db, Act(OPERATOR, hub.clock()), name, reading, known)


def play(stage: Stage, say: Callable[[str], None]) -> None:
    """File the samples, accept what the story accepts, release, amend, withdraw, release again."""
    found = list(organisations())
    for one in found:
        _file(stage, one)
    say(f"filed {len(stage.ids)} reports of {len(found)} organisations")
    rounds.admit_all(stage.hub)
    _accept(stage, found)
    _release(stage, say)
    _amend_and_withdraw(stage)
    rounds.admit_all(stage.hub)
    _release(stage, say)
    # Says when each feed is due next; else the clock's first tick would release what a newcomer is about to publish.
    rounds.tick(stage.hub)


def _file(stage: Stage, one: Organisation) -> None:
    client = stage.client(stage.producers[one.slug])
    for path, body in one.reports.items():
        stage.ids[path] = client.send("POST", "/api/v1/reports", body).body["id"]


def _accept(stage: Stage, found: list[Organisation]) -> None:
    analyst = stage.client(stage.tokens["analyst"])
    for step in story()["accept"]:
        analyst.send("POST", f"/api/v1/reports/{stage.ids[step['report']]}/accept", {"audience": step["audience"]})
    for step in story()["approve"]:
        path = f"/api/v1/reports/{stage.ids[step['report']]}"
        read = analyst.send("GET", path)
        for audience in ("public", "researchers"):
            body = {"audience": audience, "subject": "for_release"}
            analyst.send("POST", f"{path}/accept", body, If_Match=read.etag or "")
    for one in found:
        if one.standing_acceptance != "none":
            row = _organisation(stage.hub, one.name)
            analyst.send("POST", f"/api/v1/members/{row.id}/accept", {"audience": one.standing_acceptance})


def _release(stage: Stage, say: Callable[[str], None]) -> None:
    for outcome in rounds.publish_all(stage.hub, stage.hub.feeds()):
        if outcome.number is not None:
            counts = f"{outcome.reports} reports, {outcome.counts['revoked']} objects revoked"
            say(f"released {outcome.feed} {outcome.number}: {counts}")


def _amend_and_withdraw(stage: Stage) -> None:
    for step in story()["amend"]:
        client = _owner(stage, step["report"])
        path = f"/api/v1/reports/{stage.ids[step['report']]}"
        try:
            client.send("PATCH", path, step["patch"], If_Match='"r1"')
        except Refused:
            client.send("GET", path)  # amended by an earlier demo that was interrupted
    for step in story()["withdraw"]:
        _owner(stage, step["report"]).send("POST", f"/api/v1/reports/{stage.ids[step['report']]}/withdraw")


def _owner(stage: Stage, path: str) -> Client:
    return stage.client(stage.producers[path.partition("/")[0]])

"""A log that is filled, and analysts who open what they may: what they saw is held against what the log says before."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from hub import logbook, rounds
from hub.store import audit, ledger
from hub.store.tables import AuditEntry
from tests.conftest import World
from tests.factories import a_report

ANALYSTS = ("analyst", "analyst:Second desk", "analyst:Third desk")
PURPOSES = ("triage of this report", "a question of its producer", "a pattern over reports")
NARRATIVES = ("title", "description")


@dataclass(frozen=True)
class Opened:
    """A sealed value that a client saw, and the newest entry of the log at that moment."""

    actor: str
    report: str
    field: str
    purpose: str
    newest: int


def fill(world: World, *counts: int) -> int:
    """Entries and a checkpoint behind each lot of them; how many entries the last one covers."""
    for lot, count in enumerate(counts):
        subjects = [(n, f"{lot}.{n}") for n in range(count)]
        rows = [audit.entry(world.clock(), "token:x", "test.act", name, n=n, of={"x": 1.0}) for n, name in subjects]
        with world.hub.store.writing() as db:
            db.connection().execute(insert(AuditEntry), rows)
        world.clock.forward(minutes=2)
        logbook.keep(world.hub)
    with world.hub.store.reading() as db:
        newest = ledger.newest(db)
    assert newest is not None
    return newest.size


def actor(world: World, who: str) -> str:
    """How the audit names somebody."""
    return f"token:{world.tokens[who].split('_')[2]}"


def step(world: World, chance: random.Random, seen: list[Opened], most: int) -> str:
    """One step of somebody, by chance; what it was."""
    for who in ANALYSTS:
        if who not in world.tokens:
            world.enrol("analyst", who.partition(":")[2])
    reports = [name for name in world.ids if name.startswith("report ")]
    if not reports or (len(reports) < most and chance.random() < 0.02):
        made = world.file(
            "producer", a_report(client_ref=f"r{len(reports)}", title=f"Report {len(reports)}", tlp="green")
        )
        world.ids[f"report {len(reports)}"] = made["id"]
        rounds.admit_all(world.hub)
        rounds.index_all(world.hub)
        return "filed"
    report, who = world.ids[chance.choice(reports)], chance.choice(ANALYSTS)
    return chance.choice((_open, _open, _page, _scan, _wrong, _amend))(world, chance, seen, (who, report))


def _note(world: World, seen: list[Opened], who: str, said: dict[str, Any]) -> None:
    with world.hub.store.reading() as db:
        newest = ledger.highest(db)
    fields = {pointer.split("/")[1] for pointer in said.get("opened", {})} | set(said.get("fields", ()))
    seen += [Opened(actor(world, who), said["id"], one, said["purpose"], newest) for one in sorted(fields)]


def _wish(chance: random.Random) -> dict[str, Any]:
    wish: dict[str, Any] = {"purpose": chance.choice(PURPOSES)}
    if chance.random() < 0.7:
        wish["paths"] = sorted(chance.sample(NARRATIVES, chance.randint(1, 2)))
    return wish


def _open(world: World, chance: random.Random, seen: list[Opened], what: tuple[str, str]) -> str:
    who, report = what
    answer = world.send(who, "POST", f"/api/v1/reports/{report}/open", _wish(chance))
    if answer.status_code == 200:
        _note(world, seen, who, answer.get_json())
    return f"open: {answer.status_code}"


def _page(world: World, chance: random.Random, seen: list[Opened], what: tuple[str, str]) -> str:
    who, _ = what
    body = {**_wish(chance), "limit": chance.randint(1, 5)}
    answer = world.send(who, "POST", "/api/v1/search/open", body)
    for one in answer.get_json().get("items", ()):
        _note(world, seen, who, one)
    return f"open a page: {answer.status_code}"


def _scan(world: World, chance: random.Random, seen: list[Opened], what: tuple[str, str]) -> str:
    who, _ = what
    body = {"purpose": chance.choice(PURPOSES), "contains": f"report {chance.randint(0, 9)}", "paths": ["title"]}
    answer = world.send(who, "POST", "/api/v1/search/sealed", body)
    for one in answer.get_json().get("items", ()):
        # Where words were found tells of the value: it counts as seen.
        found = {
            "id": one["id"],
            "purpose": body["purpose"],
            "fields": [f.strip("/").split("/")[0] for f in one["fields"]],
        }
        _note(world, seen, who, found)
    return f"scan: {answer.status_code}"


def _wrong(world: World, chance: random.Random, seen: list[Opened], what: tuple[str, str]) -> str:
    who, report = what
    if chance.random() < 0.5:
        answer = world.send("producer", "POST", f"/api/v1/reports/{report}/open", _wish(chance))
    else:
        answer = world.send(who, "POST", f"/api/v1/reports/{report}/open", {"paths": ["title"]})
    del seen
    return f"wrong call: {answer.status_code}"


def _amend(world: World, chance: random.Random, seen: list[Opened], what: tuple[str, str]) -> str:
    del seen
    body = {"title": f"Report {chance.randint(0, 9)}"}
    answer = world.send("producer", "PATCH", f"/api/v1/reports/{what[1]}", body, If_Match="*")
    if chance.random() < 0.8:
        rounds.admit_all(world.hub)
    if chance.random() < 0.2:
        world.clock.forward(minutes=1)
        logbook.keep(world.hub)
    return f"amend: {answer.status_code}"


def unexplained(world: World, seen: Sequence[Opened], after: int) -> tuple[list[Opened], int]:
    """The values seen without an intent of their own before them, in the log behind a number; and its newest number."""
    told: dict[tuple[str, str, str, str], list[int]] = {}
    with world.hub.store.reading() as db:
        rows = audit.entries(db, after, most=1_000_000)
    for row in rows:
        details = row["details"]
        if row["action"] not in {"open.intent", "scan.intent"}:
            continue
        for subject in details.get("revisions", [row["subject"]]):
            for name in {field.partition(".")[0].partition("[")[0] for field in details["fields"]}:
                told.setdefault((row["actor"], subject, name, details["purpose"]), []).append(row["seq"])
    wrong = []
    for one in seen:
        intents = told.get((one.actor, one.report, one.field, one.purpose), [])
        if not intents or intents.pop(0) > one.newest:  # each view has used up one
            wrong.append(one)
    return wrong, rows[-1]["seq"] if rows else after

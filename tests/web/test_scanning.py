"""Looking for words in sealed text over HTTP: what is found and counted; a cursor skips nothing and repeats nothing."""

from typing import Any

from sqlalchemy import text

from hub import rounds
from hub.predicate import predicate
from hub.roles import Act, Capability, shell
from hub.services import scanning, search
from hub.services.scanning import Sought
from hub.store import audit
from tests.conftest import World
from tests.factories import a_report

PURPOSE = "looking for a known lure"
LEVELS = ("low", "high", "critical")
AMID = 40  # a byte inside the first ciphertext of a frame, and inside a wrapped key


def test_words_and_phrases_are_found_in_every_narrative(any_world: World) -> None:
    world = any_world
    one = file(world, 1, description="It met a Prompt\nInjection there.", prompts=["none", "a prompt  injection"])
    file(world, 2, description="An injection, then a prompt.")
    found = scan(world, contains='"prompt injection"')
    assert [(item["id"], item["fields"]) for item in found["items"]] == [(one["id"], ["/description", "/prompts/1"])]
    assert (found["opened"], found["scanned"], found["is_complete"], found["next"]) == (2, 2, True, None)
    both = scan(world, contains="prompt injection")
    assert len(both["items"]) == 2


def test_no_sealed_text_comes_back(world: World) -> None:
    file(world, 1, description="The quixotic marmalade spilt.")
    answer = ask(world, contains="marmalade")
    assert len(answer.get_json()["items"]) == 1
    assert b"quixotic" not in answer.data
    assert b"marmalade" not in answer.data


def test_only_the_named_fields_are_looked_through(world: World) -> None:
    file(world, 1, title="Marmalade", description="Nothing.", systems=[{"name": "Marmalade agent"}])
    assert scan(world, contains="marmalade", fields=["description"])["items"] == []
    (item,) = scan(world, contains="marmalade", fields=["systems[].name"])["items"]
    assert item["fields"] == ["/systems/0/name"]
    (intent, *_) = said(world, "scan.intent")
    assert intent["fields"] == ["description"]


def test_who_reported_is_never_looked_for(world: World) -> None:
    for path in ("reporter.name", "severity", "harm_quantity.deaths", "nothing"):
        answer = ask(world, contains="marmalade", fields=[path])
        assert answer.status_code == 422
        assert answer.get_json()["errors"][0]["pointer"] == "/fields/0"
    assert said(world, "scan.intent") == []


def test_values_of_earlier_revisions_are_looked_through_where_they_still_stand(any_world: World) -> None:
    world = any_world
    filed = file(world, 1, title="Marmalade", description="Jam.")
    amend(world, filed["id"], title="Better words")
    assert scan(world, contains="marmalade")["items"] == []
    (item,) = scan(world, contains="jam")["items"]
    assert (item["revision"], item["fields"]) == (2, ["/description"])
    assert scan(world, contains="jam better")["items"][0]["fields"] == ["/description", "/title"]


def test_pages_skip_nothing_and_scan_nothing_twice_while_reports_come_in(any_world: World) -> None:
    world = any_world
    ids = [file(world, number, description="marmalade")["id"] for number in range(7)]
    for limits in ({"rows": 2}, {"rows": 5, "limit": 2}, {"limit": 1}):
        expected, opened, found, body = ids[::-1], 0, [], dict(limits)
        while True:
            page = scan(world, contains="marmalade", **body)
            found += [item["id"] for item in page["items"]]
            opened += page["opened"]
            if page["next"] is None:
                break
            body["next"] = page["next"]
            ids.append(file(world, len(ids), description="marmalade")["id"])  # newer: no page of this scan holds it
        assert found == expected
        assert opened == len(expected)


def test_a_page_whose_time_is_over_at_once_still_gets_on(world: World) -> None:
    file(world, 1)
    file(world, 2)
    hub, act = world.hub, Act(shell("test"), world.clock())
    every = candidates(world)
    scan = hub.store.write(
        lambda db: scanning.intend(db, hub.keyring, act, every, Sought(predicate("marmalade"), PURPOSE))
    )
    with hub.store.reading() as db:
        done = scanning.carry_out(db, hub.keyring, hub.deployment.uid, scan, lambda: True)
    assert (done.passed, done.last, done.stopped_by) == (1, every[0], "seconds")


def test_a_filter_narrows_what_is_opened_and_the_intent_names_only_those(any_world: World) -> None:
    world = any_world
    ids = [file(world, at, severity=level, description="marmalade")["id"] for at, level in enumerate(LEVELS)]
    found = scan(world, contains="marmalade", filter="severity in (critical, high)", sort="-severity")
    assert [item["id"] for item in found["items"]] == [ids[2], ids[1]]
    assert (found["opened"], found["scanned"], found["is_complete"]) == (2, 2, True)
    (intent,) = said(world, "scan.intent")
    assert intent["revisions"] == {ids[1]: 1, ids[2]: 1}


def test_a_report_that_is_not_in_the_index_yet_is_no_candidate(world: World) -> None:
    one = file(world, 1, description="marmalade")
    world.file("producer", a_report(client_ref="r-2", description="marmalade"))
    assert [item["id"] for item in scan(world, contains="marmalade")["items"]] == [one["id"]]


def test_what_does_not_verify_is_counted_and_named_and_stops_nothing(any_world: World) -> None:
    world = any_world
    ids = [file(world, number, description="marmalade")["id"] for number in range(4)]
    waiting = world.file("producer", a_report(client_ref="waiting", description="marmalade"))["id"]
    rounds.index_all(world.hub)
    spoil(world, ids[1], "sealed")
    spoil(world, ids[2], "wrapped")
    found = scan(world, contains="marmalade")
    assert {item["id"] for item in found["items"]} == {ids[0], ids[3]}
    assert {fault["id"] for fault in found["faults"]} == {ids[1], ids[2], waiting}
    assert (found["opened"], found["scanned"], found["is_complete"]) == (2, 5, True)
    (outcome,) = said(world, "scan.outcome")
    assert outcome == {"opened": 2, "matched": 2, "faults": 3, "scanned": 5, "stopped_by": "rows"}


def test_the_audit_names_revisions_fields_and_purpose_and_of_the_words_a_keyed_hash(any_world: World) -> None:
    world = any_world
    one, two = file(world, 1), file(world, 2)
    amend(world, two["id"], title="Second")
    for contains in ("Marmalade jam", 'jam "marmalade"', "jam"):
        scan(world, contains=contains)
    first, same, other = said(world, "scan.intent")
    assert first["revisions"] == {one["id"]: 1, two["id"]: 2}
    assert first["fields"] == sorted(scanning.NARRATIVES)
    assert first["purpose"] == PURPOSE
    assert first["predicate"] == same["predicate"] != other["predicate"]
    assert len(first["predicate"].partition(":")[2]) == 64


def test_what_is_asked_is_bounded(world: World) -> None:
    for body in (
        {"rows": 0}, {"rows": 5001}, {"rows": True}, {"seconds": 11}, {"limit": 201}, {"contains": "x" * 201},
        {"contains": '"'}, {"contains": None}, {"rows": "5"}, {"rows": 1e3},
    ):  # fmt: skip
        answer = ask(world, **{"contains": "marmalade", **body})
        assert answer.status_code == 422, body
    assert said(world, "scan.intent") == []


def file(world: World, number: int, **changes: Any) -> dict[str, Any]:
    """File, admit and index; each report is filed a second after the last."""
    world.clock.forward(seconds=1)
    filed = world.file("producer", a_report(client_ref=f"r-{number}", **changes))
    rounds.admit_all(world.hub)
    rounds.index_all(world.hub)
    return filed


def amend(world: World, report_id: str, **patch: Any) -> None:
    """Amend the first revision, admit and index."""
    answer = world.send("producer", "PATCH", f"/api/v1/reports/{report_id}", patch, If_Match='"r1"')
    assert answer.status_code == 200
    rounds.admit_all(world.hub)
    rounds.index_all(world.hub)


def candidates(world: World) -> list[scanning.Candidate]:
    """Every report, the newest first."""
    analyst = shell("test", "", Capability.REPORT_READ)
    with world.hub.store.reading() as db:
        found = search.select(db, analyst, search.asked(analyst, "", "newest"), None, 10)
        return scanning.named(db, found.report_ids)


def ask(world: World, **body: Any) -> Any:
    """Scan as the analyst."""
    return world.send("analyst", "POST", "/api/v1/search/sealed", {"purpose": PURPOSE, **body})


def scan(world: World, **body: Any) -> dict[str, Any]:
    """Scan as the analyst; the answer's body."""
    answer = ask(world, **body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def said(world: World, action: str) -> list[dict[str, Any]]:
    """What the audit says of scans."""
    with world.hub.store.reading() as db:
        return [one["details"] for one in audit.entries(db) if one["action"] == action]


def spoil(world: World, report_id: str, column: str) -> None:
    """Change a byte of a revision's title, or of its wrapped key."""
    table = {"sealed": "revision", "wrapped": "data_key"}[column]
    with world.hub.store.writing() as db:
        asked = text(f"SELECT {column} FROM {table} WHERE report_id = :one")  # noqa: S608 - names of this file
        raw = db.connection().execute(asked, {"one": report_id}).scalar_one()
        put = text(f"UPDATE {table} SET {column} = :raw WHERE report_id = :one")  # noqa: S608
        db.connection().execute(put, {"raw": raw[:AMID] + bytes([raw[AMID] ^ 1]) + raw[AMID + 1 :], "one": report_id})

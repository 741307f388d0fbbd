"""Refused authorisations: one entry per identity, route and minute, with a count, and not where they came from."""

import json
import os
import threading

import pytest

from hub import logbook
from hub.app import create_app
from hub.store import audit
from hub.web.refusals import MOST, Refusals
from tests.conftest import World


def told(world: World) -> list[tuple[str, str, int]]:
    """What the audit says of refusals: actor, route, times."""
    with world.hub.store.reading() as db:
        found = [one for one in audit.entries(db, most=10_000) if one["action"] == "access.refuse"]
    return [(one["actor"], one["subject"], one["details"]["times"]) for one in found]


def flush(world: World) -> None:
    world.web.application.extensions["refusals"].flush()


def test_one_entry_per_identity_route_and_minute_also_across_processes(any_world: World) -> None:
    world, other = any_world, create_app(any_world.hub)
    for number in range(7):
        assert world.send("producer", "GET", f"/api/v1/reports/R-{number}/sightings").status_code == 404
        assert other.test_client().get(f"/api/v1/reports/{number}").status_code == 401
        assert world.web.get("/api/v1/reports/secret-id").status_code == 401
    assert world.send("member", "GET", "/api/v1/members").status_code == 404
    writing = f"/taxii2/hub/collections/{world.collection('members')}/objects/"
    body: dict[str, list[str]] = {"objects": []}
    refused = world.send("member", "POST", writing, body, Content_Type="application/taxii+json;version=2.1")
    flush(world)
    other.extensions["refusals"].flush()
    logbook.keep(world.hub)
    assert told(world) == [], "the minute is not over"
    world.clock.forward(minutes=1, seconds=11)
    logbook.keep(world.hub)
    producer, member = (f"token:{world.tokens[who].split('_')[2]}" for who in ("producer", "member"))
    wanted = {
        ("unknown", "GET /api/v1/reports/<report_id>", 14),
        (producer, "GET /api/v1/reports/<report>/sightings", 7),
        (member, "GET /api/v1/members", 1),
    }
    assert refused.status_code == 403
    found = set(told(world))
    assert wanted <= found
    assert len(found) == 4
    with world.hub.store.reading() as db:
        text = json.dumps([one["details"] for one in audit.entries(db, most=10_000)])
    assert "secret-id" not in text
    assert "127.0.0.1" not in text
    world.clock.forward(minutes=5)
    logbook.keep(world.hub)
    assert len(told(world)) == 4, "once"


def test_a_thing_that_is_not_there_is_no_refusal(world: World) -> None:
    assert world.send("producer", "GET", "/api/v1/reports/nothing").status_code == 404
    assert world.send("producer", "GET", "/nowhere").status_code == 404
    assert not world.web.application.extensions["refusals"].counts


def test_a_flood_costs_one_write_and_bounded_memory(world: World) -> None:
    made = Refusals(world.hub)
    made._waiting = os.getpid()  # no timer: told by hand
    for number in range(MOST + 500):
        made.count(f"token-{number}", "GET /x")
    assert len(made.counts) == MOST
    for _ in range(1000):
        made.count("token-1", "GET /x")
    made.flush()
    assert not made.counts
    world.clock.forward(minutes=2)
    logbook.keep(world.hub)
    assert max(times for _, _, times in told(world)) == 1001


def test_what_cannot_be_told_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Refusals(world.hub)
    made._waiting = os.getpid()
    made.count("unknown", "GET /x")
    with monkeypatch.context() as broken:
        broken.setattr(world.hub.store, "write", None)  # whatever a database comes to
        made.flush()
    assert sum(made.counts.values()) == 1
    made.flush()
    world.clock.forward(minutes=2)
    logbook.keep(world.hub)
    assert told(world) == [("unknown", "GET /x", 1)]


def test_it_is_told_by_itself_within_seconds(world: World) -> None:
    assert world.web.get("/api/v1/reports").status_code == 401
    refusals = world.web.application.extensions["refusals"]
    for thread in [one for one in threading.enumerate() if isinstance(one, threading.Timer)]:
        thread.join(5)
    assert not refusals.counts
    world.clock.forward(minutes=2)
    logbook.keep(world.hub)
    assert told(world) == [("unknown", "GET /api/v1/reports", 1)]

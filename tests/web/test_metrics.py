"""Numbers for the operator: right, the same from every process, cheap, and telling nothing about anybody."""

import re
import threading
from pathlib import Path

import pytest
from sqlalchemy import event, text

from hub import rounds
from hub.app import create_app
from hub.store import measures
from hub.web.counting import BOUNDS, Counters
from tests.conftest import World
from tests.factories import a_report

LINE = re.compile(r'^([a-z_]+)(?:\{((?:[a-z]+="[^"\n]*",?)+)\})? (\d\S*)$')


def numbers(world: World) -> dict[str, float]:
    """Every number, by its name and labels, as a fresh process tells them."""
    web = create_app(world.hub).test_client()
    answer = web.get("/metrics", headers={"Authorization": f"Bearer {world.tokens['operator']}"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in answer.get_data(as_text=True).splitlines() if not line.startswith("#")]
    found = [LINE.match(line) for line in lines]
    assert all(found), [line for line, one in zip(lines, found, strict=True) if not one]
    return {f"{one[1]}{{{one[2] or ''}}}": float(one[3]) for one in found if one}


def test_it_counts_what_waits_what_left_and_what_failed(any_world: World) -> None:
    world = any_world
    first = world.file("producer", a_report(client_ref="one", tlp="green"))
    world.file("producer", a_report(client_ref="two"))
    world.clock.forward(seconds=40)
    found = numbers(world)
    assert found["hub_unadmitted_revisions{}"] == 2
    assert found["hub_unadmitted_oldest_seconds{}"] == 40
    assert found['hub_reports{state="standing"}'] == 2
    assert found['hub_release_number{feed="members"}'] == 0
    world.accept(first["id"], "members")
    rounds.tick(world.hub)
    world.clock.forward(seconds=25)
    world.send("producer", "POST", f"/api/v1/reports/{first['id']}/withdraw")
    found = numbers(world)
    assert found["hub_unadmitted_revisions{}"] == 0
    assert found['hub_reports{state="withdrawn"}'] == 1
    assert found['hub_release_number{feed="members"}'] == 1
    assert found['hub_release_age_seconds{feed="members"}'] == 25
    assert found['hub_entries{feed="members"}'] > 1
    assert found["hub_audit_entries{}"] > 5
    with world.hub.store.writing() as db:
        db.connection().execute(text("UPDATE revision SET fault = 'x' WHERE report_id = :one"), {"one": first["id"]})
        db.connection().execute(text("UPDATE due SET fault = 'x' WHERE feed = 'members'"))
    world.clock.forward(hours=1)
    found = numbers(world)
    assert found["hub_quarantined_revisions{}"] == 1
    assert found['hub_faults{feed="members"}'] >= 1
    assert found['hub_feed_late_seconds{feed="members"}'] > 600
    assert sum(number for name, number in found.items() if name.startswith("hub_due{")) >= 1


@pytest.mark.parametrize("who", ["", "producer", "member", "researcher", "analyst", "auditor"])
def test_only_an_operator_may_read_it(world: World, who: str) -> None:
    assert world.send(who, "GET", "/metrics").status_code == (404 if who else 401)


def test_no_label_tells_whom_or_what_it_is_about(world: World) -> None:
    filed = world.file("producer", a_report(client_ref="CANARY-ref", tlp="green"))
    world.accept(filed["id"], "members")
    world.release()
    world.send("producer", "GET", f"/api/v1/reports/{filed['id']}?CANARY-query=1")
    world.web.open("/CANARY-path", method="CANARY")
    world.web.application.extensions["counters"].write()
    text_ = "\n".join(numbers(world))
    assert 'route="/api/v1/reports/{report_id}"' in text_
    for secret in ("CANARY", filed["id"], filed["ref"], "organisation", "127.0.0.1", *world.tokens.values()):
        assert secret not in text_
    assert 'route="none"' in text_


def test_requests_are_counted_by_route_method_and_status(world: World) -> None:
    for _ in range(3):
        world.send("producer", "GET", "/api/v1/reports")
    world.send("", "GET", "/api/v1/reports")
    world.web.application.extensions["counters"].write()
    found = numbers(world)
    labels = 'route="/api/v1/reports",method="GET",status="{}"'
    assert found[f"hub_request_seconds_count{{{labels.format(200)}}}"] == 3
    assert found[f"hub_request_seconds_count{{{labels.format(401)}}}"] == 1
    assert found[f'hub_request_seconds_bucket{{{labels.format(200)},le="+Inf"}}'] == 3
    assert found["hub_allowance_refused_total{}"] == 0


def test_no_number_needs_a_walk_through_the_reports(world: World) -> None:
    """On a million reports a scrape must not be what slows the hub."""
    with world.hub.store.reading() as db:
        asked: list[tuple[str, tuple[object, ...]]] = []
        connection = db.connection()
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
        measures.stand(db)
        for statement, parameters in tuple(asked):
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            scans = [step for step in plan if step.startswith("SCAN") and "USING" not in step and "feed" not in step]
            assert [step for step in scans if "CONSTANT" not in step] == [], statement
            big = [step for step in plan if re.match(r"SCAN (report|revision|due)\b", step)]
            assert all("ix_" in step for step in big), plan


def test_counts_of_processes_add_up_and_outlive_them(tmp_path: Path) -> None:
    first, two = Counters(tmp_path), Counters(tmp_path)
    for counters in (first, two):
        for _ in range(5):
            counters.count("/r", "GET", 200, 0.007)
    two.write()
    seconds, buckets = first.total()["GET 200 /r"]
    assert seconds == pytest.approx(0.07)
    assert buckets == [0, 10, *[0] * (len(BOUNDS) - 1)]
    two.write()
    del two, counters  # its lock goes with it, as with a process
    for timer in [one for one in threading.enumerate() if isinstance(one, threading.Timer)]:
        timer.join()
    del timer  # it held what it wrote
    assert sum(first.total()["GET 200 /r"][1]) == 10
    assert len(list((tmp_path / "counts").glob("*.lock"))) == 1, "what has ended leaves its sum alone"
    first.count("/r", "GET", 200, 100.0)
    assert first.total()["GET 200 /r"][1] == [0, 10, *[0] * (len(BOUNDS) - 2), 1]
    three = Counters(tmp_path)
    assert sum(three.total()["GET 200 /r"][1]) == 11

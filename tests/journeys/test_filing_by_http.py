"""A developer files over HTTP: with a key, so that sending it twice files it once; one by one or in bulk."""

import json

import pytest

from tests.conftest import World
from tests.factories import MINIMAL, a_report
from tests.wire import REPORTS, listed, send_bytes

REF = {"client_ref": "TICKET-4711"}
UNKEYED = '"client_ref": "<your own tracker id>"'


def test_a_report_is_filed_and_the_answer_says_all_that_comes_next(world: World) -> None:
    answer = world.send("producer", "POST", REPORTS, MINIMAL, Idempotency_Key="one")
    body = answer.get_json()
    assert answer.status_code == 201
    assert set(body) == {"id", "ref", "revision", "state", "completeness", "receipt", "links"}
    assert (body["revision"], body["state"], body["ref"][:2]) == (1, "filed", "R-")
    assert answer.headers["Location"].endswith(f"{REPORTS}/{body['id']}")
    assert answer.headers["ETag"] == '"r1"'
    assert set(body["receipt"]) == {"commitment", "salt", "signature"}
    for link in body["links"].values():
        assert world.send("producer", "OPTIONS", link).status_code == 200


def test_a_filing_without_a_key_is_refused_with_the_line_to_add(world: World) -> None:
    answer = world.send("producer", "POST", REPORTS, MINIMAL)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert UNKEYED in answer.get_json()["detail"]
    assert "Idempotency-Key" in answer.get_json()["detail"]
    assert world.send("producer", "POST", REPORTS, MINIMAL, Idempotency_Key=' "" ').status_code == 400
    assert listed(world) == []


def test_the_same_key_and_body_give_the_same_answer_whatever_happened_since(any_world: World) -> None:
    world = any_world
    first = world.send("producer", "POST", REPORTS, MINIMAL, Idempotency_Key="one")
    turned = json.dumps(dict(reversed(MINIMAL.items())), indent=2).encode()
    path = f"{REPORTS}/{first.get_json()['id']}"
    assert world.send("producer", "PATCH", path, {"severity": "low"}, If_Match='"r1"').status_code == 200
    world.release()
    world.send("producer", "POST", f"{path}/withdraw")
    for again in (
        world.send("producer", "POST", REPORTS, MINIMAL, Idempotency_Key="one"),
        send_bytes(world, turned, Idempotency_Key='"one"'),
    ):
        assert again.status_code == 201
        assert again.get_json() == first.get_json()
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Location"] == first.headers["Location"]
    assert len(listed(world)) == 1


def test_the_same_key_with_another_body_is_refused(any_world: World) -> None:
    world = any_world
    world.file("producer", MINIMAL, key="one")
    answer = world.send("producer", "POST", REPORTS, a_report(severity="low"), Idempotency_Key="one")
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.get_json()["title"]
    assert len(listed(world)) == 1


def test_a_key_is_used_up_even_when_the_client_ref_recognised_the_report(world: World) -> None:
    world.file("producer", a_report(**REF))
    assert send_bytes(world, json.dumps(a_report(**REF)).encode(), Idempotency_Key="one").status_code == 200
    answer = world.send("producer", "POST", REPORTS, a_report(title="Another"), Idempotency_Key="one")
    assert answer.status_code == 422


def test_a_key_belongs_to_its_organisation_and_lasts_thirty_days(world: World) -> None:
    world.enrol("producer", "Another lab")
    first = world.file("producer", MINIMAL, key="one")
    other = world.send("producer:Another lab", "POST", REPORTS, a_report(title="Other"), Idempotency_Key="one")
    assert other.status_code == 201
    assert other.get_json()["id"] != first["id"]
    world.clock.forward(days=29, hours=23)
    assert world.file("producer", MINIMAL, key="one")["id"] == first["id"]


@pytest.mark.parametrize("key", ["x" * 201, "schlüssel"])
def test_a_key_that_cannot_be_kept_is_refused(world: World, key: str) -> None:
    assert send_bytes(world, json.dumps(MINIMAL).encode(), Idempotency_Key=key).status_code == 400


def test_the_same_client_ref_with_the_same_body_answers_200_with_the_current_revision(any_world: World) -> None:
    world = any_world
    first = world.send("producer", "POST", REPORTS, a_report(**REF))
    assert first.status_code == 201
    path = f"{REPORTS}/{first.get_json()['id']}"
    world.send("producer", "PATCH", path, {"severity": "low"}, If_Match='"r1"')
    again = world.send("producer", "POST", REPORTS, a_report(**REF))
    assert (again.status_code, again.get_json()["revision"], again.headers["ETag"]) == (200, 2, '"r2"')
    assert again.get_json()["id"] == first.get_json()["id"]


def test_the_same_client_ref_with_another_body_is_refused_naming_the_report(any_world: World) -> None:
    world = any_world
    first = world.file("producer", a_report(**REF))
    answer = world.send("producer", "POST", REPORTS, a_report(**REF, severity="low"))
    assert answer.status_code == 409
    assert first["id"] in answer.get_json()["detail"]
    assert first["ref"] in answer.get_json()["detail"]


def test_the_same_client_ref_of_two_organisations_is_two_reports(world: World) -> None:
    world.enrol("producer", "Another lab")
    ids = {world.file(who, a_report(**REF))["id"] for who in ("producer", "producer:Another lab")}
    assert len(ids) == 2


def test_an_upsert_files_amends_and_recognises_what_it_last_sent(any_world: World) -> None:
    world = any_world
    url = f"{REPORTS}?upsert=true"
    made = world.send("producer", "POST", url, a_report(**REF, poc="steps", recommendation="wait"))
    changed = world.send("producer", "POST", url, a_report(**REF, severity="low"))
    again = world.send("producer", "POST", url, a_report(**REF, severity="low"))
    assert [one.status_code for one in (made, changed, again)] == [201, 200, 200]
    assert [one.get_json()["revision"] for one in (made, changed, again)] == [1, 2, 2]
    read = world.send("producer", "GET", f"{REPORTS}/{made.get_json()['id']}").get_json()
    assert read["report"]["severity"] == "low"
    assert "recommendation" not in read["report"], "an upsert replaces the whole body"
    assert "/poc" not in read["sealed"]


def test_a_dry_run_checks_and_files_nothing(world: World) -> None:
    answer = world.send("producer", "POST", f"{REPORTS}?dry_run=true", MINIMAL)
    assert answer.status_code == 200
    assert set(answer.get_json()) == {"completeness"}
    assert world.send("producer", "POST", f"{REPORTS}?dry_run=true", a_report(title=None)).status_code == 422
    assert listed(world) == []


def test_a_dry_run_of_a_batch_files_nothing_either(world: World) -> None:
    line = json.dumps(a_report(**REF)).encode()
    answer = send_bytes(world, line, f"{REPORTS}/batch?dry_run=true", Content_Type="application/x-ndjson")
    assert answer.status_code == 200
    assert listed(world) == []


def test_a_batch_answers_each_line_for_itself_in_order(any_world: World) -> None:
    world = any_world
    lines = [
        json.dumps(a_report(client_ref="A")),
        "",
        json.dumps(a_report(client_ref="B", title=None)),
        "{oops",
        json.dumps(a_report(client_ref="A")),
        json.dumps(a_report(client_ref="A", severity="low")),
        json.dumps(MINIMAL),
        '{"title": 1, "title": 2}',
    ]
    sent = "\n".join(lines).encode()
    path, kind = f"{REPORTS}/batch", "application/x-ndjson"
    answer = send_bytes(world, sent, path, Content_Type=kind, Idempotency_Key="")
    results = [json.loads(line) for line in answer.get_data().splitlines()]
    assert (answer.status_code, answer.content_type) == (200, kind)
    assert [(one["line"], one["status"]) for one in results] == [
        (1, 201), (3, 422), (4, 400), (5, 200), (6, 409), (7, 400), (8, 400),
    ]  # fmt: skip
    assert results[1]["errors"] == [{"pointer": "/title", "detail": "is required; add it"}]
    assert results[0]["id"] == results[3]["id"]
    assert len(listed(world)) == 1


def test_a_batch_sent_again_under_its_key_files_nothing_twice(any_world: World) -> None:
    world = any_world
    sent = "\n".join(json.dumps(a_report(title=f"Number {number}")) for number in range(3)).encode()
    answers = [send_bytes(world, sent, f"{REPORTS}/batch", Content_Type="application/x-ndjson") for _ in range(2)]
    first, second = ([json.loads(line) for line in answer.get_data().splitlines()] for answer in answers)
    assert first == second
    assert len(listed(world)) == 3


def test_the_minimal_report_of_the_wire_contract_is_one(world: World) -> None:
    wire = {
        "report_type": "incident", "title": "…", "description": "…", "aware_at": "2026-11-20T10:00:00Z",
        "severity": "unknown", "systems": [{"name": "…"}],
    }  # fmt: skip
    assert send_bytes(world, json.dumps(wire).encode()).status_code == 201

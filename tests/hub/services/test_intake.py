"""The developer: what is filed twice is filed once, what is amended is amended by one, what is withdrawn stays so."""

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import select

from hub import rounds
from hub.app import create_app
from hub.signing import is_signed
from hub.store import audit
from hub.store.tables import Replay, Report
from tests.conftest import World
from tests.factories import a_full_report, a_report

PATH = "/api/v1/reports"


def test_the_same_key_and_body_give_the_same_answer_whatever_happened_since(any_world: World) -> None:
    world = any_world
    first = post(world, a_report(title="One"), "k-1")
    own = f"{PATH}/{first.get_json()['id']}"
    rounds.admit_all(world.hub)
    assert world.send("producer", "PATCH", own, {"severity": "low"}, If_Match='"r1"').status_code == 200
    rounds.admit_all(world.hub)
    assert world.send("producer", "POST", f"{own}/withdraw").status_code == 200
    again = post(world, dict(reversed(a_report(title="One").items())), "k-1")
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert again.headers["ETag"] == first.headers["ETag"]
    assert count(world) == 1


def test_the_same_key_with_another_body_is_refused_and_changes_nothing(any_world: World) -> None:
    post(any_world, a_report(), "k-1")
    refused = post(any_world, a_report(severity="low"), "k-1")
    assert refused.status_code == 422
    assert "Idempotency-Key" in refused.get_json()["detail"]
    assert count(any_world) == 1


def test_a_key_belongs_to_its_organisation(world: World) -> None:
    world.enrol("producer", "Second Ltd")
    first = post(world, a_report(), "k-1").get_json()
    second = world.send("producer:Second Ltd", "POST", PATH, a_report(severity="low"), Idempotency_Key="k-1")
    assert second.status_code == 201
    assert second.get_json()["id"] != first["id"]


def test_a_kept_answer_holds_no_value_of_the_report(world: World) -> None:
    post(world, a_full_report(), "k-1")
    with world.hub.store.reading() as db:
        kept = db.exec(select(Replay)).one()
    assert "CANARY" not in json.dumps(kept.answer)
    assert kept.answer.items() >= {"revision": 1, "state": "filed"}.items()
    assert "high" not in json.dumps(kept.answer), "not even a clear one"


def test_without_a_key_the_answer_is_the_line_to_add(world: World) -> None:
    answer = world.send("producer", "POST", PATH, a_report())
    assert answer.status_code == 400
    assert '"client_ref"' in answer.get_json()["detail"]


def test_the_same_client_ref_and_body_find_the_report_that_was_filed(any_world: World) -> None:
    world, body = any_world, a_report(client_ref="T-1")
    first = world.send("producer", "POST", PATH, body)
    again = world.send("producer", "POST", PATH, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json()["id"] == first.get_json()["id"]
    assert count(world) == 1


def test_the_same_client_ref_with_another_body_names_the_report_and_the_ways_on(world: World) -> None:
    first = world.file("producer", a_report(client_ref="T-1"))
    answer = world.send("producer", "POST", PATH, a_report(client_ref="T-1", severity="low"))
    assert answer.status_code == 409
    for said in (first["id"], first["ref"], "PATCH", "?upsert=true"):
        assert said in answer.get_json()["detail"]


def test_an_upsert_amends_once_and_can_be_repeated(any_world: World) -> None:
    world = any_world
    world.file("producer", a_report(client_ref="T-1"))
    changed = a_report(client_ref="T-1", severity="low", title="Other words")
    told = [world.send("producer", "POST", f"{PATH}?upsert=true", changed) for _ in range(2)]
    assert [one.status_code for one in told] == [200, 200]
    assert [one.get_json()["revision"] for one in told] == [2, 2]
    assert world.send("producer", "POST", PATH, changed).get_json()["revision"] == 2, "as last upserted"
    assert world.send("producer", "POST", PATH, a_report(client_ref="T-1")).status_code == 200, "as filed"


def test_many_filings_of_one_key_at_once_file_one_report(any_world: World) -> None:
    def file(number: int) -> Any:
        headers = {"Authorization": f"Bearer {any_world.tokens['producer']}", "Idempotency-Key": "k-1"}
        client = create_app(any_world.hub).test_client() if number == 0 else any_world.web.application.test_client()
        return client.post(PATH, json=a_report(), headers=headers).get_json()["id"]

    assert len(set(at_once(file))) == 1
    assert count(any_world) == 1


def test_many_filings_of_one_client_ref_at_once_file_one_report(any_world: World) -> None:
    def file(_: int) -> Any:
        headers = {"Authorization": f"Bearer {any_world.tokens['producer']}"}
        client = any_world.web.application.test_client()
        return client.post(PATH, json=a_report(client_ref="T-1"), headers=headers).get_json()["id"]

    assert len(set(at_once(file))) == 1
    assert count(any_world) == 1


def test_of_many_amendments_of_one_revision_one_wins(any_world: World) -> None:
    filed = any_world.file("producer", a_report())

    def amend(number: int) -> Any:
        headers = {"Authorization": f"Bearer {any_world.tokens['producer']}", "If-Match": '"r1"'}
        client = any_world.web.application.test_client()
        body = {"title": f"Number {number}"}
        return client.patch(f"{PATH}/{filed['id']}", json=body, headers=headers).status_code

    assert sorted(at_once(amend)) == [200] + [412] * 7
    assert any_world.send("producer", "GET", f"{PATH}/{filed['id']}").get_json()["revision"] == 2


def test_an_amendment_names_the_revision_that_it_amends(world: World) -> None:
    own = f"{PATH}/{world.file('producer', a_report())['id']}"
    assert world.send("producer", "PATCH", own, {"severity": "low"}).status_code == 428
    for stale in ('"r0"', '"r2"', '"r1", "r2"', '"x"', 'W/"r1"'):
        assert world.send("producer", "PATCH", own, {"severity": "low"}, If_Match=stale).status_code == 412, stale
    assert world.send("producer", "PATCH", own, {"severity": "low"}, If_Match='"r1"').status_code == 200
    assert world.send("producer", "PATCH", own, {"severity": "high"}, If_Match="*").status_code == 200, "RFC 9110: any"


def test_an_amendment_replaces_whole_fields_and_leaves_the_others(world: World) -> None:
    body = a_full_report(client_ref="T-1", tlp="green")
    own = f"{PATH}/{world.file('producer', body)['id']}"
    before = world.send("producer", "GET", own).get_json()
    patch = {"audit": None, "systems": [{"name": "Another", "kind": "agent"}], "tlp": None, "hold": None}
    assert world.send("producer", "PATCH", own, patch, If_Match='"r1"').status_code == 200
    after = world.send("producer", "GET", own).get_json()
    assert "audit" not in after["report"]
    assert after["report"]["systems"] == [{"kind": "agent"}]
    assert after["report"]["tlp"] == "amber+strict", "removed, a TLP is the narrowest default, not none"
    assert {one for one in after["sealed"] if one.startswith("/systems")} == {"/systems/0/name"}
    untouched = set(before["report"]) - set(patch)
    assert {name: after["report"][name] for name in untouched} == {name: before["report"][name] for name in untouched}


@pytest.mark.parametrize("name", ["report_type", "title", "description", "aware_at", "systems", "severity"])
def test_what_makes_a_report_cannot_be_removed_from_it(world: World, name: str) -> None:
    own = f"{PATH}/{world.file('producer', a_report())['id']}"
    answer = world.send("producer", "PATCH", own, {name: None}, If_Match='"r1"')
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == f"/{name}"


def test_a_producer_reads_its_clear_fields_and_of_a_sealed_one_that_it_is_sealed(world: World) -> None:
    filed = world.file("producer", a_full_report(client_ref="T-1"))
    text = world.send("producer", "GET", f"{PATH}/{filed['id']}").get_data(as_text=True)
    read = json.loads(text)
    assert read["report"]["severity"]
    assert {"/title", "/description", "/systems/0/name", "/reporter/name", "/prompts"} <= set(read["sealed"])
    for sealed in ("title", "description", "poc", "reporter-name", "systems-name", "root-cause"):
        assert f"CANARY-{sealed}-END" not in text


def test_a_receipt_can_be_checked_without_the_hub(world: World) -> None:
    filed = world.file("producer", a_report())
    told = world.send("producer", "GET", f"{PATH}/{filed['id']}/receipt").get_json()
    manifest, salt = told["manifest"].encode(), bytes.fromhex(told["salt"])
    assert hashlib.sha256(b"hub.receipt.v1" + salt + manifest).hexdigest() == told["commitment"]
    assert is_signed(bytes.fromhex(told["public_key"]), manifest, bytes.fromhex(told["signature"]))
    assert told["commitment"] == filed["receipt"]["commitment"]
    assert json.loads(manifest)["report"] == filed["id"]
    with world.hub.store.reading() as db:
        (leaf,) = [one["details"] for one in audit.entries(db) if one["action"] == "report.file"]
    assert leaf == {"revision": 1, "commitment": told["commitment"]}, "the receipt is the audit's leaf"


def test_a_receipt_is_shown_to_its_producer_alone(world: World) -> None:
    filed = world.file("producer", a_report())
    read = world.send("analyst", "GET", f"{PATH}/{filed['id']}")
    assert read.status_code == 200
    assert "receipt" not in read.get_json()
    assert world.send("analyst", "GET", f"{PATH}/{filed['id']}/receipt").status_code == 404


def test_a_list_holds_ones_own_reports_and_an_analysts_all_page_by_page(any_world: World) -> None:
    world = any_world
    world.enrol("producer", "Second Ltd")
    own = [world.file("producer", a_report(client_ref=f"T-{number}"))["id"] for number in range(5)]
    world.clock.forward(minutes=1)
    other = world.file("producer:Second Ltd", a_report(client_ref="T-0"))["id"]
    assert sorted(listed(world, "producer")) == sorted(own)
    assert listed(world, "producer:Second Ltd") == [other]
    everyone = listed(world, "analyst")
    assert everyone[0] == other, "the newest first"
    assert sorted(everyone) == sorted([*own, other])


def test_a_withdrawn_report_stays_withdrawn(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(client_ref="T-1"))
    own = f"{PATH}/{filed['id']}"
    for _ in range(2):
        answer = world.send("producer", "POST", f"{own}/withdraw")
        assert (answer.status_code, answer.get_json()["state"]) == (200, "withdrawn")
    assert world.send("producer", "PATCH", own, {"severity": "low"}, If_Match='"r1"').status_code == 409
    changed = a_report(client_ref="T-1", severity="low")
    assert world.send("producer", "POST", f"{PATH}?upsert=true", changed).status_code == 409
    assert world.send("producer", "GET", own).get_json()["state"] == "withdrawn"
    with world.hub.store.reading() as db:
        assert len([one for one in audit.entries(db) if one["action"] == "report.withdraw"]) == 1


def post(world: World, body: dict[str, Any], key: str) -> Any:
    """File with an Idempotency-Key."""
    return world.send("producer", "POST", PATH, body, Idempotency_Key=key)


def listed(world: World, who: str) -> list[str]:
    """The ids of a list, two a page."""
    found: list[str] = []
    cursor = ""
    while True:
        page = world.send(who, "GET", f"{PATH}?limit=2{cursor}").get_json()
        found += [one["id"] for one in page["items"]]
        if page["next"] is None:
            return found
        cursor = f"&next={page['next']}"


def count(world: World) -> int:
    """How many reports there are."""
    with world.hub.store.reading() as db:
        return len(db.exec(select(Report)).all())


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """Do something eight times at once."""
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(work, range(8)))

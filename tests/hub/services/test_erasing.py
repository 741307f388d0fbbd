"""Erasing: what goes, what stays, and that nothing comes back."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from hub import erasures, rounds
from hub.roles import CLOCK
from hub.services import admission, erasing
from hub.services.erasing import Cause
from hub.signing import is_signed
from hub.store.erasing import OWN
from hub.store.tables import DataKey, Erasure, Report, RetentionRule
from tests.conftest import World
from tests.factories import a_full_report, a_report, canary

MARK = "erasedmark"


def begin(world: World, report_id: str, why: str = "its producer asked") -> None:
    """Begin as a rule of retention does, which needs no second person."""
    world.hub.store.write(lambda db: erasing.begin(db, world.clock(), report_id, Cause(CLOCK, why, "a rule")))


def erased(world: World, report_id: str) -> None:
    """Begin, recall, carry out."""
    begin(world, report_id)
    world.clock.forward(minutes=1)
    rounds.tick(world.hub)


def husk(world: World, report_id: str) -> Report:
    """The report's row."""
    with world.hub.store.reading() as db:
        return db.exec(select(Report).where(col(Report.id) == report_id)).one()


def test_nothing_is_left_but_a_husk_and_revocations(any_world: World) -> None:
    filed = any_world.file("producer", a_full_report(MARK, tlp="green", client_ref=f"{MARK}-1"))
    any_world.accept(filed["id"], "members")
    any_world.release()
    assert len(any_world.carriers("member", "members")) == 1
    any_world.clock.forward(days=1)
    erased(any_world, filed["id"])
    assert any_world.carriers("member", "members") == []
    assert [one for one in any_world.objects("member", "members") if one.get("revoked")]
    left = husk(any_world, filed["id"])
    assert (left.client_ref, left.revision, left.tlp) == (None, 0, "")
    assert left.erased_at == any_world.clock()
    with any_world.hub.store.reading() as db:
        for table in OWN.values():
            assert db.exec(select(table).where(table.report_id == filed["id"])).all() == []


def test_the_record_says_what_was_destroyed_and_is_signed(any_world: World) -> None:
    filed = any_world.file("producer", a_full_report(MARK))
    any_world.release()
    erased(any_world, filed["id"])
    with any_world.hub.store.reading() as db:
        row = db.exec(select(Erasure)).one()
    assert row.record is not None
    assert row.signature is not None
    assert is_signed(any_world.hub.directory.audit_log(), row.record, row.signature)
    said = json.loads(row.record)
    assert said["destroyed"]["keys"] >= 1
    assert said["by"] == "rule a rule"
    assert "hub backup" in said["speaks_for"]


def test_an_erasure_waits_for_the_recall(any_world: World) -> None:
    filed = any_world.file("producer", a_full_report(MARK, tlp="green"))
    any_world.accept(filed["id"], "members")
    any_world.release()
    begin(any_world, filed["id"])
    assert erasures.tick(any_world.hub) == 0
    assert husk(any_world, filed["id"]).erased_at is None
    any_world.clock.forward(minutes=1)
    rounds.tick(any_world.hub)
    assert husk(any_world, filed["id"]).erased_at is not None


def test_its_producer_is_told_and_nobody_else(any_world: World) -> None:
    filed = any_world.file("producer", a_report(client_ref="T-1"))
    any_world.release()
    erased(any_world, filed["id"])
    any_world.enrol("producer", "Another")
    for part in ("", "/path", "/receipt"):
        path = f"/api/v1/reports/{filed['id']}{part}"
        assert any_world.send("producer", "GET", path).status_code == 410
        assert any_world.send("producer:Another", "GET", path).status_code == 404
    assert any_world.send("analyst", "GET", f"/api/v1/reports/{filed['ref']}").status_code == 410
    listed = any_world.send("producer", "GET", "/api/v1/reports").get_json()
    assert listed["items"] == []
    again = any_world.file("producer", a_report(client_ref="T-1"))
    assert again["id"] != filed["id"]


def test_the_index_never_finds_it_again(any_world: World) -> None:
    filed = any_world.file("producer", a_report())
    any_world.release()
    erased(any_world, filed["id"])
    with any_world.hub.store.writing() as db:
        db.execute(text("UPDATE report SET indexed_stamp = -1"))
    rounds.index_all(any_world.hub)
    found = any_world.send("analyst", "GET", "/api/v1/search?filter=").get_json()
    assert found["items"] == []


def test_admission_under_way_brings_nothing_back(any_world: World) -> None:
    filed = any_world.file("producer", a_full_report(MARK))
    hub = any_world.hub
    asked = hub.store.write(lambda db: admission.ask(db, hub.clock()))
    checked = admission.prove_all(hub.keyring, hub.index_keys, hub.deployment.uid, asked)
    begin(any_world, filed["id"])
    assert erasures.tick(hub) == 1
    assert hub.store.write(lambda db: admission.admit(db, checked, hub.feeds(), hub.clock())) == 0
    with hub.store.reading() as db:
        for table in OWN.values():
            assert db.exec(select(table).where(table.report_id == filed["id"])).all() == []


def test_who_reported_goes_alone(any_world: World) -> None:
    filed = any_world.file("producer", a_full_report(MARK))
    any_world.release()
    with any_world.hub.store.writing() as db:
        db.add(RetentionRule(name="who", erases="identity", days=1, why="closed", set_by="t", set_at=any_world.clock()))
    any_world.clock.forward(days=2)
    rounds.tick(any_world.hub)
    path = f"/api/v1/reports/{filed['id']}/open"
    purpose = "to see what is left of it"
    kept = any_world.send("analyst", "POST", path, {"purpose": purpose, "fields": ["title"]})
    assert kept.status_code == 200, kept.get_data(as_text=True)
    gone = any_world.send("analyst", "POST", path, {"purpose": purpose, "fields": ["reporter.name"]})
    assert gone.status_code == 409
    assert "who reported was erased" in gone.get_json()["detail"]
    assert "verify" not in gone.get_json()["detail"]


def identity_rule(world: World) -> RetentionRule:
    return RetentionRule(name="who", erases="identity", days=1, why="closed", set_by="t", set_at=world.clock())


def identities(world: World, report: str) -> list[int]:
    """The revisions of which there is a key to who reported."""
    with world.hub.store.reading() as db:
        held = col(DataKey.report_id) == report, col(DataKey.purpose) == "identity"
        return sorted(db.exec(select(DataKey.revision).where(*held)))


def amend_reporter(world: World, report: str) -> None:
    sent = world.send(
        "producer", "PATCH", f"/api/v1/reports/{report}", {"reporter": {"name": "Jane Late"}}, If_Match="*"
    )
    assert sent.status_code == 200, sent.get_data(as_text=True)


def test_who_reported_is_erased_again_when_an_amendment_says_it_again(any_world: World) -> None:
    filed = any_world.file("producer", a_full_report(MARK))["id"]
    any_world.release()
    with any_world.hub.store.writing() as db:
        db.add(identity_rule(any_world))
    any_world.clock.forward(days=2)
    rounds.tick(any_world.hub)
    assert identities(any_world, filed) == []
    amend_reporter(any_world, filed)
    rounds.tick(any_world.hub)  # admitted, and at once past its time
    any_world.clock.forward(minutes=5)
    rounds.tick(any_world.hub)
    assert identities(any_world, filed) == []
    (record,) = any_world.send("producer", "GET", f"/api/v1/reports/{filed}/erasure").get_json()["items"]
    assert json.loads(record["record"])["erased_at"] > "2026-11-25T12:00"


def test_an_amendment_that_comes_while_the_rule_is_carried_out_is_kept_whole(any_world: World) -> None:
    hub, filed = any_world.hub, any_world.file("producer", a_full_report(MARK))["id"]
    any_world.release()
    with hub.store.writing() as db:
        db.add(identity_rule(any_world))
    any_world.clock.forward(days=2)
    with hub.store.reading() as db:
        (found,) = erasing.ripe(db, any_world.clock(), 5)
    amend_reporter(any_world, filed)  # behind the back of the clock, which has read what is ripe
    hub.store.write(lambda db: erasing.apply_rule(db, erasures.notary(hub), found[0].name, filed, any_world.clock()))
    assert identities(any_world, filed) == [1, 2]
    rounds.admit_all(hub)
    assert any_world.send("producer", "GET", f"/api/v1/reports/{filed}").get_json()["state"] != "quarantined"


@pytest.mark.parametrize("what", ["keys", "text"])
def test_no_byte_is_left_in_the_files_of_sqlite(world: World, tmp_path: Path, what: str) -> None:
    filed = world.file("producer", a_full_report(MARK, tlp="green", client_ref=f"{MARK}-2"))
    world.accept(filed["id"], "members")
    world.release()
    sought = _wrapped(world, filed["id"]) if what == "keys" else [MARK.encode(), canary("title", MARK).encode()]
    assert any(one in _files(tmp_path) for one in sought)
    world.clock.forward(days=1)
    erased(world, filed["id"])
    rounds.index_all(world.hub)  # merges the text index
    rounds.tick(world.hub)
    assert [one for one in sought if one in _files(tmp_path)] == []
    with world.hub.store.reading() as db:
        assert db.exec(select(Erasure)).one().settled_at is not None


def _wrapped(world: World, report_id: str) -> list[bytes]:
    with world.hub.store.reading() as db:
        return [row.wrapped for row in db.exec(select(OWN["keys"]).where(OWN["keys"].report_id == report_id))]


def _files(place: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((place / "home").rglob("*")) if path.is_file())


def test_the_producer_reads_the_record_and_no_other_does(any_world: World) -> None:
    filed = any_world.file("producer", a_report())
    any_world.enrol("producer", "Another")
    path = f"/api/v1/reports/{filed['id']}/erasure"
    assert any_world.send("producer", "GET", path).get_json()["items"] == []
    begin(any_world, filed["id"])
    assert [one["state"] for one in any_world.send("producer", "GET", path).get_json()["items"]] == ["erasing"]
    erasures.tick(any_world.hub)
    told = any_world.send("producer", "GET", path).get_json()
    (one,) = told["items"]
    assert one["state"] == "erased"
    assert is_signed(bytes.fromhex(told["public_key"]), one["record"].encode(), bytes.fromhex(one["signature"]))
    assert any_world.send("producer:Another", "GET", path).status_code == 404


def test_a_rule_erases_what_is_old_enough_and_says_which_it_was(any_world: World) -> None:
    old = any_world.file("producer", a_report(client_ref="old"))
    any_world.release()
    any_world.clock.forward(days=20)
    young = any_world.file("producer", a_report(client_ref="young"))
    any_world.release()
    at = any_world.clock()
    with any_world.hub.store.writing() as db:
        db.add(RetentionRule(name="old", erases="report", days=10, why="the law", set_by="t", set_at=at))
    rounds.tick(any_world.hub)
    rounds.tick(any_world.hub)
    assert husk(any_world, old["id"]).erased_at is not None
    assert husk(any_world, young["id"]).erased_at is None
    with any_world.hub.store.reading() as db:
        assert db.exec(select(Erasure)).one().rule == "old"


def test_a_reader_of_an_older_state_only_delays_the_emptying_of_the_journal(world: World) -> None:
    filed = world.file("producer", a_full_report(MARK))
    world.release()
    with world.hub.store.reading() as reader:
        reader.exec(select(Report)).all()
        erased(world, filed["id"])
        rounds.index_all(world.hub)
        rounds.tick(world.hub)
        with world.hub.store.reading() as db:
            assert db.exec(select(Erasure)).one().settled_at is None
    rounds.tick(world.hub)
    with world.hub.store.reading() as db:
        assert db.exec(select(Erasure)).one().settled_at is not None

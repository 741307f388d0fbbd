"""Admission: what does not verify is set aside, and nothing of it is opened, released or overwritten."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import col, select, update

from hub import rounds
from hub.errors import Tampered
from hub.seal import Place, frame, new_key, seal_field, unframe, unwrap_from_intake, unwrap_under, wrap_for_epoch
from hub.services import admission
from hub.signing import Signer
from hub.store import Session, audit, reports
from hub.store.tables import DataKey, Report, Revision
from tests.conftest import World
from tests.factories import a_report

FEEDS = {"trusted": "insider", "members": "member", "researchers": "researcher", "public": "member"}
REACHING = {"tlp": "clear", "share_redacted_with": ["public", "researchers"]}
Spoil = Callable[[World, Session, Revision], None]


def clear_document(_: World, db: Session, row: Revision) -> None:
    revise(db, row, clear={**row.clear, "severity": "critical"})


def wider_clear_document(_: World, db: Session, row: Revision) -> None:
    revise(db, row, clear={**row.clear, "tlp": "clear", "share_redacted_with": ["public", "researchers"]})


def ciphertext(_: World, db: Session, row: Revision) -> None:
    revise(db, row, sealed=row.sealed[:-1] + bytes([row.sealed[-1] ^ 1]))


def path_of_a_ciphertext(_: World, db: Session, row: Revision) -> None:
    revise(db, row, sealed=row.sealed[:6] + b"\xff" + row.sealed[7:])


def missing_ciphertext(_: World, db: Session, row: Revision) -> None:
    blobs = unframe(row.sealed)
    blobs.pop("title")
    revise(db, row, sealed=frame(blobs))


def cut_ciphertexts(_: World, db: Session, row: Revision) -> None:
    revise(db, row, sealed=row.sealed[:-3])


def swapped_key_and_ciphertexts(world: World, db: Session, row: Revision) -> None:
    """All that someone can do who has the database and the epoch's public key: seal a report of one's own."""
    place, dek = place_of(world, db, row), new_key()
    blobs = {path: seal_field(dek, place, path, {"/title": "forged"}) for path in unframe(row.sealed)}
    revise(db, row, sealed=frame(blobs))
    rekey(db, row, wrap_for_epoch(world.hub.sealer.ground.public_key, dek, place, "report"))


def swapped_key(world: World, db: Session, row: Revision) -> None:
    place = place_of(world, db, row)
    rekey(db, row, wrap_for_epoch(world.hub.sealer.ground.public_key, new_key(), place, "report"))


def cut_key(_: World, db: Session, row: Revision) -> None:
    rekey(db, row, b"\0" * 80)
    rekey(db, row, b"short")


def foreign_signature(world: World, db: Session, row: Revision) -> None:
    """A whole report, consistent in itself, signed by somebody else."""
    revise(db, row, signature=Signer(new_key()).sign(row.manifest))


def no_signature(_: World, db: Session, row: Revision) -> None:
    revise(db, row, signature=b"")


def foreign_manifest(_: World, db: Session, row: Revision) -> None:
    said = json.loads(row.manifest)
    foreign = Signer(new_key())
    manifest = json.dumps({**said, "clear": "0" * 64}).encode()
    revise(db, row, manifest=manifest, signature=foreign.sign(manifest))


def another_reports_revision(world: World, db: Session, row: Revision) -> None:
    """Rightly signed, but for another report: a transplant of the whole row."""
    other = db.exec(select(Revision).where(Revision.report_id != row.report_id)).first()
    assert other
    revise(db, row, **{name: getattr(other, name) for name in ("clear", "sealed", "origins", "manifest", "signature")})


def origins(_: World, db: Session, row: Revision) -> None:
    revise(db, row, origins=dict.fromkeys(row.origins, 7))


SPOILT: dict[str, Spoil] = {
    spoil.__name__.replace("_", " "): spoil
    for spoil in (
        clear_document, ciphertext, path_of_a_ciphertext, missing_ciphertext, cut_ciphertexts,
        swapped_key_and_ciphertexts, swapped_key, cut_key, foreign_signature, no_signature, foreign_manifest,
        another_reports_revision, origins,
    )
}  # fmt: skip


@pytest.fixture
def readers(any_world: World) -> World:
    """A hub whose feeds all have a reader, and whose producer is approved by a report that stays."""
    any_world.enrol("member", "Insider", audiences=("trusted",))
    any_world.tokens["insider"] = any_world.tokens["member:Insider"]
    return any_world


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_what_does_not_verify_is_quarantined_and_never_released(readers: World, spoil: Spoil) -> None:
    world = readers
    world.file("producer", a_report(client_ref="sound", severity="low"))
    filed = world.file("producer", a_report(client_ref="spoilt", **REACHING))
    spoil_row(world, filed["id"], spoil)
    world.release()
    world.accept(filed["id"], "public", "researchers")
    world.release()
    assert state(world, filed["id"]) == "quarantined"
    assert [feed for feed, who in FEEDS.items() if world.carriers(who, feed)] == []


def test_one_spoilt_report_holds_up_no_other(any_world: World) -> None:
    world = any_world
    ids = [world.file("producer", a_report(client_ref=f"T-{number}"))["id"] for number in range(5)]
    for report_id, spoil in zip(ids[:4], (ciphertext, path_of_a_ciphertext, cut_key, no_signature), strict=True):
        spoil_row(world, report_id, spoil)
    assert rounds.admit_all(world.hub) == 1
    assert [state(world, one) for one in ids] == ["quarantined"] * 4 + ["admitted"]
    assert rounds.admit_all(world.hub) == 0, "what was set aside is not asked again and again"


def test_an_amendment_does_not_launder_what_was_quarantined(any_world: World) -> None:
    """Intake copies the clear fields that an amendment leaves alone, and signs them: it has to verify them first."""
    world = any_world
    filed = world.file("producer", a_report())
    approved = world.file("producer", a_report(client_ref="approved"))
    world.accept(approved["id"], "members")
    spoil_row(world, filed["id"], wider_clear_document)
    world.release()
    assert state(world, filed["id"]) == "quarantined"
    world.send("producer", "PATCH", f"/api/v1/reports/{filed['id']}", {"severity": "low"}, If_Match='"r1"')
    world.release()
    assert world.carriers("member", "members") == []


def test_an_amendment_does_not_launder_what_was_changed_after_admission(any_world: World) -> None:
    """The same holds for a row that was sound when it was admitted."""
    world = any_world
    filed = world.file("producer", a_report())
    world.accept(filed["id"], "trusted")
    world.release()
    assert state(world, filed["id"]) == "admitted"
    spoil_row(world, filed["id"], wider_clear_document)
    world.send("producer", "PATCH", f"/api/v1/reports/{filed['id']}", {"severity": "low"}, If_Match='"r1"')
    world.release()
    assert world.carriers("member", "members") == []


def test_admission_wraps_the_key_anew_so_that_nothing_at_rest_hangs_on_elliptic_curves(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report())
    before = key_of(world, filed["id"])
    rounds.admit_all(world.hub)
    after = key_of(world, filed["id"])
    with world.hub.store.reading() as db:
        row = reports.revision(db, filed["id"], 1)
        assert row
        place = place_of(world, db, row)
    epoch = world.hub.keyring.epochs[after.epoch]
    dek = unwrap_from_intake(epoch.private_key, before.wrapped, place, "report")
    assert unwrap_under(epoch.kek, after.wrapped, place, "report") == dek
    assert (before.is_admitted, after.is_admitted) == (False, True)
    with pytest.raises(Tampered):
        unwrap_from_intake(epoch.private_key, after.wrapped, place, "report")


def test_an_admission_that_died_between_its_transactions_starts_over(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report())
    with world.hub.store.writing() as db:
        assert len(admission.ask(db, world.clock())) == 1
    assert state(world, filed["id"]) == "filed"
    assert rounds.admit_all(world.hub) == 1
    with world.hub.store.reading() as db:
        said = [one["action"] for one in audit.entries(db) if one["subject"] == filed["id"]]
    assert said.count("open.intent") == 2, "both intents stay on record"
    assert said.count("report.admit") == 1


def test_many_reports_are_admitted_in_batches(world: World) -> None:
    for number in range(admission.BATCH + 3):
        world.file("producer", a_report(client_ref=f"T-{number}"))
    assert rounds.admit_all(world.hub) == admission.BATCH + 3


def spoil_row(world: World, report_id: str, spoil: Spoil) -> None:
    """Change a stored revision behind the hub's back."""
    with world.hub.store.writing() as db:
        row = reports.revision(db, report_id, 1)
        assert row
        db.expunge(row)
        spoil(world, db, row)


def revise(db: Session, row: Revision, **values: Any) -> None:
    """Write columns of a revision."""
    mine = (col(Revision.report_id) == row.report_id, col(Revision.revision) == row.revision)
    db.exec(update(Revision).where(*mine).values(**values))


def rekey(db: Session, row: Revision, wrapped: bytes) -> None:
    """Write another wrapped key."""
    mine = (col(DataKey.report_id) == row.report_id, col(DataKey.revision) == row.revision)
    db.exec(update(DataKey).where(*mine).values(wrapped=wrapped))


def place_of(world: World, db: Session, row: Revision) -> Place:
    """Where a revision belongs."""
    report = db.get(Report, row.report_id)
    assert report
    return Place(world.hub.deployment.uid, report.organisation_id, row.report_id, row.revision)


def key_of(world: World, report_id: str) -> DataKey:
    """The data key of a report's first revision."""
    with world.hub.store.reading() as db:
        return reports.keys(db, [report_id])[report_id, 1, "report"]


def state(world: World, report_id: str) -> str:
    """What the hub says of a report."""
    told: str = world.send("analyst", "GET", f"/api/v1/reports/{report_id}").get_json()["state"]
    return told


def proved(world: World, candidates: list[admission.Candidate]) -> list[admission.Checked]:
    return admission.prove_all(world.hub.keyring, world.hub.index_keys, world.hub.deployment.uid, candidates)


def admit(world: World, checked: list[admission.Checked]) -> int:
    return world.hub.store.write(lambda db: admission.admit(db, checked, world.hub.feeds(), world.clock()))


def test_two_admissions_at_once_take_a_report_in_once(any_world: World) -> None:
    filed = any_world.file("producer", a_report(client_ref="raced"))
    first, second = (any_world.hub.store.write(lambda db: admission.ask(db, any_world.clock())) for _ in range(2))
    assert admit(any_world, proved(any_world, first)) == 1
    assert admit(any_world, proved(any_world, second)) == 0
    with any_world.hub.store.reading() as db:
        said = [one for one in audit.entries(db) if one["action"] == "report.admit" and one["subject"] == filed["id"]]
    assert len(said) == 1


def test_what_is_read_half_before_another_admission_and_half_after_is_not_set_aside(any_world: World) -> None:
    """On PostgreSQL each statement sees what was committed by then: the revision waits, and its key does not."""
    filed = any_world.file("producer", a_report(client_ref="torn"))
    (candidate,) = any_world.hub.store.write(lambda db: admission.ask(db, any_world.clock()))
    assert rounds.admit_all(any_world.hub) == 1
    with any_world.hub.store.reading() as db:
        torn = replace(candidate, keys=list(reports.keys(db, [filed["id"]]).values()))
    checked = proved(any_world, [torn])
    assert checked[0].fault is not None
    assert admit(any_world, checked) == 0
    assert any_world.send("producer", "GET", f"/api/v1/reports/{filed['id']}").get_json()["state"] == "admitted"

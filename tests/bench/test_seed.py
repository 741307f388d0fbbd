"""The seed's rows are those that intake, admission and the desk leave: held here against filed and admitted reports."""

import json

import pytest
from sqlmodel import SQLModel, col, select

from hub import rounds
from hub.opening import gather, open_sealed
from hub.roles import Act, shell
from hub.seal import unframe
from hub.services import intake
from hub.services.intake import Filing
from hub.store.tables import (
    AuditEntry,
    DataKey,
    Due,
    Hold,
    Organisation,
    Receipt,
    Report,
    Revision,
    Triage,
)
from hub.warrant import Warrant, arm
from hub.wiring import set_up
from schemas.loading import load
from schemas.report import FILED, IMPORTED
from schemas.triage import ASSERTED
from tests.bench import seed, seed_release, seed_reports
from tests.bench.seed_reports import Seed
from tests.bench.seed_words import PHRASE

SEED = Seed(400)
CHANCE = {"signature", "wrapped", "salt", "commitment", "manifest", "sealed", "id", "seq"}
WHO = {"organisation_id", "report_id", "filed_by", "actor", "subject", "ref"}
WHEN = {"queued_at", "admitted_at", "at"}


@pytest.fixture(scope="module")
def sown(tmp_path_factory):
    """A store with every report of a small seed, written as `make seed` does, in this process."""
    place = tmp_path_factory.mktemp("seed")
    hub = set_up(seed.config_of(place))
    seed_release.people(hub, SEED)
    bench = seed.bench_of(hub, SEED)
    for start in range(0, SEED.size, 100):
        seed.write(hub, bench.rows(range(start, start + 100)))
    yield hub
    hub.store.close()


@pytest.fixture(scope="module")
def tellings():
    return [seed_reports.tell(SEED, number) for number in range(SEED.size)]


def test_every_document_is_one_that_a_filer_or_an_importer_may_send(tellings):
    for told in tellings:
        assert load(IMPORTED if told.is_import else FILED, told.document) == told.document
        if told.asserted:
            assert ASSERTED.load(told.asserted) == told.asserted


def test_every_row_opens_to_what_was_told_and_verifies(sown, tellings):
    with sown.store.reading() as db:
        rows = list(
            db.exec(select(Report.organisation_id, Revision).join(Revision, col(Revision.report_id) == Report.id))
        )
        bundles = gather(db, sown.deployment.uid, rows)
    documents = {told.id: told.document for told in tellings}
    assert len(rows) == SEED.size
    for _, row in rows:
        warrant = Warrant(row.report_id, row.revision, frozenset(row.origins), "a test")
        arm([warrant])
        assert open_sealed(sown.keyring, warrant, bundles[row.report_id]) == documents[row.report_id]


def test_its_rows_are_shaped_as_filed_and_admitted_ones(sown, tellings, world):
    """The same documents go through intake and admission of another hub; what differs is chance, names and instants."""
    with world.hub.store.writing() as db:
        owner = db.exec(select(Organisation).where(Organisation.name == "The producer's organisation")).one()
        owner.approved_at = world.clock()
    compared = 0
    for told in [one for one in tellings if one.number >= SEED.released][:60]:
        act = Act(shell("seed", owner.id), world.clock())
        code = world.hub.sealer.keys.replay_code(told.document)
        filing = Filing(told.document, code, is_import=told.is_import)
        with world.hub.store.writing() as db:
            filed = intake.file_report(db, world.hub.sealer, act, filing).view.id
        rounds.admit_all(world.hub)
        seeded, real = shown(sown, told.id), shown(world.hub, filed)
        for desk in ("report.triage", "report.hold", "report.withdraw"):
            seeded["audit"] = [one for one in seeded["audit"] if one["action"] != desk]
        if told.withdrawn_at:
            real["due"] = []  # a release finds it withdrawn, and settles it
        assert seeded == real
        compared += 1
    assert compared == 60


def shown(hub, report_id):
    """What is stored of a report, as far as chance, names and instants do not enter."""
    with hub.store.reading() as db:
        (row,) = db.exec(select(Revision).where(Revision.report_id == report_id))
        found = {
            "report": plain(
                db.get(Report, report_id),
                {"filed_at", "withdrawn_at", "filed_code", "upserted_code", "stamp", "triage", "staff_hold_until"},
            ),
            "revision": plain(row, {"filed_at"}),
            "sealed": {path: len(blob) for path, blob in unframe(row.sealed).items()},
            "manifest": {
                name: value for name, value in json.loads(row.manifest).items() if name in {"clear", "format", "epoch"}
            },
            "sizes": (len(row.signature), sorted(json.loads(row.manifest))),
        }
        for name, table in (("keys", DataKey), ("receipt", Receipt)):
            rows = db.exec(select(table).where(table.report_id == report_id)).all()
            lengths = [
                sorted(len(value) for value in one.model_dump().values() if isinstance(value, bytes)) for one in rows
            ]
            found[name] = sorted((repr(plain(one)), size) for one, size in zip(rows, lengths, strict=True))
        audit = db.exec(select(AuditEntry).where(AuditEntry.subject == report_id).order_by(col(AuditEntry.seq)))
        found["audit"] = [
            {"action": one.action, "details": sorted(one.details), "revision": one.details.get("revision")}
            for one in audit
        ]
        due = db.exec(select(Due.feed).where(Due.report_id == report_id))
        found["due"] = sorted(due)
    return found


def plain(row, more=frozenset()):
    """A row without what comes from chance, names and clocks."""
    hidden = CHANCE | WHO | WHEN | more
    return {name: value for name, value in row.model_dump().items() if name not in hidden}


def test_every_row_satisfies_its_table(sown):
    """Written past the models; each must be one that the models could have written."""
    with sown.store.reading() as db:
        for mapper in SQLModel._sa_registry.mappers:
            for row in db.exec(select(mapper.class_).limit(50)):
                type(row).model_validate(row.model_dump())
        assert db.connection().exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_overlays_holds_and_cases_are_there_and_agree_with_their_reports(sown):
    with sown.store.reading() as db:
        triaged = set(db.exec(select(Report.id).where(Report.triage == 1)))
        assert triaged == set(db.exec(select(Triage.report_id)))
        held = {row.report_id: row.expires_at for row in db.exec(select(Hold))}
        said = db.exec(select(Report).where(col(Report.staff_hold_until).is_not(None)))
        assert held == {row.id: row.staff_hold_until for row in said}
        assert len(triaged) > 5


def test_the_distribution_is_a_plausible_hubs(tellings):
    assert len({told.document["report_type"] for told in tellings}) == 8
    assert {told.document["tlp"] for told in tellings} == {"clear", "green", "amber", "amber+strict", "red"}
    assert {len(told.document["aware_at"]) for told in tellings} == {4, 7, 10, 17, 20}
    words = [len(told.document["description"].split()) for told in tellings]
    assert min(words) >= 200
    assert max(words) <= 605
    numbers = [one for told in tellings for one in told.document.get("vulnerability", {}).get("cve", ())]
    assert len(numbers) > len(set(numbers)), "several reports share a CVE"
    instants = [told.filed_at for told in tellings]
    assert instants == sorted(instants)
    assert (instants[-1] - instants[0]).days > 1700
    assert len({told.ref for told in tellings}) == len({told.id for told in tellings}) == SEED.size


def test_a_phrase_is_in_a_known_handful_of_narratives(tellings):
    with_phrase = {told.number for told in tellings if PHRASE in told.document["description"]}
    assert with_phrase == seed_reports.phrased(SEED)
    assert len(with_phrase) == seed_reports.PHRASED


def test_references_never_meet():
    some = [seed_reports.ref_of("R", number) for number in [*range(5_000), *range(10**6 - 5_000, 10**6)]]
    assert len(set(some)) == len(some)

"""Whoever takes over intake, or feeds, with its key files, its database role and its code, opens nothing filed before.

The thief here is given more than the role shows: the owner's copy of every row. What keeps it out is that the key is
not there. Row-level security keeps out a wrong query alone, and a test says so.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, RaiseException
from sqlalchemy import make_url
from sqlalchemy.exc import ProgrammingError
from sqlmodel import select

from hub import faces, rounds, seal
from hub.errors import NotReady, NotSealed, Tampered
from hub.keys import Epoch, Keyring
from hub.opening import gather, open_values
from hub.roles import Act
from hub.seal import Place
from hub.sealing import Ground, Sealer
from hub.services import credentials, intake
from hub.services.intake import Filing
from hub.signing import Signer
from hub.store.tables import DataKey, Organisation, Report, Revision, Secret
from hub.warrant import Warrant, arm
from hub.wiring import connect
from tests.conftest import World
from tests.faced import FacedWorld, copied, faced_world
from tests.factories import a_report
from tests.transplanting import KINDS, accepted, forge

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
WORDS = "WHAT-WAS-FILED-BEFORE"
TAKEN = (faces.INTAKE, faces.FEEDS)


@dataclass
class Thief:
    """All that a process of a face holds: the files, the login, whose rows it says it wants."""

    base: psycopg.Connection[Any]
    secrets: list[bytes]
    world: FacedWorld
    face: str

    def ask(self, statement: str) -> list[Any]:
        """What the role may read, for every organisation that there is: nobody keeps a thief from naming one."""
        found = []
        for organisation in ["", *self.world.ids.values()]:
            with self.base.transaction():
                self.base.execute("SELECT set_config('hub.organisation', %s, true)", (organisation,))
                found += self.base.execute(statement).fetchall()
        return found


@pytest.fixture(scope="module")
def faced(cluster: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FacedWorld]:
    with faced_world(tmp_path_factory.mktemp("faced"), cluster) as world:
        for number in range(2):  # one is admitted, under the symmetric key, and one still waits, under the public key
            report = a_report(client_ref=f"before-{number}", title=f"{WORDS} {number}", tlp="green")
            world.file("producer", {**report, "reporter": {"name": WORDS}})
            if number == 0:
                world.release()
        yield world


@pytest.fixture(params=TAKEN)
def thief(request: pytest.FixtureRequest, faced: FacedWorld, tmp_path: Path) -> Iterator[Thief]:
    place = copied(faced, request.param, tmp_path / "loot")
    files = [secret for one in sorted(place.iterdir()) for secret in _secrets(one.read_text("utf-8"))]
    url = make_url(faced.url(request.param)).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as base:
        yield Thief(base, files, faced, request.param)


def _secrets(text: str) -> list[bytes]:
    """Every secret in a key file."""
    return [found for word in json.loads(text).values() if len(found := bytes.fromhex(word)) == 32]


@pytest.mark.parametrize("column", ["data_key.wrapped", "secret.wrapped", "blind_tag.tag", "audit_entry.details"])
def test_its_role_may_not_read_what_a_key_lies_in(thief: Thief, column: str) -> None:
    """Refused by the database, whatever the code of the process would do."""
    table = column.partition(".")[0]
    with pytest.raises(InsufficientPrivilege):
        thief.ask(f"SELECT {column} FROM {table}")  # noqa: S608 - our own words


@pytest.mark.parametrize("table", ["revision", "report", "receipt", "replay", "data_key"])
def test_feeds_may_not_read_what_was_filed_at_all(thief: Thief, table: str) -> None:
    """It serves what was released, from a table of its own."""
    if thief.face == faces.FEEDS:
        with pytest.raises(InsufficientPrivilege):
            thief.ask(f"TABLE {table}")


def test_a_query_that_says_for_nobody_finds_no_row(thief: Thief) -> None:
    """The second wall: what a query forgets to ask, the database asks."""
    tables = {faces.INTAKE: ("report", "revision", "receipt", "post", "inbox"), faces.FEEDS: ("post", "inbox")}
    for table in tables[thief.face]:
        assert thief.base.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table  # noqa: S608 - the same


def test_what_is_said_in_one_transaction_is_not_said_in_the_next(thief: Thief) -> None:
    """A pooled connection carries no organisation over to whoever has it next."""
    assert thief.ask("SELECT organisation_id FROM inbox")
    assert thief.base.execute("SELECT count(*) FROM inbox").fetchone() == (0,)


def test_row_level_security_is_no_wall_against_a_process_that_was_taken_over(thief: Thief) -> None:
    """So that nobody takes it for one: it names an organisation and sees the ciphertexts. They do not open."""
    if thief.face == faces.INTAKE:
        found = thief.ask("SELECT sealed FROM revision")
        assert len(found) == 2
        assert all(WORDS.encode() not in bytes(row[0]) for row in found)


def test_with_every_row_and_all_its_keys_it_opens_nothing(thief: Thief) -> None:
    """The owner's copy of the rows is given to it: every secret it holds is tried as every key that there is."""
    hub = thief.world.hub
    with hub.store.reading() as db:
        keys = db.exec(select(DataKey)).all()
        owners = dict(db.exec(select(Report.id, Report.organisation_id)).all())
        secrets = db.exec(select(Secret)).all()
        rows = {(row.report_id, row.revision): row for row in db.exec(select(Revision))}
    assert {key.is_admitted for key in keys} == {True, False}
    tried = opened = 0
    for held in thief.secrets:
        for one in secrets:
            tried, opened = tried + 1, opened + _opens(seal.unwrap_secret, held, one.wrapped, one.name, str(one.number))
        for key in keys:
            place = Place(hub.deployment.uid, owners[key.report_id], key.report_id, key.revision)
            ways = [(seal.unwrap_from_intake, key.wrapped), (seal.unwrap_under, key.wrapped)]
            for way, wrapped in ways:
                tried, opened = tried + 1, opened + _opens(way, held, wrapped, place, key.purpose)
            blobs = seal.unframe(rows[key.report_id, key.revision].sealed)
            for path, blob in blobs.items():
                tried, opened = tried + 1, opened + _opens(seal.open_field, held, place, path, blob)
    assert tried > 20, "the law tried nothing"
    assert opened == 0


def _opens(way: Any, *given: Any) -> bool:
    try:
        way(*given)
    except Tampered:
        return False
    return True


def test_its_code_told_to_be_the_whole_hub_opens_nothing(thief: Thief) -> None:
    """The program is the same in every process: what makes it open is the root key, and that is not there."""
    own = thief.world.hubs[thief.face]
    whole = connect(replace(own.config, faces=faces.ALL))
    with pytest.raises((NotReady, ProgrammingError), match=r"root\.key is missing|permission denied"):
        _ = whole.keyring
    guessed = Keyring({1: Epoch(1, thief.secrets[0], thief.secrets[-1])}, whole.directory.receipts())
    with thief.world.hub.store.reading() as db:  # again with the owner's copy: its own role gives it no keys
        row = db.exec(select(Revision)).first()
        assert row is not None
        owner = db.exec(select(Report.organisation_id).where(Report.id == row.report_id)).one()
        bundle = gather(db, whole.deployment.uid, [(owner, row)])[row.report_id]
    warrant = Warrant(row.report_id, row.revision, frozenset({"title"}), "theft")
    arm([warrant])
    with pytest.raises((Tampered, NotSealed)):
        open_values(guessed, warrant, bundle)
    whole.store.close()


def test_it_cannot_take_back_what_the_audit_says(thief: Thief) -> None:
    """Entries are only ever added, by whomever."""
    for statement in ("DELETE FROM audit_entry", "UPDATE audit_entry SET actor = 'nobody'", "TRUNCATE audit_entry"):
        with pytest.raises((InsufficientPrivilege, RaiseException)), thief.base.transaction():
            thief.base.execute(statement)


def test_it_makes_itself_no_larger(thief: Thief) -> None:
    """No table, no role, no function of its own, and none of the others' roles."""
    for statement in (
        "CREATE TABLE mine (id int)", "CREATE TEMP TABLE epoch (number int)", "CREATE ROLE another",
        f"SET ROLE {thief.world.prefix}console", "ALTER TABLE revision DISABLE ROW LEVEL SECURITY",
        "GRANT SELECT ON data_key TO PUBLIC", "SET session_replication_role = replica", "VACUUM FULL secret",
    ):  # fmt: skip
        thief.base.rollback()
        thief.base.autocommit = True
        refused = False
        try:
            thief.base.execute(statement)
        except psycopg.Error:
            refused = True
        assert refused or "VACUUM" in statement or "GRANT" in statement, statement  # these two warn and do nothing
        thief.base.autocommit = False
    thief.base.rollback()
    with pytest.raises(InsufficientPrivilege):
        thief.ask("SELECT wrapped FROM data_key")


def test_what_is_sealed_to_the_public_key_alone_is_refused_at_admission(faced: FacedWorld) -> None:
    """Everybody has the public key. Intake's role, without intake's signing key, puts in a report that looks real."""
    own = faced.hubs[faces.INTAKE]
    shown = faced.hubs[faces.FEEDS].directory  # where no secret is
    keys = replace(own.directory.intake(), signer=Signer(seal.new_key()), replay=seal.new_key())
    forger = Sealer(keys, Ground(own.deployment.uid, *shown.epoch()))
    with faced.hub.store.reading() as db:
        producer = db.exec(select(Organisation).where(Organisation.name == "The producer's organisation")).one()
    caller = own_caller(faced, producer.id)
    own.store.whose = lambda: producer.id
    filing = Filing(a_report(client_ref="forged", title="FORGED", tlp="green"), b"x" * 32)
    made = own.store.write(lambda db: intake.file_report(db, forger, Act(caller, faced.clock()), filing))
    assert made.is_new, "the database takes it"
    rounds.admit_all(faced.hubs[faces.PUBLISHER])
    with faced.hub.store.reading() as db:
        row = db.get(Revision, (made.view.id, 1))
        assert row is not None
        assert (row.admitted_at, bool(row.fault)) == (None, True), "and admission does not"
    faced.accept(made.view.id, "members")
    faced.release()
    assert "FORGED" not in str(faced.objects("member", "members"))


def own_caller(world: World, organisation: str) -> Any:
    """The producer, as intake knows it."""
    with world.hub.store.reading() as db:
        found = credentials.look_up(db, world.tokens["producer"], world.clock()).caller
    assert found.organisation_id == organisation
    return found


def test_no_forged_row_of_any_kind_is_admitted_by_the_publisher(faced: FacedWorld) -> None:
    """The whole list of forgeries, put in by the owner of the tables, and admitted by the publisher's role."""
    faced.release()
    forged = forge(faced, 2 * len(KINDS), seed=3)
    rounds.admit_all(faced.hubs[faces.PUBLISHER])
    assert accepted(faced, forged) == []

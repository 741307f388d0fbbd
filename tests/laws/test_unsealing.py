"""Opening by people: nothing opens that is not on record, and what was opened or looked for is on no record."""

import logging
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from hub import rounds
from hub.errors import NotSealed, Unarmed
from hub.predicate import predicate
from hub.roles import Act, shell
from hub.services import scanning, unsealing
from hub.services.scanning import Sought
from hub.services.unsealing import Wish
from hub.store import audit
from hub.store.tables import METADATA
from tests.conftest import World
from tests.factories import a_report

PURPOSE = "an inquiry named Heron"
WORDS = ("quixotic", "marmalade")  # what is looked for, and in the sealed text
SECRET = "A quixotic agent spilt marmalade on the ledger"
PATHS = ("/api/v1/reports/{}/open", "/api/v1/search/open", "/api/v1/search/sealed")
FULL = "RAISE(ABORT, 'the disk is full')"
WHEN = "IF NEW.action LIKE '{}' THEN RAISE 'the disk is full'; END IF"
REFUSING = {
    "sqlite": [
        f"CREATE TRIGGER refuse BEFORE INSERT ON audit_entry WHEN NEW.action LIKE '{{}}' BEGIN SELECT {FULL}; END",
    ],
    "postgresql": [
        f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {WHEN}; RETURN NEW; END $$",
        "CREATE TRIGGER refuse BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse()",
    ],
}


@pytest.mark.parametrize("path", PATHS)
def test_nothing_opens_when_the_intent_cannot_be_written(
    any_world: World, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An opening that no auditor can see is what the two steps are for."""
    world, report_id = any_world, filed(any_world)
    calls: list[object] = []
    for module, name in ((unsealing, "open_values"), (scanning, "scan_sealed")):
        monkeypatch.setattr(module, name, lambda *given: calls.append(given))
    refuse(world, "%.intent")
    answer = ask(world, path, report_id)
    assert answer.status_code == 500
    assert not any(word.encode() in answer.data for word in WORDS)
    assert calls == []


@pytest.mark.parametrize("path", PATHS)
def test_a_failure_between_intent_and_outcome_leaves_the_intent_and_gives_nothing_out(
    any_world: World, path: str
) -> None:
    """What was opened and not answered was still opened: the intent stays. What has no outcome is not given out."""
    world, report_id = any_world, filed(any_world)
    refuse(world, "%.outcome")
    answer = ask(world, path, report_id)
    assert answer.status_code == 500
    assert not any(word.encode() in answer.data for word in WORDS)
    assert len(entries(world, "intent")) == 1
    assert entries(world, "outcome") == []


def test_a_scan_opens_nothing_before_its_intent_is_committed_nor_what_it_does_not_name(world: World) -> None:
    """One warrant for thousands must be as strict as one for each."""
    report_id = filed(world)
    act, hub, sought = Act(shell("test"), world.clock()), world.hub, Sought(predicate(WORDS[0]), PURPOSE)
    with hub.store.writing() as db:
        every = scanning.named(db, [report_id])
        scan = scanning.intend(db, hub.keyring, act, every, sought)
        with pytest.raises(Unarmed):
            scanning.carry_out(db, hub.keyring, hub.deployment.uid, scan)
    with hub.store.reading() as db:
        other = every[0]._replace(revision=2)
        moved = scanning.Scan(scan.id, sought, [other], scan.warrant)
        assert scanning.carry_out(db, hub.keyring, hub.deployment.uid, moved).faults[0][1].startswith("the warrant is")
        narrow = scanning.Scan(scan.id, sought, every, scan.warrant)
        scan.warrant.paths = frozenset({"poc"})
        assert scanning.carry_out(db, hub.keyring, hub.deployment.uid, narrow).opened == 0
    with pytest.raises(NotSealed):
        scan.warrant.demand_for("another", 1)


def test_an_opening_before_the_commit_opens_nothing(world: World) -> None:
    """The service's own warrants are pledged, not armed."""
    report_id = filed(world)
    with world.hub.store.writing() as db:
        act = Act(shell("test"), world.clock())
        intended = unsealing.intend(db, act, world.hub.deployment.uid, report_id, Wish(PURPOSE))
        with pytest.raises(Unarmed):
            unsealing.open_intended(world.hub.keyring, intended)


def test_what_was_opened_or_looked_for_is_kept_nowhere(any_world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A search is a secret of its own: who looks for which words tells what the desk suspects."""
    world, report_id = any_world, filed(any_world)
    with caplog.at_level(logging.DEBUG):
        for path in PATHS:
            assert ask(world, path, report_id).status_code == 200
        refused = {"purpose": PURPOSE, "contains": f'"{WORDS[0]}'}
        assert world.send("analyst", "POST", "/api/v1/search/sealed", refused).status_code == 422
    rows = [f"{table.name}: {row}" for table in METADATA.sorted_tables for row in every(world, table)]
    assert len(rows) > 20
    needles = [form for word in (*WORDS, "ledger") for form in (word, word.encode().hex(), word.upper())]
    assert [row[:80] for row in rows if any(needle in row for needle in needles)] == []
    assert not any(needle in caplog.text for needle in (*needles, "Heron"))
    assert {row.partition(":")[0] for row in rows if "Heron" in row} == {"audit_entry", "work_session"}
    files = [one for one in Path(world.hub.config.home).rglob("*") if one.is_file()]
    assert files
    assert [one.name for one in files for word in WORDS if word.encode() in one.read_bytes()] == []


def filed(world: World) -> str:
    """A report with the words in its sealed text; its id."""
    report_id: str = world.file("producer", a_report(description=SECRET))["id"]
    rounds.admit_all(world.hub)
    rounds.index_all(world.hub)
    return report_id


def ask(world: World, path: str, report_id: str) -> Any:
    """Open or scan as the analyst."""
    body = {"purpose": PURPOSE, **({"contains": " ".join(WORDS)} if path.endswith("sealed") else {})}
    return world.send("analyst", "POST", path.format(report_id), body)


def refuse(world: World, actions: str) -> None:
    """Have the database itself refuse some audit entries from now on."""
    with world.hub.store.writing() as db:
        for statement in REFUSING[world.hub.store.engine.dialect.name]:
            db.connection().execute(text(statement.format(actions)))


def entries(world: World, kind: str) -> list[dict[str, Any]]:
    """What the audit says of openings by people."""
    with world.hub.store.reading() as db:
        found = [one for one in audit.entries(db) if one["action"] in {f"open.{kind}", f"scan.{kind}"}]
    return [dict(one) for one in found if one["actor"] != "clock"]


def every(world: World, table: Any) -> list[str]:
    """Every row of a table, as text, blobs in hexadecimal and as they are."""
    with world.hub.store.reading() as db:
        rows = db.connection().execute(select(table)).all()
    return [" ".join(f"{one!r} {one.hex() if isinstance(one, bytes) else ''}" for one in row) for row in rows]

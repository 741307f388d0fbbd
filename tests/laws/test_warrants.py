"""Opening takes two steps: the intent is committed, which arms a warrant; only an armed warrant opens."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from hub import rounds
from hub.errors import NotSealed, Unarmed
from hub.opening import Bundle, gather, open_sealed
from hub.store import Session, audit, reports
from hub.warrant import Warrant
from tests.conftest import World
from tests.factories import a_report
from tests.laws.house import modules, words

TITLE = frozenset({"title"})


def test_only_the_engine_arms_warrants() -> None:
    """A service that armed its own warrant could open first and write the intent never."""
    arming = {module.name for module in modules() if words(module.tree) & {"arm", "_arm", "_is_armed"}}
    assert arming == {"hub.warrant", "hub.store.engine"}


def test_a_warrant_opens_after_its_intent_is_committed_and_never_before(any_world: World) -> None:
    """If the intent cannot be written, nothing opens: not before, not while its transaction could still fail."""
    world, report_id = any_world, filed(any_world)
    warrant = Warrant(report_id, 1, TITLE, "the test asks")
    with world.hub.store.writing() as db:
        bundle = bundle_of(world, db, report_id)
        with pytest.raises(Unarmed):
            open_sealed(world.hub.keyring, warrant, bundle)
        audit.intend(db, world.clock(), "test", [warrant])
        with pytest.raises(Unarmed):
            open_sealed(world.hub.keyring, warrant, bundle)
    assert open_sealed(world.hub.keyring, warrant, bundle)["title"] == "Behind the seal"
    (intent,) = intents(world, "the test asks")
    assert intent == {"revision": 1, "fields": ["title"], "purpose": "the test asks"}


def test_a_warrant_whose_transaction_was_rolled_back_stays_unarmed(any_world: World) -> None:
    """A rolled-back intent is on no record, so that what it asked for must stay shut."""
    world, report_id = any_world, filed(any_world)
    warrant = Warrant(report_id, 1, TITLE, "the test asks")
    with world.hub.store.reading() as db:
        bundle = bundle_of(world, db, report_id)

    def work(db: Session) -> None:
        audit.intend(db, world.clock(), "test", [warrant])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        world.hub.store.write(work)
    with pytest.raises(Unarmed):
        open_sealed(world.hub.keyring, warrant, bundle)
    assert intents(world, "the test asks") == []


def test_a_warrant_whose_commit_failed_stays_unarmed(world: World) -> None:
    """The commit itself can fail, after the last line of the transaction ran. (SQLite alone defers foreign keys.)"""
    report_id = filed(world)
    warrant = Warrant(report_id, 1, TITLE, "the test asks")
    with world.hub.store.reading() as db:
        bundle = bundle_of(world, db, report_id)

    def work(db: Session) -> None:
        db.connection().execute(text("PRAGMA defer_foreign_keys=ON"))
        audit.intend(db, world.clock(), "test", [warrant])
        db.connection().execute(text("INSERT INTO due (feed, report_id, queued_at) VALUES ('members', 'none', '2026')"))

    with pytest.raises(IntegrityError):
        world.hub.store.write(work)
    with pytest.raises(Unarmed):
        open_sealed(world.hub.keyring, warrant, bundle)
    assert intents(world, "the test asks") == []


def test_what_a_warrant_does_not_name_stays_shut(world: World) -> None:
    """The audit says which fields were opened; more than it says must not be."""
    report_id = filed(world)
    opened, _ = opened_under(world, Warrant(report_id, 1, TITLE, "the title alone"), report_id)
    assert opened["title"] == "Behind the seal"
    assert "description" not in opened
    assert "name" not in opened["systems"][0]
    nothing, _ = opened_under(world, Warrant(report_id, 1, frozenset(), "nothing at all"), report_id)
    assert "title" not in nothing


@pytest.mark.parametrize(
    "change",
    [{"report_id": "another"}, {"revision": 2}, {"paths": frozenset({"poc"})}, {"paths": frozenset({"severity"})}],
    ids=["another report", "another revision", "a field without a value", "a field that is not sealed"],
)
def test_a_warrant_is_good_for_its_own_revision_and_fields_alone(world: World, change: Mapping[str, Any]) -> None:
    """A warrant shown for something else would open what no intent names."""
    report_id = filed(world)
    asked = {"report_id": report_id, "revision": 1, "paths": TITLE, **change}
    with pytest.raises(NotSealed):
        opened_under(world, Warrant(**asked, purpose="another"), report_id)


def test_publisher_and_admission_leave_one_intent_a_report(world: World) -> None:
    """The clock's openings are audited like a person's: which report, which revision, which fields, what for."""
    report_id = filed(world, tlp="green")
    world.accept(report_id, "members")
    world.release()
    said = [(one["purpose"], one["fields"]) for one in intents(world) if "release to members" in one["purpose"]]
    assert len(said) == 1
    assert {"title", "description", "systems[].name"} <= set(said[0][1])
    assert [one["fields"] for one in intents(world) if one["purpose"].startswith("admission")] == [[]]


def filed(world: World, **changes: Any) -> str:
    """File and admit a report; its id."""
    report_id: str = world.file("producer", a_report(title="Behind the seal", **changes))["id"]
    rounds.admit_all(world.hub)
    return report_id


def bundle_of(world: World, db: Session, report_id: str) -> Bundle:
    """All that it takes to open a report's current revision."""
    report = reports.find(db, report_id)
    assert report
    row = reports.revision(db, report_id, report.revision)
    assert row
    return gather(db, world.hub.deployment.uid, [(report.organisation_id, row)])[report_id]


def opened_under(world: World, warrant: Warrant, report_id: str) -> tuple[dict[str, Any], Bundle]:
    """Arm a warrant and open a report under it."""
    with world.hub.store.writing() as db:
        bundle = bundle_of(world, db, report_id)
        audit.intend(db, world.clock(), "test", [warrant])
    return open_sealed(world.hub.keyring, warrant, bundle), bundle


def intents(world: World, purpose: str | None = None) -> list[dict[str, Any]]:
    """What the audit says of intents to open."""
    with world.hub.store.reading() as db:
        entries = [one["details"] for one in audit.entries(db) if one["action"] == "open.intent"]
    return [one for one in entries if purpose in {None, one["purpose"]}]

"""What is opened for the guard: everything where words leave, and it is compared and never projected."""

from typing import Any

import pytest

from feeds.overlay import project_overlaid
from hub import rounds
from hub.services.publishing import pressing
from hub.store.audit import entries
from hub.store.tables import GuardDecision, GuardVerdict, RetentionRule
from tests.conftest import World
from tests.factories import a_report
from tests.hub.services.guarded import (
    CLEAN,
    amend,
    approve_text,
    body,
    filed,
    titles,
    verdict,
)
from tests.hub.services.steps import Steps, approve


def test_only_where_words_leave_is_everything_opened(world: World) -> None:
    approve(world, "producer")
    secret: dict[str, Any] = {"reporter": {"name": "Ottoline Quistwick"}, "poc": "Ask it twice."}
    silent = world.file("producer", a_report(client_ref="s", share_redacted_with=["members"], **secret))["id"]
    spoken = filed(world, "t", for_release=CLEAN, **secret)
    world.release()
    with world.hub.store.reading() as db:
        told = {
            one["subject"]: set(one["details"]["fields"])
            for one in entries(db)
            if one["action"] == "open.intent" and one["details"]["purpose"] == "release to members"
        }
    assert "reporter.name" not in told[silent]
    assert {"reporter.name", "poc"} <= told[spoken]


def test_who_reported_is_compared_and_never_projected(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard is shown identity; what the projection is given names no path that its policy does not."""
    approve(world, "producer")
    given: list[Any] = []

    def watched(opened: Any, *more: Any) -> Any:
        given.append(opened)
        return project_overlaid(opened, *more)

    monkeypatch.setattr(pressing, "project_overlaid", watched)
    report = world.file(
        "producer", body(reporter={"name": "Ottoline Quistwick"}, for_release={**CLEAN, "advice": "Ask Quistwick."})
    )["id"]
    approve_text(world, report)
    Steps(world, "members").prepare().finish()
    found = verdict(world, report)
    assert found is not None
    assert [hit[2] for hit in found.hits] == ["reporter.name"]
    assert given
    assert "Ottoline" not in repr(given)
    assert "Quistwick" not in repr([{**one, "for_release": None} for one in given])


def test_an_erasure_takes_verdicts_and_reasons(world: World) -> None:
    from hub.store.erasing import OWN  # noqa: PLC0415 - beside what it is about

    assert {GuardVerdict, GuardDecision} <= set(OWN.values())


def test_who_was_erased_keeps_no_report_from_leaving(world: World) -> None:
    approve(world, "producer")
    who = {"reporter": {"name": "Ottoline Quistwick"}}
    report = world.file("producer", a_report(client_ref="one", tlp="green", title="As it was", **who))["id"]
    world.accept(report, "members")
    world.release()
    with world.hub.store.writing() as db:
        rule = {"name": "who", "erases": "identity", "why": "closed", "set_by": "t"}
        db.add(RetentionRule(days=1, set_at=world.clock(), **rule))
    world.clock.forward(days=2)
    rounds.tick(world.hub)
    amend(world, report, title="Corrected since")
    outcome = world.release()["members"]
    assert (titles(world), dict(outcome.faults)) == (["Corrected since"], {})

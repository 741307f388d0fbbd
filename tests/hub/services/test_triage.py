"""The analyst's desk: the overlay beside a producer's words, and holds."""

from typing import Any

import pytest
from sqlmodel import select

from feeds.mapping.extension import AI_EXTENSION
from hub.roles import Act, shell
from hub.services import intake
from hub.services.intake import Filing
from hub.store import audit
from hub.store.tables import Hold, Revision, Triage
from schemas.loading import load
from schemas.report import IMPORTED
from tests.conftest import World
from tests.factories import a_report
from tests.hub.services.steps import Steps, presences, rows_of

STEP = {"scheme": "ATLAS", "version": "5.6.0", "technique": "AML.T0051"}


def test_an_assertion_leaves_the_report_as_it_was_filed(any_world: World) -> None:
    world, filed = any_world, shared(any_world)
    before = rows(world, Revision)
    asserted = told(world, filed, {"severity": "critical", "attack_steps": [{"technique": "AML.T0051"}]})
    assert asserted == {"severity": "critical", "attack_steps": [STEP]}
    assert rows(world, Revision) == before
    assert world.send("producer", "GET", own(filed)).get_json()["report"]["severity"] == "low"


def test_a_projection_shows_the_overlay_and_a_revised_one_makes_a_new_version(any_world: World) -> None:
    world, filed = any_world, shared(any_world)
    world.release()
    first = entry(world)
    assert (first["fields"]["severity"], first.get("triaged")) == ("low", None)
    told(world, filed, {"severity": "critical", "triage": {"credibility": "confirmed"}})
    world.release()
    assert (entry(world)["fields"]["severity"], entry(world)["triaged"]) == ("critical", ["severity", "triage"])
    assert world.carriers("member", "members")[0]["confidence"] == 90
    told(world, filed, {"severity": None})
    world.release()
    assert (entry(world)["fields"]["severity"], entry(world)["triaged"]) == ("low", ["triage"])
    assert len([one for one in rows_of(world, "members") if one.kind == "report"]) == 3
    assert len(presences(world, "members")) == 1, "the same entry, in three versions"


def test_an_overlay_without_an_effect_on_a_feed_makes_no_version_there(world: World) -> None:
    filed = shared(world)
    world.release()
    told(world, filed, {"triage": {"family": "gpt-4"}})
    assert world.release()["members"].number is None


def test_an_assertion_during_a_release_is_not_missed(any_world: World) -> None:
    world, filed = any_world, shared(any_world)
    steps = Steps(world, "members").prepare()
    told(world, filed, {"severity": "critical"})
    assert steps.finish().reports == 0, "it was planned before, so it stays due"
    world.release()
    assert entry(world)["fields"]["severity"] == "critical"


def test_an_overlay_outlives_an_amendment(any_world: World) -> None:
    world, filed = any_world, shared(any_world)
    told(world, filed, {"severity": "critical"})
    patch = {"harm_status": "realised", "severity": "medium"}
    assert world.send("producer", "PATCH", own(filed), patch, If_Match='"r1"').status_code == 200
    world.release()
    assert entry(world)["fields"]["severity"] == "critical"


def test_a_public_record_is_triaged_where_it_is_shown(world: World) -> None:
    origin = {"source": "osv", "id": "X-1", "licence": "CC0-1.0"}
    body = a_report(severity="low", tlp="clear", client_ref="osv:X-1", origin=origin)
    caller = shell("import", world.ids["The producer's organisation"])
    filing = Filing(load(IMPORTED, body), b"code", is_import=True)
    with world.hub.store.writing() as db:
        view = intake.file_report(db, world.hub.sealer, Act(caller, world.clock()), filing).view
    world.release()
    told(world, {"id": view.id}, {"severity": "critical"})
    assert world.release()["reference"].counts["changed"] >= 1
    (carrier,) = world.carriers("member", "reference")
    assert carrier["extensions"][AI_EXTENSION]["triaged"] == ["severity"]


def test_the_history_says_who_when_why_and_what(any_world: World) -> None:
    world, filed = any_world, shared(any_world)
    told(world, filed, {"severity": "critical"}, why="Two labs saw it.")
    world.clock.forward(hours=1)
    told(world, filed, {"severity": None, "risk_area": ["cbrn"]}, why="One of them erred.")
    answer = world.send("analyst", "GET", f"{own(filed)}/triage")
    body = answer.get_json()
    assert (body["number"], body["asserted"], answer.headers["ETag"]) == (2, {"risk_area": ["cbrn"]}, '"t2"')
    assert [(one["number"], one["why"], one["changed"]) for one in body["items"]] == [
        (2, "One of them erred.", {"severity": None, "risk_area": ["cbrn"]}),
        (1, "Two labs saw it.", {"severity": "critical"}),
    ]
    assert {one["actor"] for one in body["items"]} == {analyst(world)}
    assert body["items"][0]["at"] == "2026-11-23T13:00:00.000000Z"


def test_the_history_is_read_a_page_at_a_time(world: World) -> None:
    filed = shared(world)
    for severity in ("low", "medium", "high"):
        told(world, filed, {"severity": severity})
    path, numbers = f"{own(filed)}/triage?limit=2", []
    page = world.send("analyst", "GET", path).get_json()
    numbers += [one["number"] for one in page["items"]]
    page = world.send("analyst", "GET", f"{path}&next={page['next']}").get_json()
    assert page["items"][0]["changed"] == {"severity": "low"}
    assert (numbers + [one["number"] for one in page["items"]], page["next"]) == ([3, 2, 1], None)


def test_each_revision_is_audited_without_its_reason(world: World) -> None:
    filed = shared(world)
    told(world, filed, {"severity": "critical"}, why="CANARY-why")
    hold(world, filed, reason="CANARY-reason")
    with world.hub.store.reading() as db:
        found = {one["action"]: one for one in audit.entries(db)}
    assert found["report.triage"]["details"] == {"number": 1, "changed": ["severity"]}
    assert found["report.hold"]["details"] == {"until": "2026-12-01T00:00:00+00:00"}
    assert found["report.triage"]["actor"] == found["report.hold"]["actor"] == analyst(world)
    assert "CANARY" not in repr(found), "the audit is never erased"


def test_a_revision_that_was_not_read_is_not_overwritten(any_world: World) -> None:
    world, filed = any_world, shared(any_world)
    assert triage(world, filed, {"severity": "high"}, tag='"t0"').status_code == 200
    assert triage(world, filed, {"severity": "info"}, tag='"t0"').status_code == 412
    assert triage(world, filed, {"severity": "info"}, tag="").status_code == 428
    assert triage(world, filed, {"severity": "info"}, tag='"r1"').status_code == 412
    assert [row["asserted"] for row in rows(world, Triage)] == [{"severity": "high"}]
    assert triage(world, filed, {"severity": "info"}, tag="*").status_code == 200


def test_a_hold_recalls_what_a_feed_shows_and_its_end_lets_it_return(any_world: World) -> None:
    world, filed = any_world, shared(any_world)
    world.release()
    before = world.carriers("member", "members")
    assert hold(world, filed).status_code == 200
    world.release()
    assert world.carriers("member", "members") == []
    world.clock.forward(days=9)
    world.release()
    (after,) = world.carriers("member", "members")
    assert after["id"] != before[0]["id"], "a re-release has new ids"


def test_a_hold_is_lifted_before_it_expires(any_world: World) -> None:
    world, filed = any_world, shared(any_world)
    hold(world, filed)
    world.release()
    assert world.carriers("member", "members") == []
    assert world.send("analyst", "GET", f"{own(filed)}/triage").get_json()["hold"]["reason"] == "Counsel asked."
    assert world.send("analyst", "DELETE", f"{own(filed)}/hold").status_code == 200
    assert world.send("analyst", "DELETE", f"{own(filed)}/hold").status_code == 404
    world.release()
    assert len(world.carriers("member", "members")) == 1
    assert rows(world, Hold) == []


def test_the_later_of_both_holds_counts(any_world: World) -> None:
    world = any_world
    filed = shared(world, hold={"expires_at": "2026-12-10T00:00:00Z"})
    hold(world, filed, until="2026-12-20T00:00:00Z")
    for days, shown in ((18, 0), (10, 1)):
        world.clock.forward(days=days)
        world.release()
        assert len(world.carriers("member", "members")) == shown
    hold(world, filed, until="2027-01-10T00:00:00Z")
    assert len(rows(world, Hold)) == 1, "one hold a report"


def test_a_hold_recalls_although_an_amendment_was_never_admitted(any_world: World) -> None:
    world, filed = any_world, shared(any_world)
    world.release()
    world.send("producer", "PATCH", own(filed), {"severity": "high"}, If_Match='"r1"')
    with world.hub.store.writing() as db:
        row = db.get(Revision, (filed["id"], 2))
        assert row is not None
        row.fault = "it does not verify"
        db.add(row)
    world.release()
    assert len(world.carriers("member", "members")) == 1
    hold(world, filed)
    world.release()
    assert world.carriers("member", "members") == []


@pytest.mark.parametrize("until", ["2026-11-23T12:00:00Z", "2020", "2027-11-25", "9999-12-31T23:59:59-23:00"])
def test_a_hold_ends_ahead_and_within_a_year(world: World, until: str) -> None:
    answer = hold(world, shared(world), until=until)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.get_json()["errors"]] == ["/expires_at"]


def test_a_withdrawn_report_is_not_held(world: World) -> None:
    filed = shared(world)
    world.send("producer", "POST", f"{own(filed)}/withdraw")
    assert hold(world, filed).status_code == 409


def shared(world: World, **changes: Any) -> dict[str, Any]:
    """A report that members see redacted, of an approved organisation."""
    filed = world.file("producer", a_report(severity="low", share_redacted_with=["members"], **changes))
    world.accept(filed["id"], "trusted")
    return filed


def triage(world: World, filed: dict[str, Any], patch: dict[str, Any], why: str = "Seen.", tag: str = "*") -> Any:
    """Assert as the analyst."""
    headers = {"If_Match": tag} if tag else {}
    return world.send("analyst", "PATCH", f"{own(filed)}/triage", {"why": why, "assert": patch}, **headers)


def told(world: World, filed: dict[str, Any], patch: dict[str, Any], why: str = "Seen.") -> Any:
    """Assert, and what is asserted then."""
    answer = triage(world, filed, patch, why)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()["asserted"]


def hold(world: World, filed: dict[str, Any], until: str = "2026-12-01", reason: str = "Counsel asked.") -> Any:
    """Hold as the analyst."""
    return world.send("analyst", "POST", f"{own(filed)}/hold", {"reason": reason, "expires_at": until})


def entry(world: World) -> dict[str, Any]:
    """What the one entry in the members' feed says in our extension."""
    (carrier,) = world.carriers("member", "members")
    found: dict[str, Any] = carrier["extensions"][AI_EXTENSION]
    return found


def analyst(world: World) -> str:
    """The analyst, as the audit names it."""
    return f"token:{world.tokens['analyst'].split('_')[2]}"


def rows(world: World, table: Any) -> list[dict[str, Any]]:
    """All of a table."""
    with world.hub.store.reading() as db:
        return [row.model_dump() for row in db.exec(select(table))]


def own(filed: dict[str, Any]) -> str:
    """Where a report lives."""
    return f"/api/v1/reports/{filed['id']}"

"""Sealed values are found by equality: for analysts, for a stated purpose, and only where the value is the same."""

from typing import Any

import pytest

from hub.equality import PATHS
from hub.services import indexing
from hub.store import audit, tags
from tests.conftest import World
from tests.factories import a_report

PURPOSE = "who else uses this package"
PURL = "pkg:pypi/ngx-agent@2.1"


def ask(world: World, filter_: str, who: str = "analyst", **more: Any) -> Any:
    body = {"filter": filter_, "purpose": PURPOSE, **more}
    return world.send(who, "POST", "/api/v1/search/equal", body)


def found(world: World, filter_: str, **more: Any) -> set[str]:
    answer = ask(world, filter_, **more)
    assert answer.status_code == 200, answer.text
    return {one["ref"] for one in answer.json["items"]}


def with_purl(purl: str, **more: Any) -> dict[str, Any]:
    return a_report(systems=[{"name": "Agent", "purl": purl}], **more)


def test_an_analyst_finds_the_reports_that_hold_a_value_and_no_others(any_world: World) -> None:
    world = any_world
    held = world.file("producer", with_purl(PURL))
    world.file("producer", with_purl("pkg:pypi/other"))
    world.file("producer", a_report())
    world.release()
    assert found(world, f"sealed.systems.purl = {PURL}") == {held["ref"]}
    assert found(world, f'sealed.systems.purl = "{PURL.upper()}"') == {held["ref"]}, "case does not count"
    assert found(world, "sealed.systems.purl = pkg:pypi/nobody") == set()
    assert found(world, f"sealed.systems.purl in ({PURL}, pkg:pypi/x) and severity != low") == {held["ref"]}
    assert found(world, f"sealed.systems.purl = {PURL} and severity = critical") == set()


def test_every_kind_of_value_is_found(world: World) -> None:
    filed = world.file(
        "producer",
        a_report(
            report_type="threat",
            systems=[{"name": "A", "purl": PURL, "cpe": "cpe:2.3:a:x:y:1:*:*:*:*:*:*:*"}],
            affected_parties=[{"contact": "Write to soc@Bank.Example, or call"}],
            threat={"indicators": [{"type": "domain", "value": "evil[.]example.org", "pap": "red"}]},
            evidence=[{"sha256": "ab" * 32}],
        ),
    )
    world.release()
    asked = {
        "systems.purl": PURL,
        "systems.cpe": "cpe:2.3:a:x:y:1:*:*:*:*:*:*:*",
        "affected_parties.contact": "bank.example",
        "threat.indicators.value": "EVIL.example.org",
        "evidence.sha256": "ab" * 32,
    }
    assert {f"sealed.{path.replace('[]', '')}" for path in PATHS} == {f"sealed.{name}" for name in asked}
    for name, value in asked.items():
        assert found(world, f'sealed.{name} = "{value}"') == {filed["ref"]}, name


def test_a_tag_that_two_values_share_is_settled_by_opening(world: World) -> None:
    """A collision: the other report's tag says that it may hold the value; opened, it does not."""
    right, wrong = world.file("producer", with_purl(PURL)), world.file("producer", with_purl("pkg:pypi/other"))
    world.release()
    with world.hub.store.writing() as db:
        own = dict(tags.of(db, [right["id"], wrong["id"]]))
        tags.put(db, wrong["id"], [own[right["id"]]], PATHS)
        indexing.refresh(db, [wrong["id"]])
    answer = ask(world, f"sealed.systems.purl = {PURL}").json
    assert [one["ref"] for one in answer["items"]] == [right["ref"]]
    assert answer["opened"] == 2


def test_an_amendment_moves_the_tags_with_the_value(world: World) -> None:
    filed = world.file("producer", with_purl(PURL, evidence=[{"sha256": "cd" * 32}]))
    world.release()
    changed = {"systems": [{"name": "Agent", "purl": "pkg:pypi/new"}]}
    done = world.send("producer", "PATCH", f"/api/v1/reports/{filed['id']}", changed, If_Match='"r1"')
    assert done.status_code == 200, done.text
    world.release()
    assert found(world, f"sealed.systems.purl = {PURL}") == set()
    assert found(world, "sealed.systems.purl = pkg:pypi/new") == {filed["ref"]}
    assert found(world, f"sealed.evidence.sha256 = {'cd' * 32}") == {filed["ref"]}, "what it took over is found still"
    gone = world.send("producer", "PATCH", f"/api/v1/reports/{filed['id']}", {"evidence": None}, If_Match='"r2"')
    assert gone.status_code == 200, gone.text
    world.release()
    assert found(world, f"sealed.evidence.sha256 = {'cd' * 32}") == set()


def test_what_is_opened_is_on_record_and_the_value_is_not(world: World) -> None:
    filed = world.file("producer", with_purl(PURL))
    world.release()
    assert found(world, f"sealed.systems.purl = {PURL}") == {filed["ref"]}
    with world.hub.store.reading() as db:
        said = [one for one in audit.entries(db) if one["action"] == "scan.intent"]
    (intent,) = said
    assert intent["details"]["revisions"] == {filed["id"]: 1}
    assert intent["details"]["fields"] == ["systems[].purl"]
    assert intent["details"]["purpose"] == PURPOSE
    assert "ngx" not in str(intent)


@pytest.mark.parametrize(
    ("filter_", "said"),
    [
        ("severity = high", "names no sealed value"),
        ("sealed.systems.purl != pkg:pypi/x", "only `=` and `in"),
        ("sealed.systems.purl begins pkg:pypi", "`begins` is asked of names"),
        ("sealed.systems.purl = a or severity = high", "join it to the rest"),
        ("not sealed.systems.purl = a", "join it to the rest"),
        ("sealed.affected_parties.contact = nobody", "must name one domain"),
        ("sealed.reporter.name = a", "there is no field"),
        ("sealed.title = a", "there is no field"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_remedy(world: World, filter_: str, said: str) -> None:
    answer = ask(world, filter_)
    assert answer.status_code == 400, answer.text
    assert said in answer.json["detail"]


def test_other_searches_refuse_a_sealed_value_and_say_where_to_ask(world: World) -> None:
    answer = world.send("analyst", "GET", "/api/v1/search?filter=sealed.systems.purl%20%3D%20x")
    assert answer.status_code == 400
    assert answer.json is not None
    assert "--purpose" in answer.json["detail"]
    for path in ("open", "sealed"):
        body = {"filter": "sealed.systems.purl = x", "purpose": PURPOSE} | (
            {"contains": "x"} if path == "sealed" else {}
        )
        assert world.send("analyst", "POST", f"/api/v1/search/{path}", body).status_code == 400


@pytest.mark.parametrize("who", ["producer", "member", "operator", "auditor", "researcher"])
def test_nobody_but_an_analyst_compares(world: World, who: str) -> None:
    assert ask(world, "sealed.systems.purl = x", who).status_code == 404


def test_pages_go_on_where_they_stopped(world: World) -> None:
    refs = {world.file("producer", with_purl(PURL, client_ref=f"r-{at}"))["ref"] for at in range(5)}
    world.release()
    seen, more = [], None
    while True:
        answer = ask(world, f"sealed.systems.purl = {PURL}", rows=2, **({"next": more} if more else {})).json
        seen += [one["ref"] for one in answer["items"]]
        more = answer["next"]
        if more is None:
            break
    assert sorted(seen) == sorted(refs)
    other = ask(
        world,
        "sealed.systems.purl = pkg:pypi/x",
        rows=2,
        next=ask(world, f"sealed.systems.purl = {PURL}", rows=2).json["next"],
    )
    assert other.status_code == 400, "a cursor goes on with its own search alone"
    assert ask(world, "sealed.systems.purl = x", rows=201).status_code == 422

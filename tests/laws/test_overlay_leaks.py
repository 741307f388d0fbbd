"""What analysts say leaks no more than what producers say: by audience and mode, in no log, to no other role.

Nor does a list of limits, a count or a new version tell an audience of an assertion that it may not see.
The expectation is written by hand, as in test_no_leak.py.
"""

import logging
from dataclasses import replace
from typing import Any

import pytest

from feeds.mapping.extension import AI_EXTENSION
from feeds.overlay import Desk, project_overlaid
from feeds.projection import Projection, project
from hub.services.publishing import pressing
from schemas.triage import ASSERTABLE
from tests.conftest import AUDIENCES, World
from tests.factories import a_report

FEEDS = ("trusted", "members", "researchers", "public")
ORGANISATIONS = ("Alder", "Birch", "Cedar")
CODES = {"severity", "oecd_severity", "taxonomy"}
HUBS: dict[str, dict[str, set[str]]] = {  # in which fields the hub's word shows; what is asserted of risk is cbrn alone
    "written": {
        "trusted": {*CODES, "risk_area", "attack_steps", "mitigations", "triage"},
        "members": {*CODES, "risk_area", "attack_steps", "mitigations", "triage"},
        "researchers": {*CODES, "attack_steps", "mitigations"},
        "public": {*CODES, "attack_steps", "mitigations"},
    },
    "redacted": {
        "trusted": {*CODES, "risk_area", "attack_steps", "mitigations", "triage"},
        "members": {*CODES, "risk_area", "attack_steps", "mitigations", "triage"},
        "researchers": {*CODES, "attack_steps"},
        "public": CODES,
    },
}
SAID = {  # each value occurs in nothing else that these tests file
    "severity": "critical",
    "oecd_severity": "serious_incident",
    "risk_area": ["cbrn"],
    "taxonomy": [{"scheme": "CWE", "code": "CWE-1427"}],
    "attack_steps": [{"technique": "AML.T0020", "tactic": "AML.TA0003"}],
    "mitigations": [{"code": "AML.M0007", "status": "planned"}],
    "triage": {"credibility": "improbable", "family": "canary-family"},
}
MARKS = {"attack_steps": b"AML.T0020", "mitigations": b"AML.M0007", "risk_area": b"cbrn", "triage": b"improbable"}


@pytest.fixture
def desk(any_world: World) -> World:
    """A hub with three approved organisations, a reader of every audience, and reports that analysts spoke of."""
    world = any_world
    world.enrol("member", "Everybody's reader", AUDIENCES)
    for name in ORGANISATIONS:
        world.enrol("producer", name)
        path = f"/api/v1/members/{world.ids[name]}/accept"
        assert world.send("analyst", "POST", path, {"audience": "trusted"}).status_code == 200
    return world


def file_and_triage(world: World, **changes: Any) -> list[str]:
    """A report of each organisation, with all that may be asserted of it, held, worded and put in a case."""
    ids = []
    for name in ORGANISATIONS:
        filed = world.file(f"producer:{name}", a_report(severity="low", **changes))
        path = f"/api/v1/reports/{filed['id']}"
        for method, rest, body in (
            ("PATCH", "/triage", {"why": "CANARY-why", "assert": SAID}),
            ("PUT", "/release-text", {"why": "CANARY-why", "title": "CANARY-title", "summary": "CANARY-summary"}),
            ("POST", "/hold", {"reason": "CANARY-reason", "expires_at": "2026-11-24"}),
        ):
            answer = world.send("analyst", method, f"{path}{rest}", body, If_Match="*")
            assert answer.status_code == 200, answer.get_data(as_text=True)
        ids.append(filed["id"])
    case = {"title": "CANARY-case", "reports": ids, "why": "CANARY-why"}
    assert world.send("analyst", "POST", "/api/v1/cases", case).status_code == 201
    world.clock.forward(days=2)
    return ids


def assert_exactly_the_promised_words_show(world: World, mode: str) -> None:
    for feed in FEEDS:
        carriers = world.carriers("member:Everybody's reader", feed)
        assert len(carriers) == len(ORGANISATIONS), feed
        expected = HUBS[mode][feed]
        for carrier in carriers:
            extension = carrier["extensions"][AI_EXTENSION]
            assert extension["mode"] == mode
            assert set(extension["triaged"]) == expected, feed
            assert ("confidence" in carrier) is ("triage" in expected)
            limited = {_top(limit["field"]) for limit in extension["limits"]}
            assert not limited & {*SAID, "for_release"}, f"{feed}: its producer filed none of these but what shows"
        path = f"/taxii2/hub/collections/{world.collection(feed)}/objects/?limit=1000&match[version]=all"
        data = world.send("member:Everybody's reader", "GET", path).data
        assert b"CANARY" not in data
        assert b"canary-family" not in data
        assert {name for name, mark in MARKS.items() if mark in data} == expected & MARKS.keys(), feed
        numbers = world.send("member:Everybody's reader", "GET", f"/api/v1/stats?feed={feed}").get_json()["fields"]
        withheld = {_top(one["by"]) for one in numbers if one["withheld"]}
        assert not withheld & SAID.keys(), feed


def _top(path: str) -> str:
    return path.partition(".")[0].removesuffix("[]")


def test_the_expectation_speaks_of_every_field_that_may_be_asserted() -> None:
    assert set(SAID) == set(ASSERTABLE) == HUBS["written"]["trusted"], "a field joined: say here where it shows"


def test_redacted_the_hubs_word_shows_where_the_field_does_and_nowhere_else(desk: World) -> None:
    file_and_triage(desk, tlp="red", share_redacted_with=["public", "researchers"])
    desk.release()
    assert_exactly_the_promised_words_show(desk, "redacted")


def test_as_written_the_hubs_word_shows_where_the_field_does_and_nowhere_else(desk: World) -> None:
    for one in file_and_triage(desk, tlp="clear"):
        desk.accept(one, "public", "researchers")
    desk.release()
    assert_exactly_the_promised_words_show(desk, "written")


def test_no_word_of_an_analyst_reaches_another_role_or_a_log(
    world: World, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ORGANISATIONS:
        world.enrol("producer", name)
    ids = file_and_triage(world, tlp="red", share_redacted_with=["members"])
    world.release()
    told = caplog.text + "".join(capfd.readouterr())
    for who in ("producer:Alder", "producer", "member", "researcher", "operator", "auditor", ""):
        for path in ("/api/v1/reports?limit=200", "/api/v1/cases", "/api/v1/members", *_paths(ids)):
            answer = world.send(who, "GET", path).get_data(as_text=True)
            if not (who == "producer:Alder" and path.endswith("release-text")):  # its own text is shown to it
                told += answer
            assert "CANARY-why" not in answer
    assert "CANARY" not in told
    assert "canary-family" not in told
    assert "improbable" not in told
    seen = "".join(world.send("analyst", "GET", path).get_data(as_text=True) for path in _paths(ids))
    assert "CANARY-why" in seen, "the law looked where the words are"


def _paths(ids: list[str]) -> list[str]:
    rests = ("", "/triage", "/release-text", "/related", "/receipt", "/path")
    return [f"/api/v1/reports/{one}{rest}" for one in ids for rest in rests]


def told_of(world: World) -> dict[str, list[bytes]]:
    """All that the reader of every audience gets, by feed."""
    found = {}
    for feed in FEEDS:
        collection = f"/taxii2/hub/collections/{world.collection(feed)}"
        versions = "?limit=1000&match[version]=all"
        files = ("bundle.json", "entries.csv", "entries.ndjson", "feed.json", "atom.xml", "tombstones.json")
        paths = (
            f"{collection}/objects/{versions}",
            f"{collection}/manifest/{versions}",
            f"/api/v1/stats?feed={feed}",
            f"/api/v1/stats?feed={feed}&by=risk_area",
            *(f"/feeds/{feed}/{name}" for name in files),
        )
        answers = [world.send("member:Everybody's reader", "GET", path) for path in paths]
        assert {answer.status_code for answer in answers} == {200}
        found[feed] = [answer.data for answer in answers]
    return found


@pytest.mark.parametrize("mode", HUBS)
def test_what_an_audience_may_not_see_makes_no_version_and_changes_no_byte_that_it_gets(desk: World, mode: str) -> None:
    """Each step asserts something of one report; only the feeds that show it may have a release of it."""
    tlp = {"tlp": "clear"} if mode == "written" else {"tlp": "red", "share_redacted_with": ["public", "researchers"]}
    ids = [desk.file(f"producer:{name}", a_report(risk_area=["ai_safety"], **tlp))["id"] for name in ORGANISATIONS]
    for one in ids if mode == "written" else ():
        desk.accept(one, "public", "researchers")
    desk.release()
    path = f"/api/v1/reports/{ids[0]}"
    wording = {"why": "It is plainer.", "title": "CANARY-title", "summary": "CANARY-summary"}
    assert desk.send("analyst", "PUT", f"{path}/release-text", wording, If_Match="*").status_code == 200
    assert_only_these_changed(desk, told_of(desk), set())  # it is not approved
    for name, said in {
        "family": {"triage": {"family": "canary-family"}},
        **{one: {one: SAID[one]} for one in SAID},
    }.items():
        before = told_of(desk)
        body = {"why": "CANARY-why", "assert": said}
        assert desk.send("analyst", "PATCH", f"{path}/triage", body, If_Match="*").status_code == 200
        assert_only_these_changed(desk, before, {feed for feed in FEEDS if name in HUBS[mode][feed]})


def assert_only_these_changed(world: World, before: dict[str, list[bytes]], changed: set[str]) -> None:
    world.clock.forward(days=2)
    outcomes = world.release()
    after = told_of(world)
    assert {feed for feed in FEEDS if after[feed] != before[feed]} == changed
    assert {feed for feed in FEEDS if outcomes[feed].number} == changed


def naming_all(report: Any, said: Desk, *rest: Any) -> Projection:
    """An overlay that names every asserted field."""
    return replace(project_overlaid(report, said, *rest), triaged=tuple(said.asserted))


def limiting_all(report: Any, said: Desk, *rest: Any) -> Projection:
    """An overlay that lists what was withheld of assertions as well."""
    limits = project({**report, **said.asserted}, *rest).limits
    return replace(project_overlaid(report, said, *rest), limits=limits)


@pytest.mark.parametrize("telling", [naming_all, limiting_all])
def test_a_list_of_all_that_is_asserted_would_be_noticed(
    desk: World, monkeypatch: pytest.MonkeyPatch, telling: Any
) -> None:
    """The law can fail: either list would tell the public that analysts spoke of CBRN."""
    monkeypatch.setattr(pressing, "project_overlaid", telling)
    file_and_triage(desk, tlp="red", share_redacted_with=["public", "researchers"])
    desk.release()
    with pytest.raises(AssertionError, match="researchers"):
        assert_exactly_the_promised_words_show(desk, "redacted")

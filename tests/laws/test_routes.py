"""Every route names its policy, and every method of every route answers every role without falling over.

A caller who lacks a capability gets, byte for byte, what anyone gets for a thing that does not exist.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from hub.agreement import Deed
from hub.app import create_app
from hub.roles import ROLES
from hub.web.policy import Policy, Unguarded, guard
from tests.attaching import a_file, attached, beginning
from tests.conftest import World
from tests.factories import a_report
from tests.sessions import begun, proposed

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
WHO = ("", *ROLES)
BODIES: Mapping[str, Any] = {  # what makes a route do its work; a route without one gets the other bodies only
    "reports.file": a_report(client_ref="matrix"),
    "reports.amend": {"severity": "low"},
    "reports.accept": {"audience": "members"},
    "members.add": {"name": "New"},
    "members.grant": {"audience": "members", "expires_at": "2027-01-01T00:00:00Z"},
    "members.issue": {"roles": ["auditor"]},
    "members.rotate": {},
    "members.accept": {"audience": "members"},
    "unsealing.open_report": {"purpose": "the law asks every route"},
    "attachments.begin": beginning(b"x"),
    "downloads.head": {"purpose": "the law asks every route"},
    "downloads.content": {"purpose": "the law asks every route"},
    "unsealing.open_page": {"purpose": "the law asks every route"},
    "unsealing.scan": {"purpose": "the law asks every route", "contains": "agent"},
    "previews.draft": a_report(share_redacted_with=["members"]),
    "previews.filed": {"purpose": "the law asks every route"},
    "sessions.begin": {"purpose": "the law asks every route", "filter": "severity = low"},
    "triage.assert_overlay": {"why": "Seen.", "assert": {"severity": "low"}},
    "triage.hold": {"reason": "Seen.", "expires_at": "2026-12-01"},
    "triage.write_text": {"why": "Seen.", "title": "For readers"},
    "guarding.decide": {"audience": "members", "decision": "keep", "why": "The law asks every route."},
    "cases.open_case": {"title": "One event", "reports": [], "why": "Seen."},
    "cases.change": {"why": "Seen.", "closed": True},
}


class Call(NamedTuple):
    """One method on one route."""

    endpoint: str
    method: str
    path: str
    policy: Policy | None  # None: the route does not know the method


def test_every_route_has_a_policy(world: World) -> None:
    """What nobody thought about must not be open to all."""
    app = world.web.application
    rules = list(app.url_map.iter_rules())
    assert len(rules) > 20
    bare = [rule.rule for rule in rules if not isinstance(policy_of(app, rule.endpoint), Policy)]
    assert bare == []


def test_what_is_public_is_listed_here(world: World) -> None:
    """A route that becomes public by one word is seen by whoever reads this list."""
    app = world.web.application
    public = {rule.rule for rule in app.url_map.iter_rules() if (policy_of(app, rule.endpoint) or Policy()).is_public}
    assert public == {
        "/healthz", "/readyz", "/schemas/report.json", "/schemas/ai-incident.json", "/api/v1/openapi.json",
        "/api/docs", "/api/docs/start.js", "/api/docs/<name>",
        "/.well-known/incident-hub.json", "/.well-known/security.txt",
    }  # fmt: skip


def test_an_application_with_a_bare_route_does_not_start(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused when it starts, so that no deployment can serve it for a day before someone looks."""

    def guard_with_one_more(app: Flask) -> None:
        app.add_url_rule("/bare", "bare", lambda: "open to all")
        guard(app)

    monkeypatch.setattr("hub.app.guard", guard_with_one_more)
    with pytest.raises(Unguarded, match="/bare"):
        create_app(world.hub)


def test_a_route_added_after_the_start_answers_nobody(world: World) -> None:
    """The guard asks on each request too: what slipped in later is an error, not a page."""
    app = create_app(world.hub)
    app.add_url_rule("/late", "late", lambda: "open to all")
    answer = app.test_client().get("/late")
    assert answer.status_code == 500
    assert b"open" not in answer.data


@pytest.mark.parametrize("who", WHO)
def test_no_call_of_any_role_falls_over_and_none_goes_beyond_its_policy(world: World, who: str) -> None:
    """A 5xx tells an attacker where to dig, and any answer but the 404 tells what is there."""
    calls = list(every_call(world))
    assert len(calls) > 150
    wrong = []
    for call in calls:
        bodies: tuple[Any, ...] = (None, {}, [], BODIES.get(call.endpoint))
        for body in bodies:
            answer = send(world, who, call, body)
            if fault := fault_of(world, who, call, answer):
                wrong.append(f"{call.method} {call.path} {body!s:.40}: {answer.status_code}, {fault}")
    assert wrong == []


@pytest.mark.parametrize("who", ["operator", "auditor", "producer", "analyst"])
def test_a_collection_that_one_may_not_read_is_like_one_that_is_not_there(world: World, who: str) -> None:
    """Which collections there are is itself a secret of those who read them."""
    known, unknown = world.collection("trusted"), str(uuid4())
    for rest in ("", "objects/", "manifest/", "objects/report--1/", "objects/report--1/versions/"):
        path = "/taxii2/hub/collections/{}/" + rest
        assert told(world.send(who, "GET", path.format(known))) == told(world.send(who, "GET", path.format(unknown)))
        assert world.send(who, "GET", path.format(known)).status_code == 404


def test_another_producers_report_is_like_one_that_is_not_there(world: World) -> None:
    """That a report exists is the first thing about it that must not leak."""
    theirs = world.file("producer", a_report(client_ref="theirs"))["id"]
    world.enrol("producer", "Curious Ltd")
    for method, rest in (("GET", ""), ("GET", "/receipt"), ("PATCH", ""), ("POST", "/withdraw")):
        seen, missing = (
            world.send(
                "producer:Curious Ltd", method, f"/api/v1/reports/{one}{rest}", {"severity": "low"}, If_Match='"r1"'
            )
            for one in (theirs, uuid4())
        )
        assert seen.status_code == 404
        assert told(seen) == told(missing)


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """The policy of a route."""
    return getattr(app.view_functions[endpoint], "policy", None)


def every_call(world: World) -> Iterator[Call]:
    """Every method on every route, its variables filled with things that exist."""
    filed = world.file("producer", a_report(share_redacted_with=["members"], client_ref="known"))
    world.accept(filed["id"], "members")
    world.release()
    world.enrol("auditor", "Spare")
    token = world.tokens["auditor:Spare"].split("_")[2]
    values = {
        "report_id": filed["id"], "report": filed["ref"], "member": world.ids["Spare"], "token_id": token,
        "collection_id": world.collection("members"), "name": "swagger-ui.css",
        "feed": "members", "file": "bundle.json",
        "status_id": str(uuid4()), "attachment": attached(world, filed["id"], a_file(100))["id"],
        "object_id": world.carriers("member", "members")[0]["id"],
    }  # fmt: skip
    case = {"title": "One event", "reports": [filed["id"]], "why": "Seen."}
    entries = world.send("auditor", "GET", f"/api/v1/audit?subject={filed['id']}&action=report.file").get_json()
    values["seq"] = str(entries["items"][0]["seq"])
    values["session"] = begun(world, filed["id"])
    values["proposal"] = proposed(world, "analyst", Deed("identity.show", filed["id"]))
    values["case"] = world.send("analyst", "POST", "/api/v1/cases", case).get_json()["ref"]
    app = world.web.application
    adapter = app.url_map.bind("localhost")
    for path in sorted({_filled(rule.rule, values) for rule in app.url_map.iter_rules()}):
        allowed = set(adapter.allowed_methods(path))
        for method in METHODS:
            endpoint = adapter.match(path, method)[0] if method in allowed else ""
            yield Call(endpoint, method, path, policy_of(app, endpoint) if endpoint else None)


def _filled(rule: str, values: Mapping[str, str]) -> str:
    parts = (part.strip("<>").rpartition(":")[2] if part.startswith("<") else None for part in rule.split("/"))
    return "/".join(values[name] if name else part for part, name in zip(rule.split("/"), parts, strict=True))


def send(world: World, who: str, call: Call, body: Any) -> TestResponse:
    """Make a call; `None` sends no body."""
    return world.send(who, call.method, call.path, body, If_Match='"r1"', Idempotency_Key=str(uuid4()))


def fault_of(world: World, who: str, call: Call, answer: TestResponse) -> str:
    """What is wrong with an answer, or nothing."""
    if answer.status_code >= 500:
        return "fell over"
    if call.policy is None or call.policy.is_public:
        refusal = 401 if call.path.startswith("/taxii2/") and not who else 405  # TAXII 2.1, 1.6.9: by any method
        return "" if call.policy or answer.status_code == refusal else f"not {refusal}"
    if not who:
        return "" if answer.status_code == 401 else "not 401"
    may = frozenset().union(ROLES[who])
    if call.policy.capabilities and may.isdisjoint(call.policy.capabilities):
        return "" if told(answer) == told(nothing(world, call)) else "differs from the 404 of what is not there"
    if call.endpoint in {"taxii.add_objects", "taxii.delete_object"}:  # TAXII 2.1, 5.5 and 5.7: a feed is not written
        return "" if answer.status_code in {403, 404} else "neither forbidden nor absent"
    return "refused to one who may" if answer.status_code in {401, 403} else ""


def nothing(world: World, call: Call) -> TestResponse:
    """What a caller with every right gets for a report that does not exist, by the same method."""
    method = "HEAD" if call.method == "HEAD" else "GET"
    root = "/taxii2/hub/collections" if call.path.startswith("/taxii2") else "/api/v1/reports"
    return world.send("analyst", method, f"{root}/{uuid4()}")


def told(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    """All of an answer that a caller sees, byte for byte; but for the request's id, which is random."""
    headers = [(name, value) for name, value in answer.headers.to_wsgi_list() if name != "X-Request-Id"]
    return answer.status_code, answer.data, sorted(headers)


def test_a_path_that_is_no_route_is_told_in_the_same_words(world: World) -> None:
    """The 404 of the framework and ours must not tell a forbidden route from one that is not there."""
    forbidden = world.send("producer", "GET", "/api/v1/members")
    assert told(world.send("producer", "GET", "/api/v1/nothing")) == told(forbidden)
    assert told(world.send("producer", "GET", "/api/v1/reports/no-uuid")) == told(forbidden)

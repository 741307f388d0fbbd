"""Errors tell who may know, and nothing more: what one may not see answers like what does not exist."""

import base64
import json

import pytest
from werkzeug.test import TestResponse

from hub.roles import Act, shell
from hub.services import membership
from tests.conftest import World
from tests.factories import MINIMAL, a_report
from tests.wire import JSON, REPORTS, send_bytes

NOBODY = "00000000-0000-4000-8000-000000000000"


def whole(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    return answer.status_code, answer.get_data(), sorted(answer.headers)


@pytest.mark.parametrize(
    ("method", "rest", "body"),
    [
        ("GET", "", None), ("GET", "/receipt", None), ("PATCH", "", {"severity": "low"}), ("PATCH", "", {"no": 1}),
        ("POST", "/withdraw", None),
    ],
)  # fmt: skip
def test_another_s_report_and_no_report_answer_the_same_bytes(
    world: World, method: str, rest: str, body: dict[str, object] | None
) -> None:
    world.enrol("producer", "Another lab")
    theirs = world.file("producer:Another lab", MINIMAL)["id"]
    found = [
        whole(world.send("producer", method, f"{REPORTS}/{one}{rest}", body, If_Match='"r1"'))
        for one in (theirs, NOBODY)
    ]
    assert found[0] == found[1]
    assert found[0][0] == 404
    assert world.send("producer:Another lab", "GET", f"{REPORTS}/{theirs}").get_json()["revision"] == 1


@pytest.mark.parametrize("who", ["member", "researcher", "operator", "auditor"])
def test_who_may_not_read_reports_learns_not_even_that_there_are_any(world: World, who: str) -> None:
    filed = world.file("producer", MINIMAL)["id"]
    answers = [whole(world.send(who, "GET", path)) for path in (REPORTS, f"{REPORTS}/{filed}", f"{REPORTS}/{NOBODY}")]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 404
    assert whole(world.send(who, "POST", REPORTS, MINIMAL, Idempotency_Key="k"))[:2] == answers[0][:2]


def test_a_report_a_member_and_a_route_that_do_not_exist_answer_alike(world: World) -> None:
    paths = [f"{REPORTS}/{NOBODY}", f"{REPORTS}/not-an-id", "/api/v1/nothing", "/api/v1/members"]
    answers = [whole(world.send("producer", "GET", path)) for path in paths]
    assert len({answer[:2] for answer in answers}) == 1


def test_an_analyst_reads_a_report_but_never_its_receipt(world: World) -> None:
    filed = world.file("producer", MINIMAL)["id"]
    read = world.send("analyst", "GET", f"{REPORTS}/{filed}")
    assert read.status_code == 200
    assert "receipt" not in read.get_json()
    assert world.send("analyst", "GET", f"{REPORTS}/{filed}/receipt").status_code == 404


def test_a_token_with_two_roles_reads_no_receipt_of_another_organisation(world: World) -> None:
    filed = world.file("producer", MINIMAL)["id"]
    act, wanted = Act(shell("test"), world.clock()), membership.Wanted(["analyst", "producer"])
    world.tokens["both"] = world.issue(act, world.ids["Hub staff"], wanted)
    assert world.send("both", "GET", f"{REPORTS}/{filed}").status_code == 200
    assert (
        whole(world.send("both", "GET", f"{REPORTS}/{filed}/receipt"))[:2]
        == whole(world.send("both", "GET", f"{REPORTS}/{NOBODY}/receipt"))[:2]
    )


def authorizations(world: World) -> list[str | None]:
    token = world.tokens["producer"]
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    return [
        None, "", "Bearer", "Bearer ", f"Bearer {wrong}", f"Bearer {token}x", f"Token {wrong}", token,
        "Basic", "Basic !", basic("x", wrong), basic(token, ""), basic("", ""), "Bearer ü",
        "Bearer hub_live_0000000000_00000000000000000000000000000000000000",
    ]  # fmt: skip


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_without_a_valid_token_the_answer_is_401_and_says_how_to_send_one(world: World) -> None:
    for sent in authorizations(world):
        headers = {} if sent is None else {"Authorization": sent}
        answer = world.web.get(REPORTS, headers=headers)
        assert answer.status_code == 401, sent
        challenges = answer.headers.getlist("WWW-Authenticate")
        assert {challenge.split()[0] for challenge in challenges} == {"Basic", "Bearer"}
        assert answer.content_type == "application/problem+json"
        assert world.tokens["producer"] not in answer.get_data(as_text=True)


def test_a_token_is_taken_as_bearer_or_as_the_password_of_any_user(world: World) -> None:
    token = world.tokens["producer"]
    for sent in (f"Bearer {token}", f"bearer {token}", basic("anyone", token), basic("", token)):
        assert world.web.get(REPORTS, headers={"Authorization": sent}).status_code == 200


def test_an_expired_and_a_revoked_token_answer_like_an_unknown_one(world: World) -> None:
    unknown = world.web.get(REPORTS, headers={"Authorization": f"Bearer {authorizations(world)[-1]}"})
    producer, token_id = world.ids["The producer's organisation"], world.tokens["producer"].split("_")[2]
    world.send("operator", "DELETE", f"/api/v1/members/{producer}/tokens/{token_id}")
    revoked = world.send("producer", "GET", REPORTS)
    world.clock.forward(days=366)
    expired = world.send("analyst", "GET", REPORTS)
    assert whole(unknown) == whole(revoked) == whole(expired)


def test_a_wrong_method_says_which_are_right(world: World) -> None:
    answer = world.send("producer", "PUT", REPORTS, MINIMAL)
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    assert answer.content_type == "application/problem+json"


def test_an_error_of_ours_says_nothing_of_what_broke(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        message = "Zebra-4711"
        raise RuntimeError(message)

    monkeypatch.setattr(type(world.hub.store), "reading", broken)
    answer = world.send("producer", "GET", REPORTS)
    assert answer.status_code == 500
    assert "Zebra" not in answer.get_data(as_text=True)
    assert answer.get_json()["type"] == "urn:incident-hub:internal"


def test_every_answer_carries_the_headers_that_browsers_heed(world: World) -> None:
    for path in ("/healthz", "/nothing", REPORTS, "/api/docs", "/api/v1/openapi.json", "/taxii2/"):
        headers = world.send("producer", "GET", path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Cache-Control"]


def test_a_reference_that_nobody_has_cannot_be_accepted(any_world: World) -> None:
    for name in ("R-0000-0000", NOBODY, "x", "%00", "a%00b", "%ff", "x" * 500):
        answer = any_world.send("analyst", "POST", f"{REPORTS}/{name}/accept", {"audience": "members"})
        assert answer.status_code in {400, 404}, name


def test_accepting_what_was_withdrawn_or_holds_no_text_is_a_conflict(world: World) -> None:
    filed = world.file("producer", a_report())
    path = f"{REPORTS}/{filed['ref']}/accept"
    body = {"audience": "members", "subject": "for_release"}
    assert world.send("analyst", "POST", path, body).status_code == 428, "which text was read?"
    assert world.send("analyst", "POST", path, body, If_Match="*").status_code == 400
    assert world.send("analyst", "POST", path, body, If_Match='"r2"').status_code == 412
    assert world.send("analyst", "POST", path, body, If_Match='"r1"').status_code == 409
    assert world.send("analyst", "POST", path, {"audience": "everyone"}).status_code == 422
    world.send("producer", "POST", f"{REPORTS}/{filed['id']}/withdraw")
    assert world.send("analyst", "POST", path, {"audience": "members"}).status_code == 409


def test_the_same_body_rules_hold_for_every_post(world: World) -> None:
    twice = send_bytes(world, b'{"name": "a", "name": "b"}', "/api/v1/members", who="operator")
    assert (twice.status_code, twice.get_json()["errors"][0]["pointer"]) == (400, "/name")
    kind = send_bytes(world, b"name=a", "/api/v1/members", who="operator", Content_Type="text/plain")
    assert kind.status_code == 415
    more = send_bytes(world, json.dumps({"name": "a", "x": 1}).encode(), "/api/v1/members", who="operator")
    assert (more.status_code, JSON in kind.get_json()["detail"]) == (422, True)

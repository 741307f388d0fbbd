"""The analyst's routes: who may, what is refused and how, and that an address or a body of any shape is answered."""

from typing import Any

import pytest

from tests.conftest import World
from tests.factories import a_report

WRITES: dict[tuple[str, str], Any] = {
    ("PATCH", "/triage"): {"why": "Seen.", "assert": {"severity": "low"}},
    ("POST", "/hold"): {"reason": "Seen.", "expires_at": "2026-12-01"},
    ("DELETE", "/hold"): None,
    ("PUT", "/release-text"): {"why": "Seen.", "title": "For readers"},
}


@pytest.mark.parametrize("who", ["producer", "member", "researcher", "operator", "auditor"])
@pytest.mark.parametrize(("method", "rest"), [*WRITES, ("GET", "/triage")])
def test_only_an_analyst_triages(world: World, who: str, method: str, rest: str) -> None:
    filed = world.file("producer", a_report())
    body = WRITES.get((method, rest))
    known, unknown = (
        world.send(who, method, f"/api/v1/reports/{name}{rest}", body, If_Match="*")
        for name in (filed["id"], "R-0000-0000")
    )
    assert known.status_code == unknown.status_code == 404
    assert known.data == unknown.data


@pytest.mark.parametrize(("method", "rest"), [*WRITES, ("GET", "/triage"), ("GET", "/release-text")])
def test_a_report_that_is_not_there_is_told_before_anything_else(world: World, method: str, rest: str) -> None:
    body = WRITES.get((method, rest))
    for name in ("R-0000-0000", "nothing", "%20", "x" * 300):
        for tag in ("*", '"t9"', '"junk"', '"t99999999999999999999"'):
            answer = world.send("analyst", method, f"/api/v1/reports/{name}{rest}", body, If_Match=tag)
            assert answer.status_code == 404, (name, tag)


@pytest.mark.parametrize("rest", ["/triage", "/release-text"])
def test_what_is_written_over_is_named(world: World, rest: str) -> None:
    filed = world.file("producer", a_report())
    method, body = next((method, body) for (method, path), body in WRITES.items() if path == rest)
    path = f"/api/v1/reports/{filed['id']}{rest}"
    assert world.send("analyst", method, path, body).status_code == 428
    for stale in ('"t5"', '"r1x5"', '"junk"', 'W/"t0"'):
        assert world.send("analyst", method, path, body, If_Match=stale).status_code == 412, stale
    tag = world.send("analyst", "GET", path).headers["ETag"]
    answer = world.send("analyst", method, path, body, If_Match=tag)
    assert answer.status_code == 200
    assert answer.headers["ETag"] == world.send("analyst", "GET", path).headers["ETag"] != tag


@pytest.mark.parametrize(
    ("rest", "body", "pointer"),
    [
        ("/triage", {"assert": {}}, "/why"),
        ("/triage", {"why": "x"}, "/assert"),
        ("/triage", {"why": "x", "assert": {"title": "SECRET"}}, "/assert/title"),
        ("/triage", {"why": "x", "assert": {"severity": "SECRET"}}, "/assert/severity"),
        ("/triage", {"why": "x", "assert": {"taxonomy": [{"code": "SECRET"}]}}, "/assert/taxonomy/0/scheme"),
        ("/triage", {"why": "x" * 1001, "assert": {}}, "/why"),
        ("/triage", {"why": "x", "assert": {}, "urgent": True}, "/urgent"),
        ("/hold", {"reason": "x"}, "/expires_at"),
        ("/hold", {"reason": "x", "expires_at": "SECRET"}, "/expires_at"),
        ("/hold", {"reason": " ", "expires_at": "2026-12-01"}, "/reason"),
        ("/release-text", {"why": "x", "title": 3}, "/title"),
        ("/release-text", {"why": "x", "title": "x" * 201}, "/title"),
        ("/release-text", {"why": "x", "language": "SECRET language"}, "/language"),
        ("/release-text", {"title": "x"}, "/why"),
    ],
)
def test_a_body_that_does_not_fit_is_refused_by_name_and_not_repeated(
    world: World, rest: str, body: dict[str, Any], pointer: str
) -> None:
    filed = world.file("producer", a_report())
    method = next(method for method, path in WRITES if path == rest)
    answer = world.send("analyst", method, f"/api/v1/reports/{filed['id']}{rest}", body, If_Match="*")
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.get_json()["errors"]] == [pointer]
    assert b"SECRET" not in answer.data


@pytest.mark.parametrize("raw", [b'{"why": "\\u0000"}', b'{"why": "\\ud800"}', b"[", b"\xff", b'{"why":"x","why":"y"}'])
@pytest.mark.parametrize(("method", "rest"), [one for one in WRITES if one[0] != "DELETE"])
def test_bytes_that_are_no_strict_json_are_refused(world: World, raw: bytes, method: str, rest: str) -> None:
    filed = world.file("producer", a_report())
    path = f"/api/v1/reports/{filed['id']}{rest}"
    headers = {"Authorization": f"Bearer {world.tokens['analyst']}", "If-Match": "*"}
    answer = world.web.open(path, method=method, data=raw, headers=headers, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "next=0", "next=x", "next=" + "9" * 30, "x=1"])
def test_a_query_that_is_none_is_refused(world: World, query: str) -> None:
    filed = world.file("producer", a_report())
    assert world.send("analyst", "GET", f"/api/v1/reports/{filed['id']}/triage?{query}").status_code == 422


@pytest.mark.parametrize(
    "path", ["/api/v1/cases?next=%00", "/api/v1/cases?limit=0", "/api/v1/cases?next=x", "/api/v1/cases?x=1"]
)
def test_a_list_of_cases_is_asked_for_strictly(world: World, path: str) -> None:
    assert world.send("analyst", "GET", path).status_code in {400, 422}


def test_a_case_that_is_not_there_is_not_found(world: World) -> None:
    for name in ("C-0000-0000", "nothing", "x" * 300):
        assert world.send("analyst", "GET", f"/api/v1/cases/{name}").status_code == 404
        assert world.send("analyst", "PATCH", f"/api/v1/cases/{name}", {"why": "x"}).status_code == 404

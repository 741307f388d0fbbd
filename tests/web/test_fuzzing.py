"""Whatever fits the API's own description, or just misses it, is answered: never with an error of ours."""

from hashlib import sha256
from http import HTTPStatus
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from tests.conftest import World
from tests.factories import a_report
from tests.strategies import FEW, json_values, reports
from tests.wire import REPORTS, send_bytes

OURS = HTTPStatus.INTERNAL_SERVER_ERROR
CALLERS = ("producer", "analyst", "operator")
BOUNDED = settings(
    FEW,
    max_examples=4,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.slow
@pytest.mark.parametrize("who", CALLERS)
def test_no_call_that_the_description_allows_or_just_misses_is_an_error_of_ours(world: World, who: str) -> None:
    whole = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", world.web.application)
    api = whole.exclude(path=f"{REPORTS}/batch")  # not JSON: fuzzed below
    faults: list[str] = []
    for found in api.get_all_operations():
        operation = found.ok() if isinstance(found, Ok) else None
        assert operation is not None, found
        for mode in GenerationMode:
            call_each(operation.as_strategy(generation_mode=mode), world, who, faults)
    assert faults == []


def call_each(cases: st.SearchStrategy[schemathesis.Case[Any]], world: World, who: str, faults: list[str]) -> None:
    calls = 0

    @BOUNDED
    @given(cases)
    def call(case: schemathesis.Case[Any]) -> None:
        nonlocal calls
        calls += 1
        answer = case.call(headers={"Authorization": f"Bearer {world.tokens[who]}"})
        if answer.status_code >= OURS:
            faults.append(f"{answer.status_code} {case.method} {case.formatted_path} {case.query} {case.body!r}"[:300])

    call()
    assert calls


@FEW
@given(body=st.one_of(st.binary(max_size=80), json_values.map(repr).map(str.encode)))
def test_no_bytes_at_all_are_an_error_of_ours(world: World, body: bytes) -> None:
    for path in (REPORTS, f"{REPORTS}/batch"):
        for kind in ("application/json", "application/x-ndjson", "text/plain"):
            assert send_bytes(world, body, path, Content_Type=kind).status_code < OURS


@FEW
@given(report=reports(), patch=st.dictionaries(st.sampled_from(["systems", "tlp", "hold", "x"]), json_values))
def test_any_report_is_filed_and_any_patch_answered(world: World, report: dict[str, Any], patch: object) -> None:
    report.pop("client_ref", None)
    filed = world.file("producer", report, key=sha256(repr(report).encode()).hexdigest())
    path = f"{REPORTS}/{filed['id']}"
    assert world.send("producer", "GET", path).status_code == HTTPStatus.OK
    assert world.send("producer", "PATCH", path, patch, If_Match='"r1"').status_code < OURS


@FEW
@given(tag=st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=12))
def test_no_entity_tag_or_key_is_an_error_of_ours(world: World, tag: str) -> None:
    path = f"{REPORTS}/{world.file('producer', a_report(), key='one')['id']}"
    for value in (tag, f'"r{tag}"', f'W/"r{tag}"'):
        assert world.send("producer", "PATCH", path, {}, If_Match=value).status_code < OURS
        assert world.send("producer", "GET", path, If_None_Match=value).status_code < OURS
        assert world.send("producer", "POST", REPORTS, {}, Idempotency_Key=value).status_code < OURS


@FEW
@given(name=st.text(max_size=12), value=st.text(max_size=30))
def test_no_query_is_an_error_of_ours(world: World, name: str, value: str) -> None:
    headers = {"Authorization": f"Bearer {world.tokens['producer']}"}
    for path in (REPORTS, "/healthz", "/api/v1/openapi.json"):
        for query in ({name: value}, {"next": value}, {"limit": value}):
            assert world.web.get(path, query_string=query, headers=headers).status_code < OURS

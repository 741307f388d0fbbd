"""The API's own description: valid OpenAPI 3.1, and complete."""

import re
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from schemas.report import filing_schema
from tests.conftest import World
from tests.factories import a_full_report

METHODS = {"get", "post", "patch", "put", "delete"}
BODILESS = ("/withdraw", "/agree", "/refuse", "/end")  # what they do is in the path


@pytest.fixture
def spec(world: World) -> dict[str, Any]:
    answer = world.web.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.get_json()
    return body


def operations(spec: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (path, method): operation
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


def routes(app: Flask) -> set[tuple[str, str]]:
    return {
        (re.sub("<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.endpoint.startswith("site.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_the_description_has_the_shape_of_openapi_3_1(spec: dict[str, Any]) -> None:
    assert spec["openapi"] == "3.1.0"
    assert {"info", "paths", "components"} <= set(spec)
    assert set(spec["info"]) >= {"title", "version"}
    assert "$schema" not in spec["components"]["schemas"]["Report"]
    for (path, _), operation in operations(spec).items():
        assert operation["responses"], path
        named = {one["name"] for one in parameters(spec, path, operation) if one["in"] == "path"}
        assert named == set(re.findall(r"{([a-z_]+)}", path)), path


def parameters(spec: dict[str, Any], path: str, operation: dict[str, Any]) -> list[dict[str, Any]]:
    return [*spec["paths"][path].get("parameters", []), *operation.get("parameters", [])]


def test_every_schema_in_it_is_a_valid_json_schema(spec: dict[str, Any]) -> None:
    for name, schema in spec["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object", name


def test_every_reference_leads_somewhere(spec: dict[str, Any]) -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [one for inner in node.values() for one in references(inner)]
        return [one for inner in node for one in references(inner)] if isinstance(node, list) else []

    found = references(spec)
    assert "#/components/schemas/Report" in found
    for reference in found:
        place: Any = spec
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place


def test_it_names_every_route_of_the_api(world: World, spec: dict[str, Any]) -> None:
    assert set(operations(spec)) == routes(world.web.application)
    for path in ("", "/{report_id}", "/{report_id}/withdraw", "/{report_id}/receipt", "/{report}/accept", "/batch"):
        assert f"/api/v1/reports{path}" in spec["paths"]


def test_every_operation_says_what_it_does_and_how_it_fails(spec: dict[str, Any]) -> None:
    for (path, method), operation in operations(spec).items():
        assert operation["summary"], (method, path)
        said = operation["responses"]
        assert {"400", "401", "404", "429", "503"} <= set(said), (method, path)  # and no `default`, which names nothing
        assert "default" not in said
        for status, answer in said.items():
            whole = spec["components"]["responses"][answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
            assert status < "4" or set(whole["content"]) == {"application/problem+json"}, (method, path, status)
        if method in {"post", "patch"} and not path.endswith(BODILESS):
            assert operation["requestBody"]["content"], (method, path)


def test_asking_twice_tells_the_same(world: World, spec: dict[str, Any]) -> None:
    assert world.web.get("/api/v1/openapi.json").get_json() == spec


def test_every_link_leads_to_an_operation_and_a_parameter_of_it(spec: dict[str, Any]) -> None:
    by_id = {one["operationId"]: (path, one) for (path, _), one in operations(spec).items()}
    assert len(by_id) == len(operations(spec))
    links = [
        link
        for one in operations(spec).values()
        for answer in one["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    assert len(links) > 20
    for link in links:
        path, operation = by_id[link["operationId"]]
        known = {one["name"] for one in parameters(spec, path, operation)}
        assert {name.removeprefix("header.") for name in link["parameters"]} <= known, link


def test_it_says_what_is_not_in_it(spec: dict[str, Any]) -> None:
    assert all(path.startswith("/api/v1/") for path in spec["paths"])
    assert "/taxii2/" in spec["info"]["description"]
    assert "/feeds/" in spec["info"]["description"]


def test_both_ways_to_send_a_token_are_described(spec: dict[str, Any]) -> None:
    assert spec["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert spec["components"]["securitySchemes"]["basic"]["scheme"] == "basic"
    assert spec["security"] == [{"bearer": []}, {"basic": []}]


def test_the_keys_of_a_filing_and_an_amendment_are_described(spec: dict[str, Any]) -> None:
    by_operation = operations(spec)
    filing = parameters(spec, "/api/v1/reports", by_operation["/api/v1/reports", "post"])
    assert {"Idempotency-Key", "upsert", "dry_run"} <= {one["name"] for one in filing}
    path = "/api/v1/reports/{report_id}"
    assert "If-Match" in {one["name"] for one in parameters(spec, path, by_operation[path, "patch"])}


def test_the_report_in_it_is_the_one_that_is_taken(spec: dict[str, Any]) -> None:
    shape = spec["components"]["schemas"]["Report"]
    assert shape == {name: value for name, value in filing_schema().items() if name != "$schema"}
    Draft202012Validator(shape).validate(a_full_report())
    content = operations(spec)["/api/v1/reports", "post"]["requestBody"]["content"]
    Draft202012Validator(shape).validate(content["application/json"]["example"])


def test_the_published_schemas_are_valid(world: World) -> None:
    for path in ("/schemas/report.json", "/schemas/ai-incident.json"):
        body = world.web.get(path).get_json()
        Draft202012Validator.check_schema(body)
        assert body["$schema"] == "https://json-schema.org/draft/2020-12/schema"

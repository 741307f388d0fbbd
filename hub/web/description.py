"""The API's own description, made whole: every operation with every answer it can give, each with its type and headers.

flask-smorest writes what the routes say of success. What is refused is the same everywhere, and said here once:

1. Any call: 400, 401, 404, 429, 503. With a body: 413, 415, 422. With a query: 422. With If-Match: 412, 428.
   One that changes something: 409.
2. A refusal is `application/problem+json`. There is no `default`: an answer that is not named is an error of ours.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from http import HTTPStatus
from typing import Any

from werkzeug.routing import Map, Rule

from hub.web.answers_doc import LINKS, PARAMETERS, REFUSALS

Document = dict[str, Any]
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
ALWAYS = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
}
WITH_BODY = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}
WITH_TAG = {HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED}


def whole(document: Document, routes: Map) -> Document:
    """The description of these routes, completed; the one given stays as it is."""
    document = deepcopy(document)
    components = document["components"]
    components["schemas"]["ReportPatch"] = _patch(components["schemas"]["Report"])
    components["responses"] = {_name(status): _refusal(status) for status in REFUSALS}
    for rule, method, operation in _operations(document, routes):
        operation["operationId"] = rule.endpoint
        operation["parameters"] = [*_path_parameters(rule), *operation.get("parameters", [])]
        operation["responses"] = _answers(method, operation)
        for (endpoint, status), following in LINKS.items():
            if endpoint == rule.endpoint:
                operation["responses"][status]["links"] = {name: _link(*to) for name, to in following.items()}
    return document


def _operations(document: Document, routes: Map) -> Iterator[tuple[Rule, str, Document]]:
    for rule in routes.iter_rules():
        path = document["paths"].get(re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", rule.rule), {})
        for method in sorted(rule.methods or ()):
            if method.lower() in path:
                # Two routes of one path may read its variable differently: it is described with each of them.
                path.pop("parameters", None)
                yield rule, method, path[method.lower()]


def _path_parameters(rule: Rule) -> Iterator[Document]:
    for is_uuid, name in re.findall(r"<(uuid:)?([a-z_]+)>", rule.rule):
        shape = {"type": "string", "format": "uuid"} if is_uuid else {"type": "string", "minLength": 1}
        yield {"in": "path", "name": name, "required": True, "description": PARAMETERS[name], "schema": shape}


def _answers(method: str, operation: Document) -> Document:
    said: Document = operation["responses"]
    refused = {str(int(status)): {"$ref": f"#/components/responses/{_name(status)}"} for status in _refused(operation)}
    if method != "GET":
        refused.setdefault("409", {"$ref": f"#/components/responses/{_name(HTTPStatus.CONFLICT)}"})
    own = {
        status: {**answer, "content": PROBLEM} if status >= "4" else answer
        for status, answer in said.items()
        if "$ref" not in answer
    }
    return dict(sorted({**refused, **own}.items()))


def _refused(operation: Document) -> set[HTTPStatus]:
    found = set(ALWAYS)
    if "requestBody" in operation:
        found |= WITH_BODY
    for one in operation["parameters"]:
        if one["in"] == "query":
            found.add(HTTPStatus.UNPROCESSABLE_ENTITY)
        if one["name"] == "If-Match":
            found |= WITH_TAG
    return found


def _refusal(status: HTTPStatus) -> Document:
    description, headers = REFUSALS[status]
    return {"description": description, "content": PROBLEM, **({"headers": headers} if headers else {})}


def _name(status: HTTPStatus) -> str:
    return f"Refused{int(status)}"


def _link(operation: str, parameters: Document) -> Document:
    return {"operationId": operation, "parameters": parameters}


def _patch(report: Document) -> Document:
    """A JSON Merge Patch of a report: any of its fields, whole, or null to remove it."""
    here = "#/components/schemas/Report/properties/"
    lines = {name: {"anyOf": [{"$ref": here + name}, {"type": "null"}]} for name in report["properties"]}
    return {"type": "object", "properties": lines, "additionalProperties": False}

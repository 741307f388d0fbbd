"""What belongs to no person: health, readiness, schemas, and the API's documentation under a strict CSP."""

from importlib.resources import files

import orjson
from flask import Blueprint, Response, current_app

from feeds.mapping.extension import ai_schema
from hub import readiness
from hub.errors import NotFound, NotReady
from hub.web import description
from hub.web.policy import PUBLIC, policy, the_hub
from schemas.report import filing_schema

site = Blueprint("site", __name__)
SWAGGER = files("flask_swagger_ui") / "dist"
ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Incident Hub API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<div id="api"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</html>
"""
START = """SwaggerUIBundle({ url: "/api/v1/openapi.json", dom_id: "#api", deepLinking: true, validatorUrl: null });
"""


@site.get("/healthz")
@policy(PUBLIC)
def healthz() -> Response:
    """Whether this process answers."""
    return _json({"status": "ok"})


@site.get("/readyz")
@policy(PUBLIC)
def readyz() -> Response:
    """Whether this process can do its work: the database, its tables, the keys and the disk."""
    missing = readiness.missing(the_hub())
    if missing:
        message = "; ".join(missing)
        raise NotReady(message)
    return _json({"status": "ready"})


@site.get("/schemas/report.json")
@policy(PUBLIC)
def report_schema() -> Response:
    """The JSON Schema of a report."""
    return _json(filing_schema())


@site.get("/schemas/ai-incident.json")
@policy(PUBLIC)
def extension_schema() -> Response:
    """The JSON Schema of our STIX extension."""
    return _json(ai_schema())


@site.get("/api/v1/openapi.json")
@policy(PUBLIC)
def openapi() -> Response:
    """The API as OpenAPI 3.1."""
    return _json(description.whole(current_app.extensions["api"].described(), current_app.url_map))


@site.get("/api/docs")
@policy(PUBLIC)
def docs() -> Response:
    """The API, to read and try; nothing is loaded from elsewhere."""
    answer = Response(PAGE, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = DOCS_POLICY
    return answer


@site.get("/api/docs/start.js")
@policy(PUBLIC)
def start() -> Response:
    """Starts the documentation page: inline, it would need a weaker policy."""
    return Response(START, content_type="text/javascript; charset=utf-8")


@site.get("/api/docs/<name>")
@policy(PUBLIC)
def asset(name: str) -> Response:
    """The documentation's script and style, from their pinned package."""
    if name not in ASSETS:
        raise NotFound
    return Response((SWAGGER / name).read_bytes(), content_type=ASSETS[name])


def _json(body: object) -> Response:
    return Response(orjson.dumps(body), content_type="application/json")

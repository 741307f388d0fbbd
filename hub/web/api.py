"""The parts that all of /api/v1 shares: flask-smorest with strict parsing, our errors, and OpenAPI 3.1."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

import flask_smorest
from flask import Flask, Request
from webargs.flaskparser import FlaskParser
from werkzeug import Response
from werkzeug.exceptions import HTTPException

from hub.web import answers_doc, bodies, problems
from schemas.answers import Problem
from schemas.errors import Invalid
from schemas.loading import problems_of


class StrictParser(FlaskParser):
    """Bodies are read like reports: strictly. Unknown names are refused in queries too."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": None, "headers": None}  # noqa: RUF012 - webargs' own way

    def load_json(self, req: Request, schema: Any) -> Any:
        """The body as strict JSON."""
        del req, schema
        return bodies.document()

    def handle_error(self, error: Any, req: Any, schema: Any, **_: Any) -> NoReturn:
        """One family of errors, here too."""
        messages = error.messages
        for location in ("json", "query"):
            messages = messages.get(location, messages)
        raise Invalid(problems_of(messages)) from None


class Blueprint(flask_smorest.Blueprint):
    """A group of routes."""

    ARGUMENTS_PARSER = StrictParser()

    def register_views_in_doc(self, api: "Api", app: Flask, spec: Any, **named: Any) -> None:
        """Leave the description of the routes to the first who asks for it: no process starts the later for it."""
        api.later.append(partial(super().register_views_in_doc, api, app, spec, **named))


class Api(flask_smorest.Api):
    """The API; its own error handler would take the whole application."""

    ERROR_SCHEMA = Problem
    DEFAULT_ERROR_RESPONSE_NAME = None  # `web.description` names every refusal instead

    def init_app(self, app: Flask, **options: Any) -> None:
        """Describe each field of a body or query as strictly as it is read."""
        self.later: list[Callable[[], None]] = []  # descriptions of routes, until somebody asks
        self.asking = threading.Lock()
        super().init_app(app, **options)
        self.ma_plugin.converter.add_attribute_function(_as_read)

    def described(self) -> dict[str, Any]:
        """The API as OpenAPI says it."""
        with self.asking:
            while self.later:
                self.later[0]()
                del self.later[0]
            told: dict[str, Any] = self.spec.to_dict()
        return told

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Errors of the framework go through our table."""
        return problems.of_framework(error)


def _as_read(_: Any, field: Any, **__: Any) -> dict[str, Any]:
    own = getattr(field, "json_schema", None)
    return own() if own else {}


CONFIGURATION = {
    "API_TITLE": "Incident Hub",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "API_SPEC_OPTIONS": {
        "info": {"description": answers_doc.INTRODUCTION},
        "security": [{"bearer": []}, {"basic": []}],
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic", "description": "any user name, the token as password"},
            }
        },
    },
}

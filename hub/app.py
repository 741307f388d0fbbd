"""The application: blueprints, errors, policies and headers put together; nothing else."""

from flask import Flask, Response

from hub.config import from_environment
from hub.web import bodies, problems
from hub.web.api import CONFIGURATION, Api
from hub.web.members import members
from hub.web.policy import guard
from hub.web.reports import reports
from hub.web.site import site
from hub.web.taxii import taxii
from hub.wiring import Hub, connect
from schemas.report import filing_schema

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def create_app(hub: Hub) -> Flask:
    """The web application of a hub; raises Unguarded if a route has no policy."""
    app = Flask("hub", static_folder=None)
    app.config.update(CONFIGURATION)
    app.config["MAX_CONTENT_LENGTH"] = bodies.BATCH_SIZE
    app.url_map.strict_slashes = False
    app.extensions["hub"] = hub
    api = Api(app)
    app.extensions["api"] = api
    body = filing_schema()
    body.pop("$schema")
    api.spec.components.schema("Report", body)
    api.register_blueprint(reports)
    api.register_blueprint(members)
    app.register_blueprint(taxii)
    app.register_blueprint(site)
    problems.install(app)
    app.before_request(bodies.refuse_nul)
    guard(app)
    app.after_request(_harden)
    return app


def _harden(answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer


def serving() -> Flask:
    """The application of the home that the environment names, for gunicorn."""
    return create_app(connect(from_environment()))

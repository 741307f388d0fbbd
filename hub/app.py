"""The application: blueprints, errors, policies and headers put together; nothing else."""

from flask import Flask, Response

from hub import faces, logs
from hub.config import from_environment
from hub.web import bodies, problems, refusals, watching
from hub.web.accounts import accounts
from hub.web.agreements import proposals
from hub.web.api import CONFIGURATION, Api
from hub.web.attachments import attachments
from hub.web.audit import log as audit_log
from hub.web.cases import cases
from hub.web.counting import Counters
from hub.web.credentials import Credentials
from hub.web.downloads import downloads
from hub.web.editions import files
from hub.web.erasing import erasures
from hub.web.facing import Application
from hub.web.guarding import watch
from hub.web.limits import Purse
from hub.web.members import members
from hub.web.metrics import numbers
from hub.web.paths import ways
from hub.web.policy import guard, organisation
from hub.web.previews import previews
from hub.web.remarks import remarks
from hub.web.reports import reports
from hub.web.search import searches
from hub.web.sessions import work
from hub.web.site import site
from hub.web.statistics import statistics
from hub.web.taxii import taxii
from hub.web.triage import triage
from hub.web.unsealing import desk
from hub.web.well_known import well_known
from hub.wiring import Hub, connect
from schemas.report import filing_schema

DESCRIBED = (  # by OpenAPI
    reports, attachments, downloads, triage, cases, remarks, ways, watch, previews, erasures, searches, members, desk,
    work, proposals, statistics, audit_log, accounts,
)  # fmt: skip
OTHERS = (taxii, files, well_known, site, numbers)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def create_app(hub: Hub) -> Flask:
    """The web application of a hub's faces; raises Unguarded or Unplaced if a route has no policy or no face."""
    app = Application("hub", static_folder=None)
    app.config.update(CONFIGURATION)
    app.config["MAX_CONTENT_LENGTH"] = bodies.BATCH_SIZE
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # a path with two in a row is not there: nothing is redirected
    app.extensions["hub"] = hub
    app.extensions["purse"] = Purse(hub)
    app.extensions["credentials"] = Credentials(hub)
    watching.install(app, Counters(hub.config.home))
    refusals.install(app, hub)
    api = Api(app)
    app.extensions["api"] = api
    body = filing_schema()
    body.pop("$schema")
    api.spec.components.schema("Report", body)
    for one in DESCRIBED:
        api.register_blueprint(one)
    for other in OTHERS:
        app.register_blueprint(other)
    problems.install(app)
    app.before_request(bodies.refuse_nul)
    guard(app)
    app.limit_to(hub.config.faces)
    if faces.CONSOLE not in hub.config.faces:
        hub.store.whose = organisation  # its database role sees no more than that
    app.after_request(_harden)
    return app


def _harden(answer: Response) -> Response:
    there = {name.lower() for name, _ in answer.headers}
    answer.headers.extend([(name, value) for name, value in HEADERS.items() if name.lower() not in there])
    return answer


def serving() -> Flask:
    """The application of the home that the environment names, for gunicorn."""
    config = from_environment()
    logs.set_up(config.log_level)
    hub = connect(config)
    hub.take_keys()
    app = create_app(hub)
    hub.store.close()  # a preloading gunicorn forks now: no connection and no lock may be shared by its workers
    return app

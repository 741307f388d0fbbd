"""One log line and one count a request: its route, method, status and duration. Never its path, query, body or origin.

Every answer says its request's id as `X-Request-Id`, random, so that a person can name it and the operator find its
line. But 401 and 404 say none: what is forbidden and what does not exist must answer with the same bytes.
"""

import logging
import secrets
import time
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, g, request

from hub.web.counting import Counters

log = logging.getLogger("hub.request")
UNTOLD = {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND}
PROBES = {"/healthz", "/readyz", "/metrics"}  # asked every few seconds: their lines would bury the others
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def install(app: Flask, counters: Counters) -> None:
    """Watch every request of an application; before anything else of it is installed."""
    app.extensions["counters"] = counters
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began_at, g.request_id = time.perf_counter(), secrets.token_hex(8)


def _end(answer: Response) -> Response:
    if "request_id" not in g:
        return answer
    took = time.perf_counter() - g.began_at
    # A method and a path may be anything that a client writes: only what the hub knows is told or counted.
    route = request.url_rule.rule if request.url_rule else "none"
    method = request.method if request.method in METHODS else "other"
    counters: Counters = current_app.extensions["counters"]
    counters.count(route, method, answer.status_code, took)
    if answer.status_code not in UNTOLD:
        answer.headers["X-Request-Id"] = g.request_id
    level = logging.DEBUG if route in PROBES else logging.INFO
    if log.isEnabledFor(level):
        log.log(level, "request", extra={"fields": _fields(route, method, answer.status_code, took)})
    return answer


def _fields(route: str, method: str, status: int, took: float) -> dict[str, Any]:
    caller = g.get("caller")
    own = {"route": route, "method": method, "status": status, "ms": round(took * 1000, 1), "request": g.request_id}
    return {**own, "token": caller.token_id} if caller else own

"""The one table from errors to HTTP, and the two ways to say them: RFC 9457, and TAXII's own body under /taxii2.

An error that is not in the table becomes a 500 that says nothing: its message might hold what must not be seen.
"""

import logging
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from hub import errors
from schemas.errors import Invalid, TooLarge, Unreadable

log = logging.getLogger(__name__)
TAXII = "application/taxii+json;version=2.1"
STATUSES: Mapping[type[Exception], HTTPStatus] = {
    errors.BadRequest: HTTPStatus.BAD_REQUEST,
    errors.BadFilter: HTTPStatus.BAD_REQUEST,
    errors.TooLong: HTTPStatus.BAD_REQUEST,
    errors.Unkeyed: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    errors.Erased: HTTPStatus.GONE,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.NotAgreed: HTTPStatus.CONFLICT,
    errors.NotSealed: HTTPStatus.CONFLICT,
    errors.Tampered: HTTPStatus.CONFLICT,
    errors.PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    errors.Unacceptable: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.Replayed: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.PreconditionMissing: HTTPStatus.PRECONDITION_REQUIRED,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.NoRoom: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
    Unreadable: HTTPStatus.BAD_REQUEST,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
}
CHALLENGES = ('Basic realm="Incident Hub", charset="UTF-8"', 'Bearer realm="Incident Hub"')


def describe(error: Exception) -> dict[str, Any]:
    """An error as RFC 9457 problem details."""
    status = STATUSES[type(error)]
    problem = {"type": f"urn:incident-hub:{_slug(type(error))}", "title": _title(error), "status": int(status)}
    if isinstance(error, Invalid):
        faults = [{"pointer": one.pointer, "detail": one.message} for one in error.problems]
        return {**problem, "detail": str(error), "errors": faults}
    return {**problem, "detail": str(error)}


def _slug(kind: type[Exception]) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).lstrip("-")


def _title(error: Exception) -> str:
    return getattr(error, "title", None) or "The body cannot be taken"


def install(app: Flask) -> None:
    """Answer every error through this table."""
    for kind in STATUSES:
        app.register_error_handler(kind, _known)
    app.register_error_handler(HTTPException, of_framework)
    app.register_error_handler(Exception, _unknown)


def _known(error: Exception) -> Response:
    answer = _answer(describe(error))
    if isinstance(error, errors.TooMany):
        answer.headers["Retry-After"] = str(error.wait)
        answer.headers["RateLimit-Policy"] = f'"{error.kind}";q={error.limit};w=60'
        answer.headers["RateLimit"] = f'"{error.kind}";r=0;t={error.wait}'
    return answer


def of_framework(error: HTTPException) -> Response:
    """What Flask itself refuses: no such route, wrong method, body too large."""
    status = error.code or 500
    if status == HTTPStatus.NOT_FOUND:
        return _known(errors.NotFound())
    title = HTTPStatus(status).phrase
    slug = title.lower().replace(" ", "-")
    answer = _answer({"type": f"urn:incident-hub:{slug}", "title": title, "status": status, "detail": title})
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


def _unknown(error: Exception) -> Response:
    # The place and the kind, never the message: a database quotes values in its own.
    place = "".join(traceback.format_tb(error.__traceback__))
    log.error("unexpected %s in %s %s\n%s", type(error).__name__, request.method, request.endpoint, place)
    title = "Internal error"
    return _answer({"type": "urn:incident-hub:internal", "title": title, "status": 500, "detail": "not your fault"})


def _answer(problem: dict[str, Any]) -> Response:
    status = problem["status"]
    if f"{request.path}/".startswith("/taxii2/"):
        body = {"title": problem["title"], "description": problem["detail"], "http_status": str(status)}
        answer = Response(orjson.dumps(body), status, content_type=TAXII)
    else:
        answer = Response(orjson.dumps(problem), status, content_type="application/problem+json")
    if status == HTTPStatus.UNAUTHORIZED:
        for challenge in CHALLENGES:
            answer.headers.add("WWW-Authenticate", challenge)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = "5"
    return answer

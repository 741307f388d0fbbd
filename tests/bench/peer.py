"""A hub with some more routes, for gunicorn: one does nothing, one checks a report and commits one row, one answers so
many bytes, one asks a filter's query by hand.

The same framework, server and database, without a token: what filing and reading are measured against.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from flask import Flask, Response, request
from sqlalchemy import text

from hub.app import create_app
from hub.cli.running import web_command
from hub.config import Config, from_environment
from hub.web import bodies
from hub.web.policy import AUTHENTICATED, PUBLIC, policy
from hub.wiring import connect
from schemas.loading import load
from schemas.report import FILED
from tests.servers import PATIENCE, environment, free_port

TABLE = "CREATE TABLE bench (body TEXT NOT NULL)"


@contextmanager
def served(config: Config, *, workers: int = 2) -> Iterator[str]:
    """The URL of a hub with these routes, served as `hub serve` would."""
    port = free_port()
    *started, _ = web_command("127.0.0.1", port, workers, 4)
    process = subprocess.Popen([*started, "tests.bench.peer:serving()"], env=environment(**config.environment()))
    try:
        url, last = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE
        while not _answers(url):
            assert process.poll() is None, "gunicorn ended"
            assert time.monotonic() < last, "gunicorn did not start"
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=5).ok
    except requests.RequestException:
        time.sleep(0.05)
        return False


def serving() -> Flask:
    """The application of the home that the environment names."""
    hub = connect(from_environment())
    app = create_app(hub)

    @policy(PUBLIC)
    def nothing() -> Response:
        return Response("{}", 201, content_type="application/json")

    @policy(PUBLIC)
    def row() -> Response:
        report = load(FILED, bodies.document())
        with hub.store.writing() as db:
            db.connection().execute(text("INSERT INTO bench VALUES (:body)"), {"body": report["title"]})
        return Response("{}", 201, content_type="application/json")

    @policy(PUBLIC)
    def page() -> Response:
        return Response(pages.setdefault(size := int(request.args["size"]), b"x" * size), content_type="text/plain")

    @policy(PUBLIC)
    def process() -> Response:
        return Response(str(os.getpid()), content_type="text/plain")

    @policy(AUTHENTICATED)
    def query() -> Response:
        """A filter of TAXII by hand: its indexed query, and its rows joined."""
        kind, ids = request.args.get("kind"), request.args.get("id", "").split(",")
        some = "kind = ?" if kind else f"stix_id IN ({','.join('?' * len(ids))})"
        order = "position" if kind else "+position"
        where = f"feed = 'members' AND {some} AND is_last = 1"
        asked = f"SELECT content FROM entry WHERE {where} ORDER BY {order} LIMIT 1000"  # noqa: S608 - of a bench
        connection = hub.store.engine.raw_connection()
        try:
            found = connection.cursor().execute(asked, [kind] if kind else ids).fetchall()
        finally:
            connection.close()
        return Response(b",".join([row[0] for row in found]), content_type="application/json")

    pages: dict[int, bytes] = {}
    app.add_url_rule("/bench/process", view_func=process)
    app.add_url_rule("/bench/query", view_func=query)
    app.add_url_rule("/bench/page", view_func=page)
    app.add_url_rule("/bench/nothing", view_func=nothing, methods=["GET", "POST"])
    app.add_url_rule("/bench/row", view_func=row, methods=["POST"])
    return app

"""Nothing about a reporter's network is stored or logged: whoever reports must be able to leave no trace."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.conftest import World
from tests.factories import a_full_report, a_report
from tests.servers import Server, living_world, serving

ADDRESS = "198.51.100.77"  # TEST-NET-2: no byte of it is in any honest row
MARKERS = {
    "User-Agent": "MARKER-agent/7.1",
    "X-Forwarded-For": f"{ADDRESS}, 203.0.113.99",
    "X-Real-IP": ADDRESS,
    "Forwarded": f"for={ADDRESS};by=203.0.113.99",
    "Cookie": "session=MARKER-cookie",
    "Referer": "https://MARKER-referer.example.org/desk-14",
    "Accept-Language": "x-MARKER-language",
    "Via": "1.1 MARKER-proxy",
    "From": "MARKER-from@example.org",
}
REFUSED = (
    b"GET / HTTP/1.1\r\nHost: hub\r\nMARKER-broken header\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: hub\r\nCookie : MARKER-cookie\r\n\r\n",
    b"MARKER-method\r\n\r\n",
    b"GET /MARKER-" + b"x" * 9000 + b" HTTP/1.1\r\nHost: hub\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: hub\r\nCookie: MARKER-" + b"x" * 9000 + b"\r\n\r\n",
    b"POST /api/v1/reports HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: MARKER-chunks\r\n\r\n",
    b"POST /api/v1/reports HTTP/1.1\r\nHost: hub\r\nContent-Length: MARKER-1\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: hub\r\nUser-Agent: MARKER-agent\r\n\r\n",
)
NEEDLES = (b"MARKER-", ADDRESS.encode(), b"203.0.113.99", b"127.0.0.1")


@dataclass
class Place:
    """A hub that listens, and where all that it keeps and says lies."""

    world: World
    server: Server
    home: Path

    def found(self) -> list[str]:
        """Which marker occurs in which file: database, WAL, keys and all that was written to stderr or stdout."""
        files = [path for path in self.home.parent.rglob("*") if path.is_file()]
        assert {"hub.sqlite3", "hub.sqlite3-wal", "home.log"} <= {path.name for path in files}
        return [f"{needle!r} in {path.name}" for path in files for needle in NEEDLES if needle in path.read_bytes()]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    world = living_world(tmp_path)
    world.enrol("producer")
    home = world.hub.config.home
    with serving(home, workers=1) as server:
        yield Place(world, server, home)
    world.hub.store.close()


def test_filing_leaves_no_trace_of_the_reporters_network(place: Place) -> None:
    """Filed, refused, unauthenticated, unknown, read: no way to ask is remembered by address or by browser."""
    headers = {**MARKERS, "Authorization": f"Bearer {place.world.tokens['producer']}"}
    reports = f"{place.server.url}/api/v1/reports"
    filed = requests.post(reports, json=a_report(client_ref="one"), headers=headers, timeout=20)
    assert filed.status_code == 201
    own = f"{reports}/{filed.json()['id']}"
    answers = [
        requests.post(reports, json=a_report(client_ref="one"), headers=headers, timeout=20),
        requests.post(reports, json={"report_type": "no"}, headers=headers, timeout=20),
        requests.post(reports, data="{", headers={**headers, "Content-Type": "application/json"}, timeout=20),
        requests.post(reports, json=a_report(), headers=MARKERS, timeout=20),
        requests.get(f"{reports}/nothing", headers=headers, timeout=20),
        requests.get(own, headers=headers, timeout=20),
        requests.patch(own, json={"severity": "low"}, headers={**headers, "If-Match": '"r1"'}, timeout=20),
        requests.post(f"{own}/withdraw", headers=headers, timeout=20),
        requests.get(f"{place.server.url}/taxii2/", headers=headers, timeout=20),
    ]
    assert [one.status_code for one in answers] == [200, 422, 400, 401, 404, 200, 200, 200, 200]
    assert place.found() == []


def test_a_log_line_tells_a_request_by_its_route_and_nothing_that_the_client_wrote(place: Place) -> None:
    """Paths hold ids, queries hold what was searched for, bodies hold everything."""
    headers = {**MARKERS, "Authorization": f"Bearer {place.world.tokens['producer']}", "X-Request-Id": "MARKER-id"}
    reports = f"{place.server.url}/api/v1/reports"
    body = a_full_report(salt="MARKER-body", client_ref="logged")
    filed = requests.post(f"{reports}?MARKER-query=1", json=body, headers=headers, timeout=20)
    assert filed.status_code == 422, "unknown names are refused in queries too"
    filed = requests.post(reports, json=body, headers={**headers, "Idempotency-Key": "MARKER-key"}, timeout=20)
    assert filed.status_code == 201
    for address in (
        f"{reports}/{filed.json()['id']}",
        f"{reports}/MARKER-path?MARKER-query=1",
        f"{reports}?next=MARKER",
    ):
        requests.get(address, headers=headers, timeout=20)
    requests.request("MARKER", reports, headers=headers, timeout=20)
    place.server.group.end()
    written = place.server.group.log.read_text("utf-8")
    secrets = ("MARKER", "CANARY", "127.0.0.1", filed.json()["id"], filed.json()["ref"], place.world.tokens["producer"])
    assert [secret for secret in secrets if secret in written] == []
    lines = [json.loads(line) for line in written.splitlines()]
    (told,) = [line for line in lines if line["event"] == "request" and line["status"] == 201]
    assert told["request"] == filed.headers["X-Request-Id"]
    assert {"time", "level", "logger", "event", "route", "method", "status", "ms", "request", "token"} == set(told)
    assert (told["route"], told["method"]) == ("/api/v1/reports", "POST")
    assert len([line for line in lines if line["event"] == "request"]) == 6


def test_what_the_web_server_itself_refuses_is_not_logged_either(place: Place) -> None:
    """A malformed request never reaches our code; the server's own warning would name the address it came from."""
    port = int(place.server.url.rpartition(":")[2])
    for raw in REFUSED:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
            line.sendall(raw)
            assert line.recv(12)[:10] in {b"HTTP/1.1 4", b"HTTP/1.1 5"}, raw[:60]
    # The answer is sent before or after the log line; a whole further request comes behind both.
    assert requests.get(f"{place.server.url}/healthz", timeout=20).ok
    place.server.group.end()
    written = place.server.group.log.read_bytes()
    assert [needle for needle in NEEDLES if needle in written] == []

"""Filing so that every trace of a reporter's network would show: an address, a browser and a cookie for each filing.

The address is a real one too: the client binds its socket to it, all of 127.0.0.0/8 being this machine.
"""

import http.client
import json
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hub.store.tables import METADATA
from tests.conftest import World
from tests.factories import a_report

CLIENTS = 8
CONTROL = "marker-control"  # in a client_ref, which lies in clear: what the search must find
V6 = "2001:db8:fee1:dead::"
NEEDLES = (  # every marker begins with one of these; the last is the packed form of what V6 begins with
    b"198.18.", b"198.19.", b"127.77.", b"marker-agent", b"marker-cookie", V6[:-2].encode(),
    bytes.fromhex("20010db8fee1dead"), b"20010db8fee1dead",
)  # fmt: skip
CREATED = 201


def file_marked(url: str, token: str, number: int) -> int:
    """File one report from its own address; the status."""
    low = f"{number >> 8 & 255}.{number & 255}"
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "User-Agent": f"marker-agent/{number}",
        "Cookie": f"session=marker-cookie-{number}",
        "X-Forwarded-For": f"198.18.{low}, 198.19.{low}",
        "X-Real-IP": f"198.18.{low}",
        "Forwarded": f'for="[{V6}{number:x}]";by=198.19.{low}',
    }
    body = json.dumps(a_report(client_ref=f"{CONTROL}-{number}", tlp="green"))
    host, _, port = url.removeprefix("http://").partition(":")
    line = http.client.HTTPConnection(host, int(port), timeout=60, source_address=(f"127.77.{low}", 0))
    try:
        line.request("POST", "/api/v1/reports", body, headers)
        return line.getresponse().status
    finally:
        line.close()


def file_all(url: str, token: str, count: int) -> int:
    """File so many reports, several at once; how many were acknowledged."""
    with ThreadPoolExecutor(CLIENTS) as threads:
        found = threads.map(lambda number: file_marked(url, token, number), range(count))
        return sum(status == CREATED for status in found)


def places(roots: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Every file below some directories, with its bytes."""
    for root in roots:
        for directory, _, names in os.walk(root):
            for path in (Path(directory) / name for name in names):
                if path.is_file() and not path.is_symlink():
                    yield path.name, path.read_bytes()


def rows(world: World) -> Iterator[tuple[str, bytes]]:
    """Every table, each row as text: what an engine compresses shows here."""
    with world.hub.store.reading() as db:
        for table in METADATA.sorted_tables:
            for row in db.connection().execute(table.select()):
                yield table.name, repr(tuple(row)).encode()


def markers(found: Iterable[tuple[str, bytes]], needles: Iterable[bytes] = NEEDLES) -> list[str]:
    """Which needle lies where."""
    wanted = tuple(needles)
    return sorted({f"{needle!r} in {name}" for name, held in found for needle in wanted if needle in held})

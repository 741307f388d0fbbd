"""Several clients that send without pause, each over one connection, and how long each answer took."""

import http.client
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

CLIENTS = 8


@dataclass(frozen=True)
class Run:
    """What a load came to."""

    took: float  # seconds, all in all
    each: tuple[float, ...]  # seconds a request, sorted

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.each) / self.took

    def at(self, share: float) -> float:
        """The time within which so many of the requests were answered."""
        return self.each[min(len(self.each) - 1, int(len(self.each) * share))]


def load(url: str, token: str, make: Callable[[], dict[str, Any]], requests: int) -> Run:
    """Send so many POSTs from all clients together; every one must be answered with 201."""
    bodies = [[json.dumps(make()).encode() for _ in range(requests // CLIENTS)] for _ in range(CLIENTS)]
    each: list[list[float]] = [[] for _ in range(CLIENTS)]
    gate = threading.Barrier(CLIENTS + 1)

    def client(number: int) -> None:
        at = urlsplit(url)
        line = http.client.HTTPConnection(at.hostname or "", at.port, timeout=60)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        line.connect()
        gate.wait()
        for body in bodies[number]:
            before = time.perf_counter()
            line.request("POST", at.path, body, headers)
            answer = line.getresponse()
            answer.read()
            each[number].append(time.perf_counter() - before)
            assert answer.status == 201, answer.status
        line.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    gate.wait()
    before = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - before
    assert sum(map(len, each)) == requests // CLIENTS * CLIENTS, "a client gave up"
    return Run(took, tuple(sorted(one for some in each for one in some)))

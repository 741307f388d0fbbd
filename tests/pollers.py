"""Eight ways to poll a collection, each as some client does it; all ask a server that may be killed at any moment."""

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import requests
from taxii2client.v21 import Collection, as_pages

from tests.polling import Answer, Key

TAXII = "application/taxii+json;version=2.1"
LAST = "X-TAXII-Date-Added-Last"
UNCHANGED = 304
PATIENCE = 120  # seconds for a killed server to be back


class Unanswered(AssertionError):
    """Nobody answered for long: the servers were not started again."""


@dataclass
class Poller:
    """One client of one collection: round after round, each until nothing more is behind it."""

    alias: str
    url: str  # of the collection
    token: str
    habit: "Callable[[Poller], None]"
    chance: random.Random
    filters: dict[str, str] = field(default_factory=dict)
    runs: list[list[Answer]] = field(default_factory=lambda: [[]])  # each began at the collection's start
    since: dict[str, str] = field(default_factory=dict)  # added_after of the next round
    etag: str = ""
    rounds: int = 0
    cut_off: int = 0
    others: Counter[int] = field(default_factory=Counter)  # answers that no client should get
    http: requests.Session = field(default_factory=requests.Session)

    def poll_until(self, is_over: threading.Event) -> None:
        """Poll until told to stop; the last round begins after that."""
        self.http.trust_env = False
        while True:
            is_last = is_over.is_set()
            self.habit(self)
            self.rounds += 1
            if is_last:
                return
            is_over.wait(self.chance.uniform(0.02, 0.3))

    def ask(self, what: str, **query: str) -> "tuple[dict[str, Any], requests.Response]":
        """Ask until an answer comes that a client expects, and note what was in it."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": TAXII}
        headers |= {"If-None-Match": self.etag} if self.etag else {}
        last = time.monotonic() + PATIENCE
        while time.monotonic() < last:
            asked = time.time()
            try:
                told = self.http.get(f"{self.url}{what}", params={**self.filters, **query}, headers=headers, timeout=60)
            except requests.RequestException:
                self.cut_off += 1
                time.sleep(0.1)  # what a client does while nobody listens
                continue
            if told.status_code in {requests.codes.ok, UNCHANGED}:
                body = orjson.loads(told.content) if told.content else {}
                self.note(body, asked)
                return body, told
            self.others[told.status_code] += 1
            time.sleep(0.1)
        raise Unanswered(self.url)

    def note(self, body: dict[str, Any], asked: float) -> None:
        """Write down what an answer held."""
        keys: list[Key] = [
            (sys.intern(one["id"]), sys.intern(one.get("modified") or one.get("version") or one.get("created") or ""))
            for one in body.get("objects", [])
        ]
        self.runs[-1].append(Answer(asked, time.time(), keys, not body.get("more")))

    def limit(self) -> str:
        """Some page size that a client may choose."""
        return str(self.chance.choice((1, 7, 50, 333, 1000)) if self.chance.random() < 0.2 else 1000)


def whole(poller: Poller) -> None:
    """By cursor alone, the whole collection each time."""
    poller.runs.append([])
    body, _ = poller.ask("objects/", limit="1000")
    while body.get("more"):
        body, _ = poller.ask("objects/", limit="1000", next=body["next"])
    time.sleep(min(len(poller.runs) / 10, 5))  # such a client polls seldom


def dated(poller: Poller) -> None:
    """By the date of the last object, never by cursor."""
    more = True
    while more:
        body, told = poller.ask("objects/", limit=poller.limit(), **poller.since)
        more = body.get("more", False)
        poller.since = {"added_after": told.headers[LAST]} if LAST in told.headers else poller.since


def both(poller: Poller) -> None:
    """By cursor and date together, as OpenCTI sends them."""
    _by_cursor(poller, "objects/", keeps_date=True)


def cursor(poller: Poller) -> None:
    """By date from round to round, within one by cursor alone, page sizes changing."""
    _by_cursor(poller, "objects/", keeps_date=False)


def _by_cursor(poller: Poller, what: str, *, keeps_date: bool) -> None:
    body, told = poller.ask(what, limit=poller.limit(), **poller.since)
    last = told.headers.get(LAST)
    while body.get("more"):
        date = poller.since if keeps_date else {}
        body, told = poller.ask(what, limit=poller.limit(), next=body["next"], **date)
        last = told.headers.get(LAST, last)
    poller.since = {"added_after": last} if last else poller.since


def manifest(poller: Poller) -> None:
    """By the manifest, going on behind the date of its last row."""
    query, rows = dict(poller.since), list[dict[str, str]]()
    while True:
        body, _ = poller.ask("manifest/", limit=poller.limit(), **query)
        rows = body.get("objects", rows)
        if not body.get("more"):
            break
        query = {"next": body["next"]}
    poller.since = {"added_after": rows[-1]["date_added"]} if rows else poller.since


def conditional(poller: Poller) -> None:
    """By date, and with If-None-Match as long as nothing came."""
    body, told = poller.ask("objects/", limit="1000", **poller.since)
    poller.etag = told.headers.get("ETag", "")
    if body.get("objects"):
        poller.since, poller.etag = {"added_after": told.headers[LAST]}, ""
        if body.get("more"):
            conditional(poller)


def packaged(poller: Poller) -> None:
    """taxii2-client's as_pages, the whole collection each time; a killed server means another try from the start."""
    poller.runs.append([])
    client = Collection(poller.url, user="any", password=poller.token)
    try:
        asked = time.time()
        for body in as_pages(client.get_objects, per_request=1000):
            poller.note(body, asked)
            asked = time.time()
    except requests.HTTPError as refused:
        poller.others[refused.response.status_code] += 1
        packaged(poller)
    except requests.RequestException:
        poller.cut_off += 1
        time.sleep(0.1)
        packaged(poller)
    finally:
        client.close()


HABITS: tuple[tuple[Callable[[Poller], None], str, dict[str, str]], ...] = (
    (whole, "members", {}),
    (dated, "members", {}),
    (both, "members", {}),
    (cursor, "trusted", {}),
    (cursor, "members", {"match[type]": "report,indicator", "match[version]": "all"}),
    (manifest, "members", {}),
    (conditional, "public", {}),
    (packaged, "members-indicators", {}),
)

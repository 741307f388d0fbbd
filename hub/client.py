"""The hub's HTTP API from the outside: what `hub report`, `hub accept` and the demo send."""

import json
from dataclasses import dataclass
from typing import Any

import requests

from hub.errors import Busy, HubError, NotFound, NotReady

TIMEOUT = 30  # seconds
TEMPORARY = 500
TOO_MANY = 429
UNAUTHENTICATED = 401
NOT_FOUND = 404
OK = 400


class Refused(HubError):
    """The hub refused, and says why. `is_final`: this body, whoever sends it again, would be refused again."""

    def __init__(self, message: str, *, is_final: bool) -> None:
        super().__init__(message)
        self.is_final = is_final


@dataclass(frozen=True)
class Answer:
    """What the hub answered."""

    status: int
    body: dict[str, Any]
    etag: str | None


@dataclass(frozen=True)
class Client:
    """A hub somewhere, and the token that it is asked with."""

    url: str
    token: str

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:  # JSON body
        """Send one request; raises Busy if it is worth sending again, Refused if it is not."""
        sent = {"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        raw = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        if raw is not None:
            sent["Content-Type"] = "application/json"
        try:
            answer = requests.request(method, self.url + path, data=raw, headers=sent, timeout=TIMEOUT)
        except requests.RequestException as lost:
            message = f"no answer from {self.url}: {type(lost).__name__}; is the hub running?"
            raise Busy(message) from None
        return _read(answer)


def _read(answer: requests.Response) -> Answer:
    try:
        body = answer.json()
    except requests.JSONDecodeError:
        body = {}
    if answer.status_code == TOO_MANY or answer.status_code >= TEMPORARY:
        message = f"the hub answers {answer.status_code}; try again"
        raise Busy(message)
    if answer.status_code == NOT_FOUND:
        raise NotFound
    if answer.status_code >= OK:
        raise Refused(_words(answer.status_code, body), is_final=answer.status_code != UNAUTHENTICATED)
    return Answer(answer.status_code, body, answer.headers.get("ETag"))


def _words(status: int, problem: dict[str, Any]) -> str:
    faults = [f"  {one['pointer'] or '/'} {one['detail']}" for one in problem.get("errors", ())]
    title = f"{problem.get('title', 'refused')} ({status})"
    return "\n".join([title, *faults]) if faults else f"{title}: {problem.get('detail', '')}"


def client(url: str, token: str | None) -> Client:
    """The client for an address and a token; raises NotReady if one is missing."""
    if not url:
        message = "no address: set HUB_URL, as in HUB_URL=https://hub.example.org"
        raise NotReady(message)
    if not token:
        message = "no token: set HUB_TOKEN, or give --token-file FILE"
        raise NotReady(message)
    return Client(url.rstrip("/"), token.strip())

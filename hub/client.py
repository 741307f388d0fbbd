"""The hub's HTTP API from the outside: what `hub report`, `hub attach`, `hub accept` and the demo send."""

import json
from dataclasses import dataclass
from typing import Any, BinaryIO

import requests

from hub.errors import Busy, HubError, NotFound, NotReady

TIMEOUT = 30  # seconds
TEMPORARY = 500
TOO_MANY = 429
UNAUTHENTICATED = 401
NOT_FOUND = 404
OK = 400
DONE = 200
BLOCK = 1 << 20  # bytes


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
        raw = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        if raw is not None:
            headers["Content_Type"] = "application/json"
        return _read(self._ask(method, path, raw, headers))

    def put(self, path: str, content: bytes, **headers: str) -> Answer:
        """Send bytes as they are; raises as `send` does."""
        return _read(self._ask("PUT", path, content, {**headers, "Content_Type": "application/octet-stream"}))

    def fetch(self, path: str, body: Any, file: BinaryIO) -> str:
        """Ask for bytes and write them to a file; the `Repr-Digest` that came with them.

        Raises as `send` does, and Busy if the answer breaks off: what was written then is not the whole.
        """
        raw = json.dumps(body, ensure_ascii=False).encode()
        with self._ask("POST", path, raw, {"Content_Type": "application/json"}, stream=True) as answer:
            if answer.status_code != DONE:
                _read(answer)
            try:
                file.writelines(answer.iter_content(BLOCK))
            except requests.RequestException as lost:
                message = f"the answer broke off: {type(lost).__name__}; what came is not the whole"
                raise Busy(message) from None
            return answer.headers.get("Repr-Digest", "")

    def _ask(
        self, method: str, path: str, raw: bytes | None, headers: dict[str, str], *, stream: bool = False
    ) -> requests.Response:
        sent = {"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        try:
            return requests.request(method, self.url + path, data=raw, headers=sent, timeout=TIMEOUT, stream=stream)
        except requests.RequestException as lost:
            message = f"no answer from {self.url}: {type(lost).__name__}; is the hub running?"
            raise Busy(message) from None


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

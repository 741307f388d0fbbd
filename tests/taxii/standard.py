"""TAXII 2.1 as a stranger speaks it: nothing here knows how the hub works, only what the standard says and its URL."""

import json
import re
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

TAXII = "application/taxii+json;version=2.1"
STIX = "application/stix+json;version=2.1"
V4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")  # 2: microseconds and Z, always
STIX_ID = re.compile(r"[a-z0-9-]+--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
FIRST, LAST = "X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last"
ERROR = {  # 3.6.1
    "title": str, "description": str, "error_id": str, "error_code": str, "http_status": str,
    "external_details": str, "details": dict,
}  # fmt: skip
NOBODYS = "11111111-1111-4111-8111-111111111111"  # a well-formed id that is nobody's
MISSING = f"indicator--{NOBODYS}"


@dataclass(frozen=True)
class Taxii:
    """A hub's address, and a token that speaks to it."""

    url: str
    told: dict[str, Any]  # the contract of `hub demo --json`
    role: str = "member"

    def by(self, role: str) -> "Taxii":
        """The same hub, spoken to by somebody else; "" is nobody."""
        return Taxii(self.url, self.told, role)

    def at(self, collection: str = "members", rest: str = "objects/") -> str:
        """A path in a collection."""
        return f"{self.root}collections/{self.told['collections'].get(collection, collection)}/{rest}"

    @property
    def root(self) -> str:
        """The path of the API root, as discovery told it."""
        return str(self.told["root"])

    def ask(self, method: str, path: str, body: Any = None, **headers: str | None) -> requests.Response:
        """A request without redirects; a header that is None is not sent."""
        token = self.told["tokens"].get(self.role)
        sent: dict[str, Any] = {"Accept": TAXII, "Authorization": f"Bearer {token}" if token else None}
        if body is not None:
            sent["Content-Type"] = TAXII
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        text = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        return requests.request(method, self.url + path, data=text, headers=sent, timeout=60, allow_redirects=False)

    def get(self, path: str, **headers: str | None) -> requests.Response:
        """A GET."""
        return self.ask("GET", path, **headers)

    def read(self, path: str) -> dict[str, Any]:
        """The resource at a path, which must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
        assert answer.headers["Content-Type"] == TAXII
        found: dict[str, Any] = answer.json()
        return found

    def objects(self, path: str) -> list[dict[str, Any]]:
        """What the envelope at a path holds."""
        return list(self.read(path).get("objects", []))

    def pages(self, path: str, member: str = "objects") -> list[list[Any]]:
        """All pages from a path on, by `next` alone with the same query."""
        found: list[list[Any]] = []
        query, cursor = "&" if "?" in path else "?", ""
        while True:
            page = self.read(path + cursor)
            found.append(page.get(member, []))
            if not page.get("more", False):
                assert "next" not in page
                return found
            assert isinstance(page["next"], str)
            assert page["next"]
            cursor = f"{query}next={page['next']}"

    def raw(self, request: bytes) -> bytes:
        """The answer to bytes that no HTTP library would send."""
        where = urlsplit(self.url)
        assert where.hostname
        assert where.port
        with socket.create_connection((where.hostname, where.port), timeout=30) as line:
            line.sendall(request)
            found = b""
            while chunk := line.recv(1 << 16):
                found += chunk
        return found


def is_error(answer: requests.Response, *statuses: int) -> None:
    """3.6: that an answer is one of these errors, in TAXII's own words and type."""
    assert answer.status_code in statuses, f"{answer.status_code}: {answer.text[:300]}"
    assert answer.headers["Content-Type"] == TAXII
    body = answer.json()
    assert body["title"]
    assert body["http_status"] == str(answer.status_code)
    for name, value in body.items():
        assert isinstance(value, ERROR[name]), name


def version_of(stix: dict[str, Any]) -> str:
    """5.3.1: the version of an object, if it says one."""
    return str(stix.get("modified", stix.get("created", "")))

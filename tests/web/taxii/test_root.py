"""What holds of every request and answer under /taxii2, asked of the application itself."""

import gzip
from typing import Any

import pytest
from flask import Flask, Response

from hub.app import create_app
from hub.errors import Unacceptable
from hub.web.policy import AUTHENTICATED, policy
from hub.web.problems import TAXII
from hub.web.taxii import root
from schemas.errors import Invalid, TooLarge, Unreadable
from tests.conftest import World

APP = Flask("root")


def envelope(body: bytes, content_type: str | None = TAXII, **headers: str) -> Any:
    """What a request's body is read as."""
    with APP.test_request_context("/taxii2/", method="POST", data=body, content_type=content_type, headers=headers):
        return root.posted()


@pytest.mark.parametrize(
    "written",
    [TAXII, "application/taxii+json", "Application/TAXII+json ; VERSION=2.1", f'{TAXII}; charset="UTF-8"'],
)
def test_an_envelope_is_read_whatever_its_type_is_spelt_like(written: str) -> None:
    assert envelope(b'{"objects":[{}]}', written) == {"objects": [{}]}


@pytest.mark.parametrize(
    "written",
    [
        None, "", "application/json", "application/taxii+json;version=2.0", f"{TAXII}, {TAXII}", "x",
        f"{TAXII};charset=utf-16", "application/vnd.oasis.taxii+json", "application/*", "*/*",
        "application/stix+json;version=2.1",
    ],
)  # fmt: skip
def test_a_body_of_another_type_is_not_read(written: str | None) -> None:
    with pytest.raises(Unacceptable):
        envelope(b"{}", written)


def test_only_bytes_make_a_body_too_large() -> None:
    """4.2.1: 413 is for more than max_content_length, and for nothing else."""
    with pytest.raises(TooLarge):
        envelope(b" " * (root.POST_SIZE + 1))
    assert envelope(b"{}".ljust(root.POST_SIZE)) == {}
    deep = b"[" * 200 + b"]" * 200
    packed = gzip.compress(b" " * (root.POST_SIZE + 1))
    for body, headers in ((deep, {}), (packed, {"Content-Encoding": "gzip"})):
        with pytest.raises(Invalid) as found:
            envelope(body, **headers)
        assert type(found.value) is Invalid


def test_what_is_no_json_is_unreadable() -> None:
    for body in (b"", b"{", b"\xff", b'{"a":1,"a":2}', b"NaN"):
        with pytest.raises(Unreadable):
            envelope(body)


@pytest.mark.parametrize(
    ("scheme", "expected"), [("http", "/taxii2/hub/"), ("https", "https://hub.example/taxii2/hub/")]
)
def test_an_api_root_is_an_https_url_or_a_path(world: World, scheme: str, expected: str) -> None:
    """4.1.1: plain http has no URL that may stand there."""
    token = {"Authorization": f"Bearer {world.tokens['member']}"}
    found = world.web.get("/taxii2/", base_url=f"{scheme}://hub.example", headers=token).get_json(force=True)
    assert (found["default"], found["api_roots"]) == (expected, [expected])


def test_a_fault_of_ours_is_told_as_taxii_tells_errors(world: World) -> None:
    app = create_app(world.hub)

    @app.get("/taxii2/broken")
    @policy(AUTHENTICATED)
    def broken() -> Response:
        raise RuntimeError("what must not be seen")

    token = {"Authorization": f"Bearer {world.tokens['member']}"}
    answer = app.test_client().get("/taxii2/broken", headers=token)
    assert (answer.status_code, answer.content_type) == (500, TAXII)
    assert answer.get_json(force=True)["http_status"] == "500"
    assert b"seen" not in answer.data


def test_a_query_that_is_no_text_is_malformed(world: World) -> None:
    for query in ("%FF", "next=%C3", "x=%80&limit=1", "%ED%A0%80=1"):
        answer = world.send("member", "GET", f"/taxii2/hub/collections/?{query}")
        assert (answer.status_code, answer.content_type) == (400, TAXII)


def test_a_path_that_is_not_there_asks_for_a_token_first(world: World) -> None:
    for path in ("/taxii2/nothing/", "/taxii2//hub/", "/taxii2/hub/nothing"):
        for who, status in (("", 401), ("member", 404)):
            answer = world.send(who, "GET", path)
            assert (answer.status_code, answer.content_type) == (status, TAXII)


def test_a_neighbour_of_the_path_is_not_ours(world: World) -> None:
    answer = world.send("", "GET", "/taxii2x/")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
